"""Interest on deposits, to the fen (pure): amounts, days and rates in, yuan out.

Rates are per cent a year. Every product earns on whole yuan of principal (银发〔1993〕7号, the
rules for carrying out the 储蓄管理条例), counts the first day and not the last, has 360 days to a
year for its daily rate (银发〔2005〕129号), and is rounded half up to the fen once, at the end.
Articles are those of the 储蓄管理条例 (State Council Order 107, 1993).
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Literal

ZERO = Decimal("0.00")
FEN = Decimal("0.01")
PER_CENT = 100
YEAR_DAYS = 360  # of a daily rate; a year of the calendar still counts all its days
YEAR_MONTHS = 12


class Basis(StrEnum):
    """How a span at an agreed rate is counted: the bank's choice (银发〔2005〕129号)."""

    PERIODS = "periods"  # whole months of the calendar at 1/12 of a year, odd days at 1/360
    ACTUAL = "actual"  # every day at 1/360


def to_fen(amount: Fraction) -> Decimal:
    """Half up (四舍五入), away from zero: the only rounding of an interest."""
    exact = Decimal(amount.numerator) / Decimal(amount.denominator)
    return exact.quantize(FEN, rounding=ROUND_HALF_UP)


def whole_yuan(amount: Decimal) -> Decimal:
    """What earns: 角 and 分 don't."""
    return amount.quantize(Decimal(1), rounding=ROUND_DOWN)


def month_after(day: date, months: int) -> date:
    """The same day `months` later; where that month has no such day, its last (对年对月对日)."""
    years, month = divmod(day.month - 1 + months, YEAR_MONTHS)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def whole_months(since: date, until: date) -> int:
    """How many have passed, from the day itself to the same day of a later month."""
    months = (until.year - since.year) * YEAR_MONTHS + until.month - since.month
    return months if month_after(since, months) <= until else months - 1


def _accrued(
    principal: Decimal, since: date, until: date, percent: Decimal, basis: Basis = Basis.ACTUAL
) -> Fraction:
    """Interest of [since, until) before it is rounded."""
    return Fraction(whole_yuan(principal)) * _share(since, until, percent, basis)


@lru_cache  # thousands that mature in one night have few terms and rates between them
def _share(since: date, until: date, percent: Decimal, basis: Basis) -> Fraction:
    """Of a principal, what it earns in [since, until)."""
    months = whole_months(since, until) if basis is Basis.PERIODS else 0
    odd_days = (until - month_after(since, months)).days
    years = Fraction(months, YEAR_MONTHS) + Fraction(odd_days, YEAR_DAYS)
    return Fraction(percent) / PER_CENT * years


# -- 活期 ------------------------------------------------------------------------------------


def products(balances: Iterable[tuple[date, Decimal]], *, since: date, until: date) -> Decimal:
    """积数 of the days [since, until): Σ whole yuan held at the end of each day.

    `balances` are by day, the oldest first; each holds until the next.
    """
    total, changes = Decimal(0), list(balances)
    ends = [day for day, _ in changes[1:]] + [until]
    for (day, balance), end in zip(changes, ends, strict=True):
        days = (min(end, until) - max(day, since)).days
        total += whole_yuan(balance) * max(days, 0)
    return total


def demand(total: Decimal, percent: Decimal) -> Decimal:
    """Of 积数, at the rate of the settlement day or of the day of closing (Art. 27)."""
    return to_fen(Fraction(total) * Fraction(percent) / PER_CENT / YEAR_DAYS)


def quarter_settled_on(day: date) -> date | None:
    """The first day of the quarter that is settled at the end of `day`; None on other days.

    The 20th of a quarter's last month, credited on the 21st (since 2005-09-21, 银发〔2005〕129号).
    """
    if day.day != 20 or day.month % 3:
        return None
    return month_after(day.replace(day=21), -3)


# -- 整存整取 --------------------------------------------------------------------------------


def lump_sum(
    principal: Decimal,
    *,
    began: date,
    matures: date,
    drawn: date,
    percent: Decimal,
    demand_percent: Decimal,
    basis: Basis,
) -> Decimal:
    """Of a principal, or of the part of it that is drawn.

    Before its term it earns the demand rate of that day (Art. 24); for the term the rate of the
    opening day (Art. 26); after it, unless rolled over, the demand rate of the day (Art. 25).
    """
    if drawn < matures:
        return to_fen(_accrued(principal, began, drawn, demand_percent))
    full = _accrued(principal, began, matures, percent, basis)
    return to_fen(full + _accrued(principal, matures, drawn, demand_percent))


# -- 零存整取 --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Paid:
    """An instalment: yuan, and the day it came."""

    on: date
    amount: Decimal


def instalments(
    paid: Sequence[Paid],
    *,
    began: date,
    matures: date,
    drawn: date,
    percent: Decimal,
    demand_percent: Decimal,
) -> Decimal:
    """Σ monthly balances × monthly rate where the plan was kept.

    Where a month was missed for good: what was paid, for as long as it lay, at the agreed rate
    (银发〔1993〕7号). Before its term and after it the demand rate, as with any time deposit.
    """
    if drawn < matures:
        return to_fen(_sum(_accrued(p.amount, p.on, drawn, demand_percent) for p in paid))
    months = whole_months(began, matures)
    if is_kept([p.on for p in paid], began=began, months=months):
        full = _monthly_balances(paid, began, months) * Fraction(percent) / PER_CENT / YEAR_MONTHS
    else:
        full = _sum(_accrued(p.amount, p.on, matures, percent) for p in paid)
    total = sum((p.amount for p in paid), ZERO)
    return to_fen(full + _accrued(total, matures, drawn, demand_percent))


def months_paid(days: Iterable[date], *, began: date) -> set[int]:
    """Which months, from 0, instalments of these days are for: last month's first, if it was
    missed, then the month's own; what comes beyond that is for none."""
    covered: set[int] = set()
    for day in sorted(days):
        month = whole_months(began, day)
        owed = [m for m in (month - 1, month) if m >= 0 and m not in covered]
        covered.update(owed[:1])
    return covered


def payable(days: Iterable[date], *, began: date, months: int, on: date) -> int:
    """How many instalments may be paid on a day: this month's, and last month's if missed."""
    month = whole_months(began, on)
    covered = months_paid(days, began=began)
    return sum(1 for m in (month - 1, month) if 0 <= m < months and m not in covered)


def is_kept(days: Iterable[date], *, began: date, months: int) -> bool:
    """Whether no month was missed for good."""
    return months_paid(days, began=began) >= set(range(months))


def _monthly_balances(paid: Sequence[Paid], began: date, months: int) -> Fraction:
    ends = [month_after(began, month + 1) for month in range(months)]
    return _sum(Fraction(whole_yuan(p.amount)) for end in ends for p in paid if p.on < end)


# -- 存本取息 --------------------------------------------------------------------------------


def drawing_payment(
    principal: Decimal, *, months: int, percent: Decimal, payments: int, nth: int
) -> Decimal:
    """The `nth` interest payment, from 1: principal × years × rate ÷ payments.

    The last one brings what rounding left over, so that all together are the term's interest.
    """
    total = _whole_term(principal, months, percent)
    each = to_fen(total / payments)
    return each if nth < payments else to_fen(total) - each * (payments - 1)


def drawing_closed(
    principal: Decimal,
    *,
    began: date,
    matures: date,
    drawn: date,
    percent: Decimal,
    demand_percent: Decimal,
    paid: Decimal,
) -> Decimal:
    """What is still due on closing after `paid` yuan of interest. Below zero it is clawed back:
    whoever closes early earns the demand rate, and returns what she had above it."""
    if drawn < matures:
        return to_fen(_accrued(principal, began, drawn, demand_percent)) - paid
    total = _whole_term(principal, whole_months(began, matures), percent)
    return to_fen(total + _accrued(principal, matures, drawn, demand_percent)) - paid


def _whole_term(principal: Decimal, months: int, percent: Decimal) -> Fraction:
    years = Fraction(months, YEAR_MONTHS)
    return Fraction(whole_yuan(principal)) * Fraction(percent) / PER_CENT * years


# -- 通知存款 --------------------------------------------------------------------------------

Earns = Literal["nothing", "demand"]


@dataclass(frozen=True, slots=True)
class Forfeit:
    """What an earlier notice cost: so many yuan earn less for the days [since, until)."""

    amount: Decimal
    since: date
    until: date
    earns: Earns  # nothing: cancelled or unused; demand: announced, and not drawn


@dataclass(frozen=True, slots=True)
class Announced:
    """A notice that stands: to draw `amount` on `due`."""

    amount: Decimal
    due: date


@dataclass(frozen=True, slots=True)
class NoticeDrawn:
    """What a withdrawal from a notice deposit comes to."""

    principal: Decimal  # more than was asked where the rest is too small to stay
    interest: Decimal
    agreed: Decimal  # of the principal, what earned the notice rate
    short: Decimal  # announced, and not drawn: it earns demand until today
    closes: bool


def notice_drawn(
    asked: Decimal,
    *,
    balance: Decimal,
    began: date,
    drawn: date,
    notice_days: int,
    minimum: Decimal,
    announced: Announced | None,
    forfeits: Sequence[Forfeit],
    percent: Decimal,
    demand_percent: Decimal,
) -> NoticeDrawn:
    """By the rate posted on the day of withdrawal, actual days (银发〔1999〕3号).

    The demand rate where it was held for less than the notice, was not announced, comes on
    another day than announced, is below the minimum; and on what exceeds the amount announced.
    A rest below the minimum does not stay: it is paid out with the demand rate.
    """
    rest = balance - asked
    principal = balance if rest < minimum else asked
    kept_notice = (
        announced is not None
        and drawn == announced.due
        and (drawn - began).days >= notice_days
        and asked >= minimum
    )
    agreed = short = ZERO
    if announced is not None and kept_notice:
        agreed = min(asked, announced.amount)
        short = min(announced.amount - agreed, balance - principal)
    interest = _accrued(agreed, began, drawn, percent)
    interest += _accrued(principal - agreed, began, drawn, demand_percent)
    for forfeit in forfeits:
        interest -= _forfeited(forfeit, principal, agreed, percent, demand_percent)
    closes = principal == balance
    return NoticeDrawn(principal, to_fen(max(interest, Fraction(0))), agreed, short, closes)


def _forfeited(
    forfeit: Forfeit,
    principal: Decimal,
    agreed: Decimal,
    percent: Decimal,
    demand_percent: Decimal,
) -> Fraction:
    """What is earned less: by the money at the notice rate first, then by the rest."""
    dear = min(agreed, forfeit.amount)
    cheap = min(principal - agreed, forfeit.amount - dear)
    kept = demand_percent if forfeit.earns == "demand" else ZERO
    less = _accrued(dear, forfeit.since, forfeit.until, percent - kept)
    return less + _accrued(cheap, forfeit.since, forfeit.until, demand_percent - kept)


# -- 利息税 ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TaxPeriod:
    """From a day on, until the next period, interest that accrues is taxed so many per cent."""

    since: date
    percent: Decimal


def tax_percent(since: date, until: date, periods: Sequence[TaxPeriod]) -> Fraction:
    """The tax on an interest of [since, until), each day at the rate of its period (State
    Council Orders 272 and 502, 财税〔2008〕132号)."""
    return _tax_percent(since, until, tuple(periods))


@lru_cache
def _tax_percent(since: date, until: date, periods: tuple[TaxPeriod, ...]) -> Fraction:
    if until <= since:
        return Fraction(0)
    ordered = sorted(periods, key=lambda period: period.since)
    ends = [period.since for period in ordered[1:]] + [date.max]
    weighted = _sum(
        Fraction(period.percent) * max((min(end, until) - max(period.since, since)).days, 0)
        for period, end in zip(ordered, ends, strict=True)
    )
    return weighted / (until - since).days


def tax(interest: Decimal, *, since: date, until: date, periods: Sequence[TaxPeriod]) -> Decimal:
    """Withheld from an interest that accrued evenly over [since, until)."""
    return to_fen(Fraction(interest) * tax_percent(since, until, periods) / PER_CENT)


def _sum(parts: Iterable[Fraction]) -> Fraction:
    return sum(parts, Fraction(0))
