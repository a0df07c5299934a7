"""Payees at other banks, and what became of her transfers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from banking.core.views import OrderView

Stage = Literal[
    "scheduled", "held", "refused", "withdrawn", "unknown", "sending", "sent", "paid", "returned"
]


@dataclass(frozen=True, slots=True)
class ExternalPayeeView:
    """Registered at a branch. Her name is not spoken, so it is not here."""

    id: int
    tail: str
    same_city: bool


@dataclass(frozen=True, slots=True)
class TransferView:
    """An order of hers that the bank took on, and where its money is.

    `arrives`: by when the other bank has it, while it is under way.
    """

    order: OrderView
    stage: Stage
    arrives: datetime | None = None


class Interbank(Protocol):
    def external_payees(self, customer_id: int, *, at: datetime) -> tuple[ExternalPayeeView, ...]:
        """In force, in the order of registration."""

    def transfers(self, customer_id: int, n: int = 5, *, at: datetime) -> tuple[TransferView, ...]:
        """Her last transfers of every kind, the newest first: those that she confirmed."""
