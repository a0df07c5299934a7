"""The targets that a new bank starts with: rows to change. Sources: domain.md §3, §9."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from calendars.clock import bank_day
from reporting.kpi import Kpi
from reporting.models import CountingRule, Target

# KPI: at least, at most, broken below, broken above; per cent, seconds or callers
TARGETS: dict[Kpi, tuple[int | None, int | None, int | None, int | None]] = {
    Kpi.SERVICE_LEVEL: (80, None, 70, None),
    Kpi.CONNECT_RATE: (95, None, 90, None),
    Kpi.ASA: (None, 20, None, 60),
    Kpi.AHT: (None, 180, None, None),
    Kpi.ABANDONMENT: (None, 5, None, 10),
    Kpi.OCCUPANCY: (75, 85, None, 90),
    Kpi.WAITING: (None, 2, None, 5),
    Kpi.WAIT: (None, 20, None, 60),
    Kpi.TALK: (None, 600, None, 600),
    Kpi.HOLD: (None, 120, None, None),
    Kpi.WRAP_UP: (None, 60, None, None),
    Kpi.VOLUME: (None, 10, None, 50),
    Kpi.SATISFACTION: (95, None, 90, None),
}


@transaction.atomic
def install(*, at: datetime) -> None:
    """Make what is missing; what a bank has changed stays."""
    for kpi, bounds in TARGETS.items():
        if Target.objects.filter(kpi=kpi).exists():
            continue
        at_least, at_most, below, above = (b if b is None else Decimal(b) for b in bounds)
        Target.objects.create(
            kpi=kpi,
            valid_from=bank_day(at),
            at_least=at_least,
            at_most=at_most,
            breach_below=below,
            breach_above=above,
        )
    if not CountingRule.objects.exists():
        CountingRule.objects.create(valid_from=bank_day(at))
