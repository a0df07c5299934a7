"""What all verbs of the desk share: the order alone, the rule of the day, the step written down."""

from datetime import date, datetime

from banking.errors import NoDeskRule, NoReasonGiven, NotInHand
from banking.models import DeskRule, DeskStep, SettlementOrder
from people.models import User

What = DeskStep.What


def rule(day: date) -> DeskRule:
    """Raises NoDeskRule: the bank has not said."""
    found = DeskRule.objects.filter(valid_from__lte=day).order_by("-valid_from").first()
    if found is None:
        raise NoDeskRule
    return found


def lock(order_id: int) -> SettlementOrder:
    """Alone with it until the commit."""
    found = SettlementOrder.objects.select_for_update(of=("self",)).select_related("instruction")
    return found.get(pk=order_id)


def in_hand(
    order_id: int, clerk: User, *states: SettlementOrder.State, at: datetime
) -> SettlementOrder:
    """The order, locked, while it is hers and in one of these states. Raises NotInHand."""
    order = lock(order_id)
    hers = order.claimed_by_id == clerk.pk and order.lease_until and at < order.lease_until
    if order.state not in states or not hers:
        raise NotInHand
    return order


def write(
    order: SettlementOrder, what: What, by: User, *, at: datetime, words: str = ""
) -> DeskStep:
    """The step, with how long the order was in her hand where it was."""
    hers = order.claimed_by_id == by.pk and what != What.CLAIMED
    return DeskStep.objects.create(
        order=order,
        what=what,
        by=by,
        at=at,
        began_at=order.claimed_at if hers else None,
        words=words,
    )


def let_go(order: SettlementOrder) -> list[str]:
    """It is in nobody's hand; the fields that say so."""
    order.claimed_by = order.claimed_at = order.lease_until = None
    return ["claimed_by", "claimed_at", "lease_until"]


def said(words: str) -> str:
    """A reason, without what surrounds it. Raises NoReasonGiven."""
    if not words.strip():
        raise NoReasonGiven
    return words.strip()
