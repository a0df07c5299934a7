"""Prompt files of known lengths: silence in 8 kHz A-law, which both switches read."""

import struct
from pathlib import Path

LENGTHS_MS = {"short": 400, "long": 6000, "a": 600, "b": 600, "invalid": 300}


def write_all(folder: Path) -> None:
    for name, ms in LENGTHS_MS.items():
        write(folder / f"{name}.wav", ms)
    for name in ("drives", "record", "thanks"):
        write(folder / "zh" / f"nobody.{name}.wav", 500)


def write(path: Path, ms: int) -> None:
    count = ms * 8
    head = struct.pack("<HHIIHHH", 6, 1, 8000, 8000, 1, 8, 0)
    body = b"WAVEfmt " + struct.pack("<I", len(head)) + head
    body += b"fact" + struct.pack("<II", 4, count)
    body += b"data" + struct.pack("<I", count) + b"\xd5" * count
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
