"""Recordings: real files of real length that hold silence, for there is no sound to keep."""

from __future__ import annotations

import logging
import struct
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from telephony.simswitch.media import BYTES_A_SECOND
from telephony.simswitch.words import number

if TYPE_CHECKING:
    from telephony.simswitch.channel import Channel

log = logging.getLogger(__name__)

A_LAW_SILENCE = b"\xd5"
LONGEST_S = 600  # a file grows no longer than ten minutes; FreeSWITCH would fill the disk


async def record(channel: Channel, words: list[str], stops: Callable[[str], bool]) -> None:
    """``record path [limit s]``: until the limit, a terminator, a break or a hang-up."""
    if not words:
        log.warning("record without a file")
        return
    switch, path = channel.switch, words[0]
    limit_s = (
        min(number(words[1].lstrip("+")) or LONGEST_S, LONGEST_S) if len(words) > 1 else LONGEST_S
    )
    channel.pre_answer()
    if switch.recordings and not (switch.recordings / path).parent.is_dir():
        log.warning("no folder for the recording %s", path)
        channel.hang_up("DESTINATION_OUT_OF_ORDER")
        return
    began = switch.now()
    channel.set("silence_hits_exhausted", "false")
    channel.fire("RECORD_START", [("Record-File-Path", path)])
    channel.phone.heard(channel, "recording", file=path)
    while channel.ready() and switch.now() < began + limit_s - 1e-6:
        if channel.breaking:
            channel.breaking = 0
            break
        await channel.attend()
        if (key := channel.take_key()) is not None:
            if stops(key):
                break
            continue
        if channel.ready():
            await channel.pause(began + limit_s)
    lasted = min(switch.now() - began, float(limit_s))
    _write(switch.recordings, path, lasted, channel.get("RECORD_COMMENT") or "")
    for name, value in (
        ("record_seconds", int(lasted)),
        ("record_ms", round(lasted * 1000)),
        ("record_samples", round(lasted * BYTES_A_SECOND)),
    ):
        channel.variables[name] = str(value)
    channel.fire("RECORD_STOP", [("Record-File-Path", path)])
    channel.phone.heard(channel, "recorded", file=path, seconds=round(lasted, 3))


def record_session(channel: Channel, words: list[str]) -> None:
    """``record_session path``: beside whatever happens, until it is stopped or hung up."""
    if not words or words[0] in channel.recordings:
        return
    channel.recordings[words[0]] = channel.switch.now()
    channel.fire("RECORD_START", [("Record-File-Path", words[0])])
    channel.phone.heard(channel, "recording", file=words[0])


def stop(channel: Channel, path: str) -> None:
    """End one recording of the session, or all of them."""
    for name in [name for name in channel.recordings if path in (name, "all")]:
        lasted = channel.switch.now() - channel.recordings.pop(name)
        _write(channel.switch.recordings, name, min(lasted, float(LONGEST_S)))
        channel.fire("RECORD_STOP", [("Record-File-Path", name)])


def _write(folder: Path | None, name: str, seconds: float, comment: str = "") -> None:
    if folder is None:
        return
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
    path = folder / name  # an absolute name stands for itself
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(head + A_LAW_SILENCE * size)
    except OSError as error:
        log.warning("can't write the recording %s: %s", path, error.strerror)
