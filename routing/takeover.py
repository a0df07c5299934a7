"""What a worker that takes a node over must know of its callers: who waits, who has whom."""

from dataclasses import dataclass
from uuid import UUID

from routing.models import Presence, QueueEntry, Reservation
from routing.offers import Offer, offer_of
from routing.states import State


@dataclass(frozen=True, slots=True)
class Live:
    """A caller who waits or talks. With an `offer`, an agent is rung for her or has her."""

    call_ref: UUID  # the caller's channel
    offer: Offer | None
    answered: bool  # the agent of the offer has talked to her
    ringing: bool  # and her phone rings, again if she was lost
    held: bool


def live(node: str) -> dict[UUID, Live]:
    """Everybody of a node whose wish for a person is open; offers that nobody rang yet apart."""
    open_entries = QueueEntry.objects.filter(node=node, ended_at=None)
    found = {
        reservation.entry_id: reservation
        for reservation in Reservation.objects.filter(
            entry__in=open_entries, ended_at=None, rung_at__isnull=False
        ).select_related("entry__queue", "agent__user")
    }
    states = dict(
        Presence.objects.filter(
            agent__in=[r.agent_id for r in found.values()], ended_at=None
        ).values_list("agent", "state")
    )
    return {entry.call_ref: _live(entry, found.get(entry.pk), states) for entry in open_entries}


def _live(entry: QueueEntry, reservation: Reservation | None, states: dict[int, str]) -> Live:
    if reservation is None:
        return Live(entry.call_ref, None, answered=False, ringing=False, held=False)
    state = states.get(reservation.agent_id)
    return Live(
        entry.call_ref,
        offer_of(reservation),
        answered=reservation.answered_at is not None,
        ringing=state == State.RINGING,
        held=state == State.HELD,
    )
