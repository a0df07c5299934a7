"""A dry run: what a draft rule would have done to last month's orders, beside the rules in force.

It reads what was confirmed, newest first and at most so many, judges each by what was known when
it was confirmed, and writes nothing.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from banking.fraud import facts, judging, rules
from banking.fraud.rules import Action, Caller, Facts, Rule
from banking.models import FraudDecision, FraudRule, Instruction

SPAN = timedelta(days=30)
MOST = 5_000  # orders looked at
CHUNK = 500
SAMPLES = 10


@dataclass(slots=True)
class Sum:
    """Orders, and yuan."""

    orders: int = 0
    amount: Decimal = rules.ZERO

    def add(self, amount: Decimal) -> None:
        self.orders += 1
        self.amount += amount


@dataclass(frozen=True, slots=True)
class Sample:
    """An order that the rule would have caught."""

    order: Instruction
    action: Action  # what would have become of it


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """`caught`: by what would have become of them; `fresh`: milder or let pass without the rule."""

    since: datetime
    until: datetime
    seen: Sum = field(default_factory=Sum)
    caught: dict[Action, Sum] = field(default_factory=lambda: defaultdict(Sum))
    fresh: Sum = field(default_factory=Sum)
    samples: list[Sample] = field(default_factory=list)
    whole: bool = True  # False: there were more orders than were looked at


def rehearse(draft: FraudRule, *, at: datetime) -> Rehearsal:
    """Raises ThresholdInvalid."""
    rule = draft.rule()
    standing = [row.rule() for row in judging.active(at).exclude(code=draft.code)]
    orders = list(
        Instruction.objects.filter(
            counted=True,
            channel__in=judging.JUDGED,
            state__in=facts.CONFIRMED,
            confirmed_at__gt=at - SPAN,
            confirmed_at__lte=at,
        )
        .select_related("customer", "payer__card")
        .order_by("-confirmed_at")[: MOST + 1]
    )
    found = Rehearsal(at - SPAN, at, whole=len(orders) <= MOST)
    for start in range(0, min(len(orders), MOST), CHUNK):
        part = orders[start : min(start + CHUNK, MOST)]
        for order, known in zip(part, _known(part, [rule, *standing]), strict=True):
            _judge(found, order, known, rule, standing)
    return found


def _judge(
    found: Rehearsal, order: Instruction, known: Facts, rule: Rule, standing: list[Rule]
) -> None:
    assert order.amount is not None
    found.seen.add(order.amount)
    if rule.threshold.seen(known) is None:
        return
    after = rules.decide([rule, *standing], known)
    found.caught[after.action].add(order.amount)
    if rules.decide(standing, known).action != after.action:
        found.fresh.add(order.amount)
    if len(found.samples) < SAMPLES:
        found.samples.append(Sample(order, after.action))


def _known(orders: list[Instruction], asked: list[Rule]) -> list[Facts]:
    """As it was then; the caller's number is known of orders that were judged, of no others."""
    gathered = facts.gather(
        [
            judging.asked_of(order, phone=None, at=order.confirmed_at)
            for order in orders
            if order.confirmed_at
        ],
        reach=rules.reach(asked),
    )
    judged = dict(
        FraudDecision.objects.filter(key__in=[order.key for order in orders]).values_list(
            "key", "facts"
        )
    )
    return [
        replace(
            known,
            caller=Caller(judged[order.key]["caller"]),
            caller_watched=judged[order.key]["caller_watched"],
        )
        if order.key in judged
        else known
        for order, known in zip(orders, gathered, strict=True)
    ]
