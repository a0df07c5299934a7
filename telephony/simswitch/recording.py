"""Recordings: real files of real length that hold silence, for there is no sound to keep."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from telephony import wav
from telephony.simswitch.media import BYTES_A_SECOND
from telephony.simswitch.words import number

if TYPE_CHECKING:
    from telephony.simswitch.channel import Channel

log = logging.getLogger(__name__)

LONGEST_S = 600  # a file grows no longer than ten minutes; FreeSWITCH would fill the disk
USUAL_SILENCE_S = 3  # that ends a recording with a threshold, unless it says otherwise


async def record(channel: Channel, words: list[str], stops: Callable[[str], bool]) -> None:
    """``record path [limit s [threshold [silence s]]]``.

    Until the limit, a terminator, a break, a hang-up, or so much silence. There is no sound:
    a caller speaks all the time, unless her phone said that she is quiet.
    """
    if not words:
        log.warning("record without a file")
        return
    switch, path = channel.switch, words[0]
    _, limit, threshold, silence = (*words, "", "", "")[:4]
    limit_s = min(number(limit.lstrip("+")) or LONGEST_S, LONGEST_S)
    silence_s = (number(silence) or USUAL_SILENCE_S) if number(threshold) else None
    channel.pre_answer()
    if switch.recordings and not (switch.recordings / path).parent.is_dir():
        log.warning("no folder for the recording %s", path)
        channel.hang_up("DESTINATION_OUT_OF_ORDER")
        return
    began = switch.now()
    channel.set("silence_hits_exhausted", "false")
    channel.fire("RECORD_START", [("Record-File-Path", path)])
    channel.phone.heard(channel, "recording", file=path)
    until = began + limit_s
    while channel.ready() and switch.now() < until - 1e-6:
        if channel.breaking:
            channel.breaking = 0
            break
        await channel.attend()
        if (key := channel.take_key()) is not None:
            if stops(key):
                break
            continue
        silent_at = _silent_at(channel, began, silence_s)
        if silent_at <= switch.now() + 1e-6:
            channel.set("silence_hits_exhausted", "true")
            break
        if channel.ready():
            await channel.pause(min(until, silent_at))
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


def _silent_at(channel: Channel, began: float, silence_s: int | None) -> float:
    """When she will have been quiet for long enough; never, while she speaks."""
    if silence_s is None or channel.quiet_since is None:
        return math.inf
    return max(began, channel.quiet_since) + silence_s


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
    path = folder / name  # an absolute name stands for itself
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wav.silence(seconds, comment))
    except OSError as error:
        log.warning("can't write the recording %s: %s", path, error.strerror)
