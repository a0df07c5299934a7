"""Playing to a caller, and gathering what she keys (switch_ivr_play_say.c, switch_ivr.c).

The order in which a pause is looked round in is FreeSWITCH's: gone, stopped, commands, keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from telephony.simswitch.media import Audio, NoSuchFile

if TYPE_CHECKING:
    from telephony.simswitch.channel import Channel

MOST_DIGITS = 127  # play_and_get_digits' buffer
SHORTEST_TIMEOUT_S = 1.0
REGEX_LIMIT = 500  # characters of a pattern

OnKey = Callable[[str], bool]  # given a key while something plays; True stops it


class Status(Enum):
    """switch_status_t, as far as playing and gathering know it."""

    SUCCESS = auto()
    FALSE = auto()  # hung up, or moved on
    BREAK = auto()
    NOTFOUND = auto()
    TIMEOUT = auto()
    TOO_SMALL = auto()
    RESTART = auto()


@dataclass(frozen=True, slots=True)
class Ask:
    """The arguments of play_and_get_digits. Times in seconds."""

    least: int
    most: int
    tries: int
    timeout_s: float
    terminators: str
    file: str
    invalid_file: str
    variable: str
    regex: str
    digit_timeout_s: float  # nought: as the first


async def play_file(channel: Channel, argument: str, on_key: OnKey | None = None) -> Status:
    """Play to the end, a key that stops it, a break or a hang-up. Without `on_key`, keys wait.

    A file that can't be opened costs the keys that wait, as it does in FreeSWITCH.
    """
    channel.pre_answer()
    if not argument or not channel.ready():
        return Status.FALSE
    status = Status.SUCCESS
    delimiter = channel.get("playback_delimiter")
    for part in argument.split(delimiter[0]) if delimiter else [argument]:
        if status not in (Status.SUCCESS, Status.NOTFOUND):
            break
        try:
            audio = channel.switch.library.audio(channel.expand(part))
        except NoSuchFile:
            channel.flush_keys()
            status = Status.NOTFOUND
            continue
        status = await _play(channel, part, audio, on_key)
    channel.breaking = 0
    return status


async def _play(channel: Channel, argument: str, audio: Audio, on_key: OnKey | None) -> Status:
    switch = channel.switch
    path = [("Playback-File-Path", argument)]
    channel.fire("PLAYBACK_START", path)
    told = bool(audio.files)
    if told:
        channel.phone.heard(
            channel, "playing", files=list(audio.files), seconds=min(audio.seconds, 1e9)
        )
    left, keyed = audio.seconds, False
    while True:
        if not channel.ready():
            status = Status.FALSE
            break
        if channel.breaking:
            channel.breaking = 0
            status = Status.BREAK
            break
        await channel.attend()
        if on_key and (key := channel.take_key()) and on_key(key):
            status, keyed = Status.BREAK, True
            break
        if left <= 0:
            status = Status.SUCCESS
            break
        if not channel.ready() or channel.breaking or (on_key and channel.keys):
            continue
        began = switch.now()
        await channel.pause(began + left if left < float("inf") else None)
        left = max(0.0, left - (switch.now() - began))
        left = 0.0 if left < 1e-6 else left
    heard_s = audio.seconds - left if audio.seconds < float("inf") else 0.0
    channel.set("playback_ms", str(round(heard_s * 1000)))
    channel.set("playback_seconds", str(int(heard_s)))
    channel.set("playback_samples", str(round(heard_s * 8000)))
    broken = "break" if status is Status.BREAK else "done"
    channel.fire("PLAYBACK_STOP", [*path, ("Playback-Status", broken)])
    if told:
        channel.phone.heard(
            channel, "played", heard_s=round(heard_s, 3), barged=keyed, whole=left <= 0
        )
    return status


async def gather(
    channel: Channel, already: str, ask: Ask, first_s: float, between_s: float
) -> tuple[Status, str, str]:
    """Collect up to `ask.most` keys (switch_ivr_collect_digits_count): status, keys, terminator."""
    keys = already
    if len(keys) > MOST_DIGITS or len(keys) >= ask.most:
        return Status.FALSE, keys, ""
    for place, key in enumerate(keys):
        if key in ask.terminators:
            return Status.SUCCESS, keys[:place], key
    switch = channel.switch
    started, patience = switch.now(), first_s
    while channel.ready():
        await channel.attend()
        if not channel.ready():
            break
        if switch.now() - started >= patience - 1e-6:
            return Status.TIMEOUT, keys, ""
        if channel.keys:
            patience, started = between_s, switch.now()
            while (key := channel.take_key()) is not None:  # type: ignore[assignment]
                if key in ask.terminators:
                    return Status.SUCCESS, keys, key
                keys += key
                if len(keys) >= ask.most:
                    return Status.SUCCESS, keys, ""
        await channel.pause(started + patience)
    return Status.FALSE, keys, ""


async def read(channel: Channel, ask: Ask) -> tuple[Status, str]:
    """One try: prompt, then keys (switch_ivr_read); sets `read_result` and the variable."""
    between_s = ask.digit_timeout_s or ask.timeout_s
    channel.set("read_result", None)
    channel.set(ask.variable, None)
    channel.pre_answer()
    keys, status, terminator = "", Status.SUCCESS, ""

    def first(key: str) -> bool:
        nonlocal keys
        keys = key
        return True

    if ask.file and ask.file.lower() != "silence":
        status = await play_file(channel, ask.file, first)
        if status is Status.BREAK:
            status = Status.SUCCESS
    if status is Status.SUCCESS:
        if len(keys) < max(ask.least, ask.most):
            wait_s = between_s if keys else ask.timeout_s
            status, keys, terminator = await gather(channel, keys, ask, wait_s, between_s)
        status, keys = _judge(channel, ask, status, keys, terminator)
        channel.set(
            "read_result",
            {Status.SUCCESS: "success", Status.TIMEOUT: "timeout"}.get(status, "failure"),
        )
    if status is not Status.RESTART and ask.most == 1 and keys and keys in ask.terminators:
        keys = ""
    if keys:
        channel.set(ask.variable, keys)
    return status, keys


def _judge(
    channel: Channel, ask: Ask, status: Status, keys: str, terminator: str
) -> tuple[Status, str]:
    if terminator:
        channel.set("read_terminator_used", terminator)
        before = ask.terminators[: ask.terminators.index(terminator)][-1:]
        if before and before in "+x":  # kept as a key; x also ends all tries
            keys += terminator
            if before == "x":
                status = Status.RESTART
    elif ask.terminators.startswith("="):  # a terminator is required
        status = Status.TOO_SMALL
    if len(keys) < ask.least:
        status = Status.TOO_SMALL
    return status, keys


async def play_and_get_digits(channel: Channel, ask: Ask, otherwise: str) -> None:
    """Prompt and keys, up to `ask.tries` times; then a transfer to `otherwise`, if there is any."""
    invalid = f"{ask.variable}_invalid" if ask.regex and ask.variable else ""
    channel.set(invalid, None)
    for _ in range(ask.tries):
        if not channel.ready():
            break
        status, keys = await read(channel, ask)
        if status is Status.RESTART:
            return
        if status is Status.TIMEOUT and len(keys) >= ask.least:
            status = Status.SUCCESS
        if ask.least == 0 and not keys and channel.get("read_terminator_used"):
            return  # also when an earlier prompt left that variable behind: FreeSWITCH's own slip
        if status is Status.SUCCESS and keys:
            if not ask.regex or _matches(ask.regex, keys):
                return
            channel.set(ask.variable, None)
            channel.set(invalid, keys)
        if not channel.ready():
            break
        await play_file(channel, ask.invalid_file)
    if otherwise:
        channel.transfer(*otherwise.split()[:3])


def _matches(pattern: str, keys: str) -> bool:
    if len(pattern) > REGEX_LIMIT:
        return False
    try:
        return re.search(pattern, keys) is not None
    except re.error:
        return False
