"""The life of an instruction: each verb moves its state once, and answers alike when repeated."""

import hashlib
import json
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from banking import holds, limits, order_messages, sql
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
from banking.ledger import Funds
from banking.models import Instruction, Journal
from banking.models.orders import UNTOLD, Channel, State
from banking.requests import Request
from banking.retries import keyed
from calendars.clock import bank_day

_COLUMNS = [field.attname for field in Instruction._meta.concrete_fields]
_JSON = [_COLUMNS.index("details"), _COLUMNS.index("refusal_values")]
_FUNDS = [field.name for field in fields(Funds)]
_LOCK = f"""
    SELECT {", ".join(_COLUMNS)} FROM banking_instruction
    WHERE key = %s FOR NO KEY UPDATE
"""  # noqa: S608  # our own columns
# The order, its customer (a daily limit counts over all her accounts), both accounts in id
# order: whoever takes several of these takes them so, and nobody deadlocks.
_LOCK_ALL = f"""
    SELECT {", ".join(f"o.{name}" for name in _COLUMNS)},
        {", ".join(f"a.{name}" for name in _FUNDS)}
    FROM banking_instruction o
    JOIN banking_customer c ON c.id = o.customer_id
    JOIN banking_account a ON a.id IN (o.payer_id, o.payee_id)
    WHERE o.key = %s ORDER BY a.id FOR NO KEY UPDATE OF o, c, a
"""  # noqa: S608
# One statement, so that what commits together is written together; within the limits only.
_CARRY_OUT = f"""
    WITH allowance AS ({limits.ALLOWANCE}), journal AS (
        INSERT INTO banking_journal (kind, at, booked_on, summary, instruction_id)
        SELECT %(kind)s, %(at)s, %(day)s, %(summary)s, %(key)s FROM allowance
        WHERE NOT %(counted)s OR (%(amount)s <= single AND %(amount)s <= daily - used)
        RETURNING id, number
    ), legs AS (
        INSERT INTO banking_posting (journal_id, account_id, amount)
        SELECT journal.id, leg.account_id, leg.amount
        FROM journal, (VALUES
            (%(payer)s::bigint, -%(moved)s::numeric), (%(payee)s, %(moved)s)
        ) AS leg (account_id, amount)
        ORDER BY leg.account_id
    )
    UPDATE banking_instruction SET state = 'executed', executed_at = %(at)s,
        booked_on = %(day)s, receipt = journal.number
    FROM journal WHERE key = %(key)s RETURNING journal.id, receipt
"""  # noqa: S608


# The receipt number of an order that is carried out later; its journal will have the same.
_ACCEPT = """
    UPDATE banking_instruction SET state = %(state)s, accepted_at = %(at)s,
        receipt = to_char(%(day)s::date, 'YYMMDD')
            || lpad(nextval('public.banking_receipt')::text, 6, '0')
    WHERE key = %(key)s RETURNING receipt
"""


def digest(request: Request, *, channel: str, call_ref: str) -> bytes:
    """One key, one content: what must not differ when the same key comes again."""
    return hashlib.sha256(f"{request.content()}|{channel}|{call_ref}".encode()).digest()


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
    found = sql.row(_LOCK, [key])
    if found is None:
        raise UnknownInstruction
    return _from_row(found)


def lock_all(key: UUID) -> tuple[Instruction, dict[int, Funds]]:
    """As `lock`, with its customer and both accounts, by id; a spent key has neither."""
    found = sql.rows(_LOCK_ALL, [key])
    if not found:
        return lock(key), {}
    split = len(_COLUMNS)
    return _from_row(found[0][:split]), {row[split]: Funds(*row[split:]) for row in found}


def _from_row(row: sql.Row) -> Instruction:
    values = list(row)
    for place in _JSON:  # it comes as text: the converter is the ORM's
        values[place] = json.loads(values[place])
    return Instruction.from_db("default", _COLUMNS, values)


def require_confirmed(order: Instruction) -> None:
    """Raises what stands in the way of carrying it out: the refusal it was given, or its state."""
    match order.state:
        case State.CONFIRMED | State.SCHEDULED:
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


def accept(order: Instruction, state: State, *, at: datetime) -> None:
    """A locked order is the bank's promise from here on: to be debited later, or being checked."""
    written = sql.row(
        _ACCEPT, {"state": state.value, "at": at, "day": bank_day(at), "key": order.key}
    )
    assert written is not None
    order.state, order.accepted_at, (order.receipt,) = state, at, written


def schedule(order: Instruction) -> None:
    """A locked order that was under review: accepted as before, to be debited when it is due."""
    order.state = State.SCHEDULED
    order.save(update_fields=["state"])


def carry_out(
    order: Instruction,
    *,
    at: datetime,
    kind: Journal.Kind = Journal.Kind.TRANSFER,
    to: int | None = None,
    amount: Decimal | None = None,
    summary: str = "",
) -> int:
    """Post the order's amount and mark it executed: together, or not at all. The journal's id.

    The money goes to the account `to`, else to the order's payee. `amount`: of an order that is
    several journals, what the first of them moves. The order is locked with its
    customer (`lock_all`), so that nobody else uses up her day.
    Raises SingleLimitExceeded, DailyLimitExceeded; IntegrityError where the ledger forbids it.
    """
    assert order.customer_id and order.amount is not None
    day = bank_day(at)
    written = sql.row(
        _CARRY_OUT,
        {
            "customer": order.customer_id,
            "channel": Channel(order.channel).priced_as.value,
            "cap": limits.CAP,
            "day": day,
            "kind": kind.value,
            "summary": summary,
            "counted": order.counted,
            "at": at,
            "key": order.key,
            "payer": order.payer_id,
            "payee": to or order.payee_id,
            "amount": order.amount,
            "moved": order.amount if amount is None else amount,
        },
    )
    if written is None:
        limits.allowance(order.customer_id, order.channel, day=day).check(order.amount)
        raise AssertionError("PostgreSQL and `Allowance.check` disagree on a limit")
    journal_id: int
    journal_id, order.receipt = written
    order.state, order.executed_at, order.booked_on = State.EXECUTED, at, day
    return journal_id


@keyed
@transaction.atomic(durable=True)
def refuse(*, key: UUID, refusal: OrderRefused, at: datetime) -> Instruction:
    """Record why it was not carried out; the transaction that found out is rolled back.

    If another worker has settled it meanwhile, that stands. One that she was promised for later
    is refused by message, too.
    """
    order = lock(key)
    if order.state in {State.CONFIRMED, State.SCHEDULED}:
        was_promised = order.state == State.SCHEDULED
        refused(order, refusal, at=at)
        if was_promised:
            order_messages.refused_when_due(order, refusal, at=at)
    return order


def refused(order: Instruction, refusal: OrderRefused, *, at: datetime) -> None:
    """Record the refusal of a locked order."""
    order.state, order.refused_at = State.REFUSED, at
    order.refusal, order.refusal_values = type(refusal).__name__, refusal.stored()
    order.save(update_fields=["state", "refused_at", "refusal", "refusal_values"])
    turned(order, at=at)


def turned(order: Instruction, *, at: datetime) -> None:
    """A locked order ended otherwise than she was told: she hears that first when she calls next.

    Who has heard nothing yet hears the end alone; what came in online is asked after there.
    """
    if order.told_at and order.turned_at is None and order.channel != Channel.ONLINE:
        order.turned_at = at
        order.save(update_fields=["turned_at"])


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
    """She heard to its end what became of it. Raises NotSettled, UnknownInstruction."""
    order = lock(key)
    if not _has_an_outcome(order):
        raise NotSettled
    if order.told_at is None:
        order.told_at = at
        order.save(update_fields=["told_at"])
    elif order.turned_at and order.retold_at is None:
        order.retold_at = at
        order.save(update_fields=["retold_at"])
    return order


def untold(customer_id: int) -> list[Instruction]:
    """Whose outcome she has not heard yet, or nobody knows (待查): the oldest first.

    An order counts from her yes and her password on. What she dropped before, by a hang-up, a no
    or a lost line, needs no telling: nothing was asked of the bank, and it is void.
    """
    found = Instruction.objects.filter(UNTOLD, customer_id=customer_id)
    return list(found.order_by("confirmed_at"))


def unsettled(customer_id: int) -> list[Instruction]:
    """Read back or confirmed, and then nothing: the oldest first."""
    open_states = [State.READ_BACK, State.CONFIRMED]
    found = Instruction.objects.filter(customer_id=customer_id, state__in=open_states)
    return list(found.order_by("drafted_at"))


def _has_an_outcome(order: Instruction) -> bool:
    """Confirmed and then settled, or accepted: there is something to be told."""
    match order.state:
        case State.EXECUTED | State.REFUSED:
            return True
        case State.VOID:
            return order.confirmed_at is not None
        case _:
            return order.accepted_at is not None


def _void(order: Instruction, at: datetime) -> Instruction:
    if order.state != State.VOID:
        if order.state == State.HELD:
            holds.lift(key=order.key, at=at)
        order.state, order.voided_at = State.VOID, at
        order.save(update_fields=["state", "voided_at"])
    return order
