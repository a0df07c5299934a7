"""Bills (缴费): debited with the payment's row, and then asked of the biller, once.

A biller that doesn't answer is enquired after until it does (待查); the payment is not sent
again. What it rejects is re-credited with its fee, once.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from banking import fees, instructions, ledger, limits
from banking.billers import Answer, NoAnswer, Owed, Payment, reach
from banking.errors import BillAmountInvalid, BillerUnavailable, ContractUnknown, NothingOwed
from banking.ledger import Funds, Leg
from banking.models import Account, Biller, BillPayment, Instruction, Journal
from banking.models.ledger import Internal
from banking.models.orders import Channel
from banking.numbers import tail
from banking.operations import Operation, Terms, register
from banking.requests import BillPayment as Request
from banking.retries import keyed
from banking.transfers import charge, check_accounts, check_amount, check_funds
from calendars.clock import bank_day

AT_ONCE = 100  # enquiries of one run of the task
State = BillPayment.State
Question = Callable[..., Answer]  # `pay` or `enquire` of the biller's interface
log = logging.getLogger(__name__)


# -- the operation -------------------------------------------------------------------------------


def find_biller(kind: str, contract: str) -> Biller:
    """Whose contract that number may be: of several the one with the longest beginning.

    Raises ContractUnknown.
    """
    able = [b for b in Biller.objects.filter(kind=kind, is_active=True) if b.knows(contract)]
    if not able:
        raise ContractUnknown
    return max(able, key=lambda biller: _beginning(biller, contract))


def _beginning(biller: Biller, contract: str) -> int:
    """How many digits of the number say that it is this biller's."""
    return max((len(p) for p in biller.prefixes if contract.startswith(p)), default=0)


def look_up(biller: Biller, contract: str, *, at: datetime) -> Owed:
    """Raises ContractUnknown, BillerUnavailable."""
    try:
        owed = reach(biller).look_up(contract, at=at)
    except NoAnswer:
        raise BillerUnavailable from None
    if owed is None:
        raise ContractUnknown
    return owed


def terms(request: Request, *, channel: Channel, at: datetime) -> Terms:
    """Raises AmountInvalid, ContractUnknown, BillerUnavailable, NothingOwed, BillAmountInvalid,
    AccountFrozen, AccountClosed, SingleLimitExceeded, DailyLimitExceeded, InsufficientFunds."""
    check_amount(request.amount)
    biller = Biller.objects.filter(code=request.biller, is_active=True).first()
    if biller is None or not biller.knows(request.contract):
        raise ContractUnknown
    check_bill(biller, request, look_up(biller, request.contract, at=at))
    payer = Account.objects.get(pk=request.payer_id)
    assert payer.customer_id is not None  # only customers' accounts pay
    day = bank_day(at)
    fee = fees.fee(request.amount, fees.schedule(Instruction.Kind.BILL, channel, day=day))
    check_accounts(payer, at=at)
    limits.allowance(payer.customer_id, channel, day=day).check(request.amount)
    check_funds(payer, request.amount + fee)
    return Terms(
        customer_id=payer.customer_id,
        payer_id=payer.pk,
        payee_id=None,
        payee_tail=tail(request.contract),
        amount=request.amount,
        fee=fee,
        details={"biller": biller.code, "contract": request.contract},
    )


def check_bill(biller: Biller, request: Request, owed: Owed) -> None:
    """Whether the biller takes that amount. Raises NothingOwed, BillAmountInvalid."""
    if biller.top_ups:
        if request.amount not in biller.top_ups:
            raise BillAmountInvalid
        return
    if owed.amount <= 0:
        raise NothingOwed
    if request.amount > owed.amount or (request.amount < owed.amount and not biller.part_allowed):
        raise BillAmountInvalid


def carry_out(order: Instruction, funds: Mapping[int, Funds], *, at: datetime) -> None:
    """What is owed is the biller's to judge again: it may reject.

    Raises AccountFrozen, AccountClosed, InsufficientFunds, SingleLimitExceeded,
    DailyLimitExceeded.
    """
    assert order.payer_id
    assert order.amount is not None and order.fee is not None
    payer = funds[order.payer_id]
    check_accounts(payer, at=at)
    check_funds(payer, order.amount + order.fee)
    biller = Biller.objects.get(code=order.details["biller"])
    journal_id = instructions.carry_out(
        order,
        at=at,
        kind=Journal.Kind.BILL,
        to=ledger.internal(Internal.BILLERS),
        summary=f"缴费 {biller.name}",
    )
    charge(order, journal_id, at=at)
    BillPayment.objects.create(
        order=order,
        biller=biller,
        contract=order.details["contract"],
        amount=order.amount,
        booked_on=bank_day(at),
        journal_id=journal_id,
    )


def outcome(order: Instruction) -> str:
    """done, checked, queued or returned: what a caller is told."""
    state = BillPayment.objects.values_list("state", flat=True).get(order=order)
    match state:
        case State.PAID:
            return "done"
        case State.REJECTED:
            return "returned"
        case State.QUEUED | State.SENT:
            return "queued"
        case _:
            return "checked"


# -- with the biller -----------------------------------------------------------------------------


def ask(order: Instruction, *, at: datetime) -> None:
    """Send the payment, unless somebody has: from here on it is enquired after alone."""
    if _claim(order.key, at=at):
        payment = _payment(order.key)
        _hear(payment, reach(payment.biller).pay, at=at)


def enquire(key: UUID, *, at: datetime) -> None:
    """Ask what became of a payment that was sent and not answered."""
    asked = BillPayment.objects.filter(order_id=key, state=State.ASKED)
    asked.update(enquired_at=at, enquiries=F("enquiries") + 1)
    payment = _payment(key)
    _hear(payment, reach(payment.biller).enquire, at=at)


def resolve_open(*, at: datetime) -> tuple[int, int]:
    """What a worker left unasked, and what got no answer: (settled, still open).

    The longest unasked first, at most `AT_ONCE`.
    """
    waited = Q(state=State.DEBITED) | Q(state=State.ASKED)
    found = BillPayment.objects.filter(waited).select_related("biller", "order")
    settled = still = 0
    for payment in found.order_by(F("enquired_at").asc(nulls_first=True), "journal_id")[:AT_ONCE]:
        if payment.state == State.DEBITED:
            ask(payment.order, at=at)
        elif payment.asked_at and payment.asked_at + _patience(payment.biller) <= at:
            enquire(payment.pk, at=at)
        now = BillPayment.objects.values_list("state", flat=True).get(pk=payment.pk)
        is_open = now in {State.DEBITED, State.ASKED}
        settled, still = settled + (not is_open), still + is_open
    return settled, still


def _patience(biller: Biller) -> timedelta:
    """As long as whoever asked may still be waiting for the answer."""
    return timedelta(seconds=biller.timeout_s + 1)


@keyed
@transaction.atomic(durable=True)
def _claim(key: UUID, *, at: datetime) -> bool:
    """Whether it is ours to send: one alone gets it, and what is claimed is never sent again."""
    debited = BillPayment.objects.filter(order_id=key, state=State.DEBITED)
    return debited.update(state=State.ASKED, asked_at=at) == 1


def _hear(payment: BillPayment, question: Question, *, at: datetime) -> None:
    """The biller's answer, and what follows from it; without one the payment stays open."""
    spoken_of = Payment(
        key=payment.pk, contract=payment.contract, amount=payment.amount, day=payment.booked_on
    )
    try:
        answer = question(spoken_of, at=at)
    except NoAnswer:
        log.warning("no answer of %s to bill payment %s", payment.biller.code, payment.pk)
    except Exception:  # somebody else's code: what it did with the money nobody knows
        log.exception("%s failed at bill payment %s", payment.biller.code, payment.pk)
    else:
        settle(key=payment.pk, answer=answer, at=at)


def _payment(key: UUID) -> BillPayment:
    return BillPayment.objects.select_related("biller").get(pk=key)


@keyed
@transaction.atomic(durable=True)
def settle(*, key: UUID, answer: Answer, at: datetime) -> BillPayment:
    """Write down what the biller said; the first answer stands. Rejected money goes back."""
    return write_down(key, answer, at=at)


def write_down(key: UUID, answer: Answer, *, at: datetime) -> BillPayment:
    """`settle` within the caller's transaction."""
    order = instructions.lock(key)  # who settles the same payment waits here
    payment = _payment(key)
    if payment.is_settled or payment.state == State.QUEUED:
        return payment
    match answer.outcome:
        case "queued":
            payment.state = State.QUEUED
        case "paid":
            payment.state, payment.settled_at = State.PAID, at
        case "rejected":
            payment.state, payment.settled_at = State.REJECTED, at
            payment.reason = answer.reason
            payment.reversal_id = _reverse(order, payment, at=at)
            instructions.turned(order, at=at)
    payment.save(update_fields=["state", "settled_at", "reason", "reversal"])
    return payment


def _reverse(order: Instruction, payment: BillPayment, *, at: datetime) -> int:
    """Amount and fee back to where they came from; into suspense where that is closed.

    Each is part of the journal that it undoes, one of a kind: PostgreSQL refuses a second.
    """
    assert order.payer_id and order.fee is not None
    (payer,) = ledger.lock(order.payer_id)
    closed = payer.status == Account.Status.CLOSED
    to = ledger.internal(Internal.SUSPENSE) if closed else payer.id
    summary = f"退回 {payment.biller.name}"
    legs = [Leg(ledger.internal(Internal.BILLERS), -payment.amount), Leg(to, payment.amount)]
    undone = payment.journal_id
    posted = ledger.post(Journal.Kind.REVERSAL, legs, at=at, summary=summary, part_of=undone)
    if order.fee:
        fee = Journal.objects.get(part_of=undone, kind=Journal.Kind.FEE)
        legs = [Leg(ledger.internal(Internal.FEES), -order.fee), Leg(to, order.fee)]
        ledger.post(Journal.Kind.REVERSAL, legs, at=at, summary=summary, part_of=fee.pk)
    return posted.id


register(
    Operation(
        Request,
        terms,
        carry_out,
        after=ask,
        outcome=outcome,
        journals=frozenset({Journal.Kind.BILL, Journal.Kind.FEE, Journal.Kind.REVERSAL}),
    )
)
