"""Calling a phone, and joining two legs (switch_ivr_originate.c, switch_ivr_bridge.c)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from telephony.simswitch.causes import NORMAL_CLEARING
from telephony.simswitch.words import true

if TYPE_CHECKING:
    from telephony.simswitch.channel import Channel
    from telephony.simswitch.switch import Switch

RINGS_S = 60  # originate's default

_PARTS = re.compile(r"^(?:\{(?P<variables>[^}]*)\})?(?P<kind>[a-z]+)/(?P<rest>.+)$")


@dataclass(frozen=True, slots=True)
class Target:
    """A dial string: ``{variable=value,…}user/1001``."""

    user: str
    variables: dict[str, str]


class Unreachable(Exception):
    """Nobody can be called so; the text is the cause."""


def target(text: str) -> Target:
    """Raises Unreachable for what is no phone of this switch."""
    parts = _PARTS.match(text.strip())
    if not parts or parts["kind"] != "user":
        raise Unreachable("CHAN_NOT_IMPLEMENTED")
    pairs = (pair.partition("=") for pair in (parts["variables"] or "").split(",") if pair)
    variables = {name.strip(): value.strip("'") for name, _, value in pairs}
    return Target(parts["rest"].partition("@")[0], variables)


def ring(
    switch: Switch, text: str, *, name: str = "", number: str = "", context: str = "bankline"
) -> Channel:
    """Start to call the phone of a dial string. Raises Unreachable at once."""
    wanted = target(text)
    number = wanted.variables.get("origination_caller_id_number", number)
    name = wanted.variables.get("origination_caller_id_name", name)
    leg = switch.invite(
        wanted.user,
        caller_name=name,
        caller_number=number,
        context=context,
        uuid=wanted.variables.pop("origination_uuid", ""),
    )
    for key, value in wanted.variables.items():
        leg.set(key, value)
    leg.start(leg.live(lambda: _be_called(leg)))
    return leg


async def _be_called(leg: Channel) -> None:
    """Ring until picked up; then wait for whoever called to say where to."""
    leg.fire("CHANNEL_ORIGINATE")
    leg.state = "CS_CONSUME_MEDIA"
    leg.ring()
    timeout = leg.get("originate_timeout") or leg.get("leg_timeout") or ""
    until = leg.switch.now() + (int(timeout) if timeout.isdecimal() else RINGS_S)
    while leg.up and not leg.answered and leg.switch.now() < until - 1e-6:
        await leg.pause(until)
    if leg.up and not leg.answered:
        leg.hang_up("NO_ANSWER")
    if leg.caller:
        leg.caller.wake()
    if leg.when_settled:
        leg.when_settled(leg)
    while leg.ready() and leg.waits_for_bridge:
        await leg.attend()
        await leg.pause()


async def bridge(caller: Channel, text: str) -> None:
    """The `bridge` application: call, and join when picked up; back when that is over."""
    profile = caller.profile
    number = caller.get("effective_caller_id_number") or profile.caller_number
    name = caller.get("effective_caller_id_name") or profile.caller_name
    try:
        peer = ring(caller.switch, text, name=name, number=number)
    except Unreachable as why:
        _failed(caller, str(why))
        return
    timeout = caller.get("call_timeout") or caller.get("originate_timeout")
    if timeout and not peer.get("originate_timeout"):
        peer.set("originate_timeout", timeout)
    peer.caller, peer.waits_for_bridge = caller, True
    caller.set("signal_bond", peer.uuid)
    while caller.ready() and peer.up and not peer.answered:
        await caller.attend()
        if caller.ready() and peer.up and not peer.answered:
            await caller.pause()
    if not caller.ready():
        peer.hang_up("ORIGINATOR_CANCEL")
    elif not peer.up:
        _failed(caller, peer.cause)
    else:
        caller.set("originate_disposition", "SUCCESS")
        caller.answer()
        await join(caller, peer)


def _failed(caller: Channel, cause: str) -> None:
    """A call that was not picked up ends the caller's, unless she may go on (handle_cause)."""
    caller.set("originate_disposition", cause)
    caller.set("originate_failed_cause", cause)
    go_on = caller.get("continue_on_fail")
    if go_on is None:
        goes_on = cause in ("NO_ANSWER", "NO_USER_RESPONSE", "ORIGINATOR_CANCEL")
    else:
        goes_on = true(go_on) or cause.lower() in go_on.lower().split(",")
    if not goes_on:
        caller.hang_up(cause)


async def join(a: Channel, b: Channel) -> None:
    """Let two legs talk until one of them leaves (switch_ivr_multi_threaded_bridge)."""
    ends = [("Bridge-A-Unique-ID", a.uuid), ("Bridge-B-Unique-ID", b.uuid)]
    a.times.bridged = b.times.bridged = a.switch.now()
    b.set("call_uuid", a.uuid)
    a.fire("CHANNEL_BRIDGE", ends)
    for leg, other in ((a, b), (b, a)):
        leg.set("bridge_uuid", other.uuid)
        leg.set("bridge_channel", other.name)
        leg.set("signal_bond", other.uuid)
        leg.set("last_bridge_to", other.uuid)
        leg.partner = other
        leg.phone.heard(leg, "bridged", to=other.uuid)
    a.bridged, b.bridged = True, True
    b.waits_for_bridge = False
    b.goto = lambda: _exchange(b, a)
    b.wake()
    await _talk(a, b)
    while b.state == "CS_EXCHANGE_MEDIA" and b.partner:
        await a.pause()
    for leg, other in ((a, b), (b, a)):
        if other.cause:
            leg.set("bridge_hangup_cause", other.cause)
    b.set("call_uuid", b.uuid)
    a.fire("CHANNEL_UNBRIDGE", ends)
    a.phone.heard(a, "unbridged")
    if a.ready():
        _after(a, b)


def _after(leg: Channel, other: Channel) -> None:
    """What becomes of a leg whose other has left: variables say so, else its program goes on."""
    if true(leg.get("park_after_bridge")):
        leg.goto = leg.park
    elif where := leg.get("transfer_after_bridge"):
        leg.set("transfer_after_bridge", None)
        leg.transfer(*where.split(":")[:3])
    elif true(leg.get("hangup_after_bridge")):
        leg.hang_up(other.cause or NORMAL_CLEARING)


async def _exchange(b: Channel, a: Channel) -> None:
    """The called leg's side of it; when it is over and nobody wants the leg, it is hung up."""
    b.state = "CS_EXCHANGE_MEDIA"
    await _talk(b, a)
    b.flush_keys()
    if b.ready():
        _after(b, a)
    if b.ready():
        b.hang_up()
    a.wake()


async def _talk(leg: Channel, other: Channel) -> None:
    """Pass keys on, attend to commands, until either leaves (audio_bridge_thread)."""
    while leg.ready() and other.up and other.bridged and leg.partner is other:
        await leg.attend()
        while leg.ready() and (key := leg.take_key()) is not None:
            other.phone.heard(other, "dtmf", digit=key)
        if leg.ready() and other.up and other.bridged:
            await leg.pause()
    leg.bridged, leg.partner = False, None
    leg.set("bridge_uuid", None)
    other.wake()


def uuid_bridge(switch: Switch, first: str, second: str) -> bool:
    """Take two legs out of whatever they do and join them (switch_ivr_uuid_bridge)."""
    a, b = switch.find(first), switch.find(second)
    if a is None or b is None or a is b or not (a.up and b.up):
        return False
    if not (a.answered or a.early):
        a, b = b, a
        if not (a.answered or a.early):
            return False
    if not (b.answered or b.early):  # it rings: FreeSWITCH says +OK and loses both
        b.hang_up("DESTINATION_OUT_OF_ORDER")
        a.hang_up("ORIGINATOR_CANCEL")
        return True
    for leg in (a, b):
        leg.breaking = 1
        leg.waits_for_bridge = False
    a.goto = lambda: _originate_side(a, b)
    b.goto = lambda: _originatee_side(b, a)
    a.wake()
    b.wake()
    return True


async def _originate_side(a: Channel, b: Channel) -> None:
    a.state = "CS_SOFT_EXECUTE"
    while a.ready() and b.up and b.expected is not a:
        await a.pause()
    a.flush_keys()
    if not a.up:
        b.hang_up("DESTINATION_OUT_OF_ORDER")
    elif not b.up:
        a.hang_up("DESTINATION_OUT_OF_ORDER")
    elif a.ready():
        for leg, other in ((a, b), (b, a)):
            said = [("Application", "uuid_bridge"), ("Application-Data", other.uuid)]
            leg.fire("CHANNEL_EXECUTE", said)
        await join(a, b)


async def _originatee_side(b: Channel, a: Channel) -> None:
    b.state = "CS_SOFT_EXECUTE"
    b.expected = a
    a.wake()
    while b.ready() and a.up:
        await b.pause()
    b.expected = None
    if b.ready() and not a.up:
        b.hang_up("DESTINATION_OUT_OF_ORDER")
