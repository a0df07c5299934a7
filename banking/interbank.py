"""Transfers to other banks: 同城跨行 and 异地汇款, to payees registered at a branch.

The payer is debited at once, or when it is due, to the clearing account; a settlement order of
the same transaction takes it from there (`banking/settlement.py`).
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from banking import banks, clearing, fees, instructions, ledger, limits, settlement, timetables
from banking.clearing import Route
from banking.errors import NoClearing, PayeeElsewhere, PayeeUnregistered
from banking.ledger import Funds
from banking.models import Account, ExternalPayee, Instruction, Journal, SettlementOrder
from banking.models.ledger import Internal
from banking.models.orders import Channel
from banking.operations import Operation, Terms, register
from banking.requests import InterbankTransfer, Remittance, Speed
from banking.transfers import charge, check_accounts, check_amount, check_funds, check_payer, due_at
from calendars.clock import bank_day

Kind = Instruction.Kind
GIVEN_BACK = (SettlementOrder.State.RETURNED, SettlementOrder.State.BOUNCED)


def interbank_terms(request: InterbankTransfer, *, channel: Channel, at: datetime) -> Terms:
    """普通 is debited at once for the next session, 次日 when that day begins.

    Raises what `_terms` does.
    """
    due = due_at("next_day", at=at) if request.speed == "next_day" else None
    return _terms(request, Kind.INTERBANK, request.speed, due=due, channel=channel, at=at)


def remittance_terms(request: Remittance, *, channel: Channel, at: datetime) -> Terms:
    """Raises what `_terms` does."""
    due = due_at(request.speed, at=at)
    return _terms(request, Kind.REMITTANCE, request.speed, due=due, channel=channel, at=at)


def carry_out(order: Instruction, funds: Mapping[int, Funds], *, at: datetime) -> None:
    """Debit to the clearing account, and hand over to settlement.

    Raises AccountFrozen, AccountClosed, InsufficientFunds, SingleLimitExceeded,
    DailyLimitExceeded, PayeeUnregistered, NoClearing.
    """
    assert order.payer_id and order.customer_id
    assert order.amount is not None and order.fee is not None
    payee = _registered(order.details["payee"], order.customer_id, Channel(order.channel))
    route = _route(payee, order.amount, speed=order.details["speed"], at=at)
    payer = funds[order.payer_id]
    check_accounts(payer, at=at)
    check_funds(payer, order.amount + order.fee)
    to = ledger.internal(Internal.CLEARING)
    journal_id = instructions.carry_out(order, at=at, kind=Journal.Kind.OUTWARD, to=to)
    charge(order, journal_id, at=at)
    rule = timetables.transfer_rule(bank_day(at))
    remark = order.details.get("remark", "")  # what is due since before remarks has none
    settlement.debited(order, payee, route, rule=rule, at=at, remark=remark)


def _terms(
    request: InterbankTransfer | Remittance,
    kind: Kind,
    speed: Speed,
    *,
    due: datetime | None,
    channel: Channel,
    at: datetime,
) -> Terms:
    """Raises AmountInvalid, NotDemand, PayeeUnregistered, PayeeElsewhere, AccountFrozen,
    AccountClosed, SingleLimitExceeded, DailyLimitExceeded, InsufficientFunds, NoClearing."""
    check_amount(request.amount)
    payer = Account.objects.select_related("customer").get(pk=request.payer_id)
    assert payer.customer is not None  # only customers' accounts pay
    check_payer(payer)
    payee = _registered(request.payee_id, payer.customer.pk, channel)
    if timetables.in_our_city(payee.bank_code) != (kind == Kind.INTERBANK):
        raise PayeeElsewhere
    check_accounts(payer, at=at)
    day = bank_day(due or at)  # the day that it will count against
    limits.allowance(payer.customer.pk, channel, day=day).check(request.amount)
    tiers = fees.schedule(kind, channel, day=day, vip=payer.customer.vip)
    fee = fees.fee(request.amount, tiers)
    check_funds(payer, request.amount + fee)
    route = _route(payee, request.amount, speed=speed, at=due or at)
    return Terms(
        customer_id=payer.customer.pk,
        payer_id=payer.pk,
        payee_id=None,
        payee_tail=payee.last4,
        amount=request.amount,
        fee=fee,
        due_at=due,
        details={
            "payee": payee.pk,
            "speed": speed,
            "bank_code": payee.bank_code,
            "arrives": route.settles_by.isoformat(),
            "remark": request.remark,
        },
    )


def _registered(payee_id: int, customer_id: int, channel: Channel) -> ExternalPayee:
    """Raises PayeeUnregistered: not hers, or not any more."""
    found = banks.in_force(customer_id, channel).filter(pk=payee_id).first()
    if found is None:
        raise PayeeUnregistered
    return found


def _route(payee: ExternalPayee, amount: Decimal, *, speed: Speed, at: datetime) -> Route:
    """Raises NoClearing."""
    try:
        return timetables.route_to(payee.bank_code, amount, speed=speed, at=at)
    except clearing.NoRoute as none:
        raise NoClearing from none


def outcome(order: Instruction) -> str:
    """done or returned: what a caller is told."""
    return "returned" if order.settlementorder.state in GIVEN_BACK else "done"


JOURNALS = frozenset({Journal.Kind.OUTWARD, Journal.Kind.FEE})

register(
    Operation(InterbankTransfer, interbank_terms, carry_out, outcome=outcome, journals=JOURNALS)
)
register(Operation(Remittance, remittance_terms, carry_out, outcome=outcome, journals=JOURNALS))
