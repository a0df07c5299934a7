"""What is answered now, found by its words. Each process holds an index of its own.

It is compared with the database before each search: the last step of any article is the stamp
(`drafting.step` lets them commit in order), and the next hour at which a version begins or ends
is known. So a search never reads what was answered before.
"""

from datetime import datetime
from threading import Lock

from django.db.models import Min, Q

from kb.models import ArticleStep, ArticleVersion
from kb.search.index import Entry, Index

_lock = Lock()


class _Kept:
    """This process's index, and until when it is what the database says."""

    def __init__(self) -> None:
        self.index = Index()
        self.stamp = -1
        self.since: datetime | None = None
        self.until: datetime | None = None

    def is_fresh(self, stamp: int, at: datetime) -> bool:
        return (
            stamp == self.stamp
            and self.since is not None
            and self.since <= at
            and (self.until is None or at < self.until)
        )

    def refresh(self, at: datetime) -> Index:
        stamp = ArticleStep.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        if self.is_fresh(stamp, at):
            return self.index
        answered = set(ArticleVersion.objects.in_force(at).values_list("pk", flat=True))
        if answered != self.index.ids:
            new = ArticleVersion.objects.filter(pk__in=answered - self.index.ids)
            self.index.change(new=map(_entry, new), gone=self.index.ids - answered)
        self.stamp, self.since, self.until = stamp, at, _next_turn(at)
        return self.index


_kept = _Kept()


def find(asked: str, *, at: datetime, limit: int) -> list[int]:
    """Ids of versions in force at `at` that answer what was asked, best first."""
    with _lock:
        index = _kept.refresh(at)
    return index.find(asked, limit=limit)


def _next_turn(at: datetime) -> datetime | None:
    """When next a version begins or ends by itself."""
    published = ArticleVersion.objects.filter(state=ArticleVersion.State.PUBLISHED)
    turns = published.aggregate(
        begins=Min("valid_from", filter=Q(valid_from__gt=at)),
        ends=Min("valid_to", filter=Q(valid_to__gt=at)),
    )
    return min((turn for turn in turns.values() if turn), default=None)


def _entry(version: ArticleVersion) -> Entry:
    return Entry(
        id=version.pk,
        title=" ".join((version.question, *version.phrasings)),
        tags=" ".join(version.keywords),
        body=" ".join((version.spoken, version.answer, *version.steps)),
    )
