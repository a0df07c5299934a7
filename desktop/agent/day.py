"""An agent's day in half-hours: how much of each she talked, wrote, waited and paused.

Plain geometry in the units of the drawing: seconds in, rectangles out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from calendars.clock import SHANGHAI
from reporting.kpi import Spent

WIDTH, HEIGHT, BASE = 696, 76, 48
FIRST, LAST = 8, 20  # o'clock, unless she worked outside them
GAP = 3.0
FULL_S = 1800  # a half-hour


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of one half-hour; `fill` is a colour of tokens.css."""

    x: float
    top: float
    width: float
    height: float
    fill: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars, and each second hour's label with where it stands."""

    bars: tuple[Bar, ...]
    hours: tuple[tuple[str, float], ...]


def draw(halves: Mapping[datetime, Spent]) -> Chart:
    """From 08:00 to 20:00, further where she worked earlier or later."""
    when = [half.astimezone(SHANGHAI) for half in halves]
    first = min([FIRST, *(at.hour for at in when)])
    last = max([LAST, *(at.hour + 1 for at in when)])
    step = WIDTH / ((last - first) * 2)
    bars = [
        bar
        for half, spent in sorted(halves.items())
        for bar in _bars(_place(half, first) * step, step - GAP, spent)
    ]
    hours = [
        (f"{hour:02}:00", round((hour - first) * 2 * step, 1))
        for hour in range(first, last + 1, 1 if last - first < 10 else 2)
    ]
    return Chart(tuple(bars), tuple(hours))


def _place(half: datetime, first: int) -> int:
    local = half.astimezone(SHANGHAI)
    return (local.hour - first) * 2 + local.minute // 30


def _bars(x: float, width: float, spent: Spent) -> Iterator[Bar]:
    """From the base up: talk (with hold), wrap-up, pause, ready."""
    floor = float(BASE)
    for seconds, fill in (
        (spent.talk_s + spent.hold_s, "--talk-mark"),
        (spent.wrap_up_s, "--warn-mark"),
        (spent.paused_s, "--pause-soft"),
        (spent.idle_s, "--ready-soft"),
    ):
        height = float(seconds) / FULL_S * BASE
        if height > 0:
            floor -= height
            yield Bar(round(x, 1), round(floor, 1), round(width, 1), round(height, 1), fill)
