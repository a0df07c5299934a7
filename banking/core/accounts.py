"""What she has, and whom she may pay."""

from datetime import datetime
from typing import Protocol

from banking.core.views import AccountView, BalanceView, EntryView, PayeeView
from banking.secret import Secret


class Accounts(Protocol):
    def accounts(self, customer_id: int, *, at: datetime) -> tuple[AccountView, ...]:
        """Those not closed: her default account, then in the order they were opened."""

    def balance(self, account_id: int, *, at: datetime) -> BalanceView: ...

    def last(self, account_id: int, n: int | None = None, *, at: datetime) -> tuple[EntryView, ...]:
        """Those booked last, the newest first; as many as the bank's rule says, without `n`."""

    def payees(self, customer_id: int, *, at: datetime) -> tuple[PayeeView, ...]:
        """Registered at a branch and still in force, in the order of registration."""

    def find_payee(self, number: Secret, *, at: datetime) -> PayeeView:
        """By card or account number, of an account that may be credited. Raises PayeeUnknown."""
