"""Wrapping up a call: drafted from its facts, edited by the agent, finished with a code."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from banking.templatetags.money import yuan
from calendars.clock import SHANGHAI
from people.errors import Refusal
from routing import presence
from routing.models import QueueEntry
from routing.states import State
from telephony import story
from telephony.deeds import Deed
from telephony.models import Call, Step, WrapUp, WrapUpCode
from telephony.story import Story

MAY_BE_CHANGED = timedelta(minutes=15)  # after it was finished
OFFERED = 3  # codes that the page puts first
LONGEST = 2000  # characters of a note

# What a call was about, told from its facts: the first that holds is the likeliest.
BY_DEED: Mapping[str, str] = {
    Deed.LOSS_REPORTED: "card-loss",
    Deed.FAULT: "phone-bank-fault",
    Deed.REFUSED: "transfer-refused",
    Deed.TRANSFERRED: "transfer-made",
    Deed.UNTOLD_TOLD: "transfer-enquiry",
    Deed.CANCELLED: "transfer-enquiry",
    Deed.PIN_CHANGED: "phone-bank-password",
    Deed.ACTIVATED: "phone-bank-password",
    Deed.PIN_LOCKED: "phone-bank-password",
    Deed.PIN_REFUSED: "phone-bank-password",
    Deed.ENTRIES: "account-entries",
    Deed.BALANCE: "account-balance",
}
BY_MENU: Mapping[str, str] = {
    "complaints": "complaint-service",
    "transfer": "transfer-enquiry",
    "settings": "phone-bank-use",
    "accounts": "account-balance",
}
OTHERWISE = ("other-enquiry", "phone-bank-use", "other-wrong-number")


class NoCode(Refusal):
    text = gettext_lazy("Choose a wrap-up code. Your note is kept.")


class NotYours(Refusal):
    text = gettext_lazy("This call was not yours. Nothing was saved.")


class TooLate(Refusal):
    text = gettext_lazy("A wrap-up can be changed for 15 minutes. Nothing was saved.")


class TooLong(Refusal):
    text = gettext_lazy("A note has at most %(longest)s characters. Nothing was saved.")


class CallGoesOn(Refusal):
    text = gettext_lazy("The call goes on. Your note is kept.")


@dataclass(frozen=True, slots=True)
class Draft:
    """What the facts of a call suggest: the likeliest codes first, and a note to edit."""

    codes: tuple[WrapUpCode, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Written:
    """What the agent has typed so far. `code_id` 0: none chosen yet."""

    code_id: int
    note: str
    follow_up_at: datetime | None


def draft(told: Story) -> Draft:
    """Codes and note as the facts have them: verification, services, journals, the way here."""
    deeds = list(
        Step.objects.filter(call=told.call, kind=Step.Kind.DID).values_list("deed", flat=True)
    )
    return Draft(tuple(_codes(told, deeds)), "\n".join(_sentences(told, deeds)))


def of(entry_id: int, agent_id: int) -> WrapUp | None:
    """What was saved of her part of a call."""
    return (
        WrapUp.objects.select_related("code__parent")
        .filter(entry_id=entry_id, agent_id=agent_id)
        .first()
    )


def codes() -> QuerySet[WrapUpCode]:
    """Every matter that can be chosen, subject by subject."""
    return (
        WrapUpCode.objects.select_related("parent")
        .filter(is_active=True, parent__is_active=True)
        .order_by("parent__order", "parent__slug", "order", "slug")
    )


@transaction.atomic(durable=True)
def save(entry_id: int, agent_id: int, written: Written, *, drafted: str, at: datetime) -> WrapUp:
    """Keep what was typed. Raises NotYours, TooLate, TooLong, NoCode (an unknown code)."""
    return _save(entry_id, agent_id, written, drafted=drafted, at=at)


@transaction.atomic(durable=True)
def finish(entry_id: int, agent_id: int, written: Written, *, drafted: str, at: datetime) -> WrapUp:
    """The note is done; finishing again keeps the first time. `presence.wrapped_up` follows.

    Raises NotYours, TooLate, TooLong, NoCode, CallGoesOn.
    """
    row = _save(entry_id, agent_id, written, drafted=drafted, at=at)
    if row.code_id is None:
        raise NoCode
    presence.lock(agent_id)
    if row.finished_at is None:
        if presence.state_of(agent_id) != State.WRAP_UP:
            raise CallGoesOn
        row.finished_at = at
        row.save(update_fields=["finished_at"])
    return row


@transaction.atomic(durable=True)
def followed_up(wrapup_id: int, agent_id: int, *, at: datetime) -> None:
    """What was to follow has been done. Raises NotYours."""
    row = WrapUp.objects.select_for_update().filter(pk=wrapup_id, agent_id=agent_id).first()
    if row is None or row.follow_up_at is None:
        raise NotYours
    if row.followed_up_at is None:
        row.followed_up_at = at
        row.save(update_fields=["followed_up_at"])


def due(agent_id: int) -> QuerySet[WrapUp]:
    """What she still has to follow up, the earliest first."""
    return (
        WrapUp.objects.select_related("call__customer", "code__parent")
        .filter(agent_id=agent_id, follow_up_at__isnull=False, followed_up_at=None)
        .order_by("follow_up_at")
    )


# -- inside ------------------------------------------------------------------------------------


def _save(entry_id: int, agent_id: int, written: Written, *, drafted: str, at: datetime) -> WrapUp:
    if len(written.note) > LONGEST:
        raise TooLong(longest=LONGEST)
    entry = QueueEntry.objects.filter(pk=entry_id, reservations__agent=agent_id).first()
    call = Call.objects.filter(uuid=entry.call_ref).first() if entry else None
    if entry is None or call is None:
        raise NotYours
    code = WrapUpCode.objects.filter(pk=written.code_id, parent__isnull=False).first()
    if written.code_id and code is None:
        raise NoCode
    # One statement: two tabs that save at the same moment make one row.
    WrapUp.objects.bulk_create(
        [WrapUp(entry=entry, call=call, agent_id=agent_id, drafted=drafted[:LONGEST], saved_at=at)],
        ignore_conflicts=True,
    )
    row = WrapUp.objects.select_for_update().get(entry=entry, agent=agent_id)
    if row.finished_at and at > row.finished_at + MAY_BE_CHANGED:
        raise TooLate
    if row.finished_at and code is None:
        raise NoCode
    row.code, row.note, row.follow_up_at, row.saved_at = (
        code,
        written.note,
        written.follow_up_at,
        at,
    )
    row.save(update_fields=["code", "note", "follow_up_at", "saved_at"])
    return row


def _codes(told: Story, deeds: list[str]) -> Iterator[WrapUpCode]:
    """What her agent did for her is likelier than what she tried before."""
    wanted = [favour.matter for favour in reversed(told.favours) if favour.matter]
    wanted += [slug for deed, slug in BY_DEED.items() if deed in deeds]
    wanted += [BY_MENU[told.call.menu_node]] if told.call.menu_node in BY_MENU else []
    there = {code.slug: code for code in codes().filter(slug__in=[*wanted, *OTHERWISE])}
    likely = [there[slug] for slug in dict.fromkeys([*wanted, *OTHERWISE]) if slug in there]
    yield from likely[:OFFERED]


def _sentences(told: Story, deeds: list[str]) -> Iterator[str]:
    call = told.call
    if call.card_tail:
        yield _("Identified by card ending %(tail)s and query password.") % {"tail": call.card_tail}
    elif {Deed.PIN_REFUSED, Deed.PIN_LOCKED} & set(deeds):
        yield _("The query password was refused; not identified.")
    else:
        yield _("Not identified.")
    for deed in (Deed.BALANCE, Deed.ENTRIES, Deed.PIN_CHANGED, Deed.ACTIVATED):
        if deed in deeds:
            yield _("Served by the IVR: %(service)s.") % {"service": deed.label}
    if Deed.PROVED in deeds:
        yield _("Gave the password in the IVR, out of the agent's hearing.")
    yield from (_guided(walk) for walk in told.guided if walk.trail or walk.ended)
    for order in told.orders:
        yield _order(order)
    yield from _favours(told.favours)
    for loss in told.losses:
        yield _("Loss of %(what)s reported, receipt %(receipt)s, in force until %(until)s.") % {
            "what": loss.what,
            "receipt": loss.number,
            "until": f"{loss.lapses_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
        }
    if told.path:
        yield _("Asked for a person at: %(path)s.") % {"path": told.path}


def _favours(favours: Sequence[story.Favour]) -> Iterator[str]:
    """What she did with a receipt, sentence by sentence; the rest in one, each named once."""
    done = [favour for favour in favours if favour.deed != Deed.REFUSED]
    told = dict.fromkeys(str(favour.service) for favour in done if not favour.number)
    if told:
        yield _("Done by the agent: %(service)s.") % {"service": _listed(told)}
    for favour in done:
        if favour.number and favour.deed != Deed.LOSS_REPORTED:  # told below, with its lapse
            facts = {"service": favour.service, "receipt": favour.number}
            yield _("Done by the agent: %(service)s, receipt %(receipt)s.") % facts
    failed = dict.fromkeys(str(f.service) for f in favours if f.deed == Deed.REFUSED)
    if left := [name for name in failed if name not in {str(f.service) for f in done}]:
        yield _("Refused: %(service)s.") % {"service": _listed(left)}


def _guided(walk: story.Guided) -> str:
    """Its receipt stands with the order or the deed."""
    facts = {"title": walk.title, "trail": " → ".join(filter(None, (*walk.trail, walk.ended)))}
    if not walk.ended:
        return _("Procedure “%(title)s”, left before its end: %(trail)s.") % facts
    return _("Procedure “%(title)s”: %(trail)s.") % facts


def _listed(names: Iterable[str]) -> str:
    return pgettext("between the items of a list", ", ").join(names)


def _order(order: story.Order) -> str:
    facts = {
        "amount": yuan(order.amount),
        "payer": order.payer,
        "payee": order.payee,
        "state": order.state,
    }
    if order.receipt:
        return _(
            "Transfer of %(amount)s yuan from %(payer)s to %(payee)s: %(state)s, "
            "receipt %(receipt)s."
        ) % {**facts, "receipt": order.receipt}
    if order.refusal:
        return _("Transfer of %(amount)s yuan from %(payer)s to %(payee)s refused: %(why)s") % {
            **facts,
            "why": order.refusal,
        }
    return _("Transfer of %(amount)s yuan from %(payer)s to %(payee)s: %(state)s.") % facts
