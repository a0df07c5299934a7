"""A voice for the tests: it hums, at once, and can be told to fail."""

import math

from telephony.prompts import alaw
from telephony.prompts.voice import NoVoice, TooLong, Unreadable

_CODES = sorted(range(256), key=alaw.LINEAR.__getitem__)


class Hum:
    """A second of sound a piece; what it was asked is kept in `asked`."""

    name = "hum"

    def __init__(self):
        self.asked = []
        self.missing = ""

    def lacks(self):
        return self.missing

    def speak(self, piece, readings):
        self.asked.append((piece.recording.name, piece.recording.text, dict(readings)))
        words = piece.recording.text
        if self.missing:
            raise NoVoice(self.missing)
        if "X" in words:
            raise Unreadable("no sound for it", "X")
        if len(words) > 200:
            raise TooLong(len(words))
        if "故障" in words:
            raise OSError("the machine is broken")
        pitch = 200 + sum(map(ord, words)) % 400
        return bytes(
            _CODES[128 + round(100 * math.sin(2 * math.pi * pitch * n / alaw.RATE))]
            for n in range(alaw.RATE)
        )
