"""What a loan costs, and when: values in, values out. Yuan; rates in per cent a year.

等额本息 pays the same sum each month, P·i·(1+i)^n / ((1+i)^n − 1); 等额本金 the same share of the
principal, P/n, and the interest on what is left. The month's rate is the year's over twelve, a
day's the year's over 360 (人民银行 银发〔2005〕129号: the bank may choose 360 for a day).

Rounding: once a figure, half up to the fen (`fees.to_fen`): the monthly sum, or the monthly share
of the principal, and each month's interest on the balance left. The last instalment absorbs what
rounding left over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from banking.fees import to_fen

Method = Literal["annuity", "linear"]  # 等额本息, 等额本金

ZERO = Decimal("0.00")
MONTHS, DAYS = 12 * 100, 360 * 100  # of a year, and per cent


@dataclass(frozen=True, slots=True)
class Line:
    """An instalment (期)."""

    number: int
    due_on: date
    principal: Decimal
    interest: Decimal

    @property
    def total(self) -> Decimal:
        return self.principal + self.interest


@dataclass(frozen=True, slots=True)
class Owed:
    """What is to be paid, in the order in which a payment counts (民法典 第561条)."""

    costs: Decimal = ZERO
    penalty: Decimal = ZERO  # 罚息 and 复利
    interest: Decimal = ZERO
    principal: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.costs + self.penalty + self.interest + self.principal

    def __add__(self, other: "Owed") -> "Owed":
        return Owed(
            self.costs + other.costs,
            self.penalty + other.penalty,
            self.interest + other.interest,
            self.principal + other.principal,
        )


def due_dates(lent_on: date, repay_day: int, months: int) -> list[date]:
    """The repayment day of each of the `months` after the one in which the loan was paid out.

    `repay_day` is 1 to 28: every month has it.
    """
    return [month_after(lent_on, month).replace(day=repay_day) for month in range(1, months + 1)]


def month_after(day: date, months: int) -> date:
    """The first of the month that many months later."""
    passed = day.year * 12 + day.month - 1 + months
    return date(passed // 12, passed % 12 + 1, 1)


def regular(method: Method, balance: Decimal, percent: Decimal, months: int) -> Decimal:
    """What stays the same each month: the sum paid (等额本息) or the principal in it (等额本金)."""
    if method == "linear" or not percent:
        return to_fen(balance / months)
    rate = percent / MONTHS
    growth = (1 + rate) ** months
    return to_fen(balance * rate * growth / (growth - 1))


def plan(
    method: Method,
    balance: Decimal,
    percent: Decimal,
    *,
    since: date,
    dates: Sequence[date],
    same: Decimal,
    first: int = 1,
) -> tuple[Line, ...]:
    """The instalments that pay off `balance`, which bears interest since `since`.

    `same` is what `regular` gave, for these dates or, after an early repayment that keeps it,
    for more money: then the loan ends sooner. Their principal sums to `balance`; none is negative.
    """
    lines = []
    for number, (begins, due_on) in enumerate(pairwise([since, *dates]), first):
        month = to_fen(balance * percent / MONTHS)
        last = due_on == dates[-1]
        share = balance if last else same if method == "linear" else same - month
        principal = min(max(share, ZERO), balance)
        lines.append(Line(number, due_on, principal, interest(balance, percent, begins, due_on)))
        balance -= principal
        if not balance:
            break
    return tuple(lines)


def interest(balance: Decimal, percent: Decimal, begins: date, due_on: date) -> Decimal:
    """Of a whole month by the month; of an odd first period by its days, not the last one."""
    if month_after(begins, 1) == due_on.replace(day=1) and begins.day == due_on.day:
        return to_fen(balance * percent / MONTHS)
    return daily(balance, percent, begins, due_on)


def daily(balance: Decimal, percent: Decimal, begins: date, ends: date) -> Decimal:
    """Interest by the day: the first counts, the last does not."""
    return to_fen(balance * percent * (ends - begins).days / DAYS)


def penalty(
    overdue: Decimal, percent: Decimal, *, extra: Decimal, since: date, until: date, grace: int = 0
) -> Decimal:
    """罚息 on overdue principal, 复利 on overdue interest: both at the loan's rate and `extra`
    per cent of it (银发〔2003〕251号: 30 to 50). Paid within the `grace` days: none.
    """
    if until <= since + timedelta(days=grace):
        return ZERO
    return daily(overdue, percent * (100 + extra) / 100, since, until)


def spread(paid: Decimal, owed: Owed) -> Owed:
    """How much of a payment goes where: costs, penalty, interest, principal (民法典 第561条).

    What is more than owed is left out.
    """
    shares = []
    for due in (owed.costs, owed.penalty, owed.interest, owed.principal):
        share = min(paid, due)
        shares.append(share)
        paid -= share
    return Owed(*shares)
