"""What the fraud guard does by the word of two (双人复核): rules, and orders that are held."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banking import outbox
from banking.errors import NoDryRun, NotHeld, RuleChanged, RuleOver
from banking.fraud import held, keeping, rehearsal
from banking.fraud.rules import Action
from banking.models import FraudRule, HeldOrder, Instruction
from banking.models.orders import State
from banking.numbers import masked_name
from calendars.clock import bank_day
from people import approvals
from people.approvals import Approvable, approval
from people.models import Approval, User
from people.words import listed

DRY_RUN = "dry_run"  # among the details of an approval
FRESH = timedelta(days=1)  # so long a dry run says something of the orders of today


@approval("fraud-rule", ask="banking.ask_fraudrule", decide="banking.decide_fraudrule")
class BeginRule(Approvable):
    title = _("Put a fraud rule into force")

    def summary(self, approval: Approval) -> str:
        asked: dict[str, Any] = approval.details
        words = gettext("%(title)s, version %(version)s: %(kind)s → %(action)s.")
        rule = words % {
            "title": asked["title"],
            "version": asked["version"],
            "kind": FraudRule.Kind(asked["kind"]).label,
            "action": Action(asked["action"]).label,
        }
        return f"{rule} {_dry_run(asked[DRY_RUN])}" if DRY_RUN in asked else rule

    def carry_out(self, approval: Approval, *, at: datetime) -> None:
        seen = dict(approval.details)
        run = seen.pop(DRY_RUN, None)
        if run is None or run["rule"] != seen or datetime.fromisoformat(run["at"]) <= at - FRESH:
            raise NoDryRun
        keeping.activate(_pk(approval), seen=seen, by=approval.decided_by, at=at)


def ask_begin(rule: FraudRule, *, by: User, reason: str, at: datetime) -> Approval:
    """The draft as it is now, with its dry run: who decides sees what it would have done.

    It waits as long as the dry run is worth something. Raises RuleChanged (it is none),
    ThresholdInvalid, and what `approvals.ask` does.
    """
    if rule.state != FraudRule.State.DRAFT:
        raise RuleChanged
    content = keeping.content(rule)
    found = rehearsal.rehearse(rule, at=at)
    run = {
        "rule": content,
        "at": at.isoformat(),
        "since": bank_day(found.since).isoformat(),
        "seen": found.seen.orders,
        "caught": {
            action.value: [caught.orders, str(caught.amount)]
            for action, caught in found.caught.items()
        },
        "fresh": found.fresh.orders,
        "whole": found.whole,
    }
    return approvals.ask(
        "fraud-rule",
        rule,
        by=by,
        reason=reason,
        at=at,
        details={**content, DRY_RUN: run},
        expires_at=at + FRESH,
    )


def _dry_run(run: dict[str, Any]) -> str:
    """Its numbers, in a sentence or two."""
    caught = listed(
        gettext("%(action)s %(orders)s (%(amount)s yuan)")
        % {
            "action": Action(action).label,
            "orders": orders,
            "amount": f"{Decimal(amount):,.2f}",
        }
        for action, (orders, amount) in run["caught"].items()
    )
    said = gettext(
        "Dry run since %(since)s: of %(seen)s orders %(caught)s; %(fresh)s are not caught so today."
    ) % {**run, "caught": caught or gettext("none is caught")}
    more = gettext("There were more; the newest were looked at.")
    return said if run["whole"] else f"{said} {more}"


@approval("fraud-rule-end", ask="banking.ask_fraudrule", decide="banking.decide_fraudrule")
class EndRule(Approvable):
    title = _("End a fraud rule")

    def summary(self, approval: Approval) -> str:
        asked: dict[str, Any] = approval.details
        words = gettext("%(title)s, version %(version)s, is not to be applied any more.")
        return words % asked

    def carry_out(self, approval: Approval, *, at: datetime) -> None:
        keeping.end(_pk(approval), at=at)


def ask_end(rule: FraudRule, *, by: User, reason: str, at: datetime) -> Approval:
    """Raises RuleOver, and what `approvals.ask` does."""
    if rule.state != FraudRule.State.ACTIVE or (rule.valid_until and rule.valid_until <= at):
        raise RuleOver
    details = {"title": rule.title, "version": rule.version}
    return approvals.ask("fraud-rule-end", rule, by=by, reason=reason, at=at, details=details)


@approval("held-order", ask="banking.ask_heldorder", decide="banking.decide_heldorder")
class SettleHeld(Approvable):
    """One kind for both answers, so that only one of them can be asked for at a time."""

    title = _("Release or refuse a held order")

    def summary(self, approval: Approval) -> str:
        asked: dict[str, Any] = approval.details
        words = (
            gettext("Release order %(receipt)s of %(customer)s: %(amount)s yuan to %(payee)s.")
            if asked["release"]
            else gettext("Refuse order %(receipt)s of %(customer)s: %(amount)s yuan to %(payee)s.")
        )
        return words % asked

    def carry_out(self, approval: Approval, *, at: datetime) -> None:
        key = UUID(approval.subject.partition(":")[2])
        settle = held.release if approval.details["release"] else held.refuse
        _tell(settle(key, at=at), at=at)


def ask_held(order: Instruction, *, release: bool, by: User, reason: str, at: datetime) -> Approval:
    """Raises NotHeld, and what `approvals.ask` does."""
    if order.state != State.HELD:
        raise NotHeld
    assert order.customer
    details = {
        "release": release,
        "receipt": order.receipt,
        "customer": f"{masked_name(order.customer.name)} {order.customer.number}",
        "amount": f"{order.amount:,.2f}",
        "payee": order.payee_tail,
    }
    subject = HeldOrder.objects.get(pk=order.pk)
    return approvals.ask("held-order", subject, by=by, reason=reason, at=at, details=details)


def _tell(order: Instruction, *, at: datetime) -> None:
    """What came of it, by message: she was told that it is being checked."""
    assert order.customer and order.amount is not None
    letter = {
        State.EXECUTED: "held.executed",
        State.SCHEDULED: "held.released",
        State.REFUSED: "held.refused",
    }[State(order.state)]
    outbox.notify(
        order.customer,
        letter,
        at=at,
        about=str(order.key),
        receipt=order.receipt,
        amount=order.amount,
    )


def _pk(approval: Approval) -> int:
    return int(approval.subject.partition(":")[2])
