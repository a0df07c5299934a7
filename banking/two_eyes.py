"""What a branch asks for a customer and another decides (双人复核): unlocking, more, again, and
that something is found."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banking import limits, losses, phone_debits, pins, unlocking
from banking.access import Name, rule
from banking.errors import LimitNotHigher, LossOver, NothingLocked, PhoneNotStopped
from banking.models import Card, Customer, LossReport, UnlockRequest
from banking.models.customers import Purpose
from banking.models.orders import Channel
from banking.numbers import masked_name
from calendars.clock import bank_day
from people import approvals
from people.approvals import Approvable, approval
from people.models import Approval, User
from people.words import listed


def _who(customer: Customer) -> str:
    return f"{masked_name(customer.name)} {customer.number}"


def _expires(at: datetime) -> datetime:
    return at + timedelta(hours=rule(Name.APPROVAL_HOURS, day=bank_day(at)))


@approval("unlock-pin", ask="banking.ask_unlock", decide="banking.decide_unlock")
class UnlockPin(Approvable):
    title = _("Unlock a password")

    def summary(self, approval: Approval) -> str:
        card = _card(approval)
        names = listed(Purpose(one).label for one in approval.details["purposes"])
        return gettext("Unlock the %(names)s of card %(card)s of %(customer)s.") % {
            "names": names,
            "card": card,
            "customer": _who(card.customer),
        }

    def page(self, approval: Approval) -> Model:
        return _card(approval).customer

    def carry_out(self, approval: Approval, *, at: datetime) -> None:
        assert approval.decided_by
        for purpose in approval.details["purposes"]:
            pins.unlock(_card(approval).pk, Purpose(purpose), by=approval.decided_by, at=at)


@transaction.atomic(durable=True)
def ask_unlock(card_id: int, *, by: User, reason: str, at: datetime) -> Approval:
    """Of every PIN of hers that is locked; a request by telephone is followed up by it.

    Raises NothingLocked, and what `approvals.ask` does.
    """
    card = pins.lock(card_id)
    locked = unlocking.locked(card, at=at)
    if not locked:
        raise NothingLocked
    asked = approvals.ask(
        "unlock-pin",
        card,
        by=by,
        reason=reason,
        at=at,
        details={"purposes": [purpose.value for purpose in locked]},
        expires_at=_expires(at),
    )
    UnlockRequest.objects.filter(card=card, approval=None).update(approval=asked)
    return asked


def _card(approval: Approval) -> Card:
    return Card.objects.select_related("customer").get(pk=approval.subject.partition(":")[2])


@approval("raise-limits", ask="banking.ask_raise", decide="banking.decide_raise")
class RaiseLimits(Approvable):
    title = _("Raise a customer's limits")

    def summary(self, approval: Approval) -> str:
        asked = approval.details
        words = gettext("%(channel)s limits of %(customer)s: %(single)s at once, %(daily)s a day.")
        return words % {
            "channel": Channel(asked["channel"]).label,
            "customer": _who(_customer(approval)),
            "single": f"{Decimal(asked['single']):,.2f}",
            "daily": f"{Decimal(asked['daily']):,.2f}",
        }

    def carry_out(self, approval: Approval, *, at: datetime) -> None:
        asked = approval.details
        limits.set_higher(
            _customer(approval).pk,
            asked["channel"],
            single=Decimal(asked["single"]),
            daily=Decimal(asked["daily"]),
            at=at,
        )


def ask_raise(
    customer: Customer,
    channel: Channel,
    *,
    single: Decimal,
    daily: Decimal,
    by: User,
    reason: str,
    at: datetime,
) -> Approval:
    """Raises LimitNotHigher, LimitAboveCap, and what `approvals.ask` does."""
    limits.check_cap(channel, daily, day=bank_day(at))
    now = limits.allowance(customer.pk, channel, day=bank_day(at))
    if single <= now.single and daily <= now.daily:
        raise LimitNotHigher
    return approvals.ask(
        "raise-limits",
        customer,
        by=by,
        reason=reason,
        at=at,
        details={"channel": channel.value, "single": str(single), "daily": str(daily)},
        expires_at=_expires(at),
    )


@approval("phone-on", ask="banking.ask_phone_on", decide="banking.decide_phone_on")
class PhoneOn(Approvable):
    title = _("Allow debits by telephone again")

    def summary(self, approval: Approval) -> str:
        words = gettext("Allow debits by telephone again for %(customer)s.")
        return words % {"customer": _who(_customer(approval))}

    def carry_out(self, approval: Approval, *, at: datetime) -> None:
        phone_debits.allow(_customer(approval).pk, at=at)


def ask_phone_on(customer: Customer, *, by: User, reason: str, at: datetime) -> Approval:
    """Raises PhoneNotStopped, and what `approvals.ask` does."""
    if phone_debits.standing(customer.pk) is None:
        raise PhoneNotStopped
    return approvals.ask("phone-on", customer, by=by, reason=reason, at=at, expires_at=_expires(at))


@approval("lift-loss", ask="banking.ask_lift", decide="banking.decide_lift")
class LiftLoss(Approvable):
    title = _("Lift a loss report")

    def summary(self, approval: Approval) -> str:
        report = _report(approval)
        return gettext("Lift loss report %(number)s: %(what)s of %(customer)s was found.") % {
            "number": report.number,
            "what": report.lost,
            "customer": _who(report.customer),
        }

    def carry_out(self, approval: Approval, *, at: datetime) -> None:
        losses.lift(_report(approval).pk, under=approval, at=at)


def ask_lift(report: LossReport, *, by: User, reason: str, at: datetime) -> Approval:
    """Raises LossOver, and what `approvals.ask` does."""
    if not report.is_in_force(at):
        raise LossOver
    return approvals.ask("lift-loss", report, by=by, reason=reason, at=at, expires_at=_expires(at))


def _report(approval: Approval) -> LossReport:
    found = LossReport.objects.select_related("customer", "card", "passbook")
    return found.get(pk=approval.subject.partition(":")[2])


def _customer(approval: Approval) -> Customer:
    return Customer.objects.get(pk=approval.subject.partition(":")[2])
