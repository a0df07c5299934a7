"""An offer from the first ring to its end. The worker carries out what these return."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, OuterRef, Subquery, Sum

from banking import sql
from routing import news, presence
from routing.errors import CallerGone, OfferOver, WrongState
from routing.floor import Name
from routing.models import Presence, QueueEntry, Reservation
from routing.states import IN_A_CALL, OFFERED, State

MARGIN = timedelta(seconds=5)  # the switch gives up ringing first
AGAIN_S = 20  # a lost leg is rung again for so long
TALK = timedelta(hours=4)  # no talk lasts longer; the reconciler looks

End = Reservation.End


@dataclass(frozen=True, slots=True)
class Offer:
    """Ring this agent for this caller."""

    reservation_id: int
    leg: UUID  # the channel's name-to-be
    call_ref: UUID  # the caller's channel
    agent_id: int
    number: str  # staff number: user/NUMBER on the switch
    caller: str
    ring_s: int


@dataclass(frozen=True, slots=True)
class Current:
    """The caller whom an agent has, is offered or writes up. Durations in seconds."""

    reservation_id: int
    leg: UUID  # the agent's channel
    entry_id: int
    call_ref: UUID  # the caller's channel
    queue: Name
    caller: str
    customer_id: int | None
    language: str
    state: State
    since: datetime  # of the state
    entered_at: datetime
    answered_at: datetime | None  # by her
    ended_at: datetime | None  # the caller is gone
    waited_s: int  # when she was offered
    held_s: int  # holds that are over; one that lasts began at `since`


def current(agent_id: int) -> Current | None:
    """What her page is about; None between calls. One query."""
    spent = ExpressionWrapper(F("ended_at") - F("started_at"), output_field=DurationField())
    holds = Presence.objects.filter(
        agent=OuterRef("agent"), entry=OuterRef("entry"), state=State.HELD, ended_at__isnull=False
    )
    reservations = Reservation.objects.filter(agent=OuterRef("agent"), entry=OuterRef("entry"))
    hers = reservations.order_by("-made_at", "-pk")
    now = (
        Presence.objects.filter(agent=agent_id, ended_at=None, entry__isnull=False)
        .select_related("entry__queue")
        .annotate(
            reservation=Subquery(hers.values("pk")[:1]),
            leg=Subquery(hers.values("leg")[:1]),
            answered_at=Subquery(hers.values("answered_at")[:1]),
            waited_s=Subquery(hers.values("waited_s")[:1]),
            held=Subquery(holds.values("entry").annotate(total=Sum(spent)).values("total")),
        )
        .first()
    )
    if now is None or now.entry is None:
        return None
    return Current(
        reservation_id=now.reservation,
        leg=now.leg,
        entry_id=now.entry.pk,
        call_ref=now.entry.call_ref,
        queue=Name.of(now.entry.queue),
        caller=now.entry.caller,
        customer_id=now.entry.customer_id,
        language=now.entry.language,
        state=State(now.state),
        since=now.started_at,
        entered_at=now.entry.entered_at,
        answered_at=now.answered_at,
        ended_at=now.entry.ended_at,
        waited_s=int(now.waited_s),
        held_s=int(now.held.total_seconds()) if now.held else 0,
    )


def to_ring(node: str, *, at: datetime) -> list[Offer]:
    """Take every offer of this node that nobody rings yet: from here on the agent rings."""
    # Asked each second: most often there is nothing to lock.
    return _take(node, at=at) if sql.row(TO_RING, [node]) else []


TO_RING = """
    SELECT 1 FROM routing_reservation r JOIN routing_queueentry e ON e.id = r.entry_id
    WHERE r.ended_at IS NULL AND r.rung_at IS NULL AND e.node = %s LIMIT 1
"""


@transaction.atomic(durable=True)
def _take(node: str, *, at: datetime) -> list[Offer]:
    found = list(
        # Who is leaving is being dealt with: skipped, not waited for.
        Reservation.objects.select_for_update(of=["self", "entry"], skip_locked=True)
        .filter(ended_at=None, rung_at=None, entry__node=node)
        .select_related("entry__queue", "agent__user")
        .order_by("pk")
    )
    presence.lock(*(reservation.agent_id for reservation in found))
    offers = []
    for reservation in found:
        entry, ring_s = reservation.entry, reservation.entry.queue.ring_s
        presence.move(reservation.agent_id, State.RINGING, at=at, entry_id=entry.pk)
        reservation.rung_at = max(at, reservation.made_at)
        reservation.expires_at = at + timedelta(seconds=ring_s) + MARGIN
        reservation.save(update_fields=["rung_at", "expires_at"])
        offers.append(offer_of(reservation, ring_s))
    return offers


@transaction.atomic(durable=True)
def answered(leg: UUID, *, at: datetime) -> UUID:
    """The agent picked up: the caller's channel to join her with.

    Raises CallerGone, OfferOver: then the leg is to be ended.
    """
    entry, reservation = _lock(leg)
    if reservation.ended_at is not None:
        raise CallerGone if reservation.end == End.CALLER_LEFT else OfferOver
    if reservation.answered_at is None:
        reservation.answered_at = max(at, reservation.made_at)
    reservation.expires_at = at + TALK
    reservation.save(update_fields=["answered_at", "expires_at"])
    if entry.answered_at is None:
        entry.answered_at, entry.answered_by_id = max(at, entry.entered_at), reservation.agent_id
    entry.state = QueueEntry.State.TALKING
    entry.save(update_fields=["state", "answered_at", "answered_by"])
    if presence.state_of(reservation.agent_id) not in IN_A_CALL:
        presence.move(reservation.agent_id, State.TALKING, at=at, entry_id=entry.pk)
    return entry.call_ref


@transaction.atomic(durable=True)
def refused(leg: UUID, end: str, *, at: datetime) -> None:
    """She did not pick up: the caller has her place again, the agent is paused and told.

    Raises OfferOver.
    """
    entry, reservation = _lock(leg)
    if reservation.ended_at is None:
        put_back(entry, reservation, end, at=at)


@transaction.atomic(durable=True)
def leg_lost(leg: UUID, *, at: datetime) -> Offer | None:
    """Her line went while the caller is there: ring her again, as this; None if it is over.

    Raises OfferOver.
    """
    entry, reservation = _lock(leg)
    if reservation.ended_at is not None:
        return None
    if reservation.answered_at is None:  # they never talked
        put_back(entry, reservation, End.LEG_LOST, at=at)
        return None
    if presence.state_of(reservation.agent_id) in IN_A_CALL:
        presence.move(reservation.agent_id, State.RINGING, at=at, entry_id=entry.pk)
    reservation.leg = uuid4()
    reservation.expires_at = at + timedelta(seconds=AGAIN_S) + MARGIN
    reservation.save(update_fields=["leg", "expires_at"])
    return offer_of(reservation, AGAIN_S)


@transaction.atomic(durable=True)
def finished(leg: UUID, *, at: datetime) -> None:
    """The agent ended the talk: she wraps up, the caller is served. Raises OfferOver.

    A leg whose offer is over already says nothing: the caller may talk to somebody else by now.
    """
    entry, reservation = _lock(leg)
    if reservation.ended_at is not None:
        return
    if reservation.answered_at is None:  # she hung up before they talked
        put_back(entry, reservation, End.DECLINED, at=at)
        return
    finish(entry, reservation, at=at)


@transaction.atomic(durable=True)
def held(leg: UUID, *, at: datetime) -> None:
    """The caller hears music. Raises OfferOver, WrongState."""
    _turn(leg, State.TALKING, State.HELD, at)


@transaction.atomic(durable=True)
def retrieved(leg: UUID, *, at: datetime) -> None:
    """They talk again. Raises OfferOver, WrongState."""
    _turn(leg, State.HELD, State.TALKING, at)


# -- inside routing: the rows are locked -------------------------------------------------------


def _lock(leg: UUID) -> tuple[QueueEntry, Reservation]:
    """The entry, the reservation and the agent, locked in this order. Raises OfferOver."""
    locked = _lock_where(leg=leg)
    if locked is None:  # never made, or rung again meanwhile under another name
        raise OfferOver
    return locked


def lock_open(reservation_id: int) -> tuple[QueueEntry, Reservation] | None:
    """As `_lock`; None if the offer is over."""
    return _lock_where(pk=reservation_id, ended_at=None)


def _lock_where(**what: Any) -> tuple[QueueEntry, Reservation] | None:
    entry_id = Reservation.objects.filter(**what).values_list("entry_id", flat=True).first()
    if entry_id is None:
        return None
    entry = QueueEntry.objects.select_for_update().get(pk=entry_id)
    hers = Reservation.objects.select_for_update(of=["self"]).select_related(
        "agent__user", "entry__queue"
    )
    reservation = hers.filter(**what).first()
    if reservation is None:
        return None
    presence.lock(reservation.agent_id)
    return entry, reservation


def put_back(entry: QueueEntry, reservation: Reservation, end: str, *, at: datetime) -> None:
    """The caller waits as before; the agent pauses until she says that she is there."""
    _end(reservation, end, at)
    recall(entry)
    state = presence.state_of(reservation.agent_id)
    if state in OFFERED and end == End.REPAIRED:
        presence.free(reservation.agent_id, at=at)  # it was not her fault
    elif state in OFFERED:
        reason = presence.PHONE_LOST if end in _LOST else presence.MISSED
        presence.move(reservation.agent_id, State.PAUSED, at=at, reason=reason)
    elif state in IN_A_CALL:
        presence.move(reservation.agent_id, State.WRAP_UP, at=at, entry_id=entry.pk)


_LOST = frozenset({End.UNREACHABLE, End.LEG_LOST})


def recall(entry: QueueEntry) -> None:
    """She waits again, from when she entered."""
    entry.state = QueueEntry.State.WAITING
    entry.returned += 1
    entry.save(update_fields=["state", "returned"])
    news.floor_changed(wake=True)


def finish(entry: QueueEntry, reservation: Reservation, *, at: datetime) -> None:
    """The talk is over: the agent wraps up, the caller is served."""
    _end(reservation, End.ANSWERED, at)
    presence.move(reservation.agent_id, State.WRAP_UP, at=at, entry_id=entry.pk)
    entry.state, entry.outcome = QueueEntry.State.ENDED, QueueEntry.Outcome.ANSWERED
    entry.ended_at = max(at, entry.answered_at or at)
    entry.save(update_fields=["state", "outcome", "ended_at"])


def _turn(leg: UUID, before: State, to: State, at: datetime) -> None:
    entry, reservation = _lock(leg)
    if reservation.ended_at is not None:
        raise OfferOver
    if (state := presence.state_of(reservation.agent_id)) != before:
        raise WrongState(state=state.label)
    presence.move(reservation.agent_id, to, at=at, entry_id=entry.pk)


def _end(reservation: Reservation, end: str, at: datetime) -> None:
    reservation.ended_at, reservation.end = max(at, reservation.made_at), end
    reservation.save(update_fields=["ended_at", "end"])


def offer_of(reservation: Reservation, ring_s: int | None = None) -> Offer:
    """What the worker is to ring; needs the entry's queue and the agent's user."""
    return Offer(
        reservation_id=reservation.pk,
        leg=reservation.leg,
        call_ref=reservation.entry.call_ref,
        agent_id=reservation.agent_id,
        number=reservation.agent.user.username,
        caller=reservation.entry.caller,
        ring_s=reservation.entry.queue.ring_s if ring_s is None else ring_s,
    )
