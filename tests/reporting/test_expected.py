"""How many calls a day is to bring: the mean of days like it, hour by hour."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calendars.models import SpecialDay
from reporting import expected, kpi
from reporting.expected import Expected
from telephony import records
from telephony.records import Arrival
from tests.cast import NOON

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = NOON.date()


def rings(at: datetime, times: int = 1, *, is_test: bool = False) -> None:
    for _ in range(times):
        arrival = Arrival(uuid4(), "node1", "961202", "139", at, is_test)
        records.open_call(arrival, at=at)


def weeks_ago(weeks: int, hour: int = 12) -> datetime:
    return NOON.replace(hour=hour) - timedelta(weeks=weeks)


def test_the_mean_of_the_last_four_such_days(db):
    for weeks, calls in ((1, 4), (2, 8), (4, 6), (5, 2), (6, 99)):  # of a third week nothing
        rings(weeks_ago(weeks), calls)
    rings(weeks_ago(1, hour=9), 2)
    rings(weeks_ago(1) + timedelta(days=1), 50)  # another day of the week
    rings(weeks_ago(1), 50, is_test=True)
    assert expected.of_day(TODAY).by_hour == {9: Decimal("0.5"), 12: Decimal(5)}


def test_a_holiday_is_no_measure_of_a_working_day(db):
    rings(weeks_ago(1), 4)
    rings(weeks_ago(2), 90)
    holiday = weeks_ago(2).date()
    SpecialDay.objects.create(day=holiday, kind=SpecialDay.Kind.HOLIDAY, name="假")
    assert expected.of_day(TODAY).by_hour == {12: Decimal(4)}
    SpecialDay.objects.create(day=TODAY, kind=SpecialDay.Kind.HOLIDAY, name="假")
    assert expected.of_day(TODAY).by_hour == {12: Decimal(90)}


def test_midnight_is_shanghais(db):
    midnight = weeks_ago(1, hour=0)
    rings(midnight, 3)
    rings(midnight - timedelta(microseconds=1), 7)
    assert expected.of_day(TODAY).by_hour == {0: Decimal(3)}


def test_where_no_day_is_known_nothing_is_expected(db):
    assert expected.of_day(TODAY) == Expected()
    assert Expected().until(NOON) == 0
    assert kpi.against_forecast(7, Decimal(0)) is None


def test_of_the_hour_that_goes_on_its_part_is_expected():
    day = Expected({9: Decimal(10), 12: Decimal(8), 15: Decimal(100)})
    assert day.until(NOON) == 10
    assert day.until(NOON + timedelta(minutes=15)) == 12
    assert kpi.against_forecast(15, day.until(NOON + timedelta(minutes=15))) == Decimal("0.25")
    assert kpi.against_forecast(9, day.until(NOON)) == Decimal("-0.1")


def test_a_process_asks_once_a_day(db):
    rings(weeks_ago(1), 4)
    day = expected.Day()
    with CaptureQueriesContext(connection) as first:
        day.calls(NOON)
    assert len(first) == 2
    with CaptureQueriesContext(connection) as again:
        assert day.calls(NOON + timedelta(hours=3)).by_hour == {12: Decimal(4)}
    assert len(again) == 0
    assert day.calls(NOON + timedelta(days=1)) == Expected()
