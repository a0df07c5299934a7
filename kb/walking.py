"""A procedure as an agent walks it: each answer is kept with its call, and how it ended."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from banking.models import Instruction
from kb import figures, guides
from kb.errors import NoSuchAnswer, NotHerWalk, NotWalked
from kb.guides import Guide, Node, Way
from kb.models import ArticleVersion, ProcedureVersion, Walk, WalkEnd, WalkStep
from people.models import User
from routing.floor import Name
from routing.models import Queue
from telephony import attended
from telephony.models import AgentDeed, Call
from telephony.story import Guided

State = ProcedureVersion.State


@dataclass(frozen=True, slots=True)
class Passed:
    """A node that she has behind her, and what was answered there."""

    node: str
    answer: str


@dataclass(frozen=True, slots=True)
class Stand:
    """How far a walk has come; what was gone back over is left out."""

    walk: Walk
    node: Node
    trail: tuple[Passed, ...]
    filled: Mapping[str, str]  # of the service's form, by field
    next_seq: int
    end: WalkEnd | None


def stand(walk: Walk) -> Stand:
    guide = guides.read(walk.version.guide)
    steps = list(walk.steps.all())
    taken = _taken(steps)
    node, filled = guide.nodes[0], dict[str, str]()
    for step in taken:
        node = _follow(guide, node, step, filled)
    if node.end:
        filled |= dict(node.end.sets)
    return Stand(
        walk=walk,
        node=node,
        trail=tuple(Passed(step.node, step.answer) for step in taken),
        filled=filled,
        next_seq=len(steps) + 1,
        end=getattr(walk, "end", None),
    )


def _taken(steps: list[WalkStep]) -> list[WalkStep]:
    way: list[WalkStep] = []
    for step in steps:
        if step.answer:
            way.append(step)
        elif way:
            way.pop()
    return way


def _follow(guide: Guide, node: Node, step: WalkStep, filled: dict[str, str]) -> Node:
    """Where a step leads; what it fills in is added to `filled`."""
    if step.place is not None:
        answer = node.answers[step.place]
        filled |= dict(answer.sets)
        return guide.node(answer.to)
    assert node.ask is not None  # nothing else has an answer without a place
    filled[node.ask.field] = step.value
    return guide.node(node.ask.to)


# -- what she does -----------------------------------------------------------------------------


@transaction.atomic
def begin(version_id: int, *, by: User, call: Call | None, at: datetime) -> Walk:
    """Walk it; one that she has not ended in this call goes on where it was. Raises NotWalked."""
    version = ProcedureVersion.objects.filter(pk=version_id, state=State.PUBLISHED).first()
    if version is None:
        raise NotWalked
    again = Walk.objects.filter(version=version, by=by, call=call, end=None).last()
    return again or Walk.objects.create(version=version, by=by, call=call, at=at)


def of(walk_id: int, *, by: User, call: Call | None) -> Walk:
    """Hers, in this call. Raises NotHerWalk."""
    walk = Walk.objects.select_related("version").filter(pk=walk_id, by=by, call=call).first()
    if walk is None:
        raise NotHerWalk
    return walk


def answer(walk: Walk, place: int, *, seq: int, at: datetime) -> Stand:
    """The answer at a place, counted from 0. Raises NoSuchAnswer."""
    here = stand(walk)
    if not 0 <= place < len(here.node.answers):
        raise NoSuchAnswer
    return _step(here, here.node.answers[place].words, place=place, seq=seq, at=at)


def fill(walk: Walk, value: str, shown: str, *, seq: int, at: datetime) -> Stand:
    """What the field of this node is to hold, and how it was shown. Raises NoSuchAnswer."""
    here = stand(walk)
    if here.node.ask is None or not value or not shown:
        raise NoSuchAnswer
    return _step(here, shown, value=value, seq=seq, at=at)


def back(walk: Walk, *, seq: int, at: datetime) -> Stand:
    """To the node before; at the first one nothing happens."""
    here = stand(walk)
    return _step(here, "", seq=seq, at=at) if here.trail else here


def _step(
    here: Stand, answer: str, *, seq: int, at: datetime, place: int | None = None, value: str = ""
) -> Stand:
    """Written once: a key that was pressed twice, or on a page that is older, changes nothing."""
    if seq != here.next_seq or here.end:
        return here
    row = WalkStep(
        walk=here.walk,
        seq=seq,
        node=here.node.name,
        answer=answer[:200],
        place=place,
        value=value,
        at=at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        pass  # the other press was first
    return stand(here.walk)


@transaction.atomic
def end(
    walk: Walk,
    *,
    at: datetime,
    deed: AgentDeed | None = None,
    order: Instruction | None = None,
    number: str = "",
) -> WalkEnd:
    """It came to its end, and what came of that; said again, the first time holds.

    Raises NoSuchAnswer: it has not come so far.
    """
    ends = stand(walk).node.end
    if ends is None:
        raise NoSuchAnswer
    found, _made = WalkEnd.objects.get_or_create(
        walk=walk,
        defaults={
            "at": at,
            "way": ends.way,
            "name": ends.name,
            "deed": deed,
            "order": order,
            "number": number,
        },
    )
    return found


# -- what is said of it ------------------------------------------------------------------------


def said(words: str, *, at: datetime) -> str:
    """With the figures of the moment."""
    return figures.fill(words, at=at).words


def named(way: str, name: str) -> str:
    """What a guide ends in, as a page calls it."""
    match way:
        case Way.SERVICE:
            return str(_service(name))
        case Way.ARTICLE:
            shown = ArticleVersion.objects.filter(article__key=name)
            return str(shown.values_list("question", flat=True).first() or name)
        case Way.QUEUE:
            queue = Queue.objects.filter(slug=name).first()
            return str(Name.of(queue)) if queue else name
        case Way.COMPLAINT:
            return _("a complaint")
    return _("the matter is closed")


def asked(service: str, field: str) -> str:
    """A field of a service's form, as an outline calls it."""
    return f"{_service(service)} · {field}"


def _service(name: str) -> str | Promise:
    found = attended.of(name)
    return found.title if found else name


def told(call: Call) -> Iterator[Guided]:
    """The walks of a call, as its story tells them."""
    walks = Walk.objects.filter(call=call).select_related(
        "version", "by", "end__deed", "end__order"
    )
    for walk in walks.prefetch_related("steps"):
        found: WalkEnd | None = getattr(walk, "end", None)
        order = found.order if found else None
        deed = found.deed if found else None
        yield Guided(
            at=walk.at,
            title=walk.version.title,
            by=str(walk.by),
            trail=tuple(step.answer for step in _taken(list(walk.steps.all()))),
            ended=named(found.way, found.name) if found else "",
            number=found.number or (deed.number if deed else "") if found else "",
            order=order.key if order else None,
        )
