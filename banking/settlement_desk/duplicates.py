"""Orders that seem to repeat another: payer, payee's account, amount, day of the bank."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta

from django.db.models import Q

from banking import vault
from banking.models import ExternalPayee, SettlementOrder
from calendars.clock import SHANGHAI, bank_day

State = SettlementOrder.State
GONE = (State.RETURNED, State.BOUNCED)  # the payer has her money: nothing is paid twice


def of(orders: Iterable[SettlementOrder]) -> Mapping[int, list[SettlementOrder]]:
    """By order: the others that it may repeat. Needs each order's instruction; one query."""
    asked = list(orders)
    alike = Q(pk__in=[])
    for order in asked:
        since = _midnight(order.submitted_at)
        alike |= Q(
            instruction__payer=order.instruction.payer_id,
            amount=order.amount,
            submitted_at__gte=since,
            submitted_at__lt=since + timedelta(days=1),
        )
    rows = SettlementOrder.objects.filter(alike).exclude(state__in=GONE)
    others = list(rows.select_related("instruction").order_by("id")) if asked else []
    found: dict[int, list[SettlementOrder]] = defaultdict(list)
    for order in asked:
        found[order.pk] = [other for other in others if _repeats(order, other)]
    return found


def _repeats(order: SettlementOrder, other: SettlementOrder) -> bool:
    return (
        order.pk != other.pk
        and order.amount == other.amount
        and order.instruction.payer_id == other.instruction.payer_id
        and bank_day(order.submitted_at) == bank_day(other.submitted_at)
        and _same_payee(order, other)
    )


def _same_payee(one: SettlementOrder, other: SettlementOrder) -> bool:
    """By their look-ups; by the numbers themselves where a key came between the two."""
    if one.payee_key_version == other.payee_key_version:
        return bytes(one.payee_lookup) == bytes(other.payee_lookup)
    numbers = {
        vault.unseal(bytes(order.payee_box), order.payee_key_version, ExternalPayee.PURPOSE)
        for order in (one, other)
    }
    return len(numbers) == 1


def _midnight(at: datetime) -> datetime:
    return datetime.combine(bank_day(at), time(), SHANGHAI)
