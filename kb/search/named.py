"""Procedures and scripts, found by what they are called and say.

Each process holds an index of each kind, made anew when one of it changed.
"""

from collections.abc import Callable
from threading import Lock
from typing import Any

from django.db.models import Count, Max

from kb import synonyms, variables
from kb.models import ProcedureStep, ProcedureVersion, ScriptStep, ScriptVersion
from kb.models.versions import Step, Version
from kb.search.index import Entry, Index

NEAR = 0.5  # of the best one's score: what is below only shares a character with what was asked


class Named:
    """What is published of one kind."""

    def __init__(
        self, versions: type[Version], steps: type[Step], entry: Callable[[Any], Entry]
    ) -> None:
        self._versions, self._steps, self._entry = versions, steps, entry
        self._lock = Lock()
        self._index: Index | None = None
        self._stamp: tuple[int, ...] = ()

    def search(self, asked: str, *, limit: int) -> list[int]:
        """Ids of published versions, best first."""
        with self._lock:
            index = self._fresh()
        found = index.find(asked, limit=limit)
        return [pk for pk, score in found if score >= NEAR * found[0][1]]

    def _fresh(self) -> Index:
        # Both: two steps may be committed in another order than they were numbered in.
        steps = self._steps._default_manager.aggregate(last=Max("pk"), count=Count("pk"))
        stamp = (steps["last"] or 0, steps["count"], *synonyms.stamp())
        if self._index is None or stamp != self._stamp:
            index = Index(synonyms.language())
            published = self._versions._default_manager.filter(state=Version.State.PUBLISHED)
            index.change(new=map(self._entry, published), gone=())
            self._index, self._stamp = index, stamp
        return self._index


def _procedure(version: ProcedureVersion) -> Entry:
    return Entry(id=version.pk, wordings=(version.title,), tags=" ".join(version.keywords), body="")


def _script(version: ScriptVersion) -> Entry:
    return Entry(
        id=version.pk,
        wordings=(version.title, variables.plain(version.words)),
        tags=" ".join(version.keywords),
        body=variables.plain(version.english),
    )


procedures = Named(ProcedureVersion, ProcedureStep, _procedure)
scripts = Named(ScriptVersion, ScriptStep, _script)
