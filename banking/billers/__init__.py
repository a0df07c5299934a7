"""How the bank speaks with a biller (缴费单位): one interface, whoever stands behind it.

A biller's row names its class. `embedded.EmbeddedBiller` keeps the biller's books in our own
database; `filed.FiledBiller` sends a file a day and takes the rejects in. A biller with a
service of its own gets a class beside them.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Protocol
from uuid import UUID

from django.utils.module_loading import import_string

from banking.models import Biller


class NoAnswer(Exception):
    """The biller didn't answer in time. Whether it took the payment is asked by `enquire`."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What a contract owes in all, yuan; zero where nothing is due, or only top-ups are sold."""

    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One payment. `key` is the same however often it is spoken of, `day` is the bank's."""

    key: UUID
    contract: str
    amount: Decimal
    day: date


@dataclass(frozen=True, slots=True)
class Answer:
    """`queued`: the day's file takes it along. `reason`: why it was rejected, in Chinese."""

    outcome: Literal["paid", "rejected", "queued"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A day as the biller has it: the payments that it took."""

    count: int
    amount: Decimal


class Interface(Protocol):
    """Made with its row; waits at most the row's `timeout_s` and then raises NoAnswer."""

    def __init__(self, biller: Biller) -> None: ...

    def look_up(self, contract: str, *, at: datetime) -> Owed | None:
        """None: the biller has no such contract."""

    def pay(self, payment: Payment, *, at: datetime) -> Answer:
        """Once a key; asked again, the first answer."""

    def enquire(self, payment: Payment, *, at: datetime) -> Answer:
        """What became of it. A key never seen is spent and `rejected`, so that a late first try
        can't land."""

    def statement(self, day: date, *, at: datetime) -> Statement | None:
        """None: not known yet."""


def reach(biller: Biller) -> Interface:
    """Raises ImportError where the row names no class; the admin's form asks before."""
    interface: Interface = import_string(biller.interface)(biller)
    return interface
