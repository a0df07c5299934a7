from datetime import UTC, date, datetime, time

import pytest
from django.db import IntegrityError

from calendars import days
from calendars.clock import SHANGHAI
from calendars.hours import (
    UnknownHours,
    are_open,
    first_uncovered,
    is_open,
    opens_next,
    set_weekly,
)
from calendars.models import OpeningHours

pytestmark = pytest.mark.django_db
NINE, NOON, TWO, SIX, MIDNIGHT = time(9), time(12), time(14), time(18), time(0)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def desk():
    """Two halves of a working day, closed on holidays."""
    days.seed_year(2026)
    week = {weekday: [(NINE, NOON), (TWO, SIX)] for weekday in range(5)}
    return set_weekly("desk", "结算台", week, on_holidays=OpeningHours.OnHolidays.CLOSED)


@pytest.fixture
def line():
    """A line that is open day and night."""
    return set_weekly("line", "热线", {weekday: [(MIDNIGHT, MIDNIGHT)] for weekday in range(7)})


@pytest.mark.parametrize(
    ("moment", "is_it", "following"),
    [
        ("2026-11-24 08:59:59", False, "2026-11-24 09:00"),
        ("2026-11-24 09:00", True, "2026-11-24 14:00"),  # opens at the stroke
        ("2026-11-24 11:59:59", True, "2026-11-24 14:00"),
        ("2026-11-24 12:00", False, "2026-11-24 14:00"),  # and closes at it
        ("2026-11-27 17:00", True, "2026-11-30 09:00"),  # Friday to Monday
        ("2026-10-01 10:00", False, "2026-10-08 09:00"),  # National Day, Thursday
        ("2026-10-10 10:00", True, "2026-10-10 14:00"),  # a make-up Saturday has Monday's hours
        ("2026-10-11 10:00", False, "2026-10-12 09:00"),
    ],
)
def test_a_desk_that_keeps_holidays(desk, moment, is_it, following):
    assert is_open("desk", at(moment)) is is_it
    assert opens_next("desk", at(moment)) == at(following)


@pytest.mark.parametrize(
    ("moment", "first"),
    [
        ("2026-11-24 08:00", "2026-11-24 12:00"),  # the line is open at lunch
        ("2026-11-24 09:00", "2026-11-24 12:00"),
        ("2026-11-24 13:00", "2026-11-24 13:00"),  # now
        ("2026-11-24 14:00", "2026-11-25 12:00"),
        ("2026-11-28 10:00", "2026-11-30 12:00"),  # a weekend between
    ],
)
def test_when_one_is_open_and_another_is_not(desk, moment, first):
    week = {weekday: [(NINE, SIX)] for weekday in range(5)}
    set_weekly("phones", "电话", week)
    assert first_uncovered("phones", "desk", at(moment), days=7) == at(first)
    assert first_uncovered("desk", "phones", at(moment), days=7) is None


def test_midnight_is_no_gap(line):
    set_weekly("evening", "晚班", {weekday: [(SIX, MIDNIGHT)] for weekday in range(7)})
    assert first_uncovered("evening", "line", at("2026-11-24 12:00"), days=2) is None
    assert first_uncovered("line", "line", at("2026-11-24 12:00"), days=2) is None
    assert first_uncovered("line", "evening", at("2026-11-24 20:00"), days=2) == at(
        "2026-11-25 00:00"
    )


def test_the_hours_are_those_of_shanghai(desk):
    assert is_open("desk", datetime(2026, 11, 24, 1, 30, tzinfo=UTC))
    assert not is_open("desk", datetime(2026, 11, 24, 9, 30, tzinfo=UTC).replace(hour=10))


def test_a_line_that_never_closes_never_opens_either(line):
    for moment in ("2026-11-24 00:00", "2026-11-24 23:59:59", "2026-10-01 03:00"):
        assert is_open("line", at(moment))
    assert opens_next("line", at("2026-11-24 12:00")) is None


def test_an_exception_replaces_its_day(desk, line):
    line.exceptions.create(day=date(2026, 11, 24), note="机房搬迁")
    assert not is_open("line", at("2026-11-24 12:00"))
    assert opens_next("line", at("2026-11-24 12:00")) == at("2026-11-25 00:00")
    desk.exceptions.create(day=date(2026, 10, 1), opens=NINE, closes=NOON)
    assert is_open("desk", at("2026-10-01 10:00"))
    assert not is_open("desk", at("2026-10-01 15:00"))


def test_closing_at_midnight_is_the_end_of_the_day():
    set_weekly("late", "夜班", {1: [(time(20), MIDNIGHT)]})
    assert is_open("late", at("2026-11-24 23:59:59"))
    assert not is_open("late", at("2026-11-25 00:00"))
    assert opens_next("late", at("2026-11-25 00:00")) == at("2026-12-01 20:00")


def test_setting_the_week_replaces_it(desk):
    set_weekly("desk", "结算台", {6: [(NINE, NOON)]})
    assert is_open("desk", at("2026-11-22 09:30"))
    assert not is_open("desk", at("2026-11-24 09:30"))


def test_hours_nobody_entered():
    with pytest.raises(UnknownHours, match="moon"):
        is_open("moon", at("2026-11-24 12:00"))
    set_weekly("moon", "无", {})
    assert not is_open("moon", at("2026-11-24 12:00"))
    assert opens_next("moon", at("2026-11-24 12:00")) is None


def test_a_span_ends_after_it_began(desk):
    with pytest.raises(IntegrityError, match="weekly_closes_later"):
        set_weekly("bad", "无", {0: [(SIX, NINE)]})


def test_half_an_exception_is_none(desk):
    with pytest.raises(IntegrityError, match="exception_closes_later"):
        desk.exceptions.create(day=date(2026, 11, 24), opens=NINE)


def test_several_are_read_together(desk, line, django_assert_num_queries):
    assert are_open({"desk", "line", "nobody-entered-it"}, at("2026-11-24 12:30")) == {
        "desk": False,
        "line": True,
    }
    set_weekly("day", "日", {1: [(NINE, SIX)]})
    with django_assert_num_queries(3):
        assert are_open({"day", "line"}, at("2026-11-24 18:00")) == {"day": False, "line": True}
    assert are_open([], at("2026-11-24 12:30")) == {}
