"""What a span of time came to: rows of routing and telephony in, `kpi`'s values out.

A span is [start, end). Test calls are no part of anything. Each function is one query; sums
over queues, half-hours and hours are made of its cells.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import connection

from calendars.clock import SHANGHAI
from quality.models import SATISFIED_FROM
from reporting.kpi import Calls, Counts, Ratings, Spent
from routing.states import State

HALF_HOUR = timedelta(minutes=30)
LONGEST_STATE = timedelta(days=1)  # every state but offline ends sooner

# Half-hours begin at :00 and :30 of Shanghai's clock, hence the origin of `date_bin`.
COUNTS = """
    WITH wish AS (
        SELECT e.id, q.slug AS queue, e.outcome, e.state, q.threshold_s,
            date_bin('30 minutes', e.entered_at, timestamptz '2000-01-01 00:00+08') AS half,
            e.answered_at IS NOT NULL AS answered,
            extract(epoch FROM coalesce(e.answered_at, e.ended_at) - e.entered_at) AS waited
        FROM routing_queueentry e JOIN routing_queue q ON q.id = e.queue_id
        WHERE e.entered_at >= %(start)s AND e.entered_at < %(end)s AND NOT e.is_test
    ), spell AS (
        SELECT p.entry_id, p.state, p.ended_at,
            extract(epoch FROM p.ended_at - p.started_at) AS seconds
        FROM routing_presence p
        WHERE p.entry_id IN (SELECT id FROM wish WHERE answered AND state = 'ended')
            AND p.started_at >= %(start)s - interval '1 minute'  -- clocks of two processes
    ), work AS (
        SELECT entry_id,
            coalesce(sum(seconds) FILTER (WHERE state = 'talking'), 0) AS talk,
            coalesce(sum(seconds) FILTER (WHERE state = 'held'), 0) AS hold,
            coalesce(sum(seconds) FILTER (WHERE state = 'wrap_up'), 0) AS wrap_up
        FROM spell GROUP BY entry_id HAVING bool_and(ended_at IS NOT NULL)
    )
    SELECT queue, half,
        count(*) FILTER (WHERE answered),
        count(*) FILTER (WHERE answered AND waited <= threshold_s),
        count(*) FILTER (WHERE outcome = 'abandoned'),
        count(*) FILTER (WHERE outcome = 'abandoned' AND waited <= threshold_s),
        count(*) FILTER (WHERE outcome = 'abandoned' AND waited < %(short)s),
        count(*) FILTER (WHERE outcome = 'callback'),
        count(*) FILTER (WHERE outcome = 'overflow'),
        count(*) FILTER (WHERE NOT answered AND state <> 'ended'),
        coalesce(sum(waited) FILTER (WHERE answered), 0),
        count(work.entry_id),
        coalesce(sum(talk), 0), coalesce(sum(hold), 0), coalesce(sum(wrap_up), 0)
    FROM wish LEFT JOIN work ON work.entry_id = wish.id
    GROUP BY queue, half
"""

# One agent's calls, by the moment at which she took them.
MINE = """
    WITH spell AS (
        SELECT p.entry_id, p.state, p.started_at, p.ended_at,
            extract(epoch FROM p.ended_at - p.started_at) AS seconds
        FROM routing_presence p JOIN routing_queueentry e ON e.id = p.entry_id
        WHERE p.agent_id = %(agent)s AND p.started_at >= %(early)s AND NOT e.is_test
    ), taken AS (
        SELECT bool_and(ended_at IS NOT NULL) AS over,
            sum(seconds) FILTER (WHERE state = 'talking') AS talk,
            sum(seconds) FILTER (WHERE state = 'held') AS hold,
            sum(seconds) FILTER (WHERE state = 'wrap_up') AS wrap_up
        FROM spell GROUP BY entry_id
        HAVING min(started_at) FILTER (WHERE state = 'talking') >= %(start)s
            AND min(started_at) FILTER (WHERE state = 'talking') < %(end)s
    )
    SELECT count(*), count(*) FILTER (WHERE over), coalesce(sum(talk) FILTER (WHERE over), 0),
        coalesce(sum(hold) FILTER (WHERE over), 0), coalesce(sum(wrap_up) FILTER (WHERE over), 0)
    FROM taken
"""

SPENT = """
    WITH spell AS (
        SELECT p.state, greatest(p.started_at, %(start)s) AS began,
            least(coalesce(p.ended_at, %(until)s), %(until)s) AS ended
        FROM routing_presence p LEFT JOIN routing_queueentry e ON e.id = p.entry_id
        WHERE p.started_at < %(until)s AND (p.started_at >= %(early)s OR p.ended_at IS NULL)
            AND (p.ended_at IS NULL OR p.ended_at > %(start)s)
            AND p.state <> 'offline' AND e.is_test IS NOT TRUE
            AND (%(agent)s::bigint IS NULL OR p.agent_id = %(agent)s)
    )
    SELECT half, state, sum(extract(
        epoch FROM least(ended, half + interval '30 minutes') - greatest(began, half)))
    FROM spell CROSS JOIN LATERAL generate_series(
        date_bin('30 minutes', began, timestamptz '2000-01-01 00:00+08'), ended,
        interval '30 minutes') AS half
    GROUP BY half, state
"""

CALLS = """
    SELECT date_bin('30 minutes', started_at, timestamptz '2000-01-01 00:00+08') AS half,
        count(*), count(ended_at), count(*) FILTER (WHERE outcome = 'served')
    FROM telephony_call
    WHERE started_at >= %(start)s AND started_at < %(end)s AND NOT is_test
    GROUP BY half
"""


RATINGS = """
    SELECT q.slug, date_bin('30 minutes', r.asked_at, timestamptz '2000-01-01 00:00+08') AS half,
        count(*), count(r.score), count(*) FILTER (WHERE r.score >= %(satisfied)s)
    FROM quality_rating r
    JOIN routing_queue q ON q.id = r.queue_id
    JOIN telephony_call c ON c.id = r.call_id
    WHERE r.asked_at >= %(start)s AND r.asked_at < %(end)s AND NOT c.is_test
        AND (%(agent)s::bigint IS NULL OR r.agent_id = %(agent)s)
    GROUP BY q.slug, half
"""


@dataclass(frozen=True, slots=True)
class Span:
    """[start, end)."""

    start: datetime
    end: datetime

    @classmethod
    def day(cls, at: datetime) -> "Span":
        """The bank's day that `at` lies in."""
        start = at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(start, start + timedelta(days=1))

    @classmethod
    def last(cls, length: timedelta, at: datetime) -> "Span":
        """So long up to `at`, itself included: what happens now belongs to it."""
        return cls(at - length, at + timedelta(microseconds=1))


V = TypeVar("V", Counts, Spent, Calls, Ratings)
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Cells(Generic[V]):
    """What was counted, by queue's short name ("" where there is none) and by half-hour."""

    zero: V
    cells: Mapping[tuple[str, datetime], V]

    def total(self) -> V:
        return _sum(self.zero, self.cells.values())

    def by_queue(self) -> dict[str, V]:
        return self._by(lambda queue, half: queue)

    def by_half_hour(self) -> dict[datetime, V]:
        return self._by(lambda queue, half: half)

    def by_hour(self) -> dict[datetime, V]:
        return self._by(lambda queue, half: half.replace(minute=0))

    def of(self, queues: Iterable[str]) -> "Cells[V]":
        """These queues alone."""
        wanted = set(queues)
        return Cells(self.zero, {key: v for key, v in self.cells.items() if key[0] in wanted})

    def _by(self, key: Callable[[str, datetime], Key]) -> dict[Key, V]:
        found: dict[Key, list[V]] = {}
        for (queue, half), value in self.cells.items():
            found.setdefault(key(queue, half), []).append(value)
        return {name: _sum(self.zero, values) for name, values in found.items()}


@dataclass(frozen=True, slots=True)
class Mine:
    """An agent's own day so far: `kpi.aht(mine.counts)`, `kpi.occupancy(mine.spent)`, …

    Of `counts` only what is hers is filled: answered, handled and their times.
    """

    counts: Counts
    spent: Spent
    ratings: Ratings


def counts(span: Span, *, short_s: int) -> Cells[Counts]:
    """Who asked for a person in the span, and what became of it."""
    rows = _rows(COUNTS, start=span.start, end=span.end, short=short_s)
    return Cells(
        Counts(), {(queue, half.astimezone(SHANGHAI)): Counts(*rest) for queue, half, *rest in rows}
    )


def spent(span: Span, *, at: datetime, agent_id: int | None = None) -> Cells[Spent]:
    """What agents did in the span up to `at`; of one agent if she is named."""
    rows = _rows(
        SPENT,
        start=span.start,
        until=min(span.end, at),
        early=span.start - LONGEST_STATE,
        agent=agent_id,
    )
    found: dict[tuple[str, datetime], Spent] = {}
    for half, state, seconds in rows:
        key = ("", half.astimezone(SHANGHAI))
        found[key] = found.get(key, Spent()) + Spent(**{_FIELDS[State(state)]: seconds})
    return Cells(Spent(), found)


def calls(span: Span) -> Cells[Calls]:
    """The calls that rang in the span."""
    rows = _rows(CALLS, start=span.start, end=span.end)
    return Cells(Calls(), {("", half.astimezone(SHANGHAI)): Calls(*rest) for half, *rest in rows})


def ratings(span: Span, *, agent_id: int | None = None) -> Cells[Ratings]:
    """Who was asked for a rating in the span; about one agent if she is named."""
    rows = _rows(RATINGS, start=span.start, end=span.end, satisfied=SATISFIED_FROM, agent=agent_id)
    return Cells(
        Ratings(),
        {(queue, half.astimezone(SHANGHAI)): Ratings(*rest) for queue, half, *rest in rows},
    )


def mine(agent_id: int, *, at: datetime) -> Mine:
    """An agent's day up to `at`. Three queries."""
    span = Span.day(at)
    ((answered, handled, talk_s, hold_s, wrap_up_s),) = _rows(
        MINE, start=span.start, end=span.end, early=span.start - LONGEST_STATE, agent=agent_id
    )
    return Mine(
        Counts(
            answered=answered,
            handled=handled,
            talk_s=talk_s,
            hold_s=hold_s,
            wrap_up_s=wrap_up_s,
        ),
        spent(span, at=at, agent_id=agent_id).total(),
        ratings(span, agent_id=agent_id).total(),
    )


_FIELDS = {
    State.TALKING: "talk_s",
    State.HELD: "hold_s",
    State.WRAP_UP: "wrap_up_s",
    State.READY: "idle_s",
    State.RESERVED: "idle_s",
    State.RINGING: "idle_s",
    State.PAUSED: "paused_s",
}


def _rows(sql: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _sum(zero: V, values: Iterable[V]) -> V:
    total = zero
    for value in values:
        total = total + value
    return total
