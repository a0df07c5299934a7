"""The checker's verbs (复核): carry out what the maker decided, or send it back to her."""

from datetime import datetime, timedelta

from django.db import transaction

from banking import clearing, settlement
from banking.errors import NoClearing, OwnWork
from banking.models import SettlementOrder
from banking.settlement_desk import steps
from banking.settlement_desk.steps import What
from calendars.clock import bank_day
from people.models import User

State, Decision = SettlementOrder.State, SettlementOrder.Decision


@transaction.atomic(durable=True)
def accept(order_id: int, clerk: User, *, at: datetime) -> SettlementOrder:
    """As its maker made it: sent, or given back. The first of two leaves it to the second.

    Raises NotInHand, OwnWork, NoClearing.
    """
    order = steps.in_hand(order_id, clerk, State.TO_CHECK, at=at)
    if clerk.pk in {order.maker_id, order.checker_id}:
        raise OwnWork  # PostgreSQL would refuse it as well
    if order.checker_id is None:
        steps.write(order, What.CHECKED, clerk, at=at)
        order.checker, order.checked_at = clerk, at
        fields = ["checker", "checked_at"]
        done = not order.needs_second
    else:
        steps.write(order, What.SECONDED, clerk, at=at)
        order.second_checker, order.second_checked_at = clerk, at
        fields, done = ["second_checker", "second_checked_at"], True
    order.save(update_fields=[*fields, *steps.let_go(order)])
    if done:
        _carry_out(order, clerk, at=at)
    return order


@transaction.atomic(durable=True)
def send_back(order_id: int, clerk: User, *, words: str, at: datetime) -> SettlementOrder:
    """To its maker, who has it in hand again; it is checked anew. Raises NotInHand, NoReasonGiven.

    Her lease begins now: if she isn't there, it goes to whoever is.
    """
    order = steps.in_hand(order_id, clerk, State.TO_CHECK, at=at)
    words = steps.said(words)
    steps.write(order, What.SENT_BACK, clerk, at=at, words=words)
    order.state, order.checker, order.checked_at = State.IN_HAND, None, None
    order.claimed_by, order.claimed_at = order.maker, at
    order.lease_until = at + timedelta(minutes=steps.rule(bank_day(at)).lease_min)
    order.save(
        update_fields=[
            *("state", "checker", "checked_at"),
            *("claimed_by", "claimed_at", "lease_until"),
        ]
    )
    return order


def _carry_out(order: SettlementOrder, clerk: User, *, at: datetime) -> None:
    """Raises NoClearing."""
    if order.decision == Decision.GIVE_BACK:
        settlement.returned(order, SettlementOrder.Reason(order.reason), at=at)
        steps.write(order, What.RETURNED, clerk, at=at)
        return
    try:
        settlement.approved(order, at=at)
    except clearing.NoRoute as none:
        raise NoClearing from none
