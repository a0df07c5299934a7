"""How callers fare in the menus: steps of calls in, `kpi.Walks` by place out.

A span is [start, end) of the moments at which calls rang. Test calls are no part of anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from reporting.kpi import Walks
from reporting.today import Span
from telephony.deeds import SERVICES, Deed

# Said when a key was none, or when nothing was keyed.
MISSES = (
    *("menu.invalid", "entry.silence", "entry.invalid"),
    *("entry.too_short", "entry.too_long"),
)

PLACES = """
    WITH call AS (
        SELECT id, ended_at, ended_by, outcome FROM telephony_call
        WHERE started_at >= %(start)s AND started_at < %(end)s AND NOT is_test
            AND menu_id IN (SELECT id FROM telephony_menuversion WHERE menu_id = %(menu)s)
    ), place AS (
        SELECT s.call_id, s.menu_node, s.flow, min(s.seq) AS first, max(s.seq) AS last,
            bool_or(s.prompt = ANY(%(misses)s)) AS missed
        FROM telephony_step s JOIN call ON call.id = s.call_id
        WHERE s.menu_node <> ''
        GROUP BY s.call_id, s.menu_node, s.flow
    ), whole AS (
        SELECT s.call_id, max(s.seq) AS last,
            max(s.seq) FILTER (WHERE s.deed = %(queued)s) AS queued
        FROM telephony_step s JOIN call ON call.id = s.call_id
        GROUP BY s.call_id
    )
    SELECT menu_node, flow, count(*),
        count(call.ended_at),
        count(*) FILTER (WHERE place.last = whole.last AND call.ended_by = 'caller'),
        count(*) FILTER (WHERE place.missed),
        count(*) FILTER (WHERE whole.queued >= place.first),
        count(*) FILTER (WHERE call.outcome = 'served')
    FROM place JOIN call ON call.id = place.call_id JOIN whole ON whole.call_id = call.id
    GROUP BY menu_node, flow
"""

WHOLE = """
    WITH call AS (
        SELECT id, started_at, ended_at, outcome FROM telephony_call
        WHERE started_at >= %(start)s AND started_at < %(end)s AND NOT is_test
            AND menu_id IN (SELECT id FROM telephony_menuversion WHERE menu_id = %(menu)s)
    ), told AS (
        SELECT call.id, call.started_at, call.ended_at, call.outcome,
            min(s.at) FILTER (WHERE s.deed = ANY(%(services)s)) AS served_at,
            min(s.at) FILTER (WHERE s.deed = %(answered)s) AS answered_at,
            bool_or(s.deed = %(queued)s) AS asked,
            bool_or(s.prompt = ANY(%(misses)s)) AS missed
        FROM call LEFT JOIN telephony_step s ON s.call_id = call.id
        GROUP BY call.id, call.started_at, call.ended_at, call.outcome
    )
    SELECT count(*), count(ended_at),
        count(*) FILTER (WHERE outcome = 'dropped'),
        count(*) FILTER (WHERE missed), count(*) FILTER (WHERE asked),
        count(*) FILTER (WHERE outcome = 'served'),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM served_at - started_at)),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - started_at))
    FROM told
"""

Place = tuple[str, str]  # a menu's short name, and a service's within it ("" for the menu itself)


@dataclass(frozen=True, slots=True)
class Whole:
    """A menu with all that is below it. Seconds are medians; None where there was none.

    Of `walks`, who hung up is who did so before any service.
    """

    walks: Walks
    to_service_s: Decimal | None  # 到首项服务: from the first ring to the first service given
    to_person_s: Decimal | None  # 拨号到人工: from the first ring to an agent's answer


def places(menu_id: int, span: Span) -> Mapping[Place, Walks]:
    """Every place that somebody came to. One query."""
    rows = _rows(PLACES, menu_id, span)
    return {(node, flow): Walks(*counts) for node, flow, *counts in rows}


def whole(menu_id: int, span: Span) -> Whole:
    """All calls of the span. One query."""
    ((*counts, to_service_s, to_person_s),) = _rows(WHOLE, menu_id, span)
    return Whole(Walks(*counts), _seconds(to_service_s), _seconds(to_person_s))


def _rows(sql: str, menu_id: int, span: Span) -> list[tuple[Any, ...]]:
    values: dict[str, Any] = {
        "menu": menu_id,
        "start": span.start,
        "end": span.end,
        "misses": list(MISSES),
        "services": [deed.value for deed in SERVICES],
        "queued": Deed.QUEUED.value,
        "answered": Deed.ANSWERED.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _seconds(median: float | None) -> Decimal | None:
    return None if median is None else Decimal(str(median))
