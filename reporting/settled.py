"""The day's counts without counting the whole day each time: what is over does not change.

A half-hour is settled when nobody who asked in it waits, talks or is written up any more. Its
cells are kept by the process and read again every few minutes, in case somebody put a row right.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from django.db import connection

from reporting import today
from reporting.kpi import Counts
from reporting.today import HALF_HOUR, Cells, Span

LATE = timedelta(minutes=10)  # by then every transaction of a half-hour has committed
KEPT = timedelta(minutes=5)

UNFINISHED = """
    SELECT least(
        (SELECT min(entered_at) FROM routing_queueentry WHERE ended_at IS NULL),
        (SELECT min(e.entered_at) FROM routing_presence p
            JOIN routing_queueentry e ON e.id = p.entry_id WHERE p.ended_at IS NULL))
"""


@dataclass(frozen=True, slots=True)
class _Kept:
    span: Span  # of half-hours that are settled
    short_s: int
    read_at: datetime
    counts: Cells[Counts]

    def holds(self, until: datetime, day: Span, short_s: int, at: datetime) -> bool:
        """Whether it is what came before `until`, and new enough."""
        return (
            self.span.start == day.start
            and self.span.end == until
            and self.short_s == short_s
            and timedelta(0) <= at - self.read_at < KEPT
        )


class Day:
    """One process's memory of the day so far."""

    def __init__(self) -> None:
        self._kept: _Kept | None = None
        self._lock = Lock()

    def counts(self, *, at: datetime, short_s: int) -> Cells[Counts]:
        """The same as `today.counts` of the whole day; two queries, three when it settles more."""
        day = Span.day(at)
        until = max(day.start, _settled_until(at))
        with self._lock:
            kept = self._kept
            if kept is None or not kept.holds(until, day, short_s, at):
                span = Span(day.start, until)
                kept = _Kept(span, short_s, at, today.counts(span, short_s=short_s))
                self._kept = kept
        fresh = today.counts(Span(kept.span.end, day.end), short_s=short_s)
        return Cells(Counts(), {**kept.counts.cells, **fresh.cells})


def _settled_until(at: datetime) -> datetime:
    """The half-hour in which the oldest unfinished business, or what may still commit, began."""
    with connection.cursor() as cursor:
        cursor.execute(UNFINISHED)
        (oldest,) = cursor.fetchone() or (None,)
    last = min(at - LATE, oldest or at)
    midnight = Span.day(last).start
    return midnight + (last - midnight) // HALF_HOUR * HALF_HOUR
