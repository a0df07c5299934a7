"""What a core shows: frozen values, never rows. Money is Decimal yuan, times are aware."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from banking.errors import OrderRefused

OrderState = Literal[
    "read_back", "confirmed", "scheduled", "held", "executed", "refused", "unknown", "void"
]
Channel = Literal["phone", "agent", "counter", "online"]
Purpose = Literal["query", "transaction", "activation"]


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
    activated: bool  # has a query PIN; else a branch issues a code
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
    word: str  # the key of her nickname among the bank's words, "" of another or none
    leads: bool  # her default account


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
class Caution:
    """What the fraud guard wants of an order: she is warned, or it will be held for review."""

    action: Literal["warn", "hold"]
    kind: str  # of the rule: new_payee, burst, night, age, habit, watch_list, caller_number


@dataclass(frozen=True, slots=True)
class OrderView:
    """An instruction: `key` is its idempotency key, `fee` and `payee_tail` are read back.

    `details` are what its kind wants besides, JSON with money as strings. A void order whose key
    was spent by an enquiry has no parameters: all None or empty.
    """

    key: UUID
    kind: str  # of `banking.requests`
    state: OrderState
    customer_id: int | None
    payer_id: int | None
    payee_id: int | None
    payee_tail: str
    amount: Decimal | None
    fee: Decimal | None
    due_at: datetime | None  # later than at once
    details: Mapping[str, Any] = field(hash=False)
    caution: Caution | None
    call_ref: str
    drafted_at: datetime
    accepted_at: datetime | None
    executed_at: datetime | None
    told_at: datetime | None
    receipt: str  # 流水号, twelve digits; empty until executed or accepted
    outcome: str  # done, or of an executed one what became of it elsewhere (`Operation.outcome`)
    refusal: OrderRefused | None


@dataclass(frozen=True, slots=True)
class LossReceipt:
    """An oral loss report: stopped at once, until it lapses."""

    number: str
    instrument: Literal["card", "passbook"]
    tail: str
    lapses_at: datetime
