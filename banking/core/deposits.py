"""What she has in deposits, what she may open, and what she announces."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Protocol

Product = Literal["time", "instalment", "drawing", "notice"]


@dataclass(frozen=True, slots=True)
class OfferView:
    """A term that is open to new deposits."""

    term: str  # 3m, 1y, 7d
    percent: Decimal  # a year
    minimum: Decimal


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A withdrawal that is announced, or was."""

    number: str
    amount: Decimal
    due_on: date


@dataclass(frozen=True, slots=True)
class DepositView:
    id: int
    account_id: int
    tail: str
    product: Product
    term: str
    principal: Decimal
    available: Decimal
    percent: Decimal | None  # None: the rate of the day it is drawn on
    matures_on: date | None
    renews: bool
    monthly: Decimal | None
    payable: int  # instalments that may be paid today
    in_parts: bool  # may be drawn in part
    notice: NoticeView | None  # that stands


class Deposits(Protocol):
    def offers(self, product: Product, *, at: datetime) -> Sequence[OfferView]:
        """What may be opened now, the shortest term first."""

    def deposits(self, customer_id: int, *, at: datetime) -> tuple[DepositView, ...]:
        """Those not closed, in the order they were opened."""

    def at_maturity(
        self, deposit_id: int, *, customer_id: int, pays_to_id: int | None, at: datetime
    ) -> DepositView:
        """Paid out to that account of hers, or rolled over for None.

        Raises NotADeposit, NotDemand, AccountFrozen, MaturesSoon.
        """

    def announce(
        self, deposit_id: int, amount: Decimal, *, customer_id: int, call_ref: str, at: datetime
    ) -> NoticeView:
        """A withdrawal from a notice deposit. Raises NotADeposit, AmountInvalid,
        NoticeTooSmall, NoticeTooLarge, NoticeStands, AccountFrozen."""

    def change_notice(
        self, deposit_id: int, amount: Decimal, *, customer_id: int, call_ref: str, at: datetime
    ) -> NoticeView:
        """Another amount, with a notice that begins today. Raises what `announce` does, and
        NoNotice."""

    def cancel_notice(self, deposit_id: int, *, customer_id: int, at: datetime) -> NoticeView:
        """Raises NotADeposit, NoNotice."""
