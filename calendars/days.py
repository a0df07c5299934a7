"""Working days: Monday to Friday, as the rows of `SpecialDay` correct it.

Of a year without rows only the weekends are known; the admin's home page says so.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from chinese_calendar import constants
from django.db import transaction

from calendars.models import SpecialDay

Kind = SpecialDay.Kind
FAR = timedelta(days=60)  # no holiday is longer


def is_working_day(day: date) -> bool:
    """Whether the bank's back office works on `day`."""
    kind = SpecialDay.objects.filter(day=day).values_list("kind", flat=True).first()
    return _works(day, kind)


def next_working_day(day: date) -> date:
    """The first working day after `day`."""
    return next(_working_days(day + timedelta(days=1), day + FAR))


def working_days(first: date, last: date) -> frozenset[date]:
    """Those in [first, last], read at once."""
    return frozenset(_working_days(first, last))


def add_working_days(start: date, count: int) -> date:
    """The day on which a term of `count` working days from `start` ends."""
    day = start
    for _ in range(count):
        day = next_working_day(day)
    return day


def months_after(day: date, months: int) -> date:
    """The same day `months` later, or the last of a month that is too short for it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def is_known(year: int) -> bool:
    """Whether somebody entered that year's holidays."""
    return SpecialDay.objects.filter(day__year=year).exists()


def is_published(year: int) -> bool:
    """Whether the library holds the State Council's arrangement of `year`."""
    return any(day.year == year for day in constants.holidays)


@transaction.atomic
def seed_year(year: int) -> int:
    """Enter the official arrangement of `year` where no row is yet; how many rows were added.

    Rows that a person entered or changed stay; of a year that is not published none is added.
    """
    kept = set(SpecialDay.objects.filter(day__year=year).values_list("day", flat=True))
    rows = [
        SpecialDay(day=day, kind=kind, name=constants.Holiday(name).chinese)
        for kind, days in ((Kind.HOLIDAY, constants.holidays), (Kind.WORKDAY, constants.workdays))
        for day, name in days.items()
        if day.year == year and day not in kept
    ]
    return len(SpecialDay.objects.bulk_create(rows))


def _works(day: date, kind: str | None) -> bool:
    return kind == Kind.WORKDAY if kind else day.weekday() < 5


def _working_days(first: date, last: date) -> Iterator[date]:
    kinds = dict(SpecialDay.objects.filter(day__range=(first, last)).values_list("day", "kind"))
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        if _works(day, kinds.get(day)):
            yield day
