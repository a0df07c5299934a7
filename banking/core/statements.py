"""What went in and out of an account, and how she orders her accounts."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from banking.core.views import EntryView

Medium = Literal["sms", "email"]


@dataclass(frozen=True, slots=True)
class EntriesPage:
    """Newest first. `further` asks for the next page; None: there is none."""

    entries: tuple[EntryView, ...]
    further: int | None


@dataclass(frozen=True, slots=True)
class AddressView:
    medium: Medium
    tail: str  # of the mobile its last four; of an e-mail address nothing is spoken


class Statements(Protocol):
    def entries(
        self,
        account_id: int,
        first: date,
        last: date,
        *,
        at: datetime,
        further: int | None = None,
        n: int | None = None,
    ) -> EntriesPage:
        """Booked from `first` to `last`, the newest first: `n`, or as many as the rule says.

        Raises PeriodInvalid, PeriodTooLong.
        """

    def addresses(self, customer_id: int, *, at: datetime) -> tuple[AddressView, ...]:
        """Where the bank may write to her, her mobile first."""

    def send_statement(
        self, account_id: int, first: date, last: date, medium: Medium, *, at: datetime
    ) -> None:
        """Raises PeriodInvalid, PeriodTooLong, NoAddress."""

    def nicknames(self, *, at: datetime) -> tuple[str, ...]:
        """The keys of the words that an account may be called by, in order."""

    def name_account(self, customer_id: int, account_id: int, slug: str, *, at: datetime) -> None:
        """One of hers, by one of `nicknames`."""

    def lead_with(self, customer_id: int, account_id: int, *, at: datetime) -> None:
        """One of hers: first from here on wherever she hears or chooses accounts."""
