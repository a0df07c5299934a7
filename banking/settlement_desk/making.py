"""The maker's verbs (经办): the bank's code, the way, what is sent along; or the money back."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext

from banking import banks, settlement, timetables, vault
from banking.clearing import Route
from banking.errors import (
    BankCodeInvalid,
    BankingError,
    KeyedOtherwise,
    RepeatsAnother,
    RouteClosed,
)
from banking.models import ExternalPayee, SettlementOrder
from banking.secret import Secret
from banking.settlement_desk import blind, duplicates, steps
from banking.settlement_desk.steps import What
from calendars.clock import bank_day
from people import access
from people.models import User

State = SettlementOrder.State
Decision = SettlementOrder.Decision
Reason = SettlementOrder.Reason
# Why the desk itself gives money back; the other reasons are other banks'.
REASONS = (Reason.TWICE, Reason.WITHDRAWN, Reason.NOWHERE)


@dataclass(frozen=True, slots=True)
class Keyed:
    """What the maker keyed from the payer's order, blind: nothing of it is on her page."""

    number: Secret
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Original:
    """The payer's order as she gave it: shown by itself, and on record."""

    number: str
    name: str
    amount: Decimal
    remark: str


@transaction.atomic(durable=True)
def look(order_id: int, clerk: User, *, address: str | None, at: datetime) -> Original:
    """The payer's order, to key from; written down as a look at its customer. Raises NotInHand."""
    order = steps.in_hand(order_id, clerk, State.IN_HAND, at=at)
    assert order.instruction.customer is not None
    access.record(
        clerk,
        "reveal",
        order.instruction.customer,
        field="payee",
        reason=gettext("keys settlement order %(number)s again") % {"number": order},
        address=address,
        at=at,
    )
    steps.write(order, What.LOOKED, clerk, at=at)
    return Original(_number(order).reveal(), order.payee_name, order.amount, order.remark)


@transaction.atomic(durable=True)
def clear(order_id: int, clerk: User, *, words: str, at: datetime) -> SettlementOrder:
    """It repeats no other, she says and why. Raises NotInHand, NoReasonGiven."""
    order = steps.in_hand(order_id, clerk, State.IN_HAND, at=at)
    words = steps.said(words)
    order.cleared_by = clerk
    order.save(update_fields=["cleared_by"])
    steps.write(order, What.CLEARED, clerk, at=at, words=words)
    return order


def make(
    order_id: int,
    clerk: User,
    *,
    bank_code: str,
    system: str,
    postscript: str,
    keyed: Keyed | None = None,
    at: datetime,
) -> SettlementOrder:
    """Ready to be sent, says its maker; it goes to be checked.

    Raises NotInHand, RepeatsAnother, BankCodeInvalid, RouteClosed, and KeyedOtherwise, which is
    counted.
    """
    made = _make(
        order_id,
        clerk,
        bank_code=bank_code,
        system=system,
        postscript=postscript,
        keyed=keyed,
        at=at,
    )
    if isinstance(made, BankingError):
        raise made
    return made


@transaction.atomic(durable=True)
def propose_return(order_id: int, clerk: User, *, reason: Reason, at: datetime) -> SettlementOrder:
    """Not to be sent, says its maker: a checker gives the payer her money back. Raises NotInHand.

    Raises ValueError where the reason is another bank's.
    """
    if reason not in REASONS:
        raise ValueError(reason)
    order = steps.in_hand(order_id, clerk, State.IN_HAND, at=at)
    order.reason = reason
    _made(order, clerk, Decision.GIVE_BACK, ["reason"], at=at)
    return order


@transaction.atomic(durable=True)
def _make(
    order_id: int,
    clerk: User,
    *,
    bank_code: str,
    system: str,
    postscript: str,
    keyed: Keyed | None,
    at: datetime,
) -> SettlementOrder | BankingError:
    order = steps.in_hand(order_id, clerk, State.IN_HAND, at=at)
    if order.cleared_by_id is None and duplicates.of([order])[order.pk]:
        raise RepeatsAnother
    bank = banks.bank_of(bank_code)
    if bank is None or bank.is_own:
        raise BankCodeInvalid
    route = _way(bank_code, system, order.amount, at=at)
    if blind.needs_rekeying(order, steps.rule(bank_day(at))) and not _keyed_right(order, keyed):
        order.mismatches += 1
        order.save(update_fields=["mismatches"])
        steps.write(order, What.MISKEYED, clerk, at=at)
        return KeyedOtherwise()  # the count is committed with it
    order.bank_code, order.postscript, order.reason = bank_code, postscript.strip(), ""
    settlement.take(order, route)
    fields = ["bank_code", "postscript", "reason", *settlement.ROUTE]
    _made(order, clerk, Decision.SEND, fields, at=at)
    return order


def _made(
    order: SettlementOrder, clerk: User, decision: Decision, fields: list[str], *, at: datetime
) -> None:
    """To its checker; who checked it before checks anew."""
    steps.write(order, What.MADE, clerk, at=at)
    order.state, order.decision = State.TO_CHECK, decision
    order.maker, order.made_at = clerk, at
    order.needs_second = order.amount > steps.rule(bank_day(at)).second_above
    order.checker = order.checked_at = None
    order.save(
        update_fields=[
            *("state", "decision", "maker", "made_at", "needs_second", "checker", "checked_at"),
            *fields,
            *steps.let_go(order),
        ]
    )


def _way(bank_code: str, system: str, amount: Decimal, *, at: datetime) -> Route:
    """Raises RouteClosed."""
    ways = timetables.ways_to(bank_code, amount, at=at)
    found = next((way for way in ways if way.system == system), None)
    if found is None:
        raise RouteClosed
    return found


def _keyed_right(order: SettlementOrder, keyed: Keyed | None) -> bool:
    return keyed is not None and (keyed.number, keyed.amount) == (_number(order), order.amount)


def _number(order: SettlementOrder) -> Secret:
    return vault.unseal(bytes(order.payee_box), order.payee_key_version, ExternalPayee.PURPOSE)
