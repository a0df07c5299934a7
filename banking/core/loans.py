"""What she owes on loans, and when."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LoanView:
    """A loan that is not paid off. `id` is its account's; `left` the principal owed, in yuan."""

    id: int
    tail: str
    product: str  # home | consumer | business
    left: Decimal
    percent: Decimal  # a year
    months_left: int
    pays_from_id: int
    pays_from_tail: str


@dataclass(frozen=True, slots=True)
class InstalmentView:
    due_on: date
    principal: Decimal
    interest: Decimal
    amount: Decimal  # both


@dataclass(frozen=True, slots=True)
class OwedView:
    """What is to be paid on a day, in yuan; `amount` is all of it but the fee."""

    amount: Decimal
    principal: Decimal
    interest: Decimal
    penalty: Decimal
    fee: Decimal  # for paying early
    since: date | None  # the oldest instalment in it came due


class Loans(Protocol):
    def loans(self, customer_id: int, *, at: datetime) -> tuple[LoanView, ...]:
        """In the order they were paid out."""

    def next_instalment(self, loan_id: int, *, at: datetime) -> InstalmentView | None:
        """The first that comes due after today; None after the last."""

    def loan_due(self, loan_id: int, *, at: datetime) -> OwedView:
        """What has come due up to today."""

    def loan_overdue(self, loan_id: int, *, at: datetime) -> OwedView:
        """What came due before today, with the penalty up to it."""

    def loan_settlement(self, loan_id: int, *, at: datetime) -> OwedView:
        """What pays off the loan today."""
