"""Transfers within the bank (行内转账): drafted for the read-back, carried out once."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from banking import fees, instructions, ledger, limits
from banking.errors import (
    AccountClosed,
    AccountFrozen,
    AmountInvalid,
    InsufficientFunds,
    OrderRefused,
    PayeeSame,
    PayeeUnknown,
)
from banking.ledger import Funds, Leg
from banking.models import Account, Instruction, Journal
from banking.models.ledger import Internal
from banking.models.orders import Channel, State
from banking.retries import keyed
from calendars.clock import bank_day


@keyed
@transaction.atomic(durable=True)
def draft(
    *,
    key: UUID,
    payer_id: int,
    payee_id: int,
    amount: Decimal,
    channel: Channel,
    at: datetime,
    call_ref: str = "",
) -> Instruction:
    """Store the order with its fee, to be read back. `amount` in yuan.

    What can be refused already is, so that nobody gives a PIN for nothing; `execute` decides
    again. Raises AmountInvalid, PayeeUnknown, PayeeSame, AccountFrozen, AccountClosed,
    SingleLimitExceeded, DailyLimitExceeded, InsufficientFunds, KeyReused, Voided.
    """
    _check_amount(amount)
    if payer_id == payee_id:
        raise PayeeSame
    accounts = Account.objects.select_related("card").in_bulk([payer_id, payee_id])
    payer, payee = accounts[payer_id], accounts.get(payee_id)
    if payee is None or payee.kind != Account.Kind.DEMAND:
        raise PayeeUnknown
    day = bank_day(at)
    kind = Instruction.Kind.TRANSFER
    fee = fees.fee(amount, fees.schedule(kind, channel, day=day))
    assert payer.customer_id is not None  # only demand accounts pay
    _check_accounts(payer, payee, at)
    limits.allowance(payer.customer_id, channel, day=day).check(amount)
    _check_funds(payer, amount + fee)
    return instructions.draft(
        Instruction(
            key=key,
            digest=instructions.digest(
                kind=kind,
                payer_id=payer_id,
                payee_id=payee_id,
                amount=amount,
                channel=channel,
                call_ref=call_ref,
            ),
            kind=kind,
            channel=channel,
            customer_id=payer.customer_id,
            payer=payer,
            payee=payee,
            payee_tail=payee.card.last4 if payee.card else payee.number[-4:],
            amount=amount,
            fee=fee,
            call_ref=call_ref,
            drafted_at=at,
        )
    )


def execute(*, key: UUID, at: datetime) -> Instruction:
    """Carry out a confirmed transfer, once; asked again, give the first answer.

    Raises NotConfirmed, Voided, OutcomeUnknown, UnknownInstruction, or the refusal (an
    OrderRefused), which is recorded: then nothing has moved. CoreUnavailable: enquire.
    """
    try:
        return _execute(key=key, at=at)
    except OrderRefused as refusal:
        order = instructions.refuse(key=key, refusal=refusal, at=at)
        if order.state == State.EXECUTED:  # by somebody else, when there was money
            return order
        raise


@keyed
@transaction.atomic(durable=True)  # committed on return: the receipt may be spoken
def _execute(*, key: UUID, at: datetime) -> Instruction:
    order, funds = instructions.lock_all(key)  # a second caller waits, and finds it executed
    if order.executed_at:
        return order
    instructions.require_confirmed(order)
    assert order.payer_id and order.payee_id
    assert order.amount is not None and order.fee is not None
    payer = funds[order.payer_id]
    _check_accounts(payer, funds[order.payee_id], at)
    _check_funds(payer, order.amount + order.fee)
    journal_id = instructions.carry_out(order, at=at)  # within her limits
    if order.fee:
        fee_income = ledger.internal(Internal.FEES)
        ledger.post(
            Journal.Kind.FEE,
            [Leg(payer.id, -order.fee), Leg(fee_income, order.fee)],
            at=at,
            charged_for=journal_id,
        )
    return order


def _check_amount(amount: Decimal) -> None:
    if not amount.is_finite() or amount <= 0 or amount != fees.to_fen(amount):
        raise AmountInvalid


def _check_accounts(payer: Account | Funds, payee: Account | Funds, at: datetime) -> None:
    if Account.Status.CLOSED in {payer.status, payee.status}:
        raise AccountClosed
    if payer.status == Account.Status.FROZEN or payer.is_stopped(at):
        raise AccountFrozen


def _check_funds(payer: Account | Funds, needed: Decimal) -> None:
    if payer.available < needed:
        raise InsufficientFunds(available=payer.available, needed=needed)
