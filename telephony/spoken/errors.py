"""What can go wrong when something is to be said: each is a fault of the caller's code or data."""

from __future__ import annotations


class SpeechError(Exception):
    """Nothing can be said: base of every error of this package."""


class UnknownLanguage(SpeechError):
    """No grammar and no catalogue for this language."""

    def __init__(self, lang: str) -> None:
        super().__init__(f"No prompts for language {lang!r}")
        self.lang = lang


class Unspeakable(SpeechError, ValueError):
    """A value that no fragment can say: too large, too fine, or not of its kind."""


class UnknownPrompt(SpeechError, LookupError):
    """No such key in the catalogue of this language."""

    def __init__(self, lang: str, key: str) -> None:
        super().__init__(f"No prompt {key!r} in {lang!r}")
        self.lang, self.key = lang, key


class WrongValues(SpeechError, TypeError):
    """A prompt was given too few values, too many, or one of the wrong type."""


class MissingAudio(SpeechError):
    """A prompt names audio that is not there, or audio of another text."""

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__(f"{len(names)} prompts lack audio, the first is {min(names)}")
        self.names = names


class BadCatalogue(SpeechError):
    """A catalogue file that can't be used; the message says where and why."""
