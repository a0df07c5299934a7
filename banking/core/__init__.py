"""The interface that a bank replaces with its own core system.

Flows and pages speak to a `Core` and see its frozen views (`views.py`), never tables. It is put
together from one protocol a subject; each method takes `at`, the business time of the question,
and is synchronous: the telephony worker runs them through its gateway, which adds `at`
(`calendars.clock.now()`). The embedded ledger (`banking/embedded/`) is the default and the
reference: whatever passes `tests/contracts/test_core.py` may stand in its place (setting
BANK_CORE).

Money is Decimal yuan with two places. Every refusal is a `banking.errors.BankingError`; when the
bank can't be reached it is `CoreUnavailable`, and `enquire` says later what became of an order.
"""

from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from banking.core.access import Access, KeyingView, LimitView, RequestReceipt, StopView
from banking.core.accounts import Accounts
from banking.core.bills import Bills, BillView
from banking.core.contacts import Contacts, ContactView, KnownCaller
from banking.core.deposits import Deposits, DepositView, NoticeView, OfferView
from banking.core.identity import Identity
from banking.core.information import (
    BranchView,
    DepositRateView,
    DistrictView,
    ExchangeRateView,
    Information,
    LoanRateView,
)
from banking.core.interbank import Interbank
from banking.core.loans import InstalmentView, Loans, LoanView, OwedView
from banking.core.losses import InstrumentView, Losses
from banking.core.orders import Orders
from banking.core.statements import AddressView, EntriesPage, Medium, Statements
from banking.core.views import (
    AccountView,
    BalanceView,
    CardView,
    Caution,
    Channel,
    CustomerView,
    EntryView,
    LossReceipt,
    OrderState,
    OrderView,
    PayeeView,
    Purpose,
)

__all__ = [
    "AccountView",
    "AddressView",
    "BalanceView",
    "BillView",
    "BranchView",
    "CardView",
    "Caution",
    "Channel",
    "ContactView",
    "Core",
    "CustomerView",
    "DepositRateView",
    "DepositView",
    "DistrictView",
    "EntriesPage",
    "EntryView",
    "ExchangeRateView",
    "InstalmentView",
    "InstrumentView",
    "KeyingView",
    "KnownCaller",
    "LimitView",
    "LoanRateView",
    "LoanView",
    "LossReceipt",
    "Medium",
    "NoticeView",
    "OfferView",
    "OrderState",
    "OrderView",
    "OwedView",
    "PayeeView",
    "Purpose",
    "RequestReceipt",
    "StopView",
    "default",
]


class Core(
    Identity,
    Access,
    Accounts,
    Statements,
    Orders,
    Losses,
    Bills,
    Deposits,
    Loans,
    Contacts,
    Interbank,
    Information,
    Protocol,
):
    """All of them."""


@cache
def default() -> Core:
    """The core that this installation runs on."""
    name = getattr(settings, "BANK_CORE", "banking.embedded.EmbeddedCore")
    core: Core = import_string(name)()
    return core
