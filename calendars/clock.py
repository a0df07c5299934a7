"""The only clock. Everybody asks here and passes the answer on as ``at``.

On the simulated switch CLOCK_RATE makes business time run faster than life: it starts at the
moment that the supervisor wrote into CLOCK_EPOCH and gains from there, in every process alike.
"""

import os
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Business time, aware, in Asia/Shanghai."""
    at = _real()
    if settings.CLOCK_RATE != 1 and (epoch := os.environ.get("CLOCK_EPOCH")):
        start = datetime.fromisoformat(epoch)
        at = start + timedelta(seconds=(at - start).total_seconds() * settings.CLOCK_RATE)
    return at.astimezone(SHANGHAI)


def bank_day(at: datetime) -> date:
    """The date on which the bank books what happens at `at`: that of Asia/Shanghai."""
    return at.astimezone(SHANGHAI).date()


def _real() -> datetime:
    """The machine's time; tests put a clock of their own in its place."""
    return datetime.now(UTC)
