"""What the bank can do with money: one `Operation` a kind of instruction.

An operation says twice what a request comes to. `terms` is asked before the read-back and
refuses what can be refused already; `carry_out` decides again, alone with the accounts, and posts.
The life of an instruction between the two is the same for all (`banking/orders.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, Protocol, TypeVar

from banking.ledger import ZERO, Funds
from banking.models import Instruction, Journal
from banking.models.orders import Channel, State
from banking.requests import Request

R_contra = TypeVar("R_contra", bound=Request, contravariant=True)
Kind = Instruction.Kind
DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a request comes to: stored with the order before it is read back, never changed."""

    customer_id: int
    payer_id: int
    payee_id: int | None  # an account of ours; None where execution finds or opens it
    payee_tail: str  # what is read back as the other side, at most four places
    amount: Decimal
    fee: Decimal = ZERO
    due_at: datetime | None = None  # later than at once: until then she may withdraw it
    details: Mapping[str, Any] = field(default_factory=dict)  # JSON; money in it as strings


class Quote(Protocol[R_contra]):
    """Raises a BankingError for whatever is refused already. Nothing is written."""

    def __call__(self, request: R_contra, *, channel: Channel, at: datetime) -> Terms: ...


class CarryOut(Protocol):
    """Post and mark executed (`instructions.carry_out`), in the caller's transaction.

    The order, its customer, its payer and its payee (where it is an account) are locked; `funds`
    has both by id. Raises OrderRefused: then nothing has moved.
    """

    def __call__(self, order: Instruction, funds: Mapping[int, Funds], *, at: datetime) -> None: ...


class AfterCommit(Protocol):
    """What is done once the journal is committed, outside any transaction; may be repeated."""

    def __call__(self, order: Instruction, *, at: datetime) -> None: ...


class Outcome(Protocol):
    """What became of an executed order outside the bank, as its prompts are named for it."""

    def __call__(self, order: Instruction) -> str: ...


@dataclass(frozen=True, slots=True)
class Operation(Generic[R_contra]):
    """One kind of instruction, whole.

    `journals` are the kinds that carrying it out may write, a fee's and an interest's included.
    `counted`: against the limits of the day; own accounts are exempt.
    """

    request: type[R_contra]
    terms: Quote[R_contra]
    carry_out: CarryOut
    after: AfterCommit | None = None
    outcome: Outcome | None = None
    journals: frozenset[Journal.Kind] = frozenset()
    counted: bool = True

    @property
    def kind(self) -> Kind:
        return Kind(self.request.kind)


_operations: dict[Kind, Operation[Any]] = {}


def register(operation: Operation[Any]) -> None:
    """Two of one kind are a fault at start-up."""
    if operation.kind in _operations:
        raise RuntimeError(f"two operations are called {operation.kind!r}")
    _operations[operation.kind] = operation


def of(kind: str) -> Operation[Any]:
    """Raises KeyError where no such operation is built."""
    return _operations[Kind(kind)]


def outcome(order: Instruction) -> str:
    """`done`, unless somebody outside the bank has a say in it and it is executed."""
    operation = _operations.get(Kind(order.kind))
    if order.state != State.EXECUTED or operation is None or operation.outcome is None:
        return DONE
    return operation.outcome(order)


def kinds() -> frozenset[Kind]:
    """The kinds that are built."""
    return frozenset(_operations)
