"""A call as one page tells it: what was heard, keyed and done, when, and the money that moved.

Read only, values out: the admin's page and the test phone show the same.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import chain, groupby
from uuid import UUID

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banking import families, signs
from banking.models import Instruction, LossReport, Posting
from banking.models.ledger import Internal
from banking.numbers import masked_mobile
from banking.signs import BREACH, MET, OFF, TALK, WARN, Mark
from people.models import User
from routing.floor import Name
from routing.models import Queue
from telephony import attended, menus
from telephony.deeds import Deed
from telephony.models import AgentDeed, Call, Step

DEEDS: Mapping[str, str] = {
    Deed.PIN_REFUSED: WARN,
    Deed.CANCELLED: OFF,
    Deed.REFUSED: WARN,
    Deed.CALLBACK: WARN,  # still to be done
    Deed.PIN_LOCKED: BREACH,
    Deed.HELD: OFF,
    Deed.NOT_PROVED: WARN,
    Deed.AGENT_LOST: BREACH,
    Deed.LEFT_QUEUE: OFF,
    Deed.FAULT: BREACH,
    Deed.RECOVERED: "st-stale",
}
QUEUES = frozenset({Deed.QUEUED, Deed.FORWARDED, Deed.REQUEUED})  # deeds about a queue
OUTCOMES: Mapping[str, str] = {
    "": TALK,  # not over yet
    Call.Outcome.SERVED: MET,
    Call.Outcome.CALLBACK: WARN,
    Call.Outcome.AGENT: MET,
    Call.Outcome.ABANDONED: WARN,
    Call.Outcome.DROPPED: OFF,
    Call.Outcome.LOCKED: WARN,
    Call.Outcome.FAULT: BREACH,
}


@dataclass(frozen=True, slots=True)
class Said:
    """One prompt of a breath, and whether any of it was heard."""

    text: str
    heard: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the conversation. `place` is told where it changes, "" where it stays."""

    at: datetime
    offset_s: float  # since the call began
    place: str = ""
    said: tuple[Said, ...] = ()
    heard_s: Decimal = Decimal(0)
    interrupted: bool = False
    keys: str = ""
    deed: str | Promise = ""
    about: str = ""  # whom or what it concerns: the agent, the queue, a receipt
    by: str = ""  # the agent who did it
    shape: str = ""
    order: UUID | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """One leg of a journal as the account's owner sees it: yuan in or out."""

    account: str  # by its last four, or the name of the bank's own
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal with its legs."""

    number: str
    kind: str
    at: datetime
    bookings: tuple[Booking, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """An instruction of this call. `refusal` says why not, in a sentence."""

    key: UUID
    kind: str
    state: str
    shape: str
    amount: Decimal
    fee: Decimal
    payer: str  # last four
    payee: str
    receipt: str
    refusal: str
    marks: tuple[Mark, ...]
    journals: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Loss:
    """An oral loss report made in this call."""

    number: str
    what: str
    lapses_at: datetime


@dataclass(frozen=True, slots=True)
class Favour:
    """What her agent did for her at the desk. `number` is its receipt, "" where there is none."""

    at: datetime
    service: str | Promise  # by its title
    matter: str  # the wrap-up code that it suggests
    deed: str
    number: str
    by: str


@dataclass(frozen=True, slots=True)
class Guided:
    """A procedure that her agent walked with her: what was answered, and what it ended in.

    `ended` is "" where it was left; `number` the receipt of what was done, or of the order.
    """

    at: datetime
    title: str
    by: str
    trail: tuple[str, ...]
    ended: str
    number: str = ""
    order: UUID | None = None
    journals: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that one page a call shows."""

    call: Call
    caller: str  # masked
    path: str
    outcome: str
    shape: str
    lasted_s: float | None
    lines: tuple[Line, ...]
    orders: tuple[Order, ...]
    losses: tuple[Loss, ...]
    favours: tuple[Favour, ...]
    guided: tuple[Guided, ...]


Guides = Callable[[Call], Iterable[Guided]]
_guides: list[Guides] = []


def guided_by(guides: Guides) -> None:
    """Who keeps the procedures that agents walk says so at start-up."""
    _guides.append(guides)


def tell(call: Call) -> Story:
    """Read the call's record, its instructions and their journals."""
    steps = list(call.steps.order_by("seq"))
    places = Places([call.menu_id])
    favours = tuple(_favours(call))
    done = (_as_line(favour, call) for favour in favours)
    orders = tuple(_orders(call, steps))
    return Story(
        call=call,
        caller=masked_caller(call.caller),
        path=_last_path(call, steps, places),
        outcome=outcome(call),
        shape=OUTCOMES[call.outcome],
        lasted_s=lasted_s(call),
        # A line of the worker's never changes places with another.
        lines=tuple(heapq.merge(_lines(call, steps, places), done, key=lambda line: line.at)),
        orders=orders,
        losses=tuple(_losses(call)),
        favours=favours,
        guided=tuple(_guided(call, orders)),
    )


def outcome(call: Call) -> str:
    """What it came to, in a word; of a call that is not over, that it goes on."""
    return str(call.get_outcome_display()) if call.ended_at else _("on the line")


CAUSES: Mapping[str, str | Promise] = {
    "NORMAL_CLEARING": gettext_lazy("hung up"),
    "NORMAL_TEMPORARY_FAILURE": gettext_lazy("nobody drove the call"),
    "SYSTEM_SHUTDOWN": gettext_lazy("the switch was stopped"),
    "NO_ROUTE_DESTINATION": gettext_lazy("no such number"),
    "UNKNOWN": gettext_lazy("not known"),
}


def ending(call: Call) -> str:
    """Who ended it and how, in a sentence; a cause that has no words by the switch's own."""
    return _("Ended by: %(by)s (%(cause)s)") % {
        "by": call.get_ended_by_display(),
        "cause": CAUSES.get(call.end_cause, call.end_cause),
    }


def lasted_s(call: Call) -> float | None:
    """Seconds from the first ring to the end; None while it lasts."""
    return (call.ended_at - call.started_at).total_seconds() if call.ended_at else None


def masked_caller(number: str) -> str:
    return masked_mobile(number) if number else ""


class Places:
    """Where a caller was, by the titles of the menus that led there, for who reads now.

    Reads each version once.
    """

    def __init__(self, versions: Iterable[int | None]) -> None:
        self._titles: dict[tuple[int, str, str], str] = {}
        for version in {v for v in versions if v is not None}:
            tree = menus.load(version)
            for node in tree.nodes.values():
                path = tree.path(node.slug)
                self._titles[version, node.slug, ""] = " › ".join(path)
                above = path if node.slug != tree.root else ()
                for entry in node.entries:
                    if entry.flow:
                        titles = " › ".join([*above, entry.name])
                        self._titles[version, node.slug, entry.flow] = titles

    def title(self, version: int | None, node: str, flow: str = "") -> str:
        """ "个人业务 › 余额与明细 › 余额"; what is unknown is shown by its short name."""
        if version is None or not node:
            return ""
        return self._titles.get((version, node, flow)) or flow or node


def _last_path(call: Call, steps: list[Step], places: Places) -> str:
    for step in reversed(steps):
        if step.flow:
            return places.title(call.menu_id, step.menu_node, step.flow)
    return places.title(call.menu_id, call.menu_node)


def _lines(call: Call, steps: list[Step], places: Places) -> Iterator[Line]:
    """A breath is one row: the prompts that were played one after the other from one moment on."""
    told, about = "", _named(steps)

    def breath(step: Step) -> object:
        return (step.at, step.menu_node) if step.kind == Step.Kind.HEARD else step.seq

    for _key, group in groupby(steps, breath):
        first, *rest = group
        place = places.title(call.menu_id, first.menu_node, first.flow)
        new, told = (place if place != told else ""), place
        line = partial(Line, first.at, (first.at - call.started_at).total_seconds(), new)
        match first.kind:
            case Step.Kind.HEARD:
                parts = [first, *rest]
                yield line(
                    said=tuple(Said(p.text, heard=bool(p.heard_s) or not p.barged) for p in parts),
                    heard_s=sum((p.heard_s or Decimal(0) for p in parts), Decimal(0)),
                    interrupted=any(p.barged for p in parts),
                )
            case Step.Kind.KEYED:
                yield line(keys=first.keys)
            case _:
                yield line(
                    deed=first.get_deed_display(),
                    about=about.get(first.text, first.text),
                    shape=DEEDS.get(first.deed, MET),
                    order=first.instruction,
                )


def _named(steps: Iterable[Step]) -> dict[str, str]:
    """Agents by their staff numbers and queues by their short names, as the reader knows them."""
    agents = {step.text for step in steps if step.deed == Deed.ANSWERED}
    queues = {step.text for step in steps if step.deed in QUEUES}
    named: dict[str, str] = {}
    if agents:
        named |= {user.username: str(user) for user in User.objects.filter(username__in=agents)}
    if queues:
        named |= {row.slug: str(Name.of(row)) for row in Queue.objects.filter(slug__in=queues)}
    return named


def _orders(call: Call, steps: list[Step]) -> Iterator[Order]:
    keys = {step.instruction for step in steps if step.instruction}
    mine = Q(key__in=keys)
    if call.customer_id:  # also what was read back and never answered
        mine |= Q(customer=call.customer_id, call_ref=str(call.uuid))
    found = list(
        Instruction.objects.filter(mine, digest__isnull=False)
        .select_related("payer__card")
        .order_by("drafted_at")
    )
    journals = _journals(order.key for order in found)
    for order in found:
        yield Order(
            key=order.key,
            kind=order.get_kind_display(),
            state=order.get_state_display(),
            shape=signs.ORDERS[order.state],
            amount=order.amount or Decimal(0),
            fee=order.fee or Decimal(0),
            payer=order.payer.tail if order.payer else "",
            payee=order.payee_tail,
            receipt=order.receipt,
            refusal=signs.refusal(order),
            marks=tuple(signs.way(order)),
            journals=tuple(journals.get(order.key, ())),
        )


def _journals(keys: Iterable[UUID]) -> dict[UUID, list[Entry]]:
    """The journals of instructions, each followed by its fee and by what undid either."""
    rows, owners = families.of_orders(keys)
    found: dict[UUID, list[Entry]] = {}
    for row in rows.prefetch_related("postings__account__card"):
        legs = sorted(row.postings.all(), key=lambda leg: leg.amount)
        found.setdefault(owners[row.pk], []).append(
            Entry(row.number, row.get_kind_display(), row.at, tuple(_booking(leg) for leg in legs))
        )
    return found


def _booking(leg: Posting) -> Booking:
    account = leg.account
    internal = account.kind == account.Kind.INTERNAL
    name = str(Internal(account.number).label) if internal else by_tail(account.tail)
    return Booking(name, leg.amount)


def by_tail(number: str) -> str:
    """ "尾号 4418" """
    return _("ending %(tail)s") % {"tail": number[-4:]}


def _losses(call: Call) -> Iterator[Loss]:
    for report in LossReport.objects.filter(call_ref=str(call.uuid)).select_related(
        "card", "passbook"
    ):
        yield Loss(report.number, str(report.lost), report.lapses_at)


def _favours(call: Call) -> Iterator[Favour]:
    for row in AgentDeed.objects.filter(call=call).select_related("by").order_by("id"):
        service = attended.of(row.service)
        title, matter = (service.title, service.matter) if service else (row.service, "")
        yield Favour(row.at, title, matter, row.deed, row.number, str(row.by))


def _guided(call: Call, orders: Iterable[Order]) -> Iterator[Guided]:
    """Each with what became of the order that it ended in."""
    known = {order.key: order for order in orders}
    for walk in chain.from_iterable(guides(call) for guides in _guides):
        order = known.get(walk.order) if walk.order else None
        if order:
            yield replace(walk, number=order.receipt, journals=order.journals)
        else:
            yield walk


def _as_line(favour: Favour, call: Call) -> Line:
    return Line(
        favour.at,
        (favour.at - call.started_at).total_seconds(),
        deed=Deed(favour.deed).label,
        about=f"{favour.service} {favour.number}".strip(),
        by=favour.by,
        shape=DEEDS.get(favour.deed, MET),
    )
