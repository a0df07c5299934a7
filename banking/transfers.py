"""Transfers within the bank (行内转账), to others and between a customer's own accounts."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal

from banking import fees, instructions, ledger, limits, timetables
from banking.errors import (
    AccountClosed,
    AccountFrozen,
    AmountInvalid,
    InsufficientFunds,
    NotDemand,
    NotOwnAccount,
    PayeeSame,
    PayeeUnknown,
)
from banking.ledger import Funds, Leg
from banking.models import Account, Instruction, Journal
from banking.models.ledger import Internal
from banking.models.orders import Channel
from banking.operations import Operation, Terms, register
from banking.requests import InBankTransfer, OwnTransfer, Speed
from calendars.clock import SHANGHAI, bank_day


def transfer_terms(request: InBankTransfer, *, channel: Channel, at: datetime) -> Terms:
    """Raises AmountInvalid, PayeeUnknown, PayeeSame, AccountFrozen, AccountClosed,
    SingleLimitExceeded, DailyLimitExceeded, InsufficientFunds."""
    check_amount(request.amount)
    payer, payee = _accounts(request.payer_id, request.payee_id)
    assert payer.customer is not None  # only customers' accounts pay
    check_accounts(payer, payee, at=at)
    due = due_at(request.speed, at=at)
    day = bank_day(due or at)  # the day that it will count against
    limits.allowance(payer.customer.pk, channel, day=day).check(request.amount)
    tiers = fees.schedule(Instruction.Kind.TRANSFER, channel, day=day, vip=payer.customer.vip)
    fee = fees.fee(request.amount, tiers)
    check_funds(payer, request.amount + fee)
    return Terms(
        customer_id=payer.customer.pk,
        payer_id=payer.pk,
        payee_id=payee.pk,
        payee_tail=payee.tail,
        amount=request.amount,
        fee=fee,
        due_at=due,
    )


def own_terms(request: OwnTransfer, *, channel: Channel, at: datetime) -> Terms:
    """Free, and outside the limits. Raises NotOwnAccount and what `transfer_terms` does."""
    check_amount(request.amount)
    payer, payee = _accounts(request.payer_id, request.payee_id)
    assert payer.customer_id is not None
    if payee.customer_id != payer.customer_id:
        raise NotOwnAccount
    check_accounts(payer, payee, at=at)
    check_funds(payer, request.amount)
    return Terms(
        customer_id=payer.customer_id,
        payer_id=payer.pk,
        payee_id=payee.pk,
        payee_tail=payee.tail,
        amount=request.amount,
    )


def carry_out(order: Instruction, funds: Mapping[int, Funds], *, at: datetime) -> None:
    """Raises AccountFrozen, AccountClosed, InsufficientFunds, SingleLimitExceeded,
    DailyLimitExceeded."""
    assert order.payer_id and order.payee_id
    assert order.amount is not None and order.fee is not None
    payer = funds[order.payer_id]
    check_accounts(payer, funds[order.payee_id], at=at)
    check_funds(payer, order.amount + order.fee)
    journal_id = instructions.carry_out(order, at=at)  # within her limits
    charge(order, journal_id, at=at)


def charge(order: Instruction, journal_id: int, *, at: datetime) -> None:
    """The order's fee, as a journal of its own beside the one it is charged for."""
    if order.fee:
        assert order.payer_id
        income = ledger.internal(Internal.FEES)
        ledger.post(
            Journal.Kind.FEE,
            [Leg(order.payer_id, -order.fee), Leg(income, order.fee)],
            at=at,
            part_of=journal_id,
        )


def due_at(speed: Speed, *, at: datetime) -> datetime | None:
    """When a transfer of that speed is debited; None: at once. 次日 is the next calendar day."""
    match speed:
        case "now":
            return None
        case "ordinary":
            rule = timetables.transfer_rule(bank_day(at))
            return at + timedelta(minutes=rule.ordinary_min)
        case "next_day":
            return datetime.combine(bank_day(at) + timedelta(days=1), time(), SHANGHAI)


def check_amount(amount: Decimal) -> None:
    """Raises AmountInvalid: not above zero, or not in whole fen."""
    if not amount.is_finite() or amount <= 0 or amount != fees.to_fen(amount):
        raise AmountInvalid


def check_accounts(payer: Account | Funds, *others: Account | Funds, at: datetime) -> None:
    """Whether the payer may be debited and the others credited.

    Raises AccountClosed, AccountFrozen.
    """
    if Account.Status.CLOSED in {payer.status, *(other.status for other in others)}:
        raise AccountClosed
    if payer.status == Account.Status.FROZEN or payer.is_stopped(at):
        raise AccountFrozen


def check_payer(payer: Account) -> None:
    """Raises NotDemand: what lies in a deposit leaves by the deposit's own rules."""
    if payer.kind != Account.Kind.DEMAND:
        raise NotDemand


def check_funds(payer: Account | Funds, needed: Decimal) -> None:
    """Raises InsufficientFunds."""
    if payer.available < needed:
        raise InsufficientFunds(available=payer.available, needed=needed)


def _accounts(payer_id: int, payee_id: int) -> tuple[Account, Account]:
    """Both with their cards. Raises PayeeSame, NotDemand, PayeeUnknown (no demand account of the
    bank)."""
    if payer_id == payee_id:
        raise PayeeSame
    found = Account.objects.select_related("card", "customer").in_bulk([payer_id, payee_id])
    check_payer(found[payer_id])
    payee = found.get(payee_id)
    if payee is None or payee.kind != Account.Kind.DEMAND:
        raise PayeeUnknown
    return found[payer_id], payee


register(
    Operation(
        InBankTransfer,
        transfer_terms,
        carry_out,
        journals=frozenset({Journal.Kind.TRANSFER, Journal.Kind.FEE}),
    )
)
register(
    Operation(
        OwnTransfer,
        own_terms,
        carry_out,
        journals=frozenset({Journal.Kind.TRANSFER}),
        counted=False,
    )
)
