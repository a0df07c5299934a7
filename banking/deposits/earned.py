"""What a deposit has earned on a day, by its own terms and what the bank posts that day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from banking import interest
from banking.deposits import rates
from banking.interest import Basis, Paid, TaxPeriod
from banking.ledger import ZERO
from banking.models import Deposit, DepositEntry
from banking.models.deposits import Product

What = DepositEntry.What
PAID_IN = (What.OPENED, What.INSTALMENT)


@dataclass(frozen=True, slots=True)
class Posted:
    """What holds on a day for all: the demand rate, and the tax by its periods."""

    day: date
    demand: Decimal
    taxes: list[TaxPeriod]

    @classmethod
    def on(cls, day: date) -> "Posted":
        """Raises ProductNotOffered where there is no demand rate."""
        return cls(day, rates.demand_percent(day), rates.tax_periods())

    def tax(self, earned: Decimal, since: date) -> Decimal:
        return interest.tax(earned, since=since, until=self.day, periods=self.taxes)


@dataclass(frozen=True, slots=True)
class Earned:
    """Yuan; an interest below zero is clawed back. `percent`: None where by several rates."""

    interest: Decimal
    tax: Decimal
    percent: Decimal | None


def by_term(
    deposit: Deposit, principal: Decimal, posted: Posted, entries: Iterable[DepositEntry]
) -> Earned:
    """By a principal of a deposit with a term, all of it or (整存整取) a part.

    `entries` are the deposit's; a 整存整取 needs none.
    """
    assert deposit.matures_on is not None and deposit.percent is not None
    percent = posted.demand if posted.day < deposit.matures_on else deposit.percent
    if deposit.product == Product.TIME:
        earned = interest.lump_sum(
            principal,
            began=deposit.began_on,
            matures=deposit.matures_on,
            drawn=posted.day,
            percent=deposit.percent,
            demand_percent=posted.demand,
            basis=Basis(deposit.basis),
        )
    elif deposit.product == Product.INSTALMENT:
        earned = interest.instalments(
            [Paid(e.on, e.principal) for e in entries if e.what in PAID_IN],
            began=deposit.began_on,
            matures=deposit.matures_on,
            drawn=posted.day,
            percent=deposit.percent,
            demand_percent=posted.demand,
        )
    else:
        return _of_drawing(deposit, principal, posted, entries, percent)
    return Earned(earned, posted.tax(earned, deposit.began_on), percent)


def _of_drawing(
    deposit: Deposit,
    principal: Decimal,
    posted: Posted,
    entries: Iterable[DepositEntry],
    percent: Decimal,
) -> Earned:
    """Taxed on all that it earned, less what was withheld: below zero where that was more."""
    assert deposit.matures_on is not None and deposit.percent is not None
    payouts = [e for e in entries if e.what == What.PAID_OUT]
    had = sum((e.interest for e in payouts), ZERO)
    withheld = sum((e.tax for e in payouts), ZERO)
    due = interest.drawing_closed(
        principal,
        began=deposit.began_on,
        matures=deposit.matures_on,
        drawn=posted.day,
        percent=deposit.percent,
        demand_percent=posted.demand,
        paid=had,
    )
    return Earned(due, posted.tax(due + had, deposit.began_on) - withheld, percent)
