"""The headers of an event about a channel, in FreeSWITCH's order and words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from telephony.simswitch.events import Headers, micros, stamp

if TYPE_CHECKING:
    from telephony.simswitch.channel import Channel

STATES = {  # switch_channel_state_t
    "CS_NEW": 0,
    "CS_INIT": 1,
    "CS_ROUTING": 2,
    "CS_SOFT_EXECUTE": 3,
    "CS_EXECUTE": 4,
    "CS_EXCHANGE_MEDIA": 5,
    "CS_PARK": 6,
    "CS_CONSUME_MEDIA": 7,
    "CS_HIBERNATE": 8,
    "CS_RESET": 9,
    "CS_HANGUP": 10,
    "CS_REPORTING": 11,
}
# Only these carry the channel's variables (switch_channel_event_set_extended_data).
EXTENDED = frozenset(
    [
        "CHANNEL_CREATE",
        "CHANNEL_ORIGINATE",
        "CHANNEL_ANSWER",
        "CHANNEL_PARK",
        "CHANNEL_UNPARK",
        "CHANNEL_BRIDGE",
        "CHANNEL_UNBRIDGE",
        "CHANNEL_PROGRESS",
        "CHANNEL_PROGRESS_MEDIA",
        "CHANNEL_HANGUP",
        "CHANNEL_HANGUP_COMPLETE",
        "CHANNEL_DATA",
        "CHANNEL_EXECUTE",
        "CHANNEL_EXECUTE_COMPLETE",
        "CHANNEL_DESTROY",
        "RECORD_START",
        "RECORD_STOP",
        "PLAYBACK_START",
        "PLAYBACK_STOP",
        "CHANNEL_HOLD",
        "CHANNEL_UNHOLD",
        "CUSTOM",
    ]
)
_NAME = re.compile(r"\$\{([^{}]*)\}")


def of(channel: Channel, name: str, extra: Headers) -> Headers:
    """What an event of that name says about a channel, `extra` after it."""
    found = [*_basic(channel), *_profile(channel)]
    if name in EXTENDED:
        found += [(f"variable_{key}", value) for key, value in channel.variables.items()]
    return found + extra


def expand(text: str, get: Callable[[str], str | None]) -> str:
    """``${name}`` replaced by its value, or by nothing."""
    return _NAME.sub(lambda match: get(match[1]) or "", text) if "${" in text else text


def stamp_times(channel: Channel) -> None:
    """The times and durations that a channel gets when it is over."""
    times, end = channel.times, channel.times.hung_up or 0.0
    channel.set("start_stamp", stamp(times.created))
    if times.answered:
        channel.set("answer_stamp", stamp(times.answered))
    channel.set("end_stamp", stamp(end))
    for what, at in (
        ("start", times.created),
        ("answer", times.answered),
        ("bridge", times.bridged),
        ("progress", times.progress),
        ("end", end),
    ):
        channel.variables[f"{what}_epoch"] = str(int(at or 0))
        channel.variables[f"{what}_uepoch"] = micros(at)
    lasted = end - times.created
    talked = end - times.answered if times.answered else 0.0
    for what, seconds in (("duration", lasted), ("billsec", talked)):
        channel.variables[what] = str(int(seconds))
    channel.variables["mduration"] = str(int(lasted * 1000))
    channel.variables["billmsec"] = str(int(talked * 1000))


def _basic(channel: Channel) -> Iterator[tuple[str, str]]:
    way = "inbound" if channel.inbound else "outbound"
    yield "Channel-State", channel.state
    yield "Channel-Call-State", channel.callstate
    # The name is of what runs, the number of where it is bound: FreeSWITCH's two fields.
    bound = channel.state if channel.up or channel.ended else "CS_HANGUP"
    yield "Channel-State-Number", str(STATES[bound])
    yield "Channel-Name", channel.name
    yield "Unique-ID", channel.uuid
    yield "Call-Direction", way
    yield "Presence-Call-Direction", way
    yield "Channel-HIT-Dialplan", "true" if channel.inbound else "false"
    yield "Channel-Call-UUID", channel.variables.get("call_uuid", channel.uuid)
    yield "Answer-State", _answer_state(channel)
    if channel.cause:
        yield "Hangup-Cause", channel.cause
    for end in ("Read", "Write"):
        yield f"Channel-{end}-Codec-Name", "PCMA"
        yield f"Channel-{end}-Codec-Rate", "8000"
        yield f"Channel-{end}-Codec-Bit-Rate", "64000"


def _answer_state(channel: Channel) -> str:
    if channel.cause:
        return "hangup"
    if channel.answered:
        return "answered"
    return "early" if channel.early else "ringing"


def _profile(channel: Channel) -> Iterator[tuple[str, str]]:
    profile, times = channel.profile, channel.times
    way = "inbound" if channel.inbound else "outbound"
    yield "Caller-Direction", way
    yield "Caller-Logical-Direction", way
    yield "Caller-Dialplan", profile.dialplan
    for name, value in (
        ("Caller-Caller-ID-Name", profile.caller_name),
        ("Caller-Caller-ID-Number", profile.caller_number),
        ("Caller-Orig-Caller-ID-Name", profile.caller_name),
        ("Caller-Orig-Caller-ID-Number", profile.caller_number),
        ("Caller-Network-Addr", "127.0.0.1"),
        ("Caller-ANI", profile.caller_number),
        ("Caller-Destination-Number", profile.destination),
        ("Caller-Unique-ID", channel.uuid),
        ("Caller-Source", "simswitch"),
        ("Caller-Context", profile.context),
        ("Caller-RDNIS", profile.rdnis),
        ("Caller-Channel-Name", channel.name),
    ):
        if value:
            yield name, value
    yield "Caller-Profile-Index", "1"
    for name, at in (
        ("Profile-Created", times.transferred or times.created),
        ("Channel-Created", times.created),
        ("Channel-Answered", times.answered),
        ("Channel-Progress", times.progress),
        ("Channel-Progress-Media", times.early),
        ("Channel-Hangup", times.hung_up),
        ("Channel-Transfer", times.transferred),
        ("Channel-Bridged", times.bridged),
    ):
        yield f"Caller-{name}-Time", micros(at)
    yield "Caller-Channel-Last-Hold", micros(times.held)
    yield "Caller-Channel-Hold-Accum", micros(times.held_for)
    yield "Caller-Screen-Bit", "true"
    yield "Caller-Privacy-Hide-Name", "false"
    yield "Caller-Privacy-Hide-Number", "false"
