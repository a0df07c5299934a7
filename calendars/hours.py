"""Opening hours: is something open, and when does it open next."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction

from calendars.clock import SHANGHAI
from calendars.days import is_working_day
from calendars.models import OpeningHours, WeeklySpan

AHEAD = 366  # days looked at for the next opening


class UnknownHours(LookupError):
    """Nobody entered opening hours under this name."""


def is_open(name: str, at: datetime) -> bool:
    """Whether `name` is open at `at`. Raises UnknownHours."""
    return any(opens <= at < closes for opens, closes in _spans(_hours(name), _day(at)))


def are_open(names: Collection[str], at: datetime) -> dict[str, bool]:
    """Which of `names` are open at `at`, read together; what nobody entered is left out."""
    if not names:
        return {}
    found = OpeningHours.objects.prefetch_related("weekly", "exceptions").filter(name__in=names)
    return {
        row.name: any(opens <= at < closes for opens, closes in _spans(row, _day(at)))
        for row in found
    }


def spans_on(name: str, day: date) -> list[tuple[datetime, datetime]]:
    """From when to when `name` is open on a day, in order. Raises UnknownHours."""
    return _spans(_hours(name), day)


def opens_next(name: str, at: datetime) -> datetime | None:
    """When `name` opens for the first time after `at`; None if it doesn't within a year.

    Of something that never closes between two spans (24 hours) the next span's start counts
    as no opening.
    """
    hours, day = _hours(name), _day(at)
    closed_at: datetime | None = None  # of the span before, where it runs on into the next
    for offset in range(-1, AHEAD):
        for opens, closes in _spans(hours, day + timedelta(days=offset)):
            if opens > at and opens != closed_at:
                return opens
            closed_at = closes
    return None


def first_uncovered(name: str, other: str, at: datetime, *, days: int) -> datetime | None:
    """The first moment from `at` on, within `days`, when `name` is open and `other` is not.

    Raises UnknownHours.
    """
    wanted, there = _hours(name), _hours(other)
    dates = [_day(at) + timedelta(days=offset) for offset in range(days + 1)]
    covered = sorted(span for day in dates for span in _spans(there, day))
    for opens, closes in sorted(span for day in dates for span in _spans(wanted, day)):
        reached = max(opens, at)
        for begins, ends in covered:
            if begins <= reached < ends:
                reached = ends
        if reached < closes:
            return reached
    return None


@transaction.atomic
def set_weekly(
    name: str,
    title: str,
    week: Mapping[int, Sequence[tuple[time, time]]],
    *,
    on_holidays: str = OpeningHours.OnHolidays.AS_USUAL,
) -> OpeningHours:
    """Make or replace the weekly hours of `name`: weekday (0 Monday) → spans; exceptions stay."""
    hours, _ = OpeningHours.objects.update_or_create(
        name=name, defaults={"title": title, "on_holidays": on_holidays}
    )
    hours.weekly.all().delete()
    WeeklySpan.objects.bulk_create(
        WeeklySpan(hours=hours, weekday=weekday, opens=opens, closes=closes)
        for weekday, spans in week.items()
        for opens, closes in spans
    )
    return hours


def _hours(name: str) -> OpeningHours:
    try:
        return OpeningHours.objects.prefetch_related("weekly", "exceptions").get(name=name)
    except OpeningHours.DoesNotExist:
        raise UnknownHours(name) from None


def _spans(hours: OpeningHours, day: date) -> list[tuple[datetime, datetime]]:
    """The spans of `day`, in order."""
    exceptions = [span for span in hours.exceptions.all() if span.day == day]
    if exceptions:
        return [
            _span(day, span.opens, span.closes)
            for span in exceptions
            if span.opens is not None and span.closes is not None
        ]
    weekday = day.weekday()
    if hours.on_holidays == OpeningHours.OnHolidays.CLOSED:
        works = is_working_day(day)
        if not works and weekday < 5:
            return []
        if works and weekday >= 5:
            weekday = WeeklySpan.Weekday.MONDAY
    return [
        _span(day, span.opens, span.closes)
        for span in hours.weekly.all()
        if span.weekday == weekday
    ]


def _span(day: date, opens: time, closes: time) -> tuple[datetime, datetime]:
    ends_on = day if closes > opens else day + timedelta(days=1)
    return (
        datetime.combine(day, opens, SHANGHAI),
        datetime.combine(ends_on, closes, SHANGHAI),
    )


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()
