"""How long a complaint may take: dates from the rule in force, and how much of them is spent.

Days count from the day after receipt and end with the bank's day.
"""

from datetime import date, datetime, time, timedelta
from enum import IntEnum

from calendars import days
from calendars.clock import SHANGHAI, bank_day
from complaints.errors import NoClock
from complaints.models import ClockRule, Complaint


class Spent(IntEnum):
    """How much of a clock has run, in the steps at which somebody must know (domain.md §7)."""

    EARLY = 0
    HALF = 50
    LATE = 80
    OVER = 100


def rule(day: date) -> ClockRule:
    """In force on the bank's day. Raises NoClock."""
    found = ClockRule.objects.filter(valid_from__lte=day).order_by("-valid_from").first()
    if found is None:
        raise NoClock
    return found


def after_days(received_at: datetime, count: int) -> datetime:
    """The end of the `count`th day after that of receipt."""
    return _end(bank_day(received_at) + timedelta(days=count))


def after_working_days(at: datetime, count: int) -> datetime:
    """The end of the `count`th working day after `at`."""
    return _end(days.add_working_days(bank_day(at), count))


def decide_by(complaint: Complaint, grade: str) -> datetime:
    """Fifteen days, of a complex case thirty, by the rule on the day of receipt."""
    clock = rule(bank_day(complaint.received_at))
    complex_ = grade == Complaint.Grade.COMPLEX
    count = clock.complex_days if complex_ else clock.decide_days
    return after_days(complaint.received_at, count)


def spent(start: datetime, due: datetime, at: datetime) -> Spent:
    """The last of the steps that the clock has passed."""
    share = (at - start) / (due - start)
    return max(step for step in Spent if share * 100 >= step or step is Spent.EARLY)


def _end(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
