"""What anybody may ask: rates, where the bank is, what it has to say."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Protocol

Deposit = Literal["demand", "time", "instalment", "drawing", "notice"]


@dataclass(frozen=True, slots=True)
class DepositRateView:
    """What a new deposit earns, per cent a year."""

    term: str  # 3m, 1y, 7d; "" of a demand account
    percent: Decimal


@dataclass(frozen=True, slots=True)
class LoanRateView:
    """`percent` a year, in force since a day."""

    series: str  # lpr_1y | lpr_5y | fund_short | fund_long
    percent: Decimal
    since: date


@dataclass(frozen=True, slots=True)
class ExchangeRateView:
    """Yuan for so many `units` of a currency: what the bank pays, for notes, and asks."""

    currency: str  # ISO 4217, lower case
    units: int
    buy: Decimal
    cash_buy: Decimal
    sell: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class DistrictView:
    code: str  # GB/T 2260


@dataclass(frozen=True, slots=True)
class BranchView:
    """A branch as it is now. `opens` and `closes` are today's; both None: not open today."""

    code: str
    phone: str  # digits alone; "" where none is known
    opens: datetime | None
    closes: datetime | None
    opens_next: datetime | None  # after now; None where nobody entered it
    machines: int
    working: int  # machines of them that give cash now


class Information(Protocol):
    def deposit_rates(self, product: Deposit, *, at: datetime) -> tuple[DepositRateView, ...]:
        """Of what may be opened now, the shortest term first."""

    def loan_rates(self, *, at: datetime) -> tuple[LoanRateView, ...]:
        """The newest of each series, in their usual order."""

    def exchange_rates(self, *, at: datetime) -> tuple[ExchangeRateView, ...]:
        """The newest quotation of each currency, in their usual order."""

    def districts(self, *, at: datetime) -> tuple[DistrictView, ...]:
        """Those that have a branch, by code."""

    def branches(self, district: str, *, at: datetime) -> tuple[BranchView, ...]:
        """Of a district, by code."""

    def announcements(self, kind: Literal["product", "notice"], *, at: datetime) -> tuple[str, ...]:
        """Keys of the prompts to be heard now, in their order."""
