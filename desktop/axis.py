"""The day as one axis, 08:00 to 20:00 in half hours: where the bars, marks and the line stand.

Plain geometry in the units of the drawing (1184 wide): counts in, rectangles out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time

from calendars.clock import SHANGHAI

FIRST, LAST = 8, 20  # o'clock
LEFT, HALF = 104, 40  # where 08:00 stands, and how wide half an hour is
RIGHT = LEFT + (LAST - FIRST) * 2 * HALF
BASE, TALLEST = 128, 84  # of the calls' bars: the line they stand on, and the tallest


@dataclass(frozen=True, slots=True)
class Counts:
    """How many fell into each half hour, and how many before and after the axis."""

    halves: tuple[int, ...]
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One half hour: `x` its left edge, `middle` its centre, `top` and `height` of its bar."""

    since: str
    count: int
    x: float
    middle: float
    top: float
    height: float


def count(moments: Iterable[datetime]) -> Counts:
    """Each moment into its half hour [start, end) in Asia/Shanghai."""
    halves = [0] * ((LAST - FIRST) * 2)
    before = after = 0
    for moment in moments:
        place = _half(moment)
        if place < 0:
            before += 1
        elif place >= len(halves):
            after += 1
        else:
            halves[place] += 1
    return Counts(tuple(halves), before, after)


def bars(counts: Counts) -> list[Bar]:
    """The half hours that have something, the tallest one as high as the drawing allows."""
    most = max(counts.halves)
    drawn = []
    for place, number in enumerate(counts.halves):
        if number:
            x, height = LEFT + place * HALF, number / most * TALLEST
            drawn.append(
                Bar(
                    since=f"{FIRST + place // 2:02}:{place % 2 * 30:02}",
                    count=number,
                    x=x + 1.5,
                    middle=x + HALF / 2,
                    top=round(BASE - height, 1),
                    height=round(height, 1),
                )
            )
    return drawn


def hours() -> list[tuple[str, int]]:
    """Each full hour's label and where it stands."""
    return [(f"{hour:02}:00", LEFT + (hour - FIRST) * 2 * HALF) for hour in range(FIRST, LAST + 1)]


def now_line(at: datetime) -> float | None:
    """Where `at` stands; None before 08:00 and after 20:00."""
    local = at.astimezone(SHANGHAI)
    if not time(FIRST) <= local.time() <= time(LAST):
        return None
    minutes = (local.hour - FIRST) * 60 + local.minute + local.second / 60
    return round(LEFT + minutes / 30 * HALF, 1)


def _half(moment: datetime) -> int:
    local = moment.astimezone(SHANGHAI)
    return (local.hour - FIRST) * 2 + local.minute // 30
