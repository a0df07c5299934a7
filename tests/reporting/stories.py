"""Callers and agents of a day, told through routing's services."""

from datetime import datetime, timedelta
from uuid import uuid4

from routing import entries, offers, presence, rounds
from routing.entries import Wish
from routing.models import QueueEntry
from tests.routing.conftest import NODE, Seat


def asks(
    at: datetime, queue: str = "general", *, is_test: bool = False, caller: str = "13800136027"
) -> QueueEntry:
    """A caller enters a queue."""
    return entries.enter(Wish(uuid4(), NODE, caller, "zh", is_test=is_test), queue, at=at)


def served(
    agent: Seat,
    at: datetime,
    *,
    wait_s: float = 8,
    talk_s: float = 100,
    hold_s: float = 0,
    wrap_up_s: float | None = 20,
    queue: str = "general",
    is_test: bool = False,
    caller: str = "13800136027",
) -> QueueEntry:
    """She waits `wait_s`, talks, is on hold in the middle, hangs up; `wrap_up_s` None: not yet
    written up. The agent must be ready, and is again afterwards."""
    entry = asks(at, queue, is_test=is_test, caller=caller)
    picked = at + timedelta(seconds=wait_s)
    agent.beats(picked)
    rounds.run(at=picked)
    (offer,) = offers.to_ring(NODE, at=picked)
    offers.answered(offer.leg, at=picked)
    moment = picked + timedelta(seconds=talk_s / 2)
    if hold_s:
        offers.held(offer.leg, at=moment)
        moment += timedelta(seconds=hold_s)
        offers.retrieved(offer.leg, at=moment)
    moment += timedelta(seconds=talk_s / 2)
    entries.leave(entry.call_ref, QueueEntry.Outcome.ABANDONED, at=moment)
    if wrap_up_s is not None:
        moment += timedelta(seconds=wrap_up_s)
        agent.beats(moment)
        presence.wrapped_up(agent.pk, at=moment)
    return entry


def gives_up(
    at: datetime, wait_s: float, queue: str = "general", *, caller: str = "13800136027"
) -> QueueEntry:
    """She waits so long and hangs up; nobody must be ready."""
    entry = asks(at, queue, caller=caller)
    entries.leave(entry.call_ref, QueueEntry.Outcome.ABANDONED, at=at + timedelta(seconds=wait_s))
    return entry
