"""How rows differ from the switch's live channels: values in, values out.

A row may be read while its call changes, so a channel that is missing, or that nobody knows,
counts only when it did so in two looks. What is done about a difference: `routing.reconcile`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from routing.models import QueueEntry, Repair, Reservation
from routing.states import IN_A_CALL, OFFERED, State

WRAP_UP_MOST = timedelta(minutes=30)  # D: whoever writes longer is paused, not lost

Kind = Repair.Kind
End = Reservation.End


@dataclass(frozen=True, slots=True)
class Caller:
    """An open entry of the node."""

    entry_id: int
    call_ref: UUID
    state: str


@dataclass(frozen=True, slots=True)
class Offered:
    """An open reservation, of any node."""

    reservation_id: int
    entry_id: int
    agent_id: int
    leg: UUID
    expires_at: datetime
    was_answered: bool
    state: State  # what the agent does


@dataclass(frozen=True, slots=True)
class Seat:
    """An agent who is signed in or has a caller.

    `alive`: her page was heard of. `gone`: for so long that she is signed out.
    """

    agent_id: int
    state: State
    since: datetime
    signed_in: bool
    alive: bool
    gone: bool


@dataclass(frozen=True, slots=True)
class Rows:
    callers: tuple[Caller, ...]
    offered: tuple[Offered, ...]
    seats: tuple[Seat, ...]


class Does(StrEnum):
    """What puts it right."""

    LEAVE = "leave"  # the caller is gone
    PUT_BACK = "put_back"  # the offer is over, the caller waits as before
    FINISH = "finish"  # the talk is over
    RECALL = "recall"  # offered to nobody: she waits
    RELEASE = "release"  # an agent has no caller after all
    LAPSE = "lapse"  # her page is gone for good: she is signed out
    PAUSE = "pause"  # a wrap-up without end
    AWAY = "away"  # ready, but without her page: paused until it is back
    KILL = "kill"  # a channel that belongs to nobody


@dataclass(frozen=True, slots=True)
class Fix:
    """A difference. `pk` is of the entry, the reservation or the agent, as `does` has it."""

    kind: Kind
    does: Does
    pk: int = 0
    leg: UUID | None = None
    end: str = ""  # of a reservation that is put back
    facts: dict[str, Any] = field(default_factory=dict, compare=False)


def compare(
    rows: Rows,
    channels: Collection[UUID],
    legs: Collection[UUID],
    suspects: Collection[UUID],
    at: datetime,
) -> tuple[list[Fix], frozenset[UUID]]:
    """What to put right, and which channels differ now, to be looked at again.

    `channels` are all that are up on the node, `legs` those of them that are agents'.
    """
    up, before = set(channels), set(suspects)
    here = {c.entry_id for c in rows.callers}
    offered = [o for o in rows.offered if o.entry_id in here]
    gone = {c.call_ref for c in rows.callers} - up
    lost = {o.leg for o in offered if o.state in IN_A_CALL} - up
    stray = set(legs) - {o.leg for o in rows.offered}

    left = {c.entry_id for c in rows.callers if c.call_ref in gone & before}
    fixes = [
        Fix(Kind.NO_CHANNEL, Does.LEAVE, c.entry_id, facts={"state": c.state})
        for c in rows.callers
        if c.entry_id in left
    ]
    for o in offered:
        if o.entry_id not in left:
            fixes += of_offer(o, o.leg in lost & before, at)
    with_agent = {o.entry_id for o in rows.offered}
    fixes += [
        Fix(Kind.NO_LEG, Does.RECALL, c.entry_id, facts={"state": c.state})
        for c in rows.callers
        if c.state != QueueEntry.State.WAITING and c.entry_id not in with_agent | left
    ]
    with_caller = {o.agent_id for o in rows.offered}
    for seat in rows.seats:
        fixes += of_seat(seat, seat.agent_id in with_caller, at)
    fixes += [Fix(Kind.STRAY_LEG, Does.KILL, leg=leg) for leg in sorted(stray & before)]
    return fixes, frozenset(gone | lost | stray)


def of_offer(o: Offered, leg_lost: bool, at: datetime) -> Iterable[Fix]:
    """At most one; an expired lease, or a state that goes with no offer."""
    facts = {"state": o.state.value, "agent": o.agent_id, "lease_ended": o.expires_at.isoformat()}
    expired = o.expires_at < at
    if o.state in IN_A_CALL:
        if leg_lost:
            yield Fix(Kind.NO_LEG, Does.PUT_BACK, o.reservation_id, o.leg, End.LEG_LOST, facts)
        elif expired:
            yield Fix(Kind.EXPIRED, Does.FINISH, o.reservation_id, o.leg, facts=facts)
    elif o.state == State.RINGING:
        if expired:
            end = End.LEG_LOST if o.was_answered else End.TIMED_OUT
            yield Fix(Kind.EXPIRED, Does.PUT_BACK, o.reservation_id, o.leg, end, facts)
    elif expired or o.state != State.RESERVED:
        yield Fix(Kind.EXPIRED, Does.PUT_BACK, o.reservation_id, o.leg, End.REPAIRED, facts)


def of_seat(seat: Seat, has_caller: bool, at: datetime) -> Iterable[Fix]:
    """At most one."""
    facts = {"state": seat.state.value, "since": seat.since.isoformat()}
    if seat.state in IN_A_CALL | OFFERED:
        if not has_caller:
            yield Fix(Kind.NO_LEG, Does.RELEASE, seat.agent_id, facts=facts)
    elif seat.signed_in and seat.gone:
        yield Fix(Kind.NO_PULSE, Does.LAPSE, seat.agent_id, facts=facts)
    elif seat.state == State.READY and not seat.alive:
        yield Fix(Kind.NO_PULSE, Does.AWAY, seat.agent_id, facts=facts)
    elif seat.state == State.WRAP_UP and at - seat.since > WRAP_UP_MOST:
        yield Fix(Kind.EXPIRED, Does.PAUSE, seat.agent_id, facts=facts)
