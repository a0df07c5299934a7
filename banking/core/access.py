"""Her passwords, her limits by telephone, and whether money may leave by it at all."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from banking.core.views import CardView, Channel, Purpose
from banking.secret import Secret


@dataclass(frozen=True, slots=True)
class LimitView:
    """Yuan that may leave by telephone: at once, and in a day."""

    single: Decimal
    daily: Decimal


@dataclass(frozen=True, slots=True)
class RequestReceipt:
    """What a branch follows up, until it lapses."""

    number: str
    lapses_at: datetime


@dataclass(frozen=True, slots=True)
class StopView:
    """Debits by telephone are off. `asked` by her; else they were not used for too long."""

    number: str
    since: datetime
    asked: bool


@dataclass(frozen=True, slots=True)
class KeyingView:
    """How long a question waits for her keys, and how often it is asked."""

    silence_s: int  # before the first key
    between_s: int
    tries: int


class Access(Protocol):
    def keying(self, *, at: datetime) -> KeyingView: ...

    def change_pin(
        self, card_id: int, pin: Secret, purpose: Purpose, *, call_ref: str, at: datetime
    ) -> None:
        """By who gave the old one in this call, for the transaction PIN both.

        Raises NotProved, PinWeak by its subclasses.
        """

    def activate(self, card_id: int, pin: Secret, *, call_ref: str, at: datetime) -> None:
        """Her first query PIN, after the counter's code passed `verify_pin` in this call.

        Raises NotProved, PinWeak.
        """

    def card_of(self, pan: Secret, id_number: Secret, *, at: datetime) -> CardView:
        """Of who knows both numbers. Raises NotHolder."""

    def request_unlock(self, card_id: int, *, call_ref: str, at: datetime) -> RequestReceipt:
        """Written down for a branch. Raises NothingLocked, UnlockAskedAlready."""

    def phone_stopped(self, customer_id: int, *, at: datetime) -> StopView | None:
        """Whether nothing is debited by telephone, and since when."""

    def stop_phone_debits(
        self, customer_id: int, *, call_ref: str, at: datetime, channel: Channel = "phone"
    ) -> str:
        """Nothing is debited by telephone once it returns; the receipt number.

        Raises PhoneStoppedAlready.
        """

    def limits(self, customer_id: int, *, at: datetime) -> LimitView: ...

    def lower_limits(
        self, customer_id: int, *, single: Decimal, daily: Decimal, at: datetime
    ) -> LimitView:
        """At once. Raises LimitNotLower, AmountInvalid."""
