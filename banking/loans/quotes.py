"""What paying back a loan comes to on a day, before anybody pays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from banking import schedules
from banking.errors import (
    LoanAboveBalance,
    LoanAboveDue,
    LoanDueFirst,
    LoanNothingDue,
    LoanPartTooSmall,
)
from banking.fees import to_fen
from banking.ledger import ZERO
from banking.loans import schedule, terms
from banking.models import Loan, ScheduleLine
from banking.requests import What
from banking.schedules import Owed


@dataclass(frozen=True, slots=True)
class Quote:
    """What a repayment pays, and the principal that is owed after it. Yuan."""

    pays: Owed
    left: Decimal

    @property
    def amount(self) -> Decimal:
        """What the order moves; the fee comes on top."""
        return self.pays.total - self.pays.costs

    def details(self) -> dict[str, str]:
        """As it is kept with the order and read back; a penalty is interest there."""
        return {
            "principal": str(self.pays.principal),
            "interest": str(self.pays.interest + self.pays.penalty),
            "left": str(self.left),
        }


def of(
    loan: Loan, lines: Sequence[ScheduleLine], what: What, amount: Decimal, *, day: date
) -> Quote:
    """What paying `amount` on a day comes to; a settlement is what it is, whatever the amount.

    Raises LoanNothingDue, LoanAboveDue, LoanDueFirst, LoanAboveBalance, LoanPartTooSmall.
    """
    due, undue = schedule.due(lines, day=day), schedule.undue(lines, day=day)
    match what:
        case "settle":
            return Quote(settlement(loan, lines, day=day), ZERO)
        case "due":
            if not due.total:
                raise LoanNothingDue
            if amount > due.total:
                raise LoanAboveDue(due=due.total)
            pays = sum((share for _, share in schedule.allot(amount, lines, day=day)), Owed())
            return Quote(pays, undue + due.principal - pays.principal)
        case "part":
            if due.total:
                raise LoanDueFirst(due=due.total)
            if amount >= undue:
                raise LoanAboveBalance(left=undue)
            if amount < (least := terms.of(loan).least_part):
                raise LoanPartTooSmall(least=least)
            return Quote(early(loan, lines, amount, day=day), undue - amount)


def early(loan: Loan, lines: Sequence[ScheduleLine], principal: Decimal, *, day: date) -> Owed:
    """What paying back so much before it is due comes to: interest to the day, and the fee."""
    term = terms.of(loan)
    free_from = schedules.month_after(loan.lent_on, term.early_fee_months)
    within = day < free_from.replace(day=min(loan.lent_on.day, 28))
    since = schedule.bears_since(loan, lines, day=day)
    return Owed(
        costs=to_fen(principal * term.early_fee / 100) if within else ZERO,
        interest=schedules.daily(principal, loan.percent, since, day),
        principal=principal,
    )


def settlement(loan: Loan, lines: Sequence[ScheduleLine], *, day: date) -> Owed:
    """What pays off the loan on a day: all that is due, and the rest early."""
    whole = schedule.due(lines, day=day)
    left = schedule.undue(lines, day=day)
    return whole + early(loan, lines, left, day=day) if left else whole
