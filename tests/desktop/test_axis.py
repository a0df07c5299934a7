from datetime import UTC, datetime

import pytest

from calendars.clock import SHANGHAI
from desktop import axis


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-24 {text}").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "place"),
    [
        ("08:00:00", 0),
        ("08:29:59", 0),
        ("08:30:00", 1),  # a half hour begins at its stroke
        ("10:24:36", 4),
        ("19:59:59", 23),
    ],
)
def test_each_moment_falls_into_its_half_hour(moment, place):
    counts = axis.count([at(moment)])
    assert [i for i, number in enumerate(counts.halves) if number] == [place]
    assert (counts.before, counts.after) == (0, 0)


def test_what_lies_outside_the_axis_is_counted_beside_it():
    counts = axis.count([at("07:59:59"), at("00:00:00"), at("20:00:00"), at("23:59:59")])
    assert sum(counts.halves) == 0
    assert (counts.before, counts.after) == (2, 2)
    assert axis.bars(counts) == []


def test_the_axis_is_that_of_shanghai():
    counts = axis.count([datetime(2026, 11, 24, 0, 10, tzinfo=UTC)])
    assert counts.halves[0] == 1


def test_bars_stand_on_the_line_and_the_fullest_is_the_tallest():
    counts = axis.count([at("09:00"), at("09:10"), at("09:20"), at("09:29"), at("11:40")])
    full, small = axis.bars(counts)
    assert (full.since, full.count, small.since, small.count) == ("09:00", 4, "11:30", 1)
    assert full.height == axis.TALLEST
    assert small.height == axis.TALLEST / 4
    for bar in (full, small):
        assert bar.top + bar.height == axis.BASE
        assert axis.LEFT <= bar.x < bar.middle < axis.RIGHT


@pytest.mark.parametrize(
    ("moment", "x"),
    [
        ("07:59:59", None),
        ("08:00:00", 104),
        ("10:24:36", 296.8),  # where the mock-up has it
        ("20:00:00", 1064),
        ("20:00:01", None),
    ],
)
def test_the_line_of_now(moment, x):
    assert axis.now_line(at(moment)) == x


def test_every_full_hour_is_labelled():
    labels = axis.hours()
    assert labels[0] == ("08:00", 104)
    assert labels[-1] == ("20:00", 1064)
    assert len(labels) == 13
