"""What the bank tells anybody who asks: the newest row of each dated table, and its branches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from banking.models import Announcement, Atm, Currency, District, ExchangeRate, LoanRate, Outlet
from banking.models.loans import Series
from calendars import hours
from calendars.clock import bank_day
from people.models import Branch

HOURS = "branches"  # of every branch that has none of its own


@dataclass(frozen=True, slots=True)
class Opening:
    """Today's first and last minute; None: not open today. `following` is after now."""

    opens: datetime | None
    closes: datetime | None
    following: datetime | None


def loan_rates(day: date) -> list[LoanRate]:
    """In force on a day, one a series."""
    newest = {
        row.series: row
        for row in LoanRate.objects.filter(valid_from__lte=day).order_by("valid_from")
    }
    return [newest[series] for series in Series if series in newest]


def exchange_rates(at: datetime) -> list[ExchangeRate]:
    """In force at a moment, one a currency."""
    quoted = ExchangeRate.objects.filter(quoted_at__lte=at)
    rows = quoted.order_by("currency", "-quoted_at").distinct("currency")
    newest = {row.currency: row for row in rows}
    return [newest[currency] for currency in Currency if currency in newest]


def districts() -> list[District]:
    """Where customers are served."""
    return list(District.objects.exclude(outlets=None).order_by("code"))


def branches(district_code: str) -> list[Branch]:
    outlets = Outlet.objects.filter(district__code=district_code).select_related("branch")
    return [outlet.branch for outlet in outlets.order_by("branch__code")]


def opening(branch: Branch, at: datetime) -> Opening:
    """By its own hours (`branch-<code>`), else by those of all branches."""
    for name in (f"branch-{branch.code}", HOURS):
        try:
            spans = hours.spans_on(name, bank_day(at))
        except hours.UnknownHours:
            continue
        opens, closes = (spans[0][0], spans[-1][1]) if spans else (None, None)
        return Opening(opens, closes, hours.opens_next(name, at))
    return Opening(None, None, None)


def machines(branches: Sequence[Branch]) -> dict[int, tuple[int, int]]:
    """By the branch's id: how many machines, and how many of them give cash now."""
    counts = dict.fromkeys((branch.pk for branch in branches), (0, 0))
    for machine in Atm.objects.filter(branch__in=branches):
        total, working = counts[machine.branch_id]
        gives = machine.state == Atm.State.ONLINE and machine.cassette_pct > 0
        counts[machine.branch_id] = total + 1, working + gives
    return counts


def announcements(kind: Announcement.Kind, at: datetime) -> list[Announcement]:
    """To be heard now."""
    begun = Announcement.objects.filter(kind=kind, valid_from__lte=at)
    lasting = begun.filter(Q(valid_to=None) | Q(valid_to__gt=at))
    return list(lasting.order_by("order", "-valid_from", "pk"))
