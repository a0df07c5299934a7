"""Procedures: written, reviewed by somebody else, published in place of the one before."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from kb import figures, guides
from kb.errors import (
    GuideFaulty,
    NothingGuided,
    OwnArticle,
    ProcedureDraftOpen,
    ProcedureKeyTaken,
    ProcedurePast,
)
from kb.guides import Guide, Way
from kb.models import Article, Category, Procedure, ProcedureStep, ProcedureVersion
from kb.texts import Change, Piece, pieces
from people.approvals import NoWord
from people.models import User
from routing.models import Queue
from telephony import attended
from telephony.ivr import registry

State, What = ProcedureVersion.State, ProcedureStep.What
LABELS = ("title", "keywords", "services", "source", "guide")  # in the order of a page


@dataclass(frozen=True, slots=True)
class Wording:
    """What `ProcedureVersion` holds of the same names."""

    title: str
    source: str
    guide: str
    keywords: tuple[str, ...] = ()
    services: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Another one for other words."""
        said = (self.title, self.source, self.guide, *self.keywords, "", *self.services)
        return hashlib.sha256("\n".join(said).encode()).hexdigest()


def of(version: ProcedureVersion) -> Wording:
    return Wording(
        version.title,
        version.source,
        version.guide,
        tuple(version.keywords),
        tuple(version.services),
    )


def put(version: ProcedureVersion, wording: Wording) -> None:
    """Onto a version that is not saved yet."""
    version.title, version.source, version.guide = wording.title, wording.source, wording.guide
    version.keywords, version.services = list(wording.keywords), list(wording.services)


# -- what is wrong with it ---------------------------------------------------------------------


def faults(wording: Wording, *, at: datetime) -> list[str]:
    """All that keeps it from being walked, each a sentence for its editor."""
    guide, wrong = guides.check(wording.guide)
    for flow in wording.services:
        if registry.find(flow) is None:
            wrong.append(_("There is no flow “%(name)s”.") % {"name": flow})
    wrong += _unknown(guide)
    if missing := figures.fill(guide.words, at=at).missing:
        named = ", ".join(dict.fromkeys(missing))
        wrong.append(_("The bank's tables hold no such figure: %(figures)s.") % {"figures": named})
    return wrong


def _unknown(guide: Guide) -> Iterator[str]:
    """What it names of the bank's that is not there."""
    filled: set[str] = set()
    for node in guide.nodes:
        named = {"node": node.name}
        if node.ask:
            taken = _taken(node.ask.service)
            if node.ask.field not in taken:
                words = _("“%(node)s” asks a field that is none: %(name)s.")
                yield words % {**named, "name": f"{node.ask.service}.{node.ask.field}"}
        if node.end and not _is_there(node.end.way, node.end.name):
            words = _("“%(node)s” ends in what is not there: %(name)s.")
            yield words % {**named, "name": f"{node.end.way} {node.end.name}"}
        elif node.end and node.end.way == Way.SERVICE:
            filled |= _taken(node.end.name)
    for node in guide.nodes:
        sets = [pair for answer in node.answers for pair in answer.sets]
        for field, _value in [*sets, *(node.end.sets if node.end else ())]:
            if field not in filled:
                words = _("“%(node)s” fills in a field that no service at its ends has: %(name)s.")
                yield words % {"node": node.name, "name": field}


def _taken(service: str) -> frozenset[str]:
    found = attended.of(service)
    return found.takes if found else frozenset()


def _is_there(way: Way, name: str) -> bool:
    match way:
        case Way.SERVICE:
            return attended.of(name) is not None
        case Way.ARTICLE:
            return Article.objects.filter(key=name).exists()
        case Way.QUEUE:
            return Queue.objects.filter(slug=name).exists()
    return True


def changes(before: ProcedureVersion, after: ProcedureVersion) -> list[Change]:
    """What a reviewer has to look at, field by field; of the guide line by line."""
    found = []
    for name in LABELS:
        old, new = (_shown(getattr(version, name)) for version in (before, after))
        if old != new:
            label = ProcedureVersion._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            found.append(Change(label, tuple[Piece, ...](pieces(old, new))))
    return found


def _shown(value: list[str] | str) -> str:
    return "\n".join(value) if isinstance(value, list) else value


# -- the way of a version ----------------------------------------------------------------------


@transaction.atomic
def begin(
    key: str, category: Category, wording: Wording, *, by: User, at: datetime
) -> ProcedureVersion:
    """A new procedure, as a draft of whoever writes it. Raises ProcedureKeyTaken, NothingGuided."""
    try:
        with transaction.atomic():
            procedure = Procedure.objects.create(key=key, category=category)
    except IntegrityError:
        raise ProcedureKeyTaken(key=key) from None
    return _drafted(procedure, wording, by=by, at=at)


@transaction.atomic
def revise(procedure_id: int, *, by: User, at: datetime) -> ProcedureVersion:
    """A draft that begins as what is walked now, or was last. Raises ProcedureDraftOpen."""
    procedure = lock(procedure_id)
    versions = procedure.versions.exclude(state=State.DROPPED)
    if versions.filter(state__in=[State.DRAFT, State.REVIEW]).exists():
        raise ProcedureDraftOpen
    latest = versions.first()
    if latest is None:
        raise ProcedurePast
    return _drafted(procedure, of(latest), by=by, at=at)


@transaction.atomic
def write(version_id: int, wording: Wording, *, by: User, at: datetime) -> ProcedureVersion:
    """Word a draft anew. Raises ProcedurePast, NothingGuided."""
    version = _lock_version(version_id, State.DRAFT)
    _has_words(wording)
    put(version, wording)
    version.author, version.edited_at = by, at
    version.save()
    step(version, What.DRAFTED, by=by, at=at)
    return version


@transaction.atomic(durable=True)
def submit(version_id: int, *, by: User, at: datetime) -> ProcedureVersion:
    """Ready for somebody else's eyes; fixed from now on. Raises ProcedurePast, GuideFaulty."""
    version = _lock_version(version_id, State.DRAFT)
    _require(version, at=at)
    return _turn(version, State.REVIEW, What.SUBMITTED, by=by, at=at)


@transaction.atomic(durable=True)
def drop(version_id: int, *, by: User, at: datetime) -> ProcedureVersion:
    """A draft that nobody needs. Raises ProcedurePast."""
    version = _lock_version(version_id, State.DRAFT)
    return _turn(version, State.DROPPED, What.DROPPED, by=by, at=at)


@transaction.atomic(durable=True)
def approve(version_id: int, *, by: User, at: datetime) -> ProcedureVersion:
    """Walked from now on, in place of the one before.

    Raises ProcedurePast, OwnArticle, GuideFaulty: what it names went meanwhile.
    """
    version = _reviewed(version_id, by)
    _require(version, at=at)
    version.reviewer = by
    put_in_force(version, by=by, at=at)
    step(version, What.APPROVED, by=by, at=at)
    return version


@transaction.atomic(durable=True)
def send_back(version_id: int, why: str, *, by: User, at: datetime) -> ProcedureVersion:
    """It will not do yet: a draft again. Raises ProcedurePast, OwnArticle, NoWord."""
    version = _reviewed(version_id, by)
    return _turn(version, State.DRAFT, What.RETURNED, by=by, at=at, note=_said(why))


@transaction.atomic(durable=True)
def withdraw(version_id: int, why: str, *, by: User, at: datetime) -> ProcedureVersion:
    """Offered no more; who walks it now comes to its end. Raises ProcedurePast, NoWord."""
    why = _said(why)
    version = _lock_version(version_id, State.PUBLISHED)
    version.valid_to = at
    return _turn(version, State.WITHDRAWN, What.WITHDRAWN, by=by, at=at, note=why)


def put_in_force(version: ProcedureVersion, *, by: User | None, at: datetime) -> None:
    """The one writer of what is walked; needs the procedure's lock."""
    published = ProcedureVersion.objects.filter(
        procedure=version.procedure_id, state=State.PUBLISHED
    )
    if before := published.first():
        before.valid_to = at
        _turn(before, State.REPLACED, What.REPLACED, by=by, at=at)
    version.state, version.valid_from = State.PUBLISHED, at
    version.save()


def lock(procedure_id: int) -> Procedure:
    """Alone with all its versions until the commit."""
    return Procedure.objects.select_for_update(of=("self",)).get(pk=procedure_id)


def next_number(procedure: Procedure) -> int:
    """Of its next version; needs the procedure's lock."""
    latest: int | None = procedure.versions.aggregate(latest=Max("number"))["latest"]
    return (latest or 0) + 1


def step(
    version: ProcedureVersion, what: str, *, by: User | None, at: datetime, note: str = ""
) -> None:
    ProcedureStep.objects.create(version=version, what=what, by=by, at=at, note=note)


# -- inside ------------------------------------------------------------------------------------


def _drafted(procedure: Procedure, wording: Wording, *, by: User, at: datetime) -> ProcedureVersion:
    _has_words(wording)
    number = next_number(procedure)
    version = ProcedureVersion(procedure=procedure, number=number, author=by, edited_at=at)
    put(version, wording)
    version.save()
    step(version, What.DRAFTED, by=by, at=at)
    return version


def _turn(
    version: ProcedureVersion,
    state: str,
    what: str,
    *,
    by: User | None,
    at: datetime,
    note: str = "",
) -> ProcedureVersion:
    version.state = state
    version.save(update_fields=["state", "valid_to"])
    step(version, what, by=by, at=at, note=note)
    return version


def _lock_version(version_id: int, state: str) -> ProcedureVersion:
    """Alone with it and its procedure until the commit. Raises ProcedurePast."""
    lock(ProcedureVersion.objects.values_list("procedure_id", flat=True).get(pk=version_id))
    version = ProcedureVersion.objects.select_related("procedure").get(pk=version_id)
    if version.state != state:
        raise ProcedurePast
    return version


def _reviewed(version_id: int, by: User) -> ProcedureVersion:
    version = _lock_version(version_id, State.REVIEW)
    if version.author_id == by.pk or version.history.filter(what=What.DRAFTED, by=by).exists():
        raise OwnArticle
    return version


def _require(version: ProcedureVersion, *, at: datetime) -> None:
    if wrong := faults(of(version), at=at):
        raise GuideFaulty(faults=" ".join(wrong))


def _has_words(wording: Wording) -> None:
    if not all((wording.title, wording.source, wording.guide)):
        raise NothingGuided


def _said(why: str) -> str:
    if not why.strip():
        raise NoWord
    return why.strip()
