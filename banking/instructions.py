"""The life of an instruction: each verb moves its state once, and answers alike when repeated."""

import hashlib
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection, transaction

from banking.errors import (
    AlreadySettled,
    KeyReused,
    NotConfirmed,
    NotSettled,
    OrderRefused,
    OutcomeUnknown,
    UnknownInstruction,
    Voided,
    revived,
)
from banking.models import Instruction
from banking.models.orders import State
from banking.retries import keyed
from calendars.clock import bank_day

_COLUMNS = [field.attname for field in Instruction._meta.concrete_fields]
# Her customer is locked with it: a daily limit counts over all her accounts. First the order,
# then its customer, then accounts by id: all who take several take them so.
_LOCK_BOTH = f"""
    SELECT {", ".join("o." + name for name in _COLUMNS)}
    FROM banking_instruction o JOIN banking_customer c ON c.id = o.customer_id
    WHERE o.key = %s FOR NO KEY UPDATE OF o, c
"""  # noqa: S608  # our own columns
_LOCK = f"""
    SELECT {", ".join(_COLUMNS)} FROM banking_instruction
    WHERE key = %s FOR NO KEY UPDATE
"""  # noqa: S608

_EXECUTED = """
    UPDATE banking_instruction
    SET state = 'executed', executed_at = %s, booked_on = %s, receipt = %s WHERE key = %s
"""


def digest(
    *, kind: str, payer_id: int, payee_id: int, amount: Decimal, channel: str, call_ref: str
) -> bytes:
    """One key, one content: what must not differ when the same key comes again."""
    content = f"{kind}|{payer_id}|{payee_id}|{amount:.2f}|{channel}|{call_ref}"
    return hashlib.sha256(content.encode()).digest()


def draft(order: Instruction) -> Instruction:
    """Store what is about to be read back; under a key seen before give what is stored.

    Needs a transaction. Raises KeyReused if the parameters differ, Voided if the key is spent.
    """
    Instruction.objects.bulk_create([order], ignore_conflicts=True)
    stored = Instruction.objects.get(key=order.key)
    if stored.digest is None or stored.state == State.VOID:
        raise Voided
    if bytes(stored.digest) != order.digest:
        raise KeyReused
    return stored


def lock(key: UUID) -> Instruction:
    """The instruction, alone with it until the commit. Raises UnknownInstruction."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_BOTH, [key])
        row = cursor.fetchone()
        if row is None:  # a key that is spent has no customer
            cursor.execute(_LOCK, [key])
            row = cursor.fetchone()
    if row is None:
        raise UnknownInstruction
    return Instruction.from_db("default", _COLUMNS, row)


def require_confirmed(order: Instruction) -> None:
    """Raises what stands in the way of carrying it out: the refusal it was given, or its state."""
    match order.state:
        case State.CONFIRMED:
            return
        case State.REFUSED:
            raise revived(order.refusal, order.refusal_values)
        case State.UNKNOWN:
            raise OutcomeUnknown
        case State.VOID:
            raise Voided
        case _:
            raise NotConfirmed


@keyed
@transaction.atomic(durable=True)
def confirm(*, key: UUID, at: datetime) -> Instruction:
    """The customer said yes and gave her transaction PIN. From here a recovery may execute it.

    Confirmed twice (a key pressed twice) is confirmed once. Raises Voided, UnknownInstruction.
    """
    order = lock(key)
    if order.state == State.VOID:
        raise Voided
    if order.state == State.READ_BACK:
        order.state, order.confirmed_at = State.CONFIRMED, at
        order.save(update_fields=["state", "confirmed_at"])
    return order


def executed(order: Instruction, *, receipt: str, at: datetime) -> Instruction:
    """Within the journal's own transaction: they commit together."""
    order.state, order.executed_at, order.booked_on = State.EXECUTED, at, bank_day(at)
    order.receipt = receipt
    with connection.cursor() as cursor:
        cursor.execute(_EXECUTED, [at, order.booked_on, receipt, order.key])
    return order


@keyed
@transaction.atomic(durable=True)
def refuse(*, key: UUID, refusal: OrderRefused, at: datetime) -> Instruction:
    """Record why it was not carried out; the transaction that found out is rolled back.

    If another worker has settled it meanwhile, that stands.
    """
    order = lock(key)
    if order.state == State.CONFIRMED:
        order.state, order.refused_at = State.REFUSED, at
        order.refusal, order.refusal_values = type(refusal).__name__, refusal.stored()
        order.save(update_fields=["state", "refused_at", "refusal", "refusal_values"])
    return order


@keyed
@transaction.atomic(durable=True)
def void(*, key: UUID, at: datetime) -> Instruction:
    """Not to be carried out any more: she said no, or hung up before it was.

    Raises AlreadySettled (executed or refused), UnknownInstruction.
    """
    order = lock(key)
    if order.state in {State.EXECUTED, State.REFUSED}:
        raise AlreadySettled
    return _void(order, at)


@keyed
@transaction.atomic(durable=True)
def doubt(*, key: UUID, at: datetime) -> Instruction:
    """Its execution was asked for and no answer came: 待查, not tried again by itself."""
    order = lock(key)
    if order.state == State.CONFIRMED:
        order.state = State.UNKNOWN
        order.save(update_fields=["state"])
    return order


@keyed
@transaction.atomic(durable=True)
def enquire(*, key: UUID, at: datetime) -> Instruction:
    """What became of it. Waits for a transaction under way; after that nothing lands late.

    In doubt: the journal and `executed` commit together, so without them nothing has moved and
    the order is void. A key never seen is voided, so that a late first try can't land.
    """
    spent = Instruction(key=key, state=State.VOID, drafted_at=at, voided_at=at)
    Instruction.objects.bulk_create([spent], ignore_conflicts=True)
    order = lock(key)
    return _void(order, at) if order.state == State.UNKNOWN else order


@keyed
@transaction.atomic(durable=True)
def told(*, key: UUID, at: datetime) -> Instruction:
    """She heard the receipt, or the refusal, to its end. Raises NotSettled, UnknownInstruction."""
    order = lock(key)
    if order.state not in {State.EXECUTED, State.REFUSED}:
        raise NotSettled
    if order.told_at is None:
        order.told_at = at
        order.save(update_fields=["told_at"])
    return order


def untold(customer_id: int) -> list[Instruction]:
    """Executed, but she has not heard so yet: the oldest first."""
    found = Instruction.objects.filter(customer_id=customer_id, state=State.EXECUTED, told_at=None)
    return list(found.order_by("executed_at"))


def unsettled(customer_id: int) -> list[Instruction]:
    """Read back or confirmed, and then nothing: the oldest first."""
    open_states = [State.READ_BACK, State.CONFIRMED]
    found = Instruction.objects.filter(customer_id=customer_id, state__in=open_states)
    return list(found.order_by("drafted_at"))


def _void(order: Instruction, at: datetime) -> Instruction:
    if order.state != State.VOID:
        order.state, order.voided_at = State.VOID, at
        order.save(update_fields=["state", "voided_at"])
    return order
