"""The life of a fraud rule: drafted by one, put into force by another, ended by two.

A rule in force is never changed: a new version is drafted, and ends it when it begins.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from banking.errors import RuleChanged, RuleDrafted, RuleOver
from banking.fraud import rules
from banking.fraud.rules import Action, Threshold
from banking.models import FraudRule
from people.models import User

State = FraudRule.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a rule says."""

    title: str
    threshold: Threshold
    action: Action
    priority: int
    valid_from: datetime
    valid_until: datetime | None = None

    def columns(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "kind": self.threshold.kind,
            "thresholds": rules.stored(self.threshold),
            "action": self.action.value,
            "priority": self.priority,
            "valid_from": self.valid_from,
            "valid_until": self.valid_until,
        }


@transaction.atomic
def draft(code: str, wording: Wording, *, by: User | None) -> FraudRule:
    """A new rule, or the next version of one. Raises RuleDrafted."""
    last = FraudRule.objects.filter(code=code).aggregate(last=Max("version"))["last"] or 0
    try:
        with transaction.atomic():
            return FraudRule.objects.create(
                code=code, version=last + 1, drafted_by=by, **wording.columns()
            )
    except IntegrityError:
        raise RuleDrafted from None


@transaction.atomic
def amend(pk: int, wording: Wording, *, by: User) -> FraudRule:
    """Change a draft; it is then hers who changed it. Raises RuleChanged where it is none."""
    rule = _lock(pk)
    if rule.state != State.DRAFT:
        raise RuleChanged
    for name, value in (wording.columns() | {"drafted_by": by}).items():
        setattr(rule, name, value)
    rule.save()
    return rule


@transaction.atomic(durable=True)
def drop(pk: int) -> None:
    """A draft that nobody wants. Raises RuleChanged where it is none."""
    rule = _lock(pk)
    if rule.state != State.DRAFT:
        raise RuleChanged
    rule.delete()


def content(rule: FraudRule) -> dict[str, Any]:
    """What two people must have seen alike, JSON."""
    return {
        "code": rule.code,
        "version": rule.version,
        "title": rule.title,
        "kind": rule.kind,
        "thresholds": rule.thresholds,
        "action": rule.action,
        "priority": rule.priority,
        "valid_from": rule.valid_from.astimezone(UTC).isoformat(),
        "valid_until": rule.valid_until and rule.valid_until.astimezone(UTC).isoformat(),
    }


def activate(pk: int, *, seen: dict[str, Any], by: User | None, at: datetime) -> FraudRule:
    """Put a draft into force, from now at the earliest; its earlier version ends then.

    `seen` is the content that was approved. Needs a transaction. Raises RuleChanged, RuleOver.
    """
    rule = _lock(pk)
    if rule.state != State.DRAFT or content(rule) != seen:
        raise RuleChanged
    begins = max(rule.valid_from, at)
    if rule.valid_until is not None and rule.valid_until <= begins:
        raise RuleOver
    for older in FraudRule.objects.filter(code=rule.code, state=State.ACTIVE).order_by("version"):
        if older.valid_until is None or older.valid_until > begins:
            older.valid_until = max(begins, older.valid_from)
            older.save(update_fields=["valid_until"])
    rule.valid_from = begins
    rule.state, rule.activated_by, rule.activated_at = State.ACTIVE, by, at
    rule.save()
    return rule


def end(pk: int, *, at: datetime) -> FraudRule:
    """Out of force from now on. Needs a transaction. Raises RuleOver."""
    rule = _lock(pk)
    over = rule.valid_until is not None and rule.valid_until <= at
    if rule.state != State.ACTIVE or over:
        raise RuleOver
    rule.valid_until = max(at, rule.valid_from)
    rule.save(update_fields=["valid_until"])
    return rule


def _lock(pk: int) -> FraudRule:
    """Alone with all versions of it."""
    code = FraudRule.objects.values_list("code", flat=True).get(pk=pk)
    versions = FraudRule.objects.select_for_update(no_key=True, of=("self",)).filter(code=code)
    return next(rule for rule in versions.order_by("pk") if rule.pk == pk)
