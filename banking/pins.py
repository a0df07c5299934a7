"""PINs: checked by a keyed MAC, locked by counting. `Hsm` is what a bank's own module replaces.

Six digits have no entropy that a slow hash could save, so the key lives outside the database
(PIN_KEY). Wrong tries are facts, counted under the card's row lock: guesses in parallel are
counted one by one. Query PIN: three a call and five a day of the bank; transaction PIN: three
in all since it last passed, then a branch unlocks it.
"""

import hmac
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import pairwise
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from banking.errors import PinLocked, PinWeak, PinWrong, TransactionPinLocked, TransactionPinWrong
from banking.models import Card, Customer, PinEvent
from banking.models.customers import Purpose
from banking.secret import Secret
from calendars.clock import bank_day
from people.models import User

PER_CALL, PER_DAY, IN_ALL = 3, 5, 3


class Hsm(Protocol):
    """The one boundary that sees a PIN and its key (ISO 9564 has it in hardware)."""

    def seal(self, card_id: int, purpose: Purpose, pin: Secret) -> tuple[bytes, int]:
        """What is stored, and the version of the key that made it."""

    def matches(
        self, card_id: int, purpose: Purpose, pin: Secret, *, stored: bytes, version: int
    ) -> bool: ...


class KeyedMac:
    """The default: HMAC-SHA256 under PIN_KEY; several keys with commas, the newest last."""

    def seal(self, card_id: int, purpose: Purpose, pin: Secret) -> tuple[bytes, int]:
        version = len(self._keys())
        return self._mac(card_id, purpose, pin, version), version

    def matches(
        self, card_id: int, purpose: Purpose, pin: Secret, *, stored: bytes, version: int
    ) -> bool:
        return hmac.compare_digest(self._mac(card_id, purpose, pin, version), stored)

    def _mac(self, card_id: int, purpose: Purpose, pin: Secret, version: int) -> bytes:
        message = f"{purpose.value}:{card_id}:{pin.reveal()}".encode()
        return hmac.digest(self._keys()[version - 1], message, "sha256")

    def _keys(self) -> list[bytes]:
        return [key.strip().encode() for key in settings.PIN_KEY.split(",")]


@cache
def hsm() -> Hsm:
    module: Hsm = import_string(getattr(settings, "PIN_HSM", "banking.pins.KeyedMac"))()
    return module


@dataclass(frozen=True, slots=True)
class Passed:
    """The PIN was right."""


@dataclass(frozen=True, slots=True)
class Wrong:
    left: int  # tries that remain


@dataclass(frozen=True, slots=True)
class Locked:
    """Not even looked at, or this was the last wrong try."""


def verify(card_id: int, pin: Secret, purpose: Purpose, *, call_ref: str, at: datetime) -> None:
    """Returns if the PIN is right.

    Raises PinWrong (left), PinLocked; for the transaction PIN their Transaction… subclasses.
    """
    funds = purpose == Purpose.TRANSACTION
    # Outside the transaction: a raise would roll the count back.
    match _attempt(card_id, pin, purpose, call_ref=call_ref, at=at):
        case Wrong(left):
            raise TransactionPinWrong(left=left) if funds else PinWrong(left=left)
        case Locked():
            raise TransactionPinLocked if funds else PinLocked


@transaction.atomic(durable=True)
def _attempt(
    card_id: int, pin: Secret, purpose: Purpose, *, call_ref: str, at: datetime
) -> Passed | Wrong | Locked:
    card = Card.objects.select_for_update(no_key=True).get(pk=card_id)
    left = tries_left(card, purpose, call_ref=call_ref, day=bank_day(at))
    if left <= 0:
        return Locked()
    stored = card.transaction_mac if purpose == Purpose.TRANSACTION else card.query_mac
    passed = stored is not None and hsm().matches(
        card.pk, purpose, pin, stored=bytes(stored), version=card.pin_key_version
    )
    What = PinEvent.What
    _record(card, purpose, What.PASSED if passed else What.FAILED, call_ref=call_ref, at=at)
    if passed:
        return Passed()
    return Wrong(left - 1) if left > 1 else Locked()


def tries_left(card: Card, purpose: Purpose, *, day: date, call_ref: str = "") -> int:
    """How often it may still be keyed; none left is locked. Exact while the card is locked."""
    What = PinEvent.What
    events = PinEvent.objects.filter(card=card, purpose=purpose)
    ending = [What.UNLOCKED, What.SET]
    if purpose == Purpose.TRANSACTION:
        ending.append(What.PASSED)  # a right one starts anew: three typos in years are no attack
    last = events.filter(what__in=ending).order_by("-id").values_list("id", flat=True).first()
    failed = events.filter(what=What.FAILED, id__gt=last or 0)
    if purpose == Purpose.TRANSACTION:
        return IN_ALL - failed.count()
    in_call = failed.filter(call_ref=call_ref).count() if call_ref else 0
    return min(PER_CALL - in_call, PER_DAY - failed.filter(on=day).count())


@transaction.atomic(durable=True)
def set_pin(
    card_id: int, pin: Secret, purpose: Purpose, *, at: datetime, by: User | None = None
) -> None:
    """At issue, or at a branch. Raises PinWeak."""
    card = Card.objects.select_for_update(no_key=True).select_related("customer").get(pk=card_id)
    if is_weak(pin, card.customer):
        raise PinWeak
    mac, card.pin_key_version = hsm().seal(card.pk, purpose, pin)
    field = "transaction_mac" if purpose == Purpose.TRANSACTION else "query_mac"
    setattr(card, field, mac)
    card.save(update_fields=[field, "pin_key_version"])
    _record(card, purpose, PinEvent.What.SET, at=at, by=by)


@transaction.atomic(durable=True)
def unlock(card_id: int, purpose: Purpose, *, by: User, at: datetime) -> None:
    """At a branch, the customer present; tries are counted anew."""
    card = Card.objects.select_for_update(no_key=True).get(pk=card_id)
    _record(card, purpose, PinEvent.What.UNLOCKED, at=at, by=by)


def is_weak(pin: Secret, customer: Customer) -> bool:
    """No six digits, one digit six times, a run up or down, or the birthday as YYMMDD."""
    digits = pin.reveal()
    if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        return True
    steps = {int(b) - int(a) for a, b in pairwise(digits)}
    return steps in ({0}, {1}, {-1}) or digits == f"{customer.born_on:%y%m%d}"


def _record(
    card: Card,
    purpose: Purpose,
    what: PinEvent.What,
    *,
    at: datetime,
    call_ref: str = "",
    by: User | None = None,
) -> None:
    PinEvent.objects.create(
        card=card, purpose=purpose, what=what, at=at, on=bank_day(at), call_ref=call_ref, by=by
    )
