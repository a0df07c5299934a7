"""What a switch records, as far as we need it: how long it is, its comment; and silence.

The standard library reads no A-law and no comments. Sizes in a header are not believed where
the switch died before it could correct them.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

BYTES_A_SECOND = 8000  # A-law, 8 kHz, mono
A_LAW_SILENCE = b"\xd5"
LARGEST = 100 * 1024 * 1024  # bytes: hours of speech


class NotAudio(Exception):
    """No WAV file, or one that is damaged."""


@dataclass(frozen=True, slots=True)
class Wav:
    """`comment` is the file's own (INFO/ICMT): the dialplan writes the caller's number there."""

    seconds: float
    comment: str = ""


def read(path: Path) -> Wav:
    """Raises NotAudio, OSError."""
    if path.stat().st_size > LARGEST:
        raise NotAudio(f"{path.name} is too large")
    data = path.read_bytes()
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise NotAudio(f"{path.name} is no WAV file")
    bytes_a_second, length, comment = 0, 0, ""
    at = 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + size]
        if name == b"fmt " and len(body) >= 16:
            bytes_a_second = struct.unpack_from("<I", body, 8)[0]
        elif name == b"data":
            unfinished = size in (0, 0xFFFFFFFF)
            size = len(data) - at - 8 if unfinished else size
            length = min(size, len(data) - at - 8)
        elif name == b"LIST" and body[:4] == b"INFO":
            comment = _comment(body[4:])
        at += 8 + size + size % 2
    if not bytes_a_second:
        raise NotAudio(f"{path.name} does not say what it holds")
    return Wav(length / bytes_a_second, comment)


def _comment(info: bytes) -> str:
    at = 0
    while at + 8 <= len(info):
        name, size = info[at : at + 4], int.from_bytes(info[at + 4 : at + 8], "little")
        if name == b"ICMT":
            return info[at + 8 : at + 8 + size].split(b"\0")[0].decode(errors="replace")
        at += 8 + size + size % 2
    return ""


def silence(seconds: float, comment: str = "") -> bytes:
    """A whole WAV file of A-law in which nobody speaks."""
    size = round(seconds * BYTES_A_SECOND)
    about = comment.encode() + b"\0" * (2 - len(comment.encode()) % 2)  # ended, and of even size
    head = struct.pack(
        f"<4sI4s4sIHHIIHHH4sII4sI4s4sI{len(about)}s4sI",
        b"RIFF", size + 70 + len(about), b"WAVE",
        b"fmt ", 18, 6, 1, BYTES_A_SECOND, BYTES_A_SECOND, 1, 8, 0,
        b"fact", 4, size,
        b"LIST", 12 + len(about), b"INFO", b"ICMT", len(about), about,
        b"data", size,
    )  # fmt: skip
    return head + A_LAW_SILENCE * size
