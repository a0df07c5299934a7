"""Whoever reads prompts aloud: the interface, and the one that this bank has.

VOICE names the class; what ships is `telephony.prompts.speaker.Speaker`, which needs the extra
`voice`. Nothing here does, so that pages can say what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from telephony.prompts.dictionary import Readings
from telephony.spoken.catalogue import Prompt, Recording


class NoVoice(Exception):
    """The voice can't be run; the message says what to install or to set."""


class Unreadable(ValueError):
    """The voice knows no sound for something; `args[1]` is what it stumbles over."""


class TooLong(ValueError):
    """More than is spoken in one breath."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One file to be made, with the sentence that it is heard in."""

    recording: Recording
    prompt: Prompt | None  # that it is a part of; None: a piece of a value


class Voice(Protocol):
    """Made once in a process, and kept."""

    @property
    def name(self) -> str:
        """Of whose voice it is, and all that shapes its sound: the same name, the same sound."""

    def lacks(self) -> str:
        """What to install or to set before it can speak, as commands; "" if nothing. Quick."""

    def speak(self, piece: Piece, readings: Readings) -> bytes:
        """The A-law codes of a piece. Raises NoVoice, Unreadable, TooLong."""


def of_this_bank() -> Voice:
    """The voice that VOICE names."""
    return _made(settings.VOICE)


@lru_cache(maxsize=1)
def _made(name: str) -> Voice:
    voice: Voice = import_string(name)()
    return voice
