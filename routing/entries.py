"""What a caller does about a queue: enter it, ask for her place, leave it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.db.models import Avg, DurationField, ExpressionWrapper, F, Q

from banking.models.customers import Vip
from calendars import hours
from calendars.clock import bank_day
from routing import news, presence
from routing.errors import CallerGone, NoSuchQueue
from routing.models import AgentSkill, Presence, Queue, QueueEntry, Reservation, WaitingCredit
from routing.states import IN_A_CALL, OFFERED, State

SAMPLE = 50  # talks looked at for the expected wait
USUAL_TALK = timedelta(seconds=180)  # where there were none yet

Outcome = QueueEntry.Outcome
End = Reservation.End


@dataclass(frozen=True, slots=True)
class Wish:
    """Who asks for a person."""

    call_ref: UUID  # the caller's channel
    node: str
    caller: str
    language: str
    customer_id: int | None = None
    vip: str = ""
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Where she stands: `place` 1 is next; `expected_s` is an estimate, in seconds."""

    entry_id: int
    queue: str
    place: int
    expected_s: int


@dataclass(frozen=True, slots=True)
class Left:
    """What a caller who left leaves behind: the agent's channel to be ended, if there is one."""

    leg: UUID | None
    was_answered: bool


class Door(StrEnum):
    """Whether somebody could come at all."""

    OPEN = "open"
    CLOSED = "closed"  # it is not the time
    UNSTAFFED = "unstaffed"  # nobody who could take the call is signed in


def door(slug: str, *, at: datetime) -> Door:
    """Whether a caller may wait there. Raises NoSuchQueue."""
    queue = _queue(slug)
    if queue.hours and not hours.is_open(queue.hours, at):
        return Door.CLOSED
    return Door.OPEN if _staffed(queue, at) else Door.UNSTAFFED


def is_open(slug: str, *, at: datetime) -> bool:
    """Whether the queue is open and somebody is signed in for it. Raises NoSuchQueue."""
    return door(slug, at=at) is Door.OPEN


@transaction.atomic(durable=True)
def enter(wish: Wish, slug: str, *, at: datetime) -> QueueEntry:
    """Let her wait; who waits already stays where she is. Raises NoSuchQueue."""
    return _enter(wish, _queue(slug), at=at)


@transaction.atomic(durable=True)
def transfer(call_ref: UUID, slug: str, *, at: datetime) -> QueueEntry:
    """From the agent who talks to her, or from a queue, into another one.

    Who still waited takes her waiting along; who was answered waits anew.
    Raises NoSuchQueue, CallerGone.
    """
    queue, old = _queue(slug), _lock(call_ref)
    if old is None:
        raise CallerGone
    end(old, Outcome.OVERFLOW, at=at)
    return _enter(
        Wish(
            call_ref=call_ref,
            node=old.node,
            caller=old.caller,
            language=old.language,
            customer_id=old.customer_id,
            vip=old.vip,
            is_test=old.is_test,
        ),
        queue,
        at=at if old.answered_at else old.entered_at,
        after=old,
    )


@transaction.atomic(durable=True)
def leave(call_ref: UUID, outcome: str, *, at: datetime) -> Left:
    """She hung up, or took a call-back instead. Who was answered stays answered."""
    entry = _lock(call_ref)
    if entry is None:
        return Left(None, was_answered=False)
    return end(entry, outcome, at=at)


def standing(call_ref: UUID) -> Standing | None:
    """Her place among all who wait for the same skill, and expected wait; None if she does not.

    Expected wait = place × mean talk of the last talks ÷ agents at work: each agent frees up
    once a talk, so a place is worth one talk's length over all of them.
    """
    entry = (
        QueueEntry.objects.select_related("queue").filter(call_ref=call_ref, ended_at=None).first()
    )
    if entry is None or entry.state == QueueEntry.State.TALKING:
        return None
    rivals = QueueEntry.objects.filter(
        queue__skill_id=entry.queue.skill_id, state=QueueEntry.State.WAITING
    )
    ahead = rivals.filter(
        Q(credited_at__lt=entry.credited_at) | Q(credited_at=entry.credited_at, pk__lt=entry.pk)
    ).count()
    agents = max(1, _working(entry.queue))
    wait = (ahead + 1) * _usual_talk(entry.queue) / agents
    return Standing(entry.pk, entry.queue.slug, ahead + 1, round(wait.total_seconds()))


# -- inside routing ----------------------------------------------------------------------------


def _enter(
    wish: Wish, queue: Queue, *, at: datetime, after: QueueEntry | None = None
) -> QueueEntry:
    there = _lock(wish.call_ref)
    if there is not None:
        return there
    entry = QueueEntry.objects.create(
        call_ref=wish.call_ref,
        node=wish.node,
        queue=queue,
        caller=wish.caller,
        customer_id=wish.customer_id,
        vip=wish.vip,
        language=wish.language,
        is_test=wish.is_test,
        entered_at=at,
        credited_at=at - credit(wish.vip, at),
        after=after,
    )
    news.floor_changed(wake=True)
    return entry


def end(entry: QueueEntry, outcome: str, *, at: datetime) -> Left:
    """`leave` for who holds the entry's lock."""
    leg = None
    held = entry.reservations.filter(ended_at=None).first()
    if held is not None:
        leg = held.leg
        presence.lock(held.agent_id)
        held.ended_at = max(at, held.made_at)
        held.end = End.ANSWERED if held.answered_at else End.CALLER_LEFT
        held.save(update_fields=["ended_at", "end"])
        state = presence.state_of(held.agent_id)
        if state in IN_A_CALL or (state == State.RINGING and held.answered_at):
            presence.move(held.agent_id, State.WRAP_UP, at=at, entry_id=entry.pk)
        elif state in OFFERED:
            presence.free(held.agent_id, at=at)
    answered = entry.answered_at is not None
    entry.state = QueueEntry.State.ENDED
    entry.outcome = Outcome.ANSWERED if answered else outcome
    entry.ended_at = max(at, entry.entered_at, entry.answered_at or at)
    entry.save(update_fields=["state", "outcome", "ended_at"])
    news.floor_changed()
    return Left(leg, was_answered=answered)


def credit(vip: str, at: datetime) -> timedelta:
    """Waiting that a customer level is granted, as of the day."""
    found = (
        WaitingCredit.objects.filter(vip=vip or Vip.ORDINARY, valid_from__lte=bank_day(at))
        .order_by("-valid_from")
        .values_list("seconds", flat=True)
        .first()
    )
    return timedelta(seconds=found or 0)


def _lock(call_ref: UUID) -> QueueEntry | None:
    return QueueEntry.objects.select_for_update().filter(call_ref=call_ref, ended_at=None).first()


def _queue(slug: str) -> Queue:
    queue = Queue.objects.filter(slug=slug, is_active=True).first()
    if queue is None:
        raise NoSuchQueue
    return queue


def _staffed(queue: Queue, at: datetime) -> int:
    """Agents whose page lives and who have the skill, paused ones included."""
    return AgentSkill.objects.filter(
        skill_id=queue.skill_id,
        agent__is_active=True,
        agent__sessions__ended_at=None,
        agent__sessions__heartbeat_at__gte=at - presence.lease(),
    ).count()


def _working(queue: Queue) -> int:
    """Agents with the skill who take calls, talk or wrap up."""
    now = Presence.objects.filter(ended_at=None).exclude(state__in=[State.OFFLINE, State.PAUSED])
    return AgentSkill.objects.filter(skill_id=queue.skill_id, agent__in=now.values("agent")).count()


def _usual_talk(queue: Queue) -> timedelta:
    """The mean of the last talks, holds included: so long an agent was taken."""
    last = (
        QueueEntry.objects.filter(queue=queue, outcome=Outcome.ANSWERED)
        .order_by("-ended_at")
        .values("pk")[:SAMPLE]
    )
    spent = ExpressionWrapper(F("ended_at") - F("answered_at"), output_field=DurationField())
    found = QueueEntry.objects.filter(pk__in=last).aggregate(mean=Avg(spent))["mean"]
    return found or USUAL_TALK
