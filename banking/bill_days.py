"""A day with a biller, by count and amount: payments, journals and its own word side by side."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Q, Sum

from banking.billers import NoAnswer, reach
from banking.ledger import ZERO
from banking.models import Biller, BillerDay, BillPayment, Posting
from banking.models.ledger import Internal
from calendars.clock import bank_day

LOOK_BACK = timedelta(days=30)  # a day that is not balanced by then is somebody's to explain
State = BillPayment.State


def reconcile_due(*, at: datetime) -> list[BillerDay]:
    """Every day that is over, had payments, and is not balanced yet; looked at anew each time."""
    today = bank_day(at)
    days = BillPayment.objects.filter(booked_on__lt=today, booked_on__gte=today - LOOK_BACK)
    pairs = set(days.values_list("biller", "booked_on"))
    settled = {
        (row.biller_id, row.day)
        for row in BillerDay.objects.filter(day__gte=today - LOOK_BACK)
        if row.is_balanced
    }
    billers = Biller.objects.in_bulk()
    return [
        reconcile(billers[biller], day, at=at)
        for biller, day in sorted(pairs, key=lambda pair: (pair[1], pair[0]))
        if (biller, day) not in settled
    ]


def reconcile(biller: Biller, day: date, *, at: datetime) -> BillerDay:
    """One day of one biller as it stands now; asked again, its row says what is new."""
    try:
        theirs = reach(biller).statement(day, at=at)
    except NoAnswer:
        theirs = None
    row, _made = BillerDay.objects.update_or_create(
        biller=biller,
        day=day,
        defaults={
            "checked_at": at,
            **_ours(biller, day),
            "owed": _owed(biller, day),
            "their_count": theirs.count if theirs else None,
            "their_amount": theirs.amount if theirs else None,
        },
    )
    return row


def _ours(biller: Biller, day: date) -> dict[str, int | Decimal]:
    states = {"paid": [State.PAID], "rejected": [State.REJECTED]}
    ended = [State.PAID, State.REJECTED]
    filters = {name: Q(state__in=ends) for name, ends in states.items()}
    filters["open"] = ~Q(state__in=ended)
    sums = BillPayment.objects.filter(biller=biller, booked_on=day).aggregate(
        **{f"{name}_count": Count("pk", filter=which) for name, which in filters.items()},
        **{f"{name}_amount": Sum("amount", filter=which) for name, which in filters.items()},
    )
    return {name: value or ZERO if "amount" in name else value for name, value in sums.items()}


def _owed(biller: Biller, day: date) -> Decimal:
    """What the journals of the day's payments, reversals included, left on the billers' account."""
    payments = BillPayment.objects.filter(biller=biller, booked_on=day)
    legs = Posting.objects.filter(account__number=Internal.BILLERS.value).filter(
        Q(journal__in=payments.values("journal")) | Q(journal__in=payments.values("reversal"))
    )
    return legs.aggregate(owed=Sum("amount"))["owed"] or ZERO
