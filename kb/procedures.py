"""Procedures: what is worded of one, and what keeps it from being walked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext as _

from kb import figures, guides, ways
from kb.guides import Guide, Way
from kb.models import Article, ProcedureVersion
from kb.models.versions import Reviewed
from kb.versions import Kind
from kb.wordings import Wording as Base
from people.words import listed
from routing.models import Queue
from telephony import attended


@dataclass(frozen=True, slots=True)
class Wording(Base):
    table: ClassVar[type[Reviewed]] = ProcedureVersion

    title: str
    source: str
    guide: str
    keywords: tuple[str, ...] = ()
    services: tuple[str, ...] = ()


class Procedures(Kind[ProcedureVersion, Wording]):
    words = Wording
    needed = ("title", "source", "guide")

    def faults(self, wording: Wording, *, at: datetime) -> list[str]:
        """All that keeps it from being walked."""
        guide, wrong = guides.check(wording.guide)
        if unknown := ways.unknown(wording.services):
            wrong.append(ways.NO_SERVICES % {"said": listed(unknown)})
        wrong += _unknown(guide)
        if missing := figures.fill(guide.words, at=at).missing:
            named = {"figures": ", ".join(dict.fromkeys(missing))}
            wrong.append(_("The bank's tables hold no such figure: %(figures)s.") % named)
        return wrong


PROCEDURES = Procedures()


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
