"""What an agent looks for and opens at her desk, each with the call in which she did."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from kb import attachments, figures, suggesting, variables, ways
from kb.errors import NotAnswered
from kb.models import (
    ArticleVersion,
    Attachment,
    ProcedureVersion,
    Reading,
    ScriptVersion,
    Search,
)
from kb.scripts import published
from kb.search import context, cuts, finding, named
from kb.ways import ByKeys
from people.models import User
from telephony.models import Call

MOST = 8  # results of a search: what a column shows without scrolling
MOST_SCRIPTS, SCRIPTS_LOOKED_AT = 2, 8
TYPED_FROM = 4  # letters: less is a syllable
SAME = timedelta(minutes=10)  # within which the same words in the same call are one search


@dataclass(frozen=True, slots=True)
class Answer:
    """An article as it is read now: its figures are those of the moment."""

    version: ArticleVersion
    spoken: str
    answer: str
    steps: tuple[str, ...]
    overdue: bool
    attachments: tuple[Attachment, ...]
    by_keys: tuple[ByKeys, ...]  # how a caller helps herself


def results(asked: str, call: Call | None, *, at: datetime) -> list[ArticleVersion]:
    """What answers it, best first, by what the caller did; nothing for no words."""
    return _rows(finding.search(asked, at=at, limit=MOST, context=_known(call))) if asked else []


def _known(call: Call | None) -> context.Context:
    return suggesting.context_of(call) if call else context.NOTHING


def _rows(found: Sequence[int]) -> list[ArticleVersion]:
    rows = ArticleVersion.objects.select_related("article__category").in_bulk(found)
    return [rows[pk] for pk in found if pk in rows]


def shown(search: Search) -> list[ArticleVersion]:
    """What was found, as it was shown."""
    return _rows(search.found)


def procedures(asked: str) -> list[ProcedureVersion]:
    """Those that it names, best first."""
    if not asked:
        return []
    found = named.procedures.search(asked, limit=suggesting.MOST_PROCEDURES)
    walked = ProcedureVersion.objects.filter(state=ProcedureVersion.State.PUBLISHED)
    rows = walked.in_bulk(found)
    return [rows[pk] for pk in found if pk in rows]


def scripts(asked: str) -> list[ScriptVersion]:
    """Those that it names, best first."""
    if not asked:
        return []
    ids = named.scripts.search(asked, limit=SCRIPTS_LOOKED_AT)
    rows = published().select_related("script").in_bulk(ids)
    return [rows[pk] for pk in ids if pk in rows and _names(rows[pk], asked)][:MOST_SCRIPTS]


def _names(version: ScriptVersion, asked: str) -> bool:
    """More than one character or syllable of it, which any question has."""
    said = "".join((version.title, *version.keywords, variables.plain(version.words)))
    if any(pair in said for pair in cuts.pairs(asked)):
        return True
    typed = [word for word in asked.lower().split() if word.isascii() and len(word) >= TYPED_FROM]
    heard = cuts.sounded(said) + version.english.lower() if typed else ""
    return any(word in heard for word in typed)


def spoken(version: ArticleVersion, *, at: datetime) -> str:
    """What she reads aloud."""
    return figures.fill(version.spoken, at=at).words


def answer(version: ArticleVersion, *, at: datetime) -> Answer:
    """Whole, with the figures of the moment."""
    return Answer(
        version,
        spoken(version, at=at),
        figures.fill(version.answer, at=at).words,
        tuple(figures.fill(step, at=at).words for step in version.steps),
        version.is_overdue(at),
        tuple(attachments.of(version)),
        tuple(ways.of(version.services)),
    )


@transaction.atomic
def searched(asked: str, *, by: User, call: Call | None, at: datetime) -> Search | None:
    """She has stopped typing: write down what she looked for and what she is shown.

    None of no words. The same words again in the same call are the same search.
    """
    return _looked_for(asked, finding.consider, by=by, call=call, at=at)


def _looked_for(
    asked: str, find: Callable[..., list[int]], *, by: User, call: Call | None, at: datetime
) -> Search | None:
    asked = asked.strip()[: Search._meta.get_field("asked").max_length]
    if not asked:
        return None
    with connection.cursor() as cursor:  # her page may say it twice at once
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('kb.search'), %s)", [by.pk])
    last = Search.objects.filter(by=by).order_by("-id").first()
    if last and (last.asked, last.call_id) == (asked, call and call.pk) and last.at > at - SAME:
        return last
    found = find(asked, at=at, limit=MOST, context=_known(call))
    return Search.objects.create(asked=asked, by=by, call=call, at=at, found=found)


@transaction.atomic
def opened(
    version_id: int, *, asked: str = "", by: User, call: Call | None, at: datetime
) -> Answer:
    """Write down that she reads it, then show it. `asked`: what she had looked for.

    Raises NotAnswered.
    """
    found = ArticleVersion.objects.in_force(at).select_related("article__category")
    version = found.filter(pk=version_id).first()
    if version is None:
        raise NotAnswered
    # Where she did not stop typing first, it was found by its words.
    search = _looked_for(asked, finding.search, by=by, call=call, at=at)
    Reading.objects.create(version=version, by=by, call=call, at=at, search=search)
    return answer(version, at=at)
