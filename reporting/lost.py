"""Callers who gave up and were not helped since (漏话): whom somebody should ring back.

A later success of the same number clears her: a person answered it, the IVR served it, or it
was called back. The same number is one row, however often it gave up.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection

from reporting.today import Span
from routing.floor import Name

MOST = 50

LOST = """
    WITH gone AS (
        SELECT e.id, e.call_ref, e.caller, e.vip, e.queue_id, e.entered_at, e.ended_at,
            row_number() OVER who AS place, count(*) OVER (PARTITION BY e.number) AS times
        FROM (
            SELECT *, coalesce(nullif(caller, ''), id::text) AS number
            FROM routing_queueentry
            WHERE outcome = 'abandoned' AND NOT is_test
                AND ended_at >= %(start)s AND ended_at < %(end)s
        ) e
        WINDOW who AS (PARTITION BY e.number ORDER BY e.ended_at DESC, e.id DESC)
    )
    SELECT c.id, gone.caller, gone.vip, q.slug, q.name, q.name_en, gone.ended_at,
        extract(epoch FROM gone.ended_at - gone.entered_at), gone.times,
        EXISTS (
            SELECT 1 FROM routing_queueentry w
            WHERE w.ended_at IS NULL AND w.caller = gone.caller AND w.caller <> ''
        ),
        EXISTS (
            SELECT 1 FROM telephony_callbackrequest r
            WHERE r.state = 'waiting' AND (r.call_id = c.id OR r.phone = gone.caller)
        )
    FROM gone
    JOIN routing_queue q ON q.id = gone.queue_id
    LEFT JOIN telephony_call c ON c.uuid = gone.call_ref
    WHERE gone.place = 1
        AND NOT EXISTS (
            SELECT 1 FROM routing_queueentry l
            WHERE l.answered_at >= gone.ended_at
                AND (l.call_ref = gone.call_ref OR l.caller = gone.caller AND l.caller <> '')
        )
        AND NOT EXISTS (
            SELECT 1 FROM telephony_call s
            WHERE s.caller = gone.caller AND s.caller <> '' AND s.uuid <> gone.call_ref
                AND s.started_at >= gone.ended_at AND s.outcome = 'served'
        )
        AND NOT EXISTS (
            SELECT 1 FROM telephony_callbackrequest d
            WHERE d.state = 'done' AND d.done_at >= gone.ended_at
                AND (d.call_id = c.id OR d.phone = gone.caller)
        )
    ORDER BY gone.ended_at DESC LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Lost:
    """A number that nobody has helped since it last gave up; "" if it was withheld."""

    call_id: int | None
    caller: str
    vip: str
    queue: Name
    gone_at: datetime
    waited_s: Decimal
    times: int
    waits_again: bool
    is_asked: bool  # a call-back is asked for already


def callers(span: Span, *, most: int = MOST) -> list[Lost]:
    """Who gave up in the span, the last one first, `most` at most. One query."""
    with connection.cursor() as cursor:
        cursor.execute(LOST, {"start": span.start, "end": span.end, "most": most})
        return [
            Lost(call, caller, vip, Name(slug, zh, en), gone, waited, times, again, asked)
            for call, caller, vip, slug, zh, en, gone, waited, times, again, asked in cursor
        ]
