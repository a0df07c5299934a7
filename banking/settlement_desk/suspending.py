"""挂起待查: set aside with a reason, taken up again; it must be gone by the end of the day."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from banking.errors import NothingSuspended
from banking.models import SettlementOrder
from banking.settlement_desk import steps
from banking.settlement_desk.steps import What
from people.models import User

State = SettlementOrder.State


@transaction.atomic(durable=True)
def suspend(order_id: int, clerk: User, *, words: str, at: datetime) -> SettlementOrder:
    """Something must be found out first. By its maker or its checker; whoever checks, checks anew.

    Raises NotInHand, NoReasonGiven.
    """
    order = steps.in_hand(order_id, clerk, State.IN_HAND, State.TO_CHECK, at=at)
    words = steps.said(words)
    steps.write(order, What.SUSPENDED, clerk, at=at, words=words)
    order.state, order.suspended_at, order.suspended_for = State.SUSPENDED, at, words
    order.checker = order.checked_at = None
    order.save(
        update_fields=[
            *("state", "suspended_at", "suspended_for", "checker", "checked_at"),
            *steps.let_go(order),
        ]
    )
    return order


@transaction.atomic(durable=True)
def resume(order_id: int, clerk: User, *, words: str, at: datetime) -> SettlementOrder:
    """What was found out; it waits for a maker again.

    Raises NoReasonGiven, NothingSuspended: also where its money came back and stands under
    suspense, which a person pays out.
    """
    words = steps.said(words)
    order = steps.lock(order_id)
    if order.state != State.SUSPENDED or order.return_journal_id is not None:
        raise NothingSuspended
    steps.write(order, What.RESUMED, clerk, at=at, words=words)
    order.state, order.suspended_at, order.suspended_for = State.TO_CLAIM, None, ""
    order.save(update_fields=["state", "suspended_at", "suspended_for"])
    return order


def suspended() -> QuerySet[SettlementOrder]:
    """The oldest first."""
    return SettlementOrder.objects.filter(state=State.SUSPENDED).order_by("suspended_at")
