"""How a caller is asked for her rating, and how it is kept."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from calendars.clock import bank_day
from quality.errors import RatedAlready
from quality.models import AskRule, Rating
from routing.models import Queue, QueueEntry, Reservation
from telephony.models import Call


@transaction.atomic(durable=True)
def ask(channel: UUID, *, at: datetime) -> int | None:
    """Note that she is asked about the agent whom she has just talked to; None: don't ask.

    Once a call: a second time it is None as well.
    """
    talks = Reservation.objects.filter(entry__call_ref=channel, answered_at__isnull=False)
    talk = talks.select_related("entry__queue").order_by("-answered_at").first()
    if talk is None or not _is_asked(talk.entry.queue, at):
        return None
    # Routing, which ends the talk at this moment, locks the entry before all else.
    QueueEntry.objects.select_for_update().get(pk=talk.entry_id)
    rating, made = Rating.objects.get_or_create(
        call=Call.objects.get(uuid=channel),
        defaults={
            "reservation": talk,
            "agent_id": talk.agent_id,
            "queue": talk.entry.queue,
            "asked_at": at,
        },
    )
    return rating.pk if made else None


@transaction.atomic(durable=True)
def keyed(rating_id: int, score: int, *, at: datetime) -> None:
    """Her answer, 1 to 5. Raises RatedAlready."""
    rating = Rating.objects.select_for_update(of=("self",)).get(pk=rating_id)
    if rating.score is not None:
        raise RatedAlready
    rating.score, rating.keyed_at = score, at
    rating.save(update_fields=["score", "keyed_at"])


def _is_asked(queue: Queue, at: datetime) -> bool:
    rules = AskRule.objects.filter(queue=queue, valid_from__lte=bank_day(at))
    rule = rules.order_by("-valid_from").first()
    return rule is not None and rule.is_asked
