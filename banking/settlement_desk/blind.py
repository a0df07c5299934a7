"""The blind re-key: from whom pages hide the figure of an order, and who has seen it.

Above a threshold account and amount are keyed again from the payer's order, which is shown to
whoever keys it and to nobody else (`making.look`). Until such an order has left the desk no page
shows its figure to anybody who makes or checks, but to the one who has it in her hand to check.
That is written down, and she does not make it any more. Pages ask here; none decides by itself.
"""

from datetime import datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from banking.errors import NoDeskRule
from banking.ledger import ZERO
from banking.models import DeskRule, DeskStep, Instruction, SettlementOrder
from banking.settlement_desk import steps
from banking.settlement_desk.steps import What
from calendars.clock import bank_day
from people.models import User

MAKE = "banking.make_settlementorder"
CHECK = "banking.check_settlementorder"
MASK = "•••"  # where the figure would stand

State = SettlementOrder.State
ON_DESK = (State.TO_CLAIM, State.IN_HAND, State.TO_CHECK, State.SUSPENDED)


def needs_rekeying(order: SettlementOrder, rule: DeskRule) -> bool:
    return order.amount > rule.rekey_above


def hidden_from(reader: User, *, at: datetime) -> QuerySet[SettlementOrder]:
    """The orders whose figures no page shows her now; none to whoever has no part in the desk."""
    if not (reader.has_perm(MAKE) or reader.has_perm(CHECK)):
        return SettlementOrder.objects.none()
    waiting = SettlementOrder.objects.filter(
        state__in=ON_DESK, return_journal=None, amount__gt=_above(at)
    )
    return waiting.exclude(state=State.TO_CHECK, claimed_by=reader, lease_until__gt=at)


def hides(reader: User, order: SettlementOrder, *, at: datetime) -> bool:
    return hidden_from(reader, at=at).filter(pk=order.pk).exists()


def hides_instruction(reader: User, order: Instruction | None, *, at: datetime) -> bool:
    return order is not None and hidden_from(reader, at=at).filter(instruction=order).exists()


def marked(rows: QuerySet[Any], reader: User, *keys: str, at: datetime) -> QuerySet[Any]:
    """Rows of a list with `is_blind`: whether one of `keys` is the instruction of such an order.

    Of a journal that is its own and that of what it is a part of: before it comes back, an order
    has no other journals than its debit and the fee.
    """
    of_row = reduce(or_, (Q(instruction=OuterRef(key)) for key in keys))
    found: QuerySet[Any] = rows.annotate(is_blind=Exists(hidden_from(reader, at=at).filter(of_row)))
    return found


def has_seen(clerk: User) -> Exists:
    """For a query of orders: she had it in her hand to check, and saw its figure."""
    return Exists(DeskStep.objects.filter(order=OuterRef("pk"), by=clerk, what=What.SAW))


def saw(order: SettlementOrder, clerk: User, *, at: datetime) -> None:
    """It comes into her hand to be checked: from now on she knows the figure. Once a clerk."""
    rule = steps.rule(bank_day(at))
    if needs_rekeying(order, rule) and not _seen(order, clerk):
        steps.write(order, What.SAW, clerk, at=at)


def may_make(order: SettlementOrder, clerk: User) -> bool:
    """Whether she would key what she has not seen."""
    return not _seen(order, clerk)


def keyed_before(order: SettlementOrder) -> bool:
    """Its maker keys it a second time, since it was sent back or set aside; her checker is told."""
    return order.steps.filter(what=What.MADE, by=order.maker_id).count() > 1


def _seen(order: SettlementOrder, clerk: User) -> bool:
    return order.steps.filter(what=What.SAW, by=clerk).exists()


def _above(at: datetime) -> Decimal:
    """Yuan. Where the bank has no rule nothing can be made, and nothing is shown."""
    try:
        return steps.rule(bank_day(at)).rekey_above
    except NoDeskRule:
        return ZERO
