"""What is answered now, found by its words. Each process holds an index of its own.

It is compared with the database before each search: the last step of any article is the stamp
(`drafting.step` lets them commit in order), and the next hour at which a version begins or ends
is known. So a search never reads what was answered before.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from threading import Lock

from django.db.models import Min, Q

from kb import synonyms
from kb.models import ArticleStep, ArticleVersion
from kb.search.context import NOTHING, Context, Facts, factor
from kb.search.index import Entry, Index
from kb.search.language import Language

DEPTH = 50  # candidates at least that are weighed by what is known of the caller

_lock = Lock()


class _Kept:
    """This process's index, and until when it is what the database says."""

    def __init__(self) -> None:
        self.index = Index(Language())
        self.facts: dict[int, Facts] = {}
        self.stamp: tuple[int, ...] = ()
        self.spoken: tuple[int, ...] = ()
        self.since: datetime | None = None
        self.until: datetime | None = None

    def is_fresh(self, stamp: tuple[int, ...], at: datetime) -> bool:
        return (
            stamp == self.stamp
            and self.since is not None
            and self.since <= at
            and (self.until is None or at < self.until)
        )

    def refresh(self, at: datetime) -> tuple[Index, dict[int, Facts]]:
        spoken = synonyms.stamp()
        step = ArticleStep.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        stamp = (step, *spoken)
        if self.is_fresh(stamp, at):
            return self.index, self.facts
        if spoken != self.spoken:  # every word is cut anew
            self.index, self.facts, self.spoken = Index(synonyms.language()), {}, spoken
        due = _verify_by(at)
        versions = list(
            ArticleVersion.objects.select_related("article__category").filter(
                pk__in=due.keys() - self.facts.keys()
            )
        )
        self.index.change(new=map(entry, versions), gone=self.facts.keys() - due.keys())
        known = self.facts | {v.pk: _facts(v, due[v.pk]) for v in versions}
        self.facts = {pk: replace(known[pk], verify_by=by) for pk, by in due.items()}
        self.stamp, self.since, self.until = stamp, at, _next_turn(at)
        return self.index, self.facts


_kept = _Kept()


def search(
    asked: str, *, at: datetime, limit: int, context: Context = NOTHING, category: str = ""
) -> list[int]:
    """Ids of versions in force at `at` that answer what was asked, best first.

    Of one category alone, by its code, if one is given. Where nothing is asked yet: what the
    context speaks of.
    """
    with _lock:
        index, facts = _kept.refresh(at)
    if not asked.strip():
        return _suggested(facts, context, category, at=at)[:limit]
    found = index.find(asked, limit=max(limit, DEPTH), category=category)
    weighed = sorted(
        (-score * factor(facts[pk], context, at=at), n, pk)
        for n, (pk, score) in enumerate(found)
        if pk in facts
    )
    return [pk for _score, _n, pk in weighed[:limit]]


def _suggested(
    facts: Mapping[int, Facts], context: Context, category: str, *, at: datetime
) -> list[int]:
    """What fits the context better than the next one would, by how well."""
    if not context:
        return []
    plain = Context(customers=context.customers)
    fitting = [
        (-weight, pk)
        for pk, known in facts.items()
        if category in ("", known.category)
        and (weight := factor(known, context, at=at)) > factor(known, plain, at=at)
    ]
    return [pk for _weight, pk in sorted(fitting)]


def _next_turn(at: datetime) -> datetime | None:
    """When next a version begins or ends by itself."""
    published = ArticleVersion.objects.filter(state=ArticleVersion.State.PUBLISHED)
    turns = published.aggregate(
        begins=Min("valid_from", filter=Q(valid_from__gt=at)),
        ends=Min("valid_to", filter=Q(valid_to__gt=at)),
    )
    return min((turn for turn in turns.values() if turn), default=None)


def _verify_by(at: datetime) -> dict[int, datetime]:
    """Of each version in force, until when its owner stands by it."""
    dated = ArticleVersion.objects.in_force(at).only("verified_at", "reverify_days")
    return {version.pk: version.verify_by or at for version in dated}


def entry(version: ArticleVersion) -> Entry:
    return Entry(
        id=version.pk,
        wordings=(version.question, *version.phrasings),
        tags=" ".join(version.keywords),
        body=" ".join((version.spoken, version.answer, *version.steps)),
        category=version.article.category.code,
    )


def _facts(version: ArticleVersion, verify_by: datetime) -> Facts:
    return Facts(
        category=version.article.category.code,
        customers=version.customers,
        services=frozenset(version.services),
        names=" ".join((version.question, *version.phrasings, *version.keywords)),
        verify_by=verify_by,
    )
