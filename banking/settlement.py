"""Orders to other banks from their debit on: what becomes of them is moved here and nowhere else.

Each verb needs its caller's transaction and locks the order first, then its instruction, then
the accounts.
"""

from datetime import datetime

from banking import banks, instructions, ledger, order_messages, timetables
from banking.clearing import Route
from banking.ledger import Leg
from banking.models import (
    Account,
    ExternalPayee,
    Instruction,
    Journal,
    SettlementOrder,
    TransferRule,
)
from banking.models.customers import Vip
from banking.models.ledger import Internal
from calendars.clock import bank_day

State, Hands, Reason = SettlementOrder.State, SettlementOrder.Hands, SettlementOrder.Reason
ROUTE = ("system", "session", "sends_at", "cut_off_at", "settles_by")
LEVELS = tuple(Vip)  # the later, the sooner her order is looked at


def debited(
    order: Instruction,
    payee: ExternalPayee,
    route: Route,
    *,
    rule: TransferRule,
    at: datetime,
    remark: str = "",
) -> SettlementOrder:
    """The order that goes with the debit of `order`: on its way, or to the settlement desk."""
    assert order.customer is not None and order.amount is not None
    hands = _hands(payee.bank_code, order, rule, remark)
    return SettlementOrder.objects.create(
        instruction=order,
        source=order.channel,
        state=State.TO_CLAIM if hands else State.DEBITED,
        amount=order.amount,
        payee=payee,
        bank_code=payee.bank_code,
        payee_name=payee.name,
        payee_box=payee.number_box,
        payee_lookup=payee.number_lookup,
        payee_last4=payee.last4,
        payee_key_version=payee.number_key_version,
        remark=remark,
        hands=hands,
        priority=LEVELS.index(Vip(order.customer.vip)),
        system=route.system,
        session=route.session,
        sends_at=route.sends_at,
        cut_off_at=route.cut_off_at,
        settles_by=route.settles_by,
        submitted_at=at,
        debited_at=at,
    )


def reroute(order: SettlementOrder, *, at: datetime) -> None:
    """Its session went by without it: the next one that takes it. Raises clearing.NoRoute.

    A way that a clerk chose is kept while it is open; else it was to be paid at once if the
    large-value system was its way.
    """
    ways = timetables.ways_to(order.bank_code, order.amount, at=at) if order.maker_id else []
    chosen = next((way for way in ways if way.system == order.system), None)
    take(
        order,
        chosen
        or timetables.route_to(
            order.bank_code,
            order.amount,
            speed="now" if order.system == "large_value" else "ordinary",
            at=at,
        ),
    )
    order.save(update_fields=[*ROUTE])


def take(order: SettlementOrder, route: Route) -> None:
    """It is to go this way: the fields are set, and saved by who asked (`ROUTE`)."""
    order.system, order.session = route.system, route.session
    order.sends_at, order.cut_off_at = route.sends_at, route.cut_off_at
    order.settles_by = route.settles_by


def approved(order: SettlementOrder, *, at: datetime) -> None:
    """The desk is done with it: on the way of those that needed nobody.

    One whose cut-off went by meanwhile gets the next session. Raises clearing.NoRoute.
    """
    if order.cut_off_at <= at:
        reroute(order, at=at)
    order.state = State.DEBITED
    order.save(update_fields=["state"])


def returned(order: SettlementOrder, reason: SettlementOrder.Reason, *, at: datetime) -> None:
    """退回: it never left the bank, and the payer has it again; as `bounced` if she has closed."""
    payer = _give_back(order, at=at)
    order.state = State.RETURNED if payer else State.SUSPENDED
    _ended(order, reason, payer, at=at)


def sent(order: SettlementOrder, *, at: datetime) -> None:
    """It stands in a file to clearing."""
    order.state, order.sent_at = State.SENT, at
    order.save(update_fields=["state", "sent_at"])


def succeeded(order: SettlementOrder, *, at: datetime) -> None:
    """The payee's bank has it."""
    order.state, order.settled_at = State.SUCCEEDED, at
    order.save(update_fields=["state", "settled_at"])


def bounced(order: SettlementOrder, reason: str, *, at: datetime) -> None:
    """退汇: the other bank gave it back, by the code that it gave; the payer has it again.

    Where her account was closed meanwhile, it is suspended, and the money stands under suspense.
    """
    payer = _give_back(order, at=at)
    order.state = State.BOUNCED if payer else State.SUSPENDED
    _ended(order, Reason(reason) if reason in Reason else Reason.OTHER, payer, at=at)


def _ended(
    order: SettlementOrder,
    reason: SettlementOrder.Reason,
    payer: Account | None,
    *,
    at: datetime,
) -> None:
    """The money has left clearing: the payer is written so, or it stands under suspense."""
    order.reason, order.returned_at = reason, at
    if order.state == State.SUSPENDED:
        order.suspended_at = at
    fields = ["state", "reason", "returned_at", "return_journal", "suspended_at"]
    order.save(update_fields=fields)
    if payer is not None:
        instructions.turned(order.instruction, at=at)
        order_messages.given_back(order, payer, at=at)


def _give_back(order: SettlementOrder, *, at: datetime) -> Account | None:
    """Post the amount, and the fee where the bank's rule says so. The payer's account, if it is
    open and got the money.

    Each is part of the journal that it undoes, one of a kind: PostgreSQL refuses a second.
    """
    order.instruction = instructions.lock(order.instruction_id)  # before the account, as all do
    sent = Journal.objects.get(instruction=order.instruction)
    payer_id = order.instruction.payer_id
    assert payer_id is not None
    (payer,) = ledger.lock(payer_id)
    is_open = payer.status != Account.Status.CLOSED
    to = payer_id if is_open else ledger.internal(Internal.SUSPENSE)
    clearing = ledger.internal(Internal.CLEARING)
    posted = ledger.post(
        Journal.Kind.RETURNED,
        [Leg(clearing, -order.amount), Leg(to, order.amount)],
        at=at,
        part_of=sent.pk,
    )
    order.return_journal_id = posted.id
    fee = sent.parts.filter(kind=Journal.Kind.FEE).first()
    if fee and order.instruction.fee and timetables.transfer_rule(bank_day(at)).fee_back:
        income = ledger.internal(Internal.FEES)
        legs = [Leg(income, -order.instruction.fee), Leg(to, order.instruction.fee)]
        ledger.post(Journal.Kind.REVERSAL, legs, at=at, part_of=fee.pk)
    return order.instruction.payer if is_open else None


def _hands(bank_code: str, order: Instruction, rule: TransferRule, remark: str) -> str:
    """Why a person must look at it, if one must."""
    assert order.amount is not None
    if banks.bank_of(bank_code) is None:
        return Hands.BRANCH
    if order.amount > rule.desk_above:
        return Hands.AMOUNT
    return Hands.REMARK if remark else ""
