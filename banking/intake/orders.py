"""An order that a system hands in for its customer: drafted, confirmed and executed as hers.

The system has her yes and her second factor, by its own means. One idempotency key is one body
and one instruction, however often it comes and wherever it broke off.
"""

import hashlib
import logging
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction

from banking import banks, instructions, orders, timetables
from banking.errors import IntakeKeyReused, OrderRefused, PayerUnknown, Voided, revived
from banking.models import Account, Instruction, IntakeClient, IntakeOrder, SettlementOrder
from banking.models.orders import Channel, State
from banking.requests import InterbankTransfer, Remittance, Request, Speed
from banking.secret import Secret
from calendars.clock import bank_day

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the customer asked for there; yuan. Within the city `now` is the next session."""

    customer: str  # her number
    payer_account: str
    payee_account: Secret
    payee_name: str
    bank_code: str
    amount: Decimal
    speed: Speed
    remark: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of it. `settles_by`: when the payee's bank has it, while it is under way."""

    key: str
    state: str
    receipt: str
    amount: Decimal
    fee: Decimal
    settles_by: datetime | None
    reason: str
    refusal: OrderRefused | None = None
    is_new: bool = False


# What an instruction says while no settlement order goes with it.
STATES = {
    State.READ_BACK: "received",
    State.CONFIRMED: "received",
    State.UNKNOWN: "received",
    State.SCHEDULED: "scheduled",
    State.HELD: "under_review",
    State.REFUSED: "refused",
    State.VOID: "withdrawn",
}
# The desk's own stations are its own business: to others the order is with the bank.
SETTLING = {
    SettlementOrder.State.SENT: "sent",
    SettlementOrder.State.SUCCEEDED: "paid",
    SettlementOrder.State.RETURNED: "returned",
    SettlementOrder.State.BOUNCED: "returned",
    SettlementOrder.State.SUSPENDED: "under_review",
    SettlementOrder.State.DEBITED: "accepted",
}


def take(client: IntakeClient, key: str, wanted: Wanted, *, body: bytes, at: datetime) -> Taken:
    """Take it on; again, say what became of it.

    One that the fraud guard wants a person for is taken, and held for two
    (`banking/fraud/held.py`).
    Raises IntakeKeyReused (another body), PayerUnknown, FraudSuspected and what drafting
    refuses: then nothing is kept but the key and its body, and it may come again.
    """
    row = _reserve(client, key, hashlib.sha256(body).hexdigest(), at=at)
    order = Instruction.objects.filter(key=row.instruction_key).first()
    if order is None:
        orders.draft(
            key=row.instruction_key,
            request=_request(wanted, at=at),
            channel=Channel.ONLINE,
            at=at,
        )
    if order is None or order.state in {State.READ_BACK, State.CONFIRMED}:
        _carry_on(row.instruction_key, at=at)
    return replace(state_of(row), is_new=order is None)


def find(client: IntakeClient, key: str) -> Taken | None:
    """What became of an order of this system; None: no such key, or nothing came of it."""
    row = IntakeOrder.objects.filter(client=client, key=key).first()
    if row is None or not Instruction.objects.filter(key=row.instruction_key).exists():
        return None
    return state_of(row)


def state_of(row: IntakeOrder) -> Taken:
    order = Instruction.objects.select_related("settlementorder").get(key=row.instruction_key)
    settling: SettlementOrder | None = getattr(order, "settlementorder", None)
    assert order.amount is not None and order.fee is not None
    if settling is None:
        state = STATES[State(order.state)]
    else:
        state = SETTLING.get(SettlementOrder.State(settling.state), "in_process")
    under_way = settling is not None and state in {"accepted", "in_process", "sent"}
    return Taken(
        key=row.key,
        state=state,
        receipt=order.receipt,
        amount=order.amount,
        fee=order.fee,
        settles_by=settling.settles_by if settling and under_way else None,
        reason=settling.reason if settling and state == "returned" else "",
        refusal=revived(order.refusal, order.refusal_values) if order.refusal else None,
    )


@transaction.atomic(durable=True)
def _reserve(client: IntakeClient, key: str, sha256: str, *, at: datetime) -> IntakeOrder:
    """The key's row, made when it first came. Raises IntakeKeyReused."""
    row = IntakeOrder(
        client=client, key=key, sha256=sha256, instruction_key=_uuid(client, key), at=at
    )
    IntakeOrder.objects.bulk_create([row], ignore_conflicts=True)
    stored = IntakeOrder.objects.get(client=client, key=key)
    if stored.sha256 != sha256:
        raise IntakeKeyReused
    return stored


def _uuid(client: IntakeClient, key: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"bankline:intake:{client.key_id}:{key}")


def _request(wanted: Wanted, *, at: datetime) -> Request:
    """Raises PayerUnknown, BankCodeInvalid, PayeeNumberInvalid."""
    payer = (
        Account.objects.select_related("customer")
        .filter(number=wanted.payer_account, customer__number=wanted.customer)
        .first()
    )
    if payer is None or payer.customer is None:
        raise PayerUnknown
    payee = banks.named_online(
        payer.customer,
        bank_code=wanted.bank_code,
        number=wanted.payee_account,
        name=wanted.payee_name,
        on=bank_day(at),
    )
    if timetables.in_our_city(wanted.bank_code):
        return InterbankTransfer(
            payer_id=payer.pk,
            payee_id=payee.pk,
            amount=wanted.amount,
            speed="next_day" if wanted.speed == "next_day" else "ordinary",
            remark=wanted.remark,
        )
    return Remittance(
        payer_id=payer.pk,
        payee_id=payee.pk,
        amount=wanted.amount,
        speed=wanted.speed,
        remark=wanted.remark,
    )


def _carry_on(key: UUID, *, at: datetime) -> None:
    """Confirmed and executed. A refusal is recorded with the order, and read from there."""
    try:
        instructions.confirm(key=key, at=at)
        orders.execute(key=key, at=at)
    except Voided:
        return
    except OrderRefused as refusal:
        log.info("order %s is refused: %s", key, type(refusal).__name__)
    instructions.told(key=key, at=at)  # by the answer: the telephone does not tell her again
