"""Orders of every kind: drafted for the read-back, carried out once, answered alike ever after."""

import logging
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, transaction

from banking import instructions, operations, phone_debits
from banking.errors import BankingError, OrderRefused, Voided
from banking.fraud import held, judging
from banking.models import Instruction
from banking.models.orders import Channel, State
from banking.requests import Request
from banking.retries import keyed

log = logging.getLogger(__name__)


def draft(
    *,
    key: UUID,
    request: Request,
    channel: Channel,
    at: datetime,
    call_ref: str = "",
    phone: str | None = None,
) -> Instruction:
    """Store what the request comes to, to be read back. Nothing moves.

    `phone` is the number she calls from, "" where it is withheld. Raises what its operation
    refuses already, so that nobody gives a PIN for nothing; `execute` decides again. KeyReused,
    Voided; FraudSuspected and PersonNeeded, of which a FraudDecision is kept.
    """
    # Outside the transaction: others may be asked for their terms, and may take their time.
    order = _order(key, request, channel=channel, at=at, call_ref=call_ref)
    drafted = _store(order, phone=phone, at=at)
    if isinstance(drafted, BankingError):
        raise drafted
    return drafted


@keyed
def _order(
    key: UUID, request: Request, *, channel: Channel, at: datetime, call_ref: str
) -> Instruction:
    operation = operations.of(request.kind)
    terms = operation.terms(request, channel=channel, at=at)
    return Instruction(
        key=key,
        digest=instructions.digest(request, channel=channel, call_ref=call_ref),
        kind=request.kind,
        channel=channel,
        customer_id=terms.customer_id,
        payer_id=terms.payer_id,
        payee_id=terms.payee_id,
        payee_tail=terms.payee_tail,
        amount=terms.amount,
        fee=terms.fee,
        counted=operation.counted,
        due_at=terms.due_at,
        details=dict(terms.details),
        call_ref=call_ref,
        drafted_at=at,
    )


@keyed
@transaction.atomic(durable=True)
def _store(order: Instruction, *, phone: str | None, at: datetime) -> Instruction | BankingError:
    """The order, or why the fraud guard keeps it from being read back: that is committed too."""
    assert order.customer_id
    phone_debits.check(order.customer_id, Channel(order.channel))
    return judging.judge(order, phone=phone, at=at) or instructions.draft(order)


def execute(*, key: UUID, at: datetime) -> Instruction:
    """Carry out a confirmed order, once; asked again, give the first answer.

    One that is due later is accepted and gets its receipt number; asked when it is due, it is
    debited. Raises NotConfirmed, Voided, OutcomeUnknown, UnknownInstruction, or the refusal (an
    OrderRefused), which is recorded: then nothing has moved. CoreUnavailable: enquire.
    """
    try:
        order = _execute(key=key, at=at)
    except OrderRefused as refusal:
        order = instructions.refuse(key=key, refusal=refusal, at=at)
        if order.state != State.EXECUTED:
            raise
        # By somebody else, when there was money.
    if order.state == State.EXECUTED and (after := operations.of(order.kind).after):
        after(order, at=at)
    return order


@keyed
@transaction.atomic(durable=True)  # committed on return: the receipt may be spoken
def _execute(*, key: UUID, at: datetime) -> Instruction:
    order, funds = instructions.lock_all(key)  # a second caller waits, and finds it executed
    if order.executed_at or order.state == State.HELD:
        return order
    instructions.require_confirmed(order)
    assert order.customer_id  # only a spent key has none
    phone_debits.check(order.customer_id, order.channel)
    if order.state == State.CONFIRMED and judging.is_held(order):
        held.accept(order, funds, at=at)
        return order
    if order.due_at is not None and at < order.due_at:
        if order.state == State.CONFIRMED:
            instructions.accept(order, State.SCHEDULED, at=at)
        return order
    operations.of(order.kind).carry_out(order, funds, at=at)
    return order


def due(at: datetime) -> list[UUID]:
    """Keys of accepted orders that are to be debited by now, the longest due first."""
    found = Instruction.objects.filter(state=State.SCHEDULED, due_at__lte=at)
    return list(found.order_by("due_at", "key").values_list("key", flat=True))


def execute_due(*, at: datetime) -> tuple[int, int]:
    """Debit what has come due, each in a transaction of its own: (executed, refused)."""
    outcomes = [0, 0]
    for key in due(at):
        try:
            execute(key=key, at=at)
        except OrderRefused:  # recorded: she hears it when she asks (查询与撤销)
            outcomes[1] += 1
        except Voided:  # withdrawn at the last moment
            continue
        except DatabaseError:  # one that can't be carried out now does not hold up the others
            log.exception("order %s stays due", key)
        else:
            outcomes[0] += 1
    return outcomes[0], outcomes[1]
