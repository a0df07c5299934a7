"""Each order that leaves her hands by phone, agent or internet banking is judged before read-back.

What is decided is written down with the rule that decided, and what it saw; the order carries a
caution for the read-back and for `execute`. Where no rule is in force nothing is judged.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from banking.errors import BankingError, FraudSuspected, KeyReused, PersonNeeded
from banking.fraud import facts, rules
from banking.fraud.facts import Asked
from banking.fraud.rules import Action, Decision, Facts
from banking.models import FraudDecision, FraudRule, Instruction
from banking.models.orders import Channel

JUDGED = {Channel.PHONE, Channel.AGENT, Channel.ONLINE}
CAUTION = "caution"  # among an order's details: {"action": "warn" | "hold", "kind": of the rule}


def judge(order: Instruction, *, phone: str | None, at: datetime) -> BankingError | None:
    """What stands in the way of reading `order` back, if anything does; else it has its caution.

    Where a rule wants a person, a caller goes to an agent, an agent warns her, and an order of
    internet banking, which has nobody to talk to, is held for two.

    `phone` is the number she calls from ("" withheld); None where she does not call. Needs the
    transaction that drafts the order. The same key is answered as it was. Raises KeyReused.
    """
    if not order.counted or order.channel not in JUDGED:
        return None
    in_force = [row.rule() for row in active(at)]
    if not in_force:
        return None
    assert order.customer_id and order.amount is not None
    asked = asked_of(order, phone=phone if order.channel == Channel.PHONE else None, at=at)
    (known,) = facts.gather([asked], reach=rules.reach(in_force))
    decided = _written(order, known, rules.decide(in_force, known), at=at)
    match decided.action:
        case Action.REFUSE:
            return FraudSuspected()
        case Action.AGENT if order.channel == Channel.PHONE:
            return PersonNeeded()
        case Action.WARN | Action.HOLD | Action.AGENT:
            assert decided.rule
            action = _caution(Action(decided.action), Channel(order.channel))
            order.details[CAUTION] = {"action": action.value, "kind": decided.rule.kind}
    return None


def _caution(decided: Action, channel: Channel) -> Action:
    """To warn of, or to hold."""
    is_held = decided == Action.HOLD or (decided == Action.AGENT and channel == Channel.ONLINE)
    return Action.HOLD if is_held else Action.WARN


def is_held(order: Instruction) -> bool:
    """Whether it is to be looked at by two people before it is carried out."""
    caution: Mapping[str, str] = order.details.get(CAUTION) or {}
    return caution.get("action") == Action.HOLD


def active(at: datetime) -> QuerySet[FraudRule]:
    """The rules in force."""
    begun = FraudRule.objects.filter(state=FraudRule.State.ACTIVE, valid_from__lte=at)
    return begun.filter(Q(valid_until=None) | Q(valid_until__gt=at))


def asked_of(order: Instruction, *, phone: str | None, at: datetime) -> Asked:
    """The order as the facts are gathered for it."""
    assert order.customer_id and order.amount is not None
    return Asked(
        customer_id=order.customer_id,
        amount=order.amount,
        at=at,
        payee_id=order.payee_id if order.kind == Instruction.Kind.TRANSFER else None,
        external_id=order.details["payee"] if order.kind in facts.ACROSS else None,
        phone=phone,
    )


def hits(decision: Decision) -> list[dict[str, Any]]:
    """The rules that applied, as a decision keeps them."""
    return [
        {"rule": hit.rule.id, "action": hit.rule.action.value, "seen": hit.seen}
        for hit in decision.hits
    ]


def _written(
    order: Instruction, known: Facts, decision: Decision, *, at: datetime
) -> FraudDecision:
    """The decision, or what was decided when this key was seen before. Raises KeyReused."""
    assert order.customer_id and order.amount is not None
    row = FraudDecision(
        key=order.key,
        digest=order.digest,
        at=at,
        customer_id=order.customer_id,
        kind=order.kind,
        channel=order.channel,
        payee_tail=order.payee_tail,
        amount=order.amount,
        action=decision.action,
        rule_id=decision.by.id if decision.by else None,
        hits=hits(decision),
        facts=known.stored(),
        call_ref=order.call_ref,
    )
    FraudDecision.objects.bulk_create([row], ignore_conflicts=True)
    stored = FraudDecision.objects.select_related("rule").get(key=order.key)
    if bytes(stored.digest) != order.digest:
        raise KeyReused
    return stored


def decided(key: UUID) -> FraudDecision | None:
    """What the guard said of an order."""
    return FraudDecision.objects.select_related("rule").filter(key=key).first()
