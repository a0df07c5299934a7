"""The applications that Bankline uses, each as mod_dptools does it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from telephony.simswitch import bridging, recording
from telephony.simswitch.events import NAMES
from telephony.simswitch.playing import (
    MOST_DIGITS,
    SHORTEST_TIMEOUT_S,
    Ask,
    Status,
    play_and_get_digits,
    play_file,
    read,
)
from telephony.simswitch.words import number, words

if TYPE_CHECKING:
    from telephony.simswitch.channel import Channel

log = logging.getLogger(__name__)

Application = Callable[["Channel", str], Awaitable[None]]
BY_NAME: dict[str, Application] = {}
FRAME_S = 0.02
RESPONSE = "current_application_response"
SAYINGS = {
    Status.SUCCESS: "FILE PLAYED",
    Status.BREAK: "FILE PLAYED",
    Status.NOTFOUND: "FILE NOT FOUND",
}


def application(name: str) -> Callable[[Application], Application]:
    """Make it known under a name."""

    def register(function: Application) -> Application:
        BY_NAME[name] = function
        return function

    return register


# -- the call ------------------------------------------------------------------------------


@application("answer")
async def answer(channel: Channel, argument: str) -> None:
    channel.answer()


@application("pre_answer")
async def pre_answer(channel: Channel, argument: str) -> None:
    channel.pre_answer()


@application("ring_ready")
async def ring_ready(channel: Channel, argument: str) -> None:
    channel.ring()


@application("hangup")
async def hangup(channel: Channel, argument: str) -> None:
    channel.hang_up(argument or "NORMAL_CLEARING")


@application("transfer")
async def transfer(channel: Channel, argument: str) -> None:
    parts = words(argument, 4)
    if not parts:
        log.warning("transfer without an extension")
    elif parts[0] in ("-bleg", "-both"):
        if channel.partner and len(parts) > 1:
            channel.partner.transfer(*parts[1:4])
        if parts[0] == "-both" and len(parts) > 1:
            channel.transfer(*parts[1:4])
    else:
        channel.transfer(*parts[:3])


@application("sched_transfer")
async def sched_transfer(channel: Channel, argument: str) -> None:
    parts = words(argument, 4)
    if len(parts) < 2:
        log.warning("sched_transfer without a time and an extension")
        return
    task = channel.switch.tasks.add(parts[0], channel.uuid, lambda: channel.transfer(*parts[1:4]))
    channel.set("last_sched_id", str(task))


@application("sched_hangup")
async def sched_hangup(channel: Channel, argument: str) -> None:
    parts = words(argument, 3)
    if not parts:
        log.warning("sched_hangup without a time")
        return
    cause = parts[1] if len(parts) > 1 else "ALLOTTED_TIMEOUT"
    channel.switch.tasks.add(parts[0], channel.uuid, lambda: channel.hang_up(cause))


@application("sched_cancel")
async def sched_cancel(channel: Channel, argument: str) -> None:
    channel.switch.tasks.drop(argument or channel.uuid)


@application("park")
async def park(channel: Channel, argument: str) -> None:
    """Stay, attend to commands, throw keys away."""
    channel.parked = True
    channel.fire("CHANNEL_PARK")
    while channel.ready():
        await channel.attend()
        while channel.take_key():
            pass
        if channel.ready():
            await channel.pause()
    channel.parked = False
    channel.fire("CHANNEL_UNPARK")


@application("sleep")
async def sleep(channel: Channel, argument: str) -> None:
    """Wait that many milliseconds; a key ends it and stays."""
    until = channel.switch.now() + number(argument) / 1000
    while channel.ready() and channel.switch.now() < until - 1e-6:
        if channel.breaking:
            channel.breaking = 0
            return
        await channel.attend()
        if channel.keys:
            return
        await channel.pause(until)


@application("bridge")
async def bridge(channel: Channel, argument: str) -> None:
    if argument:
        await bridging.bridge(channel, argument)


# -- variables -----------------------------------------------------------------------------


def _set(channel: Channel, assignment: str) -> None:
    name, found, value = assignment.partition("=")
    if not found:
        name, _, value = assignment.partition(",")
    channel.set(name, channel.expand(value))


def _several(argument: str) -> list[str]:
    """The parts of a multiset: by blanks, or by the character after ``^^``."""
    if argument.startswith("^^") and len(argument) > 2:
        return argument[3:].split(argument[2])
    return argument.split(" ")


@application("set")
async def set_variable(channel: Channel, argument: str) -> None:
    _set(channel, argument)


@application("multiset")
async def multiset(channel: Channel, argument: str) -> None:
    for assignment in _several(argument):
        _set(channel, assignment)


@application("unset")
async def unset(channel: Channel, argument: str) -> None:
    channel.set(argument, None)


@application("multiunset")
async def multiunset(channel: Channel, argument: str) -> None:
    for name in _several(argument):
        channel.set(name, None)


@application("event")
async def event(channel: Channel, argument: str) -> None:
    """Fire CHANNEL_APPLICATION or the event named, with ``Header=value,…``."""
    name, subclass, extra = "CHANNEL_APPLICATION", "", []
    for pair in argument.split(","):
        header, found, value = (part.strip(" ") for part in pair.partition("="))
        if not header or not found:
            continue
        if header.lower() == "event-name":
            name = value.upper() if value.upper() in NAMES else name
        elif header.lower() == "event-subclass":
            subclass = value
        else:
            extra.append((header, value))
    channel.fire(name, extra, subclass=subclass)


# -- sound and keys ------------------------------------------------------------------------


def _stops(channel: Channel) -> Callable[[str], bool]:
    """Which keys stop a playback: `playback_terminators`, else ``*``. Others are eaten."""
    channel.set("playback_terminator_used", None)

    def stops(key: str) -> bool:
        wanted = channel.get("playback_terminators") or "*"
        match wanted.lower():
            case "any":
                wanted = "1234567890*#"
            case "none":
                wanted = ""
        if key in wanted:
            channel.set("playback_terminator_used", key)
            return True
        return False

    return stops


@application("playback")
async def playback(channel: Channel, argument: str) -> None:
    status = await play_file(channel, argument, _stops(channel))
    channel.set(RESPONSE, SAYINGS.get(status, "PLAYBACK ERROR"))


@application("endless_playback")
async def endless_playback(channel: Channel, argument: str) -> None:
    """Again and again until it is moved on; keys stay for whoever asks."""
    if len(channel.stack) == 1:
        channel.phone.heard(channel, "held")
    status = Status.SUCCESS
    while channel.ready() and status in (Status.SUCCESS, Status.BREAK):
        began = channel.switch.now()
        status = await play_file(channel, argument)
        # An empty file; FreeSWITCH's take a frame at least.
        if channel.ready() and channel.switch.now() == began:
            await channel.pause(began + FRAME_S)
    channel.set(RESPONSE, SAYINGS.get(status, "PLAYBACK ERROR"))


@application("play_and_get_digits")
async def ask_for_digits(channel: Channel, argument: str) -> None:
    given = words(argument, 11)
    part = given + [""] * (11 - len(given))
    least = max(0, number(part[0]))
    most = max(least, number(part[1]))
    ask = Ask(
        least=min(least, MOST_DIGITS),
        most=min(most, MOST_DIGITS),
        tries=max(0, number(part[2])),
        timeout_s=max(SHORTEST_TIMEOUT_S, number(part[3] or "1000") / 1000),
        terminators=part[4] or "#",
        file=part[5],
        invalid_file=part[6],
        variable=part[7],
        regex=part[8],
        digit_timeout_s=number(part[9]) / 1000,
    )
    await play_and_get_digits(channel, ask, part[10])


@application("read")
async def read_digits(channel: Channel, argument: str) -> None:
    given = words(argument, 7)
    part = given + [""] * (7 - len(given))
    least = max(1, number(part[0]))
    await read(
        channel,
        Ask(
            least=least,
            most=max(least, number(part[1])),
            tries=1,
            timeout_s=max(SHORTEST_TIMEOUT_S, number(part[4]) / 1000),
            terminators=part[5] or "#",
            file=part[2],
            invalid_file="",
            variable=part[3],
            regex="",
            digit_timeout_s=number(part[6]) / 1000,
        ),
    )


@application("flush_dtmf")
async def flush_dtmf(channel: Channel, argument: str) -> None:
    channel.flush_keys()


@application("record")
async def record(channel: Channel, argument: str) -> None:
    await recording.record(channel, words(argument, 4), _stops(channel))


@application("record_session")
async def record_session(channel: Channel, argument: str) -> None:
    recording.record_session(channel, words(argument, 3))


@application("stop_record_session")
async def stop_record_session(channel: Channel, argument: str) -> None:
    recording.stop(channel, argument)
