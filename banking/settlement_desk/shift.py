"""What a clerk did today and how long it took her, and what one shift hands to the next."""

from dataclasses import dataclass
from datetime import datetime, time

from django.db.models import QuerySet

from banking import sql
from banking.models import DeskStep, SettlementOrder
from banking.settlement_desk import queue, suspending
from calendars.clock import SHANGHAI, bank_day
from people.models import User

State, What = SettlementOrder.State, DeskStep.What
DONE = (What.MADE, What.CHECKED, What.SECONDED, What.SENT_BACK, What.SUSPENDED)  # ends a lease
ERRORS = (What.MISKEYED, What.SENT_BACK)

_PACE = """
    SELECT count(*),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM at - began_at))
    FROM banking_deskstep
    WHERE by_id = %s AND at >= %s AND at <= %s AND what = ANY(%s) AND began_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Pace:
    """A clerk's day: orders that she was done with, and the median of what one took."""

    count: int
    median_s: float | None


@dataclass(frozen=True, slots=True)
class Handover:
    """Orders by where they stand, the most urgent or the oldest first."""

    due_next: QuerySet[SettlementOrder]  # before the next cut-off, by whomever
    in_hand: QuerySet[SettlementOrder]
    to_check: QuerySet[SettlementOrder]
    waiting: QuerySet[SettlementOrder]
    suspended: QuerySet[SettlementOrder]
    returned: QuerySet[SettlementOrder]  # today
    errors: QuerySet[DeskStep]  # 差错登记: what was keyed otherwise or sent back today


def pace(clerk: User, *, at: datetime) -> Pace:
    """Since midnight."""
    done = [what.value for what in DONE]
    found = sql.row(_PACE, [clerk.pk, _midnight(at), at, done])
    assert found is not None
    return Pace(found[0], None if found[1] is None else float(found[1]))


def handover(*, at: datetime) -> Handover:
    with_people = ("instruction__customer", "instruction__payer__card", "claimed_by", "maker")
    open_ = queue.by_urgency(at=at).select_related(*with_people)
    back = SettlementOrder.objects.filter(
        state__in=[State.RETURNED, State.BOUNCED], returned_at__gte=_midnight(at)
    )
    ahead = open_.filter(cut_off_at__gt=at).values_list("cut_off_at", flat=True).first()
    return Handover(
        due_next=open_.filter(cut_off_at=ahead) if ahead else open_.none(),
        in_hand=open_.filter(claimed_by__isnull=False),
        to_check=open_.filter(state=State.TO_CHECK, claimed_by=None),
        waiting=open_.filter(state=State.TO_CLAIM),
        suspended=suspending.suspended().select_related(*with_people),
        returned=back.select_related(*with_people).order_by("returned_at"),
        errors=DeskStep.objects.filter(what__in=ERRORS, at__gte=_midnight(at))
        .select_related("order__instruction", "order__maker", "by")
        .order_by("id"),
    )


def _midnight(at: datetime) -> datetime:
    return datetime.combine(bank_day(at), time(), SHANGHAI)
