"""How many calls to expect, hour by hour: what days like this one brought (来电预测).

A day is like another if it is the same day of the week and, like it, a working day or none: the
Monday after a make-up Saturday is no Sunday. The mean of the last LIKE of them, out of WEEKS.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from threading import Lock

from django.db import connection

from calendars import days
from calendars.clock import SHANGHAI, bank_day

LIKE, WEEKS = 4, 10
HOUR = timedelta(hours=1)

# A day of which no call is known was none of the bank's: it says nothing of this one.
CALLS = """
    SELECT s.start, extract(hour FROM c.started_at AT TIME ZONE 'Asia/Shanghai')::int, count(*)
    FROM unnest(%(starts)s::timestamptz[]) AS s(start)
    JOIN telephony_call c
        ON c.started_at >= s.start AND c.started_at < s.start + interval '24 hours'
    WHERE NOT c.is_test
    GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Expected:
    """Calls by the hour of Shanghai's clock; nothing where no day like it is known."""

    by_hour: Mapping[int, Decimal] = field(default_factory=dict)

    def until(self, at: datetime) -> Decimal:
        """How many of them by then: of the hour that goes on, as much as has passed."""
        now = at.astimezone(SHANGHAI)
        passed = now - now.replace(minute=0, second=0, microsecond=0)
        going = self.by_hour.get(now.hour, Decimal(0)) * Decimal(passed / HOUR)
        over = (calls for hour, calls in self.by_hour.items() if hour < now.hour)
        return sum(over, going)


class Day:
    """One process's memory: yesterday does not change, so today's forecast is made once."""

    def __init__(self) -> None:
        self._kept: tuple[date, Expected] | None = None
        self._lock = Lock()

    def calls(self, at: datetime) -> Expected:
        """Of the bank's day that `at` lies in. Two queries the first time, then none."""
        day = bank_day(at)
        with self._lock:
            if self._kept is None or self._kept[0] != day:
                self._kept = day, of_day(day)
            return self._kept[1]


def of_day(day: date) -> Expected:
    """What days like this one brought, on an average. Two queries."""
    before = [day - timedelta(weeks=weeks) for weeks in range(1, WEEKS + 1)]
    working = days.working_days(before[-1], day)
    alike = [one for one in before if (one in working) == (day in working)]
    starts = [datetime.combine(one, time(), SHANGHAI) for one in alike]
    found: dict[datetime, dict[int, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(CALLS, {"starts": starts})
        for start, hour, calls in cursor:
            found.setdefault(start, {})[hour] = calls
    latest = [found[start] for start in sorted(found, reverse=True)[:LIKE]]
    hours = {hour for brought in latest for hour in brought}
    return Expected(
        {h: Decimal(sum(b.get(h, 0) for b in latest)) / len(latest) for h in sorted(hours)}
    )
