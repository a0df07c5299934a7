"""PINs: checked by a keyed MAC, locked by counting. `Hsm` is what a bank's own module replaces.

Six digits have no entropy that a slow hash could save, so the key lives outside the database
(PIN_KEY). Wrong tries are facts, counted under the card's row lock: guesses in parallel are
counted one by one. Query PIN: so many a call and so many a day of the bank; transaction PIN: so
many in all since it last passed, then a branch unlocks it. How many is said by dated rules
(`banking/access.py`). The one-time code that activates a card (`banking/activation.py`) is
checked and counted here as well.
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

from banking import password_messages, phone_debits, throttle
from banking.access import Name, rule
from banking.errors import (
    CodeSpent,
    CodeWrong,
    NotProved,
    NumberThrottled,
    PinBirthday,
    PinLocked,
    PinMalformed,
    PinOfTheOther,
    PinRepeats,
    PinRuns,
    PinUnchanged,
    PinWeak,
    PinWrong,
    TransactionPinLocked,
    TransactionPinWrong,
)
from banking.models import Card, Customer, PinEvent, WrongTry
from banking.models.customers import Purpose
from banking.secret import Secret
from calendars.clock import bank_day
from people.models import User

WRONG = {
    Purpose.QUERY: PinWrong,
    Purpose.TRANSACTION: TransactionPinWrong,
    Purpose.ACTIVATION: CodeWrong,
}
LOCKED = {
    Purpose.QUERY: PinLocked,
    Purpose.TRANSACTION: TransactionPinLocked,
    Purpose.ACTIVATION: CodeSpent,
}
# What she must have proved in the same call to change a PIN.
NEEDED = {
    Purpose.QUERY: (Purpose.QUERY,),
    Purpose.TRANSACTION: (Purpose.QUERY, Purpose.TRANSACTION),
}


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


@dataclass(frozen=True, slots=True)
class Throttled:
    """Not even looked at: the number has tried too much."""


def verify(
    card_id: int,
    pin: Secret,
    purpose: Purpose,
    *,
    phone: str = "",
    call_ref: str,
    at: datetime,
) -> None:
    """Returns if the PIN is right. `phone` is the number that it is keyed from.

    Raises PinWrong (left), PinLocked; for the transaction PIN and for the activation code their
    subclasses; NumberThrottled where too much was wrong from this number.
    """
    # Outside the transaction: a raise would roll the count back.
    match _attempt(card_id, pin, purpose, phone=phone, call_ref=call_ref, at=at):
        case Wrong(left):
            raise WRONG[purpose](left=left)
        case Locked():
            raise LOCKED[purpose]
        case Throttled():
            raise NumberThrottled


@transaction.atomic(durable=True)
def _attempt(
    card_id: int, pin: Secret, purpose: Purpose, *, phone: str, call_ref: str, at: datetime
) -> Passed | Wrong | Locked | Throttled:
    identifies = purpose != Purpose.TRANSACTION  # who is asked for that one is known
    if identifies and not throttle.admits(phone, at=at):
        return Throttled()
    card = lock(card_id)
    left = tries_left(card, purpose, call_ref=call_ref, at=at)
    if left <= 0:
        return Locked()
    passed = is_right(card, pin, purpose)
    if passed and purpose == Purpose.QUERY:
        phone_debits.used(card.customer_id, at=at)
    What = PinEvent.What
    what = What.PASSED if passed else What.FAILED
    tried = record(card, purpose, what, call_ref=call_ref, at=at)
    if passed:
        return Passed()
    if identifies:
        throttle.note(phone, WrongTry.What.PASSWORD, call_ref=call_ref, at=at)
    if left > 1:
        return Wrong(left - 1)
    if purpose != Purpose.ACTIVATION:
        _tell(card, tried)
    return Locked()


def _tell(card: Card, tried: PinEvent) -> None:
    """Write to her mobile that this was one wrong try too many."""
    if tries_left(card, Purpose(tried.purpose), at=tried.at) > 0:
        password_messages.call_ended(tried)
    else:
        password_messages.locked(tried)


def is_right(card: Card, pin: Secret, purpose: Purpose) -> bool:
    """Whether it is the one that is set; nothing is counted."""
    stored, version = _sealed(card, purpose)
    return bool(stored) and hsm().matches(card.pk, purpose, pin, stored=stored, version=version)


def tries_left(card: Card, purpose: Purpose, *, at: datetime, call_ref: str = "") -> int:
    """How often it may still be keyed; none left is locked. Exact while the card is locked."""
    What = PinEvent.What
    events = PinEvent.objects.filter(card=card, purpose=purpose)
    ending = [What.UNLOCKED, What.SET]
    if purpose == Purpose.TRANSACTION:
        ending.append(What.PASSED)  # a right one starts anew: three typos in years are no attack
    last = events.filter(what__in=ending).order_by("-id").values_list("id", flat=True).first()
    failed = events.filter(what=What.FAILED, id__gt=last or 0)
    day = bank_day(at)
    if purpose == Purpose.TRANSACTION:
        return _left_in_all(list(failed.order_by("id").values_list("on", flat=True)), day=day)
    if purpose == Purpose.ACTIVATION:
        if card.activation_until is None or card.activation_until <= at:
            return 0
        return rule(Name.CODE_TRIES, day=day) - failed.count()
    in_call = failed.filter(call_ref=call_ref).count() if call_ref else 0
    of_the_day = rule(Name.QUERY_DAY, day=day) - failed.filter(on=day).count()
    return min(tries_a_call(day=day) - in_call, of_the_day)


def _left_in_all(failed: list[date], *, day: date) -> int:
    """Of the transaction PIN, by the days of its wrong tries. What a rule has locked stays so:
    a milder one of a later day is no branch that unlocks."""
    if failed and len(failed) >= rule(Name.IN_ALL, day=failed[-1]):
        return 0
    return rule(Name.IN_ALL, day=day) - len(failed)


def tries(purpose: Purpose, *, day: date) -> int:
    """How often a PIN may be wrong that was right so far."""
    if purpose == Purpose.TRANSACTION:
        return rule(Name.IN_ALL, day=day)
    return min(tries_a_call(day=day), rule(Name.QUERY_DAY, day=day))


def tries_a_call(*, day: date) -> int:
    """How often a query PIN may be wrong in one call."""
    return rule(Name.QUERY_CALL, day=day)


@transaction.atomic(durable=True)
def set_pin(
    card_id: int, pin: Secret, purpose: Purpose, *, at: datetime, by: User | None = None
) -> None:
    """At issue, or at a branch. Raises PinWeak."""
    put(lock(card_id), pin, purpose, at=at, by=by)


@transaction.atomic(durable=True)
def change(card_id: int, pin: Secret, purpose: Purpose, *, call_ref: str, at: datetime) -> None:
    """By the customer, who keyed the old one in this call; the transaction PIN's needs both.

    Raises NotProved, PinWeak (its subclasses say why).
    """
    card = lock(card_id)
    if not all(proved(card, needed, call_ref=call_ref) for needed in NEEDED[purpose]):
        raise NotProved
    if is_right(card, pin, purpose):
        raise PinUnchanged
    put(card, pin, purpose, at=at, call_ref=call_ref)


@transaction.atomic
def unlock(card_id: int, purpose: Purpose, *, by: User, at: datetime) -> None:
    """Tries are counted anew: what a branch asked and another decided (banking/two_eyes.py)."""
    record(lock(card_id), purpose, PinEvent.What.UNLOCKED, at=at, by=by)


def lock(card_id: int) -> Card:
    """Alone with the card, its PINs and their counts, until the commit."""
    found = Card.objects.select_for_update(of=("self",), no_key=True)
    return found.select_related("customer").get(pk=card_id)


def put(
    card: Card,
    pin: Secret,
    purpose: Purpose,
    *,
    at: datetime,
    call_ref: str = "",
    by: User | None = None,
) -> None:
    """Set a PIN of a locked card. Raises PinWeak."""
    if weak := weakness(pin, card.customer):
        raise weak
    other = Purpose.QUERY if purpose == Purpose.TRANSACTION else Purpose.TRANSACTION
    if is_right(card, pin, other):
        raise PinOfTheOther
    seal(card, pin, purpose)
    record(card, purpose, PinEvent.What.SET, at=at, call_ref=call_ref, by=by)


def seal(card: Card, secret: Secret, purpose: Purpose) -> None:
    """Store its MAC, and the version of the key that made it, with a locked card."""
    mac, version = hsm().seal(card.pk, purpose, secret)
    fields = f"{purpose.value}_mac", f"{purpose.value}_version"
    for field, value in zip(fields, (mac, version), strict=True):
        setattr(card, field, value)
    card.save(update_fields=fields)


def proved(card: Card, purpose: Purpose, *, call_ref: str) -> bool:
    """Whether the last that was keyed for it was right, or new, and in this very call."""
    last = PinEvent.objects.filter(card=card, purpose=purpose).order_by("-id").first()
    right = (PinEvent.What.PASSED, PinEvent.What.SET)
    return last is not None and last.what in right and last.call_ref == call_ref != ""


def weakness(pin: Secret, customer: Customer) -> type[PinWeak] | None:
    """Why it may be no PIN: no six digits, one digit six times, a run up or down, her birthday
    as YYMMDD."""
    digits = pin.reveal()
    if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        return PinMalformed
    steps = {int(b) - int(a) for a, b in pairwise(digits)}
    if steps == {0}:
        return PinRepeats
    if steps in ({1}, {-1}):
        return PinRuns
    return PinBirthday if digits == f"{customer.born_on:%y%m%d}" else None


def _sealed(card: Card, purpose: Purpose) -> tuple[bytes, int]:
    """Its MAC, empty where none is set, and the version of its key."""
    match purpose:
        case Purpose.QUERY:
            return bytes(card.query_mac or b""), card.query_version
        case Purpose.TRANSACTION:
            return bytes(card.transaction_mac or b""), card.transaction_version
        case Purpose.ACTIVATION:
            return bytes(card.activation_mac or b""), card.activation_version


def record(
    card: Card,
    purpose: Purpose,
    what: PinEvent.What,
    *,
    at: datetime,
    call_ref: str = "",
    by: User | None = None,
) -> PinEvent:
    return PinEvent.objects.create(
        card=card, purpose=purpose, what=what, at=at, on=bank_day(at), call_ref=call_ref, by=by
    )
