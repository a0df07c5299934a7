"""Nights of those who borrow: the loans' part of the end of a day, by itself."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from django.db import transaction

from banking.loans import collection
from banking.models import Loan, ScheduleLine
from calendars.clock import SHANGHAI


@dataclass(frozen=True)
class Night:
    debited: int  # loans
    amount: Decimal  # yuan
    repriced: int
    overdue: tuple[int, ...]  # loans that stay unpaid


def night(month: int, day: int, year: int = 2026) -> Night:
    """As `end_of_day.loans` does it, at 23:00."""
    on = date(year, month, day)
    at = datetime.combine(on, time(23), SHANGHAI)
    paid = [collection.collect(loan, day=on, at=at) for loan in _unpaid(on)]
    repriced = 0
    for loan in Loan.objects.filter(reprices_on__lte=on).values_list("pk", flat=True):
        with transaction.atomic():
            repriced += collection.reprice(loan, day=on, at=at)
    return Night(
        debited=sum(amount > 0 for amount in paid),
        amount=sum(paid, Decimal(0)),
        repriced=repriced,
        overdue=tuple(_unpaid(on)),
    )


def _unpaid(day: date) -> list[int]:
    found = ScheduleLine.objects.filter(due_on__lte=day, paid_on=None, replaced_at=None)
    return list(found.order_by("loan_id").values_list("loan_id", flat=True).distinct())
