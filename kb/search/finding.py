"""What is answered now, found by its words. Each process holds an index of its own.

It is compared with the database before each search: the last step of any article is the stamp
(`drafting.step` lets them commit in order), and the next hour at which a version begins or ends
is known. So a search never reads what was answered before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING

from django.db.models import Min, Q

from kb import meanings, synonyms
from kb.models import ArticleStep, ArticleVersion, Meaning
from kb.search.context import NOTHING, Context, Facts, factor
from kb.search.index import Entry, Index
from kb.search.language import Language

if TYPE_CHECKING:
    from kb.search.vectors import Nearness

DEPTH = 50  # candidates at least that are weighed by what is known of the caller
# Of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009). They took 60, to level many
# lists; of two the first places count: benchmarks/data/kb-queries.csv was not looked at for it.
LEVEL = 3


class _Kept:
    """This process's index, and until when it is what the database says.

    Of all articles, or of those alone that everybody may read: nothing about the others, not even
    which words they have, is to be learned from what a public search finds.
    """

    def __init__(self, *, only_public: bool = False) -> None:
        self.lock = Lock()
        self._only_public = only_public
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
        due = self._verify_by(at)
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

    def _verify_by(self, at: datetime) -> dict[int, datetime]:
        """Of each version in force, until when its owner stands by it."""
        dated = ArticleVersion.objects.in_force(at).only("verified_at", "reverify_days")
        if self._only_public:
            dated = dated.filter(public=True)
        return {version.pk: version.verify_by or at for version in dated}


class _Near:
    """This process's vectors; the number of the newest row tells that there are others."""

    def __init__(self) -> None:
        self.nearness: Nearness | None = None
        self.newest = 0

    def refresh(self, facts: Mapping[int, Facts]) -> Nearness | None:
        """None where the extra `semantic` is not installed."""
        vectors = meanings.vectors()
        if vectors is None:
            return None
        near = self.nearness = self.nearness or vectors.Nearness()
        kept = Meaning.objects.filter(model=vectors.MODEL)
        newest = kept.order_by("-pk").values_list("pk", flat=True).first() or 0
        gone = near.ids - facts.keys()
        if newest != self.newest or gone:
            lacking = kept.filter(version__in=facts.keys() - near.ids)
            rows = lacking.values_list("version", "asked", "says")
            near.change(new={pk: vectors.Vectors(*packed) for pk, *packed in rows}, gone=gone)
            self.newest = newest
        return near


_kept, _near, _public = _Kept(), _Near(), _Kept(only_public=True)


def search(
    asked: str, *, at: datetime, limit: int, context: Context = NOTHING, category: str = ""
) -> list[int]:
    """Ids of versions in force at `at` that answer what was asked, best first.

    Of one category alone, by its code, if one is given. Where nothing is asked yet: what the
    context speaks of.
    """
    with _kept.lock:
        index, facts = _kept.refresh(at)
    if not asked.strip():
        return _suggested(facts, context, category, at=at)[:limit]
    found = index.find(asked, limit=max(limit, DEPTH), category=category)
    return _weighed(found, facts, context, at=at)[:limit]


def search_public(asked: str, *, at: datetime, limit: int, category: str = "") -> list[int]:
    """By text, among what everybody may read; nothing for no words."""
    with _public.lock:
        index, facts = _public.refresh(at)
    found = index.find(asked, limit=max(limit, DEPTH), category=category)
    return _weighed(found, facts, NOTHING, at=at)[:limit]


def consider(
    asked: str, *, at: datetime, limit: int, context: Context = NOTHING, category: str = ""
) -> list[int]:
    """As `search`, and by meaning too where that is installed: for who has stopped typing."""
    with _kept.lock:
        index, facts = _kept.refresh(at)
        near = _near.refresh(facts)
    if near is None or not asked.strip():
        return search(asked, at=at, limit=limit, context=context, category=category)
    by_text = index.find(asked, limit=DEPTH, category=category)
    among = [pk for pk, known in facts.items() if known.category == category] if category else None
    by_meaning = near.find(asked, limit=DEPTH, among=among)
    found = together([pk for pk, _score in by_text], by_meaning)
    return _weighed(found, facts, context, at=at)[:limit]


def together(*lists: Sequence[int]) -> list[tuple[int, float]]:
    """Ids by their places in several lists, the best first; one may be missing in any."""
    scores: dict[int, float] = {}
    for found in lists:
        for place, id_ in enumerate(found, start=1):
            scores[id_] = scores.get(id_, 0.0) + 1 / (LEVEL + place)
    return sorted(scores.items(), key=lambda found: -found[1])


def _weighed(
    found: Sequence[tuple[int, float]],
    facts: Mapping[int, Facts],
    known: Context,
    *,
    at: datetime,
) -> list[int]:
    """By how well they answer and by what is known of the caller."""
    weighed = sorted(
        (-score * factor(facts[pk], known, at=at), n, pk)
        for n, (pk, score) in enumerate(found)
        if pk in facts
    )
    return [pk for _score, _n, pk in weighed]


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
