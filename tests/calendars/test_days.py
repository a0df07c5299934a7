from datetime import date, timedelta
from io import StringIO

import pytest
from chinese_calendar import constants
from django.core.management import CommandError, call_command

from calendars import days
from calendars.models import SpecialDay

pytestmark = pytest.mark.django_db


@pytest.fixture
def year_2026():
    days.seed_year(2026)


# 国务院办公厅关于2026年部分节假日安排的通知: Spring Festival 15–23 February, made up for on
# Saturday 14 and Saturday 28 February; National Day 1–7 October, made up for on 20 September
# and 10 October.
@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-01-01", False),  # New Year, Thursday
        ("2026-01-04", True),  # a Sunday made up for
        ("2026-02-13", True),  # Friday
        ("2026-02-14", True),  # Saturday, make-up
        ("2026-02-15", False),  # Sunday, eve
        ("2026-02-16", False),  # Monday, eve of the festival
        ("2026-02-23", False),  # Monday, last day off
        ("2026-02-24", True),
        ("2026-02-28", True),  # Saturday, make-up
        ("2026-03-01", False),  # an ordinary Sunday
        ("2026-05-09", True),
        ("2026-09-20", True),
        ("2026-10-07", False),
        ("2026-10-10", True),
        ("2026-11-21", False),  # an ordinary Saturday
        ("2026-11-24", True),
    ],
)
def test_days_of_2026(year_2026, day, works):
    assert days.is_working_day(date.fromisoformat(day)) is works


def test_of_a_year_without_rows_only_the_weekends_are_known():
    assert not days.is_known(2026)
    assert days.is_working_day(date(2026, 1, 1))  # nobody said that it is New Year
    assert not days.is_working_day(date(2026, 1, 4))
    days.seed_year(2026)
    assert days.is_known(2026)
    assert not days.is_known(2027)


@pytest.mark.parametrize(
    ("day", "following"),
    [
        ("2026-02-13", "2026-02-14"),
        ("2026-02-14", "2026-02-24"),
        ("2026-02-18", "2026-02-24"),
        ("2026-09-30", "2026-10-08"),
        ("2026-10-09", "2026-10-10"),
        ("2026-11-20", "2026-11-23"),
    ],
)
def test_the_next_working_day(year_2026, day, following):
    assert days.next_working_day(date.fromisoformat(day)) == date.fromisoformat(following)


def test_terms_in_working_days(year_2026):
    eve = date(2026, 2, 13)
    assert days.add_working_days(eve, 3) == date(2026, 2, 25)
    assert days.add_working_days(eve, 0) == eve


def test_a_year_agrees_with_the_library_day_by_day(year_2026):
    import chinese_calendar

    day = date(2026, 1, 1)
    while day.year == 2026:
        assert days.is_working_day(day) is chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


def test_seeding_keeps_what_a_person_changed():
    SpecialDay.objects.create(day=date(2026, 1, 2), kind="workday", name="元旦")
    total = sum(d.year == 2026 for d in [*constants.holidays, *constants.workdays])
    out = StringIO()
    call_command("holidays", "2026", stdout=out)
    assert out.getvalue() == f"2026: {total - 1} days added.\n"
    assert days.is_working_day(date(2026, 1, 2))
    assert days.seed_year(2026) == 0


def test_a_year_that_nobody_published_is_refused():
    with pytest.raises(CommandError, match="the last year known is"):
        call_command("holidays", "2126")
    assert days.seed_year(2126) == 0
    assert not SpecialDay.objects.exists()


def test_changes_leave_their_history():
    row = SpecialDay.objects.create(day=date(2027, 1, 1), kind="holiday", name="元旦")
    row.name = "新年"
    row.save()
    assert list(row.events.order_by("pgh_id").values_list("pgh_label", "name")) == [
        ("insert", "元旦"),
        ("update", "新年"),
    ]
