"""What a file argument of `playback` stands for: names, and how long they last.

There is no audio, only its length, read from the files' headers. A stream may never end.
"""

import math
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

BYTES_A_SECOND = 8000  # raw A-law or µ-law at 8 kHz
FILE_STRING_LEAD_S = 0.25  # mod_dptools plays so much silence before a file string's first file
ENDLESS = math.inf
MOST_FILES = 128  # of one file string (mod_dptools.c, file_string_context.argv)


@dataclass(frozen=True, slots=True)
class Audio:
    """Something to play."""

    files: tuple[str, ...]  # as they were named; empty for silence
    seconds: float


class NoSuchFile(Exception):
    """No such prompt, or not audio that the switch can read."""


class Library:
    """The prompt files below one folder; absolute paths are taken as they are."""

    def __init__(self, prompts: Path) -> None:
        self._prompts = prompts
        self._known: dict[Path, tuple[int, float]] = {}

    def audio(self, argument: str) -> Audio:
        """The audio that a file argument names. Raises NoSuchFile."""
        while argument.startswith("{"):  # parameters of the file, such as {loops=3}
            _, _, argument = argument.partition("}")
        kind, found, rest = argument.partition("://")
        if not found:
            return Audio((argument,), self._seconds(argument))
        match kind:
            case "silence_stream":
                return Audio((), _silence(rest))
            case "tone_stream":
                return Audio((argument,), _tones(rest))
            case "local_stream":
                return Audio((argument,), ENDLESS)
            case "file_string":
                return self._string(rest.split("!")[:MOST_FILES])
        raise NoSuchFile(argument)

    def _string(self, names: Sequence[str]) -> Audio:
        files: list[str] = []
        seconds = FILE_STRING_LEAD_S
        for name in names:  # FreeSWITCH goes past the files of a string that it can't open
            try:
                part = self.audio(name)
            except NoSuchFile:
                continue
            files += part.files
            seconds += part.seconds
        if not files and seconds == FILE_STRING_LEAD_S:
            raise NoSuchFile("!".join(names))
        return Audio(tuple(files), seconds)

    def _seconds(self, name: str) -> float:
        path = self._prompts / name  # an absolute name stands for itself
        if not path.suffix:
            path = path.with_suffix(".wav")
        try:
            changed = path.stat().st_mtime_ns
            if path not in self._known or self._known[path][0] != changed:
                self._known[path] = changed, _length(path)
        except (OSError, ValueError, struct.error) as error:
            raise NoSuchFile(name) from error
        return self._known[path][1]


def _length(path: Path) -> float:
    """Seconds of a WAV file by its header, of a raw A-law file by its size."""
    with path.open("rb") as file:
        if path.suffix.upper() in (".PCMA", ".PCMU", ".AL", ".UL"):
            return path.stat().st_size / BYTES_A_SECOND
        riff, _, wave = struct.unpack("<4sI4s", file.read(12))
        if (riff, wave) != (b"RIFF", b"WAVE"):
            raise ValueError(f"{path.name} is no WAV file")
        rate = 0
        while True:
            name, size = struct.unpack("<4sI", file.read(8))
            if name == b"fmt ":
                rate = struct.unpack("<8xI", file.read(12))[0]
                file.seek(size - 12 + size % 2, 1)
            elif name == b"data" and rate:
                return float(min(size, path.stat().st_size - file.tell()) / rate)
            else:
                file.seek(size + size % 2, 1)


def _silence(text: str) -> float:
    """``silence_stream://ms[,level]``; negative is for ever, nought is refused."""
    ms = re.match(r"\s*([+-]?\d+)", text)
    if not ms or int(ms[1]) == 0:
        raise NoSuchFile(f"silence_stream://{text}")
    return ENDLESS if int(ms[1]) < 0 else int(ms[1]) / 1000


def _tones(text: str) -> float:
    """``tone_stream://%(on,off,Hz…)…[;loops=n]``: the sum of on and off, times the loops."""
    loops = re.search(r";loops=(-?\d+)", text)
    tones = re.findall(r"%\(\s*(\d+)\s*,\s*(\d+)", text)
    if not tones:
        raise NoSuchFile(f"tone_stream://{text}")
    if loops and int(loops[1]) < 0:
        return ENDLESS
    return sum(int(on) + int(off) for on, off in tones) / 1000 * (int(loops[1]) if loops else 1)
