"""Fraud rules in force, and orders by their names, for the stories about the guard."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import count
from uuid import UUID, uuid4

from django.db import transaction

from banking import instructions, orders
from banking.fraud import keeping
from banking.fraud.keeping import Wording
from banking.fraud.rules import Action, Threshold
from banking.models import FraudRule, Instruction
from banking.models.orders import Channel
from banking.requests import Speed
from tests.cast import NOON, Person, transfer

_codes = count(1)


def wording(threshold: Threshold, action: Action, **changes: object) -> Wording:
    plain: dict[str, object] = {"title": "测试规则", "priority": 50, "valid_from": NOON}
    return Wording(threshold=threshold, action=action, **(plain | changes))  # type: ignore[arg-type]


def in_force(
    threshold: Threshold, action: Action, *, at: datetime = NOON, **changes: object
) -> FraudRule:
    """A rule that two people have put into force."""
    rule = keeping.draft(f"rule-{next(_codes)}", wording(threshold, action, **changes), by=None)
    with transaction.atomic():
        return keeping.activate(rule.pk, seen=keeping.content(rule), by=None, at=at)


def drafted(
    payer: Person,
    payee: Person,
    amount: Decimal | int | str = 1500,
    *,
    at: datetime = NOON,
    channel: Channel = Channel.PHONE,
    phone: str | None = None,
    key: UUID | None = None,
    speed: Speed = "now",
) -> Instruction:
    return orders.draft(
        key=key or uuid4(),
        request=replace(transfer(payer, payee, amount), speed=speed),
        channel=channel,
        at=at,
        phone=phone,
    )


def confirmed(
    payer: Person,
    payee: Person,
    amount: Decimal | int | str = 1500,
    *,
    at: datetime = NOON,
    speed: Speed = "now",
) -> UUID:
    order = drafted(payer, payee, amount, at=at, speed=speed)
    instructions.confirm(key=order.key, at=at)
    return order.key


def executed(
    payer: Person, payee: Person, amount: Decimal | int | str = 1500, *, at: datetime = NOON
) -> Instruction:
    return orders.execute(key=confirmed(payer, payee, amount, at=at), at=at)
