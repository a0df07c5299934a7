"""Procedures found by their names. Each process holds an index, made anew when one changed."""

from threading import Lock

from django.db.models import Count, Max

from kb import synonyms
from kb.models import ProcedureStep, ProcedureVersion
from kb.search.index import Entry, Index
from kb.search.language import Language

NEAR = 0.5  # of the best one's score: what is below only shares a character with what was asked

_lock = Lock()


class _Kept:
    index = Index(Language())
    stamp: tuple[int, ...] = ()


_kept = _Kept()


def search(asked: str, *, limit: int) -> list[int]:
    """Ids of published versions, best first."""
    with _lock:
        index = _fresh()
    found = index.find(asked, limit=limit)
    return [pk for pk, score in found if score >= NEAR * found[0][1]]


def _fresh() -> Index:
    # Both: two steps may be committed in another order than they were numbered in.
    steps = ProcedureStep.objects.aggregate(last=Max("pk"), count=Count("pk"))
    stamp = (steps["last"] or 0, steps["count"], *synonyms.stamp())
    if stamp != _kept.stamp:
        index = Index(synonyms.language())
        published = ProcedureVersion.objects.filter(state=ProcedureVersion.State.PUBLISHED)
        index.change(new=map(_entry, published), gone=())
        _kept.index, _kept.stamp = index, stamp
    return _kept.index


def _entry(version: ProcedureVersion) -> Entry:
    return Entry(id=version.pk, wordings=(version.title,), tags=" ".join(version.keywords), body="")
