"""What holds today: the bounds of each KPI, how to judge a value by them, how to count."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from reporting.kpi import SHARES, Kpi, ServiceLevel
from reporting.models import CountingRule, Target


class Verdict(Enum):
    """How a value stands to its target; the value is the shape that pages show."""

    NONE = ""  # no value, or no target
    MET = "st-met"
    NEAR = "st-warn"  # missed, not broken
    BROKEN = "st-breach"


@dataclass(frozen=True, slots=True)
class Goal:
    """A KPI's bounds in its own unit: a fraction, seconds, or callers. None: no bound."""

    at_least: Decimal | None = None
    at_most: Decimal | None = None
    breach_below: Decimal | None = None
    breach_above: Decimal | None = None

    def judge(self, value: Decimal | int | float | None) -> Verdict:
        """Exactly on a bound is within it."""
        if value is None or self == Goal():
            return Verdict.NONE
        if self.breach_below is not None and value < self.breach_below:
            return Verdict.BROKEN
        if self.breach_above is not None and value > self.breach_above:
            return Verdict.BROKEN
        if self.at_least is not None and value < self.at_least:
            return Verdict.NEAR
        if self.at_most is not None and value > self.at_most:
            return Verdict.NEAR
        return Verdict.MET


@dataclass(frozen=True, slots=True)
class Rule:
    """How the bank counts."""

    service_level: str = ServiceLevel.F3
    short_s: int = 5


@dataclass(frozen=True, slots=True)
class Targets:
    """All that holds on a day."""

    goals: Mapping[str, Goal]
    rule: Rule

    def goal(self, kpi: Kpi) -> Goal:
        """The KPI's bounds; none where the bank set none."""
        return self.goals.get(kpi, Goal())

    def judge(self, kpi: Kpi, value: Decimal | int | float | None) -> Verdict:
        return self.goal(kpi).judge(value)

    def of_queue(self, target_pct: int) -> Goal:
        """The service level's bounds for a queue with a target of its own.

        It breaks as far below its own target as the centre's does below the centre's.
        """
        usual, own = self.goal(Kpi.SERVICE_LEVEL), Decimal(target_pct) / 100
        if usual.at_least is None or usual.breach_below is None:
            return Goal(at_least=own)
        return Goal(at_least=own, breach_below=own - (usual.at_least - usual.breach_below))


def on(day: date) -> Targets:
    """The targets and the counting rule in force on the bank's day. Two queries."""
    rows = Target.objects.filter(valid_from__lte=day).order_by("kpi", "-valid_from").distinct("kpi")
    rule = CountingRule.objects.filter(valid_from__lte=day).order_by("-valid_from").first()
    return Targets(
        {row.kpi: _goal(row) for row in rows},
        Rule(rule.service_level, rule.short_s) if rule else Rule(),
    )


def _goal(row: Target) -> Goal:
    unit = 100 if row.kpi in SHARES else 1
    bounds = (row.at_least, row.at_most, row.breach_below, row.breach_above)
    return Goal(*(None if bound is None else bound / unit for bound in bounds))
