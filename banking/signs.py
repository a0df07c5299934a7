"""States as every page shows them: colour, shape and word (static/css/parts.css)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from banking import phone_debits as stops
from banking import pins
from banking.errors import revived
from banking.models import (
    Account,
    Card,
    Customer,
    Deposit,
    Instruction,
    Loan,
    LossReport,
    Night,
    Notice,
    Passbook,
    PinEvent,
    ScheduleLine,
)
from banking.models.customers import Lost, Purpose
from banking.models.orders import State
from calendars import clock
from people import signs

MET, WARN, BREACH, OFF = "st-met", "st-warn", "st-breach", "st-off"
READY, DUE, TALK = "st-ready", "st-due", "st-talk"
sign = signs.sign

ORDERS: Mapping[str, str] = {
    State.READ_BACK: TALK,
    State.CONFIRMED: TALK,
    State.SCHEDULED: DUE,
    State.HELD: WARN,
    State.EXECUTED: MET,
    State.REFUSED: WARN,
    State.UNKNOWN: BREACH,
    State.VOID: OFF,
}
PINS: Mapping[str, str] = {
    PinEvent.What.SET: DUE,
    PinEvent.What.PASSED: MET,
    PinEvent.What.FAILED: WARN,
    PinEvent.What.UNLOCKED: READY,
}


def order(row: Instruction) -> SafeString:
    return sign(ORDERS[row.state], row.get_state_display())


def told(row: Instruction) -> SafeString:
    """Whether the caller heard what came of it; "" where nothing has to be heard."""
    if row.told_at:
        return sign(MET, _("told"))
    if row.state in (State.EXECUTED, State.REFUSED, State.SCHEDULED, State.HELD):
        return sign(WARN, _("not told yet"))
    return SafeString("—")


def account(row: Account, at: datetime) -> SafeString:
    if row.status == Account.Status.CLOSED:
        return sign(OFF, row.get_status_display())
    if row.status == Account.Status.FROZEN:
        return sign(BREACH, row.get_status_display())
    if row.is_stopped(at):
        return sign(WARN, _("payments out stopped"))
    return sign(READY, row.get_status_display())


def card(row: Card, at: datetime) -> SafeString:
    if row.status == Card.Status.CLOSED:
        return sign(OFF, row.get_status_display())
    return _lost(row, at)


def passbook(row: Passbook, at: datetime) -> SafeString:
    return _lost(row, at)


def _lost(row: Lost, at: datetime) -> SafeString:
    if row.lost_in_writing:
        return sign(BREACH, _("reported lost in writing"))
    if row.is_lost(at) and row.lost_until:
        until = f"{row.lost_until.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"
        return sign(WARN, _("reported lost until %(until)s") % {"until": until})
    return sign(READY, pgettext("card or account", "active"))


def pin(row: Card, purpose: Purpose, at: datetime) -> SafeString:
    """Whether it works today, and how many tries are left where one went wrong."""
    is_set = row.transaction_mac if purpose == Purpose.TRANSACTION else row.query_mac
    if is_set is None:
        return sign(OFF, _("not set"))
    left = pins.tries_left(row, purpose, at=at)
    if left <= 0:
        return sign(BREACH, _("locked"))
    if left < pins.tries(purpose, day=clock.bank_day(at)):
        return sign(WARN, _("works, %(left)s tries left") % {"left": left})
    return sign(READY, _("works"))


def deposit(row: Deposit, at: datetime) -> SafeString:
    if row.closed_on:
        return sign(OFF, _("closed"))
    if row.matures_on and row.matures_on <= clock.bank_day(at):
        return sign(WARN, _("overdue, not paid yet"))
    return sign(READY, _("running"))


def notice(row: Notice) -> SafeString:
    shapes = {Notice.State.OPEN: DUE, Notice.State.USED: MET, Notice.State.LAPSED: WARN}
    return sign(shapes.get(Notice.State(row.state), OFF), row.get_state_display())


def night(row: Night) -> SafeString:
    if row.finished_at is None:
        return sign(BREACH, _("not finished"))
    if any(task.named for task in row.tasks.all()):
        return sign(WARN, _("finished, some named"))
    return sign(MET, _("finished, all done"))


def phone_debits(customer: Customer) -> SafeString:
    """Whether money may leave by telephone, or since when and why not."""
    if block := stops.standing(customer.pk):
        since = f"{block.begun_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"
        return sign(BREACH, f"{block.get_why_display()} {since}")
    return sign(READY, _("allowed"))


def loss(row: LossReport, at: datetime) -> SafeString:
    if row.lifted_at:
        return sign(OFF, _("lifted"))
    if row.confirmed_at:
        return sign(BREACH, _("confirmed in writing"))
    if row.lapses_at <= at:
        return sign(OFF, _("lapsed"))
    return sign(WARN, _("in force"))


def loan(row: Loan) -> SafeString:
    if row.account.status == Account.Status.CLOSED:
        return sign(OFF, _("paid off"))
    if row.overdue_since:
        return sign(BREACH, _("overdue since %(day)s") % {"day": row.overdue_since.isoformat()})
    return sign(READY, _("being repaid"))


def instalment(row: ScheduleLine, day: date) -> SafeString:
    if row.paid_on:
        return sign(MET, _("instalment paid"))
    if row.due_on < day:
        return sign(BREACH, _("overdue"))
    if row.due_on == day:
        return sign(WARN, _("due today"))
    return sign(OFF, _("not yet due"))


@dataclass(frozen=True, slots=True)
class Mark:
    """A station of an instruction's way; `at` is None while it lies ahead."""

    label: str
    at: datetime | None


def way(row: Instruction) -> list[Mark]:
    """read back → confirmed (→ accepted) → executed or refused → told; or to where it was void."""
    unless_spent = [Mark(str(State.READ_BACK.label), row.drafted_at)] if row.digest else []
    confirmed = Mark(str(State.CONFIRMED.label), row.confirmed_at)
    stood = [confirmed] if row.confirmed_at else []
    if row.accepted_at:
        stood.append(Mark(_("accepted"), row.accepted_at))
    if row.voided_at:
        return [*unless_spent, *stood, Mark(str(State.VOID.label), row.voided_at)]
    if row.refused_at:
        end = Mark(str(State.REFUSED.label), row.refused_at)
    else:
        end = Mark(str(State.EXECUTED.label), row.executed_at)
    return [*unless_spent, *(stood or [confirmed]), end, Mark(_("told"), row.told_at)]


def refusal(row: Instruction) -> str:
    """Why not, in a sentence."""
    return str(revived(row.refusal, row.refusal_values)) if row.refusal else ""
