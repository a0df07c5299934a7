"""Calls by the hour as bars: counts in, rectangles of the drawing's units out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from calendars.clock import SHANGHAI

WIDTH, BASE, TOP = 1016, 98, 4
FIRST, LAST = 7, 20  # o'clock; further where there were calls
SHARE = 0.84  # of an hour's width that its bar takes
EVERY = 16  # more hours than these: each second one has its label


@dataclass(frozen=True, slots=True)
class Bar:
    """An hour: its calls so far, and what was to be expected of it. `now`: it goes on."""

    hour: int
    x: float
    y: float
    width: float
    height: float
    middle: float
    count: int
    level: float  # where the forecast ends
    expected: float  # its height; 0 where nothing is expected
    now: bool
    later: bool
    labelled: bool


def chart(
    counts: Mapping[datetime, int], expected: Mapping[int, Decimal], at: datetime
) -> list[Bar]:
    """From 7 to 20 o'clock, and the hours outside them that had calls."""
    came = {hour.astimezone(SHANGHAI).hour: count for hour, count in counts.items()}
    first, last = min([FIRST, *came]), max([LAST, *came])
    shown, now = range(first, last + 1), at.astimezone(SHANGHAI).hour
    step = WIDTH / len(shown)
    forecast = {hour: float(expected.get(hour, 0)) for hour in shown}
    unit = (BASE - TOP) / max([1.0, *came.values(), *forecast.values()])
    width = step * SHARE
    bars = []
    for index, hour in enumerate(shown):
        height, level = unit * came.get(hour, 0), unit * forecast[hour]
        middle = step * (index + 0.5)
        bars.append(
            Bar(
                hour=hour,
                x=_place(middle - width / 2),
                y=_place(BASE - height),
                width=_place(width),
                height=_place(height),
                middle=_place(middle),
                count=came.get(hour, 0),
                level=_place(BASE - level),
                expected=_place(level),
                now=hour == now,
                later=hour > now,
                labelled=last - first < EVERY or hour % 2 == 0,
            )
        )
    return bars


def _place(number: float) -> float:
    """A tenth of the drawing's unit is finer than any screen."""
    return int(number * 10 + 0.5) / 10
