"""Scripts: what is worded of one, which are due, and what an agent opens."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kb import figures, variables, ways
from kb.errors import NotSaid
from kb.models import ScriptReading, ScriptVersion
from kb.models.scripts import Moment
from kb.models.versions import Reviewed
from kb.variables import Part
from kb.versions import Kind
from kb.wordings import Wording as Base
from people.models import User
from people.words import listed
from telephony.models import Call

BY_SERVICE = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording(Base):
    table: ClassVar[type[Reviewed]] = ScriptVersion

    title: str
    moment: str = ""
    words: str
    english: str = ""
    note: str = ""
    keywords: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    source: str

    @property
    def every(self) -> str:
        """All in which a variable or a figure may stand."""
        return "\n".join((self.words, self.english, self.note))


class Scripts(Kind[ScriptVersion, Wording]):
    words = Wording
    needed = ("title", "words", "source")

    def faults(self, wording: Wording, *, at: datetime) -> list[str]:
        """All that keeps it from being said."""
        return list(_faults(wording, at))


SCRIPTS = Scripts()


def _faults(wording: Wording, at: datetime) -> Iterator[str]:
    yield from variables.faults(wording.every)
    if unknown := ways.unknown(wording.services):
        yield ways.NO_SERVICES % {"said": listed(unknown)}
    if missing := figures.fill(wording.every, at=at).missing:
        named = {"figures": ", ".join(dict.fromkeys(missing))}
        yield _("The bank's tables hold no such figure: %(figures)s.") % named


# -- which are said ----------------------------------------------------------------------------


def suggested(
    moments: Sequence[Moment], flows: Sequence[str], *, limit: int
) -> list[ScriptVersion]:
    """Those of the moments, the most pressing first; what fits a service stands before talk."""
    said = list(published().select_related("script").order_by("script"))
    at_moment = [row for moment in moments for row in said if row.moment == moment]
    by_service = [row for row in _fitting(said, flows) if row not in at_moment]
    first = [row for row in at_moment if row.moment != Moment.TALK]
    talk = [row for row in at_moment if row.moment == Moment.TALK]
    return [*first, *by_service[:BY_SERVICE], *talk][:limit]


def _fitting(said: Sequence[ScriptVersion], flows: Sequence[str]) -> list[ScriptVersion]:
    """Of these services, those of the first first."""
    rank = {flow: place for place, flow in enumerate(flows)}
    placed = [
        (min(rank[flow] for flow in row.services if flow in rank), row.script_id, row)
        for row in said
        if rank.keys() & set(row.services)
    ]
    return [row for *_place, row in sorted(placed, key=lambda placed: placed[:2])]


def published() -> QuerySet[ScriptVersion]:
    """What is said now."""
    return ScriptVersion.objects.filter(state=ScriptVersion.State.PUBLISHED)


# -- in words ----------------------------------------------------------------------------------


def worded(
    version: ScriptVersion, values: Mapping[str, str], *, english: bool, at: datetime
) -> tuple[Part, ...]:
    """With what is known and the figures of the moment; blanks named in the active language."""
    words = version.english if english else version.words
    return variables.fill(figures.fill(words, at=at).words, values)


def note(version: ScriptVersion, *, at: datetime) -> str:
    """How to say it."""
    return figures.fill(version.note, at=at).words


@transaction.atomic
def opened(version_id: int, *, by: User, call: Call | None, at: datetime) -> ScriptVersion:
    """Write down that she reads it, then show it. Raises NotSaid."""
    version = published().select_related("script").filter(pk=version_id).first()
    if version is None:
        raise NotSaid
    ScriptReading.objects.create(version=version, by=by, call=call, at=at)
    return version
