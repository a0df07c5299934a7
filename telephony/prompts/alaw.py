"""8 kHz A-law as files: what FreeSWITCH plays without converting, and a browser plays too."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

RATE: Final = 8000  # samples, and bytes, a second
SILENCE: Final = 0xD5
_A_LAW: Final = 6  # WAVE_FORMAT_ALAW


def _linear(code: int) -> int:
    """G.711 §3.2: a code's value on the 16-bit scale."""
    code ^= 0x55
    exponent, mantissa = (code & 0x70) >> 4, code & 0x0F
    size = (mantissa << 4) + 8
    if exponent:
        size = (size + 0x100) << (exponent - 1)
    return size if code & 0x80 else -size


LINEAR: Final = tuple(_linear(code) for code in range(256))


def write(path: Path, codes: bytes) -> None:
    """A mono RIFF file of these codes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(riff(codes))


def riff(codes: bytes) -> bytes:
    """What such a file holds."""
    fmt = struct.pack("<HHIIHHH", _A_LAW, 1, RATE, RATE, 1, 8, 0)
    pad = b"\0" * (len(codes) % 2)
    chunks = b"".join(
        name + struct.pack("<I", size) + body
        for name, size, body in (
            (b"fmt ", len(fmt), fmt),
            (b"fact", 4, struct.pack("<I", len(codes))),
            (b"data", len(codes), codes + pad),
        )
    )
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def read(path: Path) -> bytes:
    """The codes of a file. Raises ValueError for anything but mono A-law at 8 kHz."""
    return codes(path.read_bytes(), str(path))


def codes(raw: bytes, whose: str = "recording") -> bytes:
    """The codes of what such a file holds. Raises ValueError as `read` does."""
    if raw[:4] != b"RIFF" or raw[8:12] != b"WAVE":
        raise ValueError(f"{whose}: no RIFF WAVE file")
    format_, place = b"", 12
    while place + 8 <= len(raw):
        name, size = raw[place : place + 4], int.from_bytes(raw[place + 4 : place + 8], "little")
        body = raw[place + 8 : place + 8 + size]
        if len(body) < size:
            break
        if name == b"fmt ":
            format_ = body
        elif name == b"data" and format_[:8] == struct.pack("<HHI", _A_LAW, 1, RATE):
            return body
        place += 8 + size + size % 2
    raise ValueError(f"{whose}: not mono A-law at {RATE} Hz")
