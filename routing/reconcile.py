"""Rows against the switch's live channels: what differs is put right, counted and explained.

Each repair is a transaction of its own, looks again under the locks of its row (the caller's
entry first, then the agent, like everybody), and writes down what it saw (`Repair`).
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from people.errors import Refusal
from routing import entries, news, offers, presence
from routing.differences import (
    Caller,
    Does,
    Fix,
    Kind,
    Offered,
    Rows,
    Seat,
    compare,
    of_offer,
    of_seat,
)
from routing.models import Presence, QueueEntry, Repair, Reservation, Session
from routing.states import IN_A_CALL, OFFERED, State

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KillLeg:
    """End this agent's channel, if it is there."""

    leg: UUID


@dataclass(frozen=True, slots=True)
class BackInQueue:
    """This caller waits again: let her hear so."""

    call_ref: UUID


Action = KillLeg | BackInQueue


@dataclass(frozen=True, slots=True)
class Looked:
    """What the worker has to do; `suspects` go into the next look."""

    actions: tuple[Action, ...]
    suspects: frozenset[UUID]


def run(
    node: str,
    *,
    channels: Collection[UUID],
    legs: Collection[UUID],
    suspects: Collection[UUID] = frozenset(),
    at: datetime,
) -> Looked:
    """Compare and repair; each repair is a transaction of its own.

    `channels`: all that were up on `node` at `at`; `legs`: those of them that are agents'.
    """
    fixes, suspects = compare(_rows(node, at), channels, legs, suspects, at)
    actions: list[Action] = []
    for fix in fixes:
        try:
            actions += _repair(fix, at)
        except (Refusal, IntegrityError):  # one bad row must not keep the others from help
            log.exception("not repaired: %s", fix)
    return Looked(tuple(actions), suspects)


def _rows(node: str, at: datetime) -> Rows:
    """Read one after the other while the floor moves on: `_repair` looks again."""
    callers = QueueEntry.objects.filter(node=node, ended_at=None).order_by("pk")
    now = {p.agent_id: p for p in Presence.objects.filter(ended_at=None).order_by("agent_id")}
    sessions = {
        s.agent_id: s for s in Session.objects.filter(ended_at=None).select_related("agent")
    }
    states = {agent_id: State(p.state) for agent_id, p in now.items()}
    return Rows(
        callers=tuple(Caller(e.pk, e.call_ref, e.state) for e in callers),
        offered=tuple(
            _offered(r, states.get(r.agent_id, State.OFFLINE))
            for r in Reservation.objects.filter(ended_at=None).order_by("pk")
        ),
        seats=tuple(_seat(p, sessions.get(agent_id), at) for agent_id, p in now.items()),
    )


def _offered(r: Reservation, state: State) -> Offered:
    return Offered(
        reservation_id=r.pk,
        entry_id=r.entry_id,
        agent_id=r.agent_id,
        leg=r.leg,
        expires_at=r.expires_at,
        was_answered=r.answered_at is not None,
        state=state,
    )


def _seat(now: Presence, session: Session | None, at: datetime) -> Seat:
    return Seat(
        agent_id=now.agent_id,
        state=State(now.state),
        since=now.started_at,
        signed_in=session is not None,
        alive=session is not None and presence.has_page(session, at),
        gone=session is not None and presence.is_gone(session, at),
    )


def _subject(fix: Fix) -> str:
    """What was put right, as "app.model:key"."""
    match fix.does:
        case Does.LEAVE | Does.RECALL:
            return f"routing.queueentry:{fix.pk}"
        case Does.PUT_BACK | Does.FINISH:
            return f"routing.reservation:{fix.pk}"
        case Does.KILL:
            return f"leg:{fix.leg}"
    return f"routing.agent:{fix.pk}"


# -- each repair -------------------------------------------------------------------------------


@transaction.atomic(durable=True)
def _repair(fix: Fix, at: datetime) -> list[Action]:
    """Do it if it still holds; what is left for the worker to do."""
    match fix.does:
        case Does.LEAVE:
            actions = _leave(fix, at)
        case Does.PUT_BACK | Does.FINISH:
            actions = _end_offer(fix, at)
        case Does.RECALL:
            actions = _recall(fix)
        case Does.RELEASE:
            actions = _release(fix, at)
        case Does.PAUSE | Does.AWAY:
            actions = _pause(fix, at)
        case Does.LAPSE:
            actions = [] if presence.lapse(fix.pk, at=at) else None
        case Does.KILL:
            actions = _kill(fix)
    if actions is None:
        return []  # it came right meanwhile
    facts = {"does": fix.does.value, **fix.facts}
    Repair.objects.create(at=at, kind=fix.kind, subject=_subject(fix), facts=facts)
    news.floor_changed()
    return actions


def _leave(fix: Fix, at: datetime) -> list[Action] | None:
    entry = _open_entry(fix.pk)
    if entry is None:
        return None
    left = entries.end(entry, QueueEntry.Outcome.ABANDONED, at=at)
    return [KillLeg(left.leg)] if left.leg else []


def _open_entry(pk: int) -> QueueEntry | None:
    return QueueEntry.objects.select_for_update().filter(pk=pk, ended_at=None).first()


def _end_offer(fix: Fix, at: datetime) -> list[Action] | None:
    locked = offers.lock_open(fix.pk)
    if locked is None:
        return None
    entry, reservation = locked
    state = presence.state_of(reservation.agent_id)
    lost = fix.kind == Kind.NO_LEG and fix.leg == reservation.leg
    if fix not in of_offer(_offered(reservation, state), lost, at):
        return None
    if fix.does == Does.FINISH:
        offers.finish(entry, reservation, at=at)
        return [KillLeg(reservation.leg)]
    offers.put_back(entry, reservation, fix.end, at=at)
    return [KillLeg(reservation.leg), BackInQueue(entry.call_ref)]


def _recall(fix: Fix) -> list[Action] | None:
    entry = _open_entry(fix.pk)
    if entry is None or entry.state == QueueEntry.State.WAITING:
        return None
    if entry.reservations.filter(ended_at=None).exists():
        return None
    offers.recall(entry)
    return [BackInQueue(entry.call_ref)]


def _release(fix: Fix, at: datetime) -> list[Action] | None:
    now = Presence.objects.filter(agent=fix.pk, ended_at=None).first()
    if now and now.entry_id:  # locked before the agent
        QueueEntry.objects.select_for_update().get(pk=now.entry_id)
    presence.lock(fix.pk)
    has_caller = Reservation.objects.filter(agent=fix.pk, ended_at=None).exists()
    state = presence.state_of(fix.pk)
    if has_caller or state not in IN_A_CALL | OFFERED:
        return None
    if state in OFFERED:
        presence.free(fix.pk, at=at)
    else:
        presence.move(fix.pk, State.WRAP_UP, at=at, entry_id=now.entry_id if now else None)
    return []


def _pause(fix: Fix, at: datetime) -> list[Action] | None:
    presence.lock(fix.pk)
    now = Presence.objects.filter(agent=fix.pk, ended_at=None).first()
    session = presence.lock_session(fix.pk)  # a beat may be on its way
    if now is None or fix not in of_seat(_seat(now, session, at), False, at):
        return None
    reason = presence.PAGE_LOST if fix.does == Does.AWAY else presence.LONG_WRAP_UP
    presence.move(fix.pk, State.PAUSED, at=at, reason=reason)
    return []


def _kill(fix: Fix) -> list[Action] | None:
    if fix.leg is None or Reservation.objects.filter(leg=fix.leg, ended_at=None).exists():
        return None
    return [KillLeg(fix.leg)]
