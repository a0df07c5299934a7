"""The day from memory is the day as counted, whatever happens after half-hours were settled."""

from datetime import timedelta

import pytest

from reporting import settled, today
from reporting.kpi import Counts
from reporting.settled import Day
from reporting.today import Span
from routing import entries, presence
from routing.models import QueueEntry
from tests.cast import NOON
from tests.reporting.stories import asks, gives_up, served
from tests.routing.conftest import after

HOUR = timedelta(hours=1)


def counted(at=NOON) -> dict:
    return dict(today.counts(Span.day(at), short_s=5).cells)


def remembered(day: Day, at=NOON, short_s=5) -> dict:
    return dict(day.counts(at=at, short_s=short_s).cells)


@pytest.fixture
def day(shipped_floor) -> Day:
    return Day()


def test_it_is_the_same_as_counting_all(day, seat):
    lin = seat("林晓", at=NOON - 4 * HOUR).is_ready(NOON - 4 * HOUR)
    for hours in (3, 2, 1):
        served(lin, NOON - hours * HOUR)
        gives_up(NOON - hours * HOUR + timedelta(minutes=20), 30, "card")
    assert remembered(day) == counted()
    asks(after(60))
    assert remembered(day, after(61)) == counted()


def test_who_waits_since_long_keeps_her_half_hour_open(day, seat):
    entry = asks(NOON - 2 * HOUR)
    assert remembered(day) == counted()
    entries.leave(entry.call_ref, QueueEntry.Outcome.ABANDONED, at=NOON)
    assert remembered(day, after(1)) == counted()
    assert sum(c.abandoned for c in remembered(day, after(1)).values()) == 1


def test_a_wrap_up_keeps_its_half_hour_open(day, seat):
    lin = seat("林晓", at=NOON - 2 * HOUR).is_ready(NOON - 2 * HOUR)
    served(lin, NOON - HOUR, wrap_up_s=None)
    assert remembered(day) == counted()
    lin.beats(after(1))
    presence.wrapped_up(lin.pk, at=after(1))
    assert remembered(day, after(2)) == counted()
    assert sum(c.handled for c in remembered(day, after(2)).values()) == 1


def test_what_commits_late_is_not_missed(day):
    """An entry of 11:29:59 that commits when 11:30 has come: its half-hour is not settled yet."""
    half_past = NOON - HOUR / 2
    gives_up(half_past - HOUR, 20)
    assert remembered(day, half_past) == counted()
    gives_up(half_past - timedelta(seconds=1), 0.5)
    assert remembered(day, half_past + timedelta(seconds=1)) == counted()


def test_settled_half_hours_are_not_counted_again_until_they_are_due(day, monkeypatch):
    gives_up(NOON - 2 * HOUR, 30)
    remembered(day)
    spans = []
    count = today.counts
    monkeypatch.setattr(
        today, "counts", lambda span, **more: spans.append(span) or count(span, **more)
    )
    remembered(day, after(1))
    assert [span.start for span in spans] == [NOON - HOUR / 2]
    gives_up(NOON - 3 * HOUR, 30)  # somebody put a row right
    assert remembered(day, after(2)) != counted()
    assert remembered(day, NOON + settled.KEPT) == counted()


def test_another_rule_and_another_day_start_anew(day):
    gives_up(NOON - 2 * HOUR, 7)
    assert sum(c.abandoned_short for c in remembered(day).values()) == 0
    assert sum(c.abandoned_short for c in remembered(day, short_s=10).values()) == 1
    assert remembered(day, NOON + 24 * HOUR) == {}
    assert day.counts(at=NOON, short_s=5).total() == Counts(abandoned=1, abandoned_in_time=1)


def test_it_settles_nothing_at_midnight(day):
    midnight = Span.day(NOON).start
    gives_up(midnight, 3)
    assert remembered(day, midnight + timedelta(seconds=5)) == counted()
