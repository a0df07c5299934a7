"""The interface that a bank replaces with its own core system.

Flows and pages speak to a `Core` and see its frozen views, never tables. Methods are
synchronous; the telephony worker runs them through its gateway, which adds `at`
(`calendars.clock.now()`). The embedded ledger (`embedded.py`) is the default and the reference:
whatever passes `tests/contracts/test_core.py` may stand in its place (setting BANK_CORE).

Money is Decimal yuan with two places. Every refusal is a `banking.errors.BankingError`; when the
bank can't be reached it is `CoreUnavailable`, and `enquire` says later what became of an order.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Literal, Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from banking.errors import OrderRefused
from banking.secret import Secret

OrderState = Literal["read_back", "confirmed", "executed", "refused", "unknown", "void"]
Channel = Literal["phone", "agent", "counter"]
Purpose = Literal["query", "transaction"]


@dataclass(frozen=True, slots=True)
class CustomerView:
    id: int
    number: str
    name: str
    vip: str  # ordinary | gold | platinum | private
    language: str  # zh | yue | en
    born_on: date
    masked_mobile: str
    id_tail: str  # 证件号, last four
    is_test: bool


@dataclass(frozen=True, slots=True)
class CardView:
    id: int
    customer_id: int
    masked: str  # 6222 **** **** 1234
    tail: str
    status: Literal["active", "lost", "closed"]
    is_test: bool  # of a test customer


@dataclass(frozen=True, slots=True)
class AccountView:
    id: int
    number: str
    tail: str  # of its card, or of its own number: what the customer knows it by
    kind: str
    currency: str
    status: Literal["active", "stopped", "frozen", "closed"]  # stopped: reported lost
    nickname: str


@dataclass(frozen=True, slots=True)
class BalanceView:
    account_id: int
    balance: Decimal
    held: Decimal
    available: Decimal  # balance less what is held


@dataclass(frozen=True, slots=True)
class EntryView:
    """One line of a statement; `amount` above zero came in."""

    at: datetime
    booked_on: date
    kind: str  # transfer, fee, deposit, withdrawal, salary, purchase, interest
    amount: Decimal
    balance: Decimal  # after it
    summary: str
    receipt: str  # 流水号


@dataclass(frozen=True, slots=True)
class PayeeView:
    """A payee account: registered, or found by its number (`name` is then empty)."""

    account_id: int
    tail: str
    name: str


@dataclass(frozen=True, slots=True)
class OrderView:
    """An instruction: `key` is its idempotency key, `fee` and `payee_tail` are read back.

    A void order whose key was spent by an enquiry has no parameters: all None or empty.
    """

    key: UUID
    state: OrderState
    customer_id: int | None
    payer_id: int | None
    payee_id: int | None
    payee_tail: str
    amount: Decimal | None
    fee: Decimal | None
    call_ref: str
    drafted_at: datetime
    executed_at: datetime | None
    told_at: datetime | None
    receipt: str  # 流水号, twelve digits; empty until executed
    refusal: OrderRefused | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was done with the money: `number` is spoken slowly, twice."""

    key: UUID
    number: str
    at: datetime
    amount: Decimal
    fee: Decimal
    payee_tail: str


@dataclass(frozen=True, slots=True)
class LossReceipt:
    """An oral loss report: stopped at once, until it lapses."""

    number: str
    instrument: Literal["card", "passbook"]
    tail: str
    lapses_at: datetime


class Core(Protocol):
    """Each method takes `at`, the business time of the question."""

    # -- who ---------------------------------------------------------------------------

    def find_card(self, pan: Secret, *, at: datetime) -> CardView:
        """Raises CardInvalid: no card number, or not one of ours."""

    def find_customer(self, id_number: Secret, *, at: datetime) -> CustomerView | None: ...

    def customer(self, customer_id: int, *, at: datetime) -> CustomerView: ...

    def verify_pin(
        self, card_id: int, pin: Secret, purpose: Purpose, *, call_ref: str, at: datetime
    ) -> None:
        """Returns if the PIN is right. Raises PinWrong(left), PinLocked, or for the transaction
        PIN their subclasses TransactionPinWrong, TransactionPinLocked. Each try is counted."""

    # -- what she has ------------------------------------------------------------------

    def accounts(self, customer_id: int, *, at: datetime) -> tuple[AccountView, ...]:
        """Those not closed, in the order they were opened."""

    def balance(self, account_id: int, *, at: datetime) -> BalanceView: ...

    def last(self, account_id: int, n: int = 5, *, at: datetime) -> tuple[EntryView, ...]:
        """The newest entries first."""

    # -- a transfer within the bank ----------------------------------------------------

    def payees(self, customer_id: int, *, at: datetime) -> tuple[PayeeView, ...]:
        """Registered at a branch and still in force, in the order of registration."""

    def find_payee(self, number: Secret, *, at: datetime) -> PayeeView:
        """By card or account number, of an account that may be credited. Raises PayeeUnknown."""

    def draft_transfer(
        self,
        *,
        key: UUID,
        payer_id: int,
        payee_id: int,
        amount: Decimal,
        call_ref: str,
        at: datetime,
        channel: Channel = "phone",
    ) -> OrderView:
        """The order to read back; payer and payee are account ids. Nothing moves.

        Raises AmountInvalid, PayeeUnknown, PayeeSame, AccountFrozen, AccountClosed,
        SingleLimitExceeded, DailyLimitExceeded, InsufficientFunds; KeyReused, Voided.
        """

    def confirm(self, key: UUID, *, at: datetime) -> OrderView:
        """After the yes and the transaction PIN. Raises Voided, UnknownInstruction."""

    def execute(self, key: UUID, *, at: datetime) -> Receipt:
        """Once; asked again, the first answer. Raises NotConfirmed, Voided, OutcomeUnknown,
        UnknownInstruction, CoreUnavailable, or the recorded OrderRefused."""

    def told(self, key: UUID, *, at: datetime) -> OrderView:
        """The receipt, or the refusal, was heard to its end. Raises NotSettled."""

    def void(self, key: UUID, *, at: datetime) -> OrderView:
        """Raises AlreadySettled: then it was executed or refused before."""

    def doubt(self, key: UUID, *, at: datetime) -> OrderView:
        """Execution was asked for and no answer came: confirmed becomes unknown (待查)."""

    def enquire(self, key: UUID, *, at: datetime) -> OrderView:
        """What became of it; resolves unknown, and spends a key never seen."""

    def untold(self, customer_id: int, *, at: datetime) -> tuple[OrderView, ...]:
        """Executed orders whose receipt she has not heard, the oldest first."""

    def unsettled(self, customer_id: int, *, at: datetime) -> tuple[OrderView, ...]:
        """Orders that were read back or confirmed and nothing after, the oldest first: what a
        recovery must carry out or void."""

    # -- loss --------------------------------------------------------------------------

    def report_loss(
        self,
        number: Secret,
        id_number: Secret,
        *,
        call_ref: str,
        at: datetime,
        channel: Channel = "phone",
    ) -> LossReceipt:
        """Stop the card or passbook of that number at once; no PIN. Raises LossNotFound,
        LossAlready."""


@cache
def default() -> Core:
    """The core that this installation runs on."""
    name = getattr(settings, "BANK_CORE", "banking.embedded.EmbeddedCore")
    core: Core = import_string(name)()
    return core
