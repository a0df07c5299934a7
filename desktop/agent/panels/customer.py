"""The middle column in a call: who she is, how that was proved, what she just tried."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banking.models import Customer, PinEvent
from banking.models.customers import Purpose, Vip
from banking.numbers import masked_name
from banking.signs import MET, OFF, WARN
from calendars.clock import SHANGHAI
from desktop.agent.numbers import grouped
from people import access
from people.models import AccessLog
from routing.models import QueueEntry
from telephony.deeds import Deed
from telephony.models import Call, Step, WrapUp
from telephony.panels import Column, Panel, Place, Reader
from telephony.panels import register as add
from telephony.story import Line

TRAIL = 9  # of the way through the IVR, the last
CONTACTS = 5
# What counts of a later trip to the IVR; the rest of a talk is no way to it.
PROOFS = (Deed.IDENTIFIED, Deed.PROVED, Deed.NOT_PROVED, Deed.PIN_REFUSED, Deed.PIN_LOCKED)
REPEATED = timedelta(days=7)  # domain.md §3: the window of FCR


def header(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """Her name and numbers, masked. That they were seen is written down, once a call."""
    if reader.current is None:
        return None
    customer = call.customer if call else None
    if call is None or customer is None:
        return {"customer": None, "by_number": _by_number(call)}
    _write_down(customer, call, reader)
    account = customer.accounts.select_related("branch").order_by("opened_on").first()
    return {
        "customer": customer,
        "tier": "" if customer.vip == Vip.ORDINARY else customer.get_vip_display(),
        "masked_id": customer.masked_id,
        "masked_mobile": grouped(customer.masked_mobile) if customer.mobile else "",
        "branch": account.branch if account else None,
        "opened_on": account.opened_on if account else None,
        "again": _calls_lately(customer, call, reader.at),
    }


def _by_number(call: Call | None) -> str:
    """Whose registered mobile it is; a hint and no proof (domain.md §10)."""
    if call is None or not call.caller:
        return ""
    known = list(Customer.objects.filter(mobile=call.caller)[:2])
    return f"{masked_name(known[0].name)} {known[0].number}" if len(known) == 1 else ""


def _write_down(customer: Customer, call: Call, reader: Reader) -> None:
    reason = f"call {call.pk}"
    seen = AccessLog.objects.filter(
        user=reader.user,
        what=AccessLog.What.VIEW,
        subject=f"{customer._meta.label_lower}:{customer.pk}",
        reason=reason,
    )
    if not seen.exists():
        access.record(
            reader.user, "view", customer, reason=reason, address=reader.address, at=reader.at
        )


def _calls_lately(customer: Customer, call: Call, at: datetime) -> int:
    """Her calls within seven days that came to an agent, this one included."""
    lately = Call.objects.filter(customer=customer, started_at__gt=at - REPEATED)
    to_agents = lately.filter(wrapups__isnull=False).exclude(pk=call.pk)
    return to_agents.distinct().count() + 1


@dataclass(frozen=True, slots=True)
class Proof:
    """One line of how she was verified."""

    shape: str
    text: str


def verification(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """What was proved, and what may be done on it now."""
    if call is None or reader.current is None:
        return None
    by_pin = call.verified_until is not None and call.verified_until > reader.at
    paid_by = _transaction_pin(call)
    return {
        "proofs": [_identified(call, by_pin), _number(call), _transaction(paid_by)],
        "may": _may(identified=by_pin, confirmed=paid_by is not None),
    }


def _identified(call: Call, by_pin: bool) -> Proof:
    if not call.card_tail:
        return Proof(OFF, _("Card and query password: not verified"))
    if not by_pin:
        return Proof(WARN, _("Card and query password: no longer valid"))
    done = call.steps.filter(kind=Step.Kind.DID, deed=Deed.IDENTIFIED).order_by("-seq").first()
    at = _clock(done.at) if done else ""
    return Proof(MET, _("Card and query password %(at)s") % {"at": at})


def _number(call: Call) -> Proof:
    if call.customer and call.caller and call.customer.mobile == call.caller:
        return Proof(MET, _("Calls from her registered mobile (for reference)"))
    if call.customer and call.caller:
        return Proof(OFF, _("Not her registered mobile"))
    return Proof(OFF, _("The number proves nothing"))


def _transaction_pin(call: Call) -> datetime | None:
    """When the transaction password passed in this call."""
    if call.card_id is None:
        return None
    passed = PinEvent.objects.filter(
        card_id=call.card_id,
        purpose=Purpose.TRANSACTION,
        what=PinEvent.What.PASSED,
        call_ref=str(call.uuid),
    )
    return passed.order_by("-at").values_list("at", flat=True).first()


def _transaction(passed_at: datetime | None) -> Proof:
    if passed_at is None:
        return Proof(OFF, _("Transaction password: not verified"))
    return Proof(MET, _("Transaction password %(at)s") % {"at": _clock(passed_at)})


def _may(*, identified: bool, confirmed: bool) -> str:
    if not identified:
        return _(
            "Now possible: general questions, loss reports by card and ID number, complaints. "
            "For anything of hers, send her to the IVR to identify herself first."
        )
    if not confirmed:
        return _(
            "Now possible: enquiries, loss reports, complaints, statements. "
            "Before money moves, send her to the IVR for the transaction password."
        )
    return _("Now possible: enquiries, loss reports, complaints, statements, money matters.")


@dataclass(frozen=True, slots=True)
class Mark:
    """A station of her way through the IVR."""

    at: datetime
    text: str | Promise
    shape: str = ""
    stop: bool = False


def trail(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """Where she went and what was done; what she heard last before she asked for a person."""
    now = reader.current
    if call is None or now is None:
        return None
    lines = reader.story(call).lines
    proofs = {str(deed.label) for deed in PROOFS}
    marks = [Mark(call.started_at, _("Dialled %(number)s") % {"number": call.dialled})]
    marks += [mark for mark in _marks(lines) if mark.at <= now.entered_at or mark.text in proofs]
    before = [line for line in lines if line.said and line.at <= now.entered_at]
    if before:
        last = before[-1].said[-1].text
        marks.append(Mark(before[-1].at, _("Heard: %(words)s") % {"words": last}, stop=True))
    marks.append(Mark(now.entered_at, _("Asked for a person")))
    marks.sort(key=lambda mark: mark.at)
    return {"marks": marks[-TRAIL:], "since": call.started_at, "until": now.entered_at}


def _marks(lines: tuple[Line, ...]) -> Iterator[Mark]:
    """Menus that she came to, the first one apart, and what was done there."""
    first = next((line.place for line in lines if line.place), "")
    for line in lines:
        if line.place and line.place != first:
            yield Mark(line.at, line.place)
        if line.deed:
            yield Mark(line.at, line.deed, line.shape)


@dataclass(frozen=True, slots=True)
class Contact:
    """One of her calls before this one."""

    at: datetime
    how: str
    lasted_s: float | None
    matter: str
    agent: str


def contacts(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """Her last calls: how, about what, with whom."""
    if call is None or call.customer is None or reader.current is None:
        return None
    others = Call.objects.filter(customer=call.customer).exclude(pk=call.pk)
    rows = list(others.order_by("-started_at")[:CONTACTS])
    written = WrapUp.objects.filter(call__in=rows, code__isnull=False).select_related(
        "code__parent", "agent__user"
    )
    by_call: dict[int, WrapUp] = {row.call_id: row for row in written.order_by("saved_at")}
    talks = QueueEntry.objects.filter(
        call_ref__in=[row.uuid for row in rows], answered_by__isnull=False
    ).select_related("answered_by__user")
    by_channel = {talk.call_ref: str(talk.answered_by) for talk in talks.order_by("answered_at")}
    return {
        "contacts": [
            _contact(row, by_call.get(row.pk), by_channel.get(row.uuid, "")) for row in rows
        ],
        "lately": others.filter(started_at__gt=reader.at - timedelta(days=90)).count(),
    }


def _contact(row: Call, written: WrapUp | None, agent: str) -> Contact:
    """`agent` answered her; what was written of it may be missing."""
    ended = row.ended_at
    return Contact(
        at=row.started_at,
        how=_("Agent") if agent else _("IVR alone"),
        lasted_s=(ended - row.started_at).total_seconds() if ended else None,
        matter=str(written.code) if written else str(row.get_outcome_display() or "—"),
        agent=agent or "—",
    )


def _clock(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%H:%M}"


def register() -> None:
    add(
        Panel(
            name="customer",
            column=Column.CUSTOMER,
            order=10,
            title=gettext_lazy("Customer"),
            template="desk/panels/customer.html",
            look=header,
            key="C",
        )
    )
    add(
        Panel(
            name="verification",
            column=Column.CUSTOMER,
            order=20,
            title=gettext_lazy("Verification"),
            template="desk/panels/verification.html",
            look=verification,
        )
    )
    add(
        Panel(
            name="ivr",
            column=Column.CUSTOMER,
            order=30,
            title=gettext_lazy("Just now in the IVR"),
            template="desk/panels/ivr.html",
            look=trail,
            place=Place.SIDE,
        )
    )
    add(
        Panel(
            name="contacts",
            column=Column.CUSTOMER,
            order=60,
            title=gettext_lazy("Last contacts"),
            template="desk/panels/contacts.html",
            look=contacts,
            key="R",
        )
    )
