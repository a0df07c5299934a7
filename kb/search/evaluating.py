"""How well our search finds what answers, beside its peers: on our own articles or on others'."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from kb import meanings, synonyms
from kb.models import ArticleVersion
from kb.search import finding, peers, questions
from kb.search.index import Entry, Index
from kb.search.measuring import Ask, Figures, measure
from kb.search.questions import Unreadable


@dataclass(frozen=True, slots=True)
class Evaluation:
    articles: int
    queries: int
    # search: as an agent finds it who has stopped typing. text: while she types; the same where
    # the extra `semantic` is missing. pg_trgm, where the database has it, and bm25.
    figures: Mapping[str, Figures]
    by_meaning: bool

    def plain(self) -> dict[str, Any]:
        """The closing line: our own figures, and the others' each under its name."""
        others = {name: self.figures.get(name) for name in ("text", "pg_trgm", "bm25")}
        return {
            "articles": self.articles,
            "queries": self.queries,
            "meaning": self.by_meaning,
            **self.figures["search"].plain(),
            **{name: figures and figures.plain() for name, figures in others.items()},
        }


@dataclass(frozen=True, slots=True)
class _Corpus:
    entries: Mapping[str, Entry]  # by the id that queries name
    search: Ask
    consider: Ask | None  # None: the extra `semantic` is not installed


def evaluate(asked: Path, articles: Path | None, *, at: datetime) -> Evaluation:
    """Of a foreign corpus no row and no file is left. Raises Unreadable."""
    corpus = _foreign(articles) if articles else _own(at)
    queries = questions.queries(asked, corpus.entries)
    text = measure(queries, corpus.search)
    figures = {
        "search": measure(queries, corpus.consider) if corpus.consider else text,
        "text": text,
        "bm25": measure(queries, peers.bm25(corpus.entries.items(), synonyms.language())),
    }
    with peers.pg_trgm(_wordings(corpus.entries)) as trigrams:
        if trigrams:
            figures["pg_trgm"] = measure(queries, trigrams)
    return Evaluation(len(corpus.entries), len(queries), figures, corpus.consider is not None)


def _own(at: datetime) -> _Corpus:
    """What is answered now, found as an agent finds it."""
    versions = {
        version.pk: version
        for version in ArticleVersion.objects.in_force(at).select_related("article__category")
    }
    if not versions:
        raise Unreadable("There are no articles: `manage.py demo` brings those that ship.")

    def keys(found: Sequence[int]) -> Sequence[str]:
        return [versions[pk].article.key for pk in found]

    def search(asked: str, limit: int) -> Sequence[str]:
        return keys(finding.search(asked, at=at, limit=limit))

    def consider(asked: str, limit: int) -> Sequence[str]:
        return keys(finding.consider(asked, at=at, limit=limit))

    meanings.learn(at=at, for_s=math.inf)
    entries = {v.article.key: finding.entry(v) for v in versions.values()}
    return _Corpus(entries, search, consider if meanings.vectors() else None)


def _foreign(path: Path) -> _Corpus:
    corpus = questions.articles(path)
    entries = [questions.entry(number, article) for number, article in enumerate(corpus)]
    index = Index(synonyms.language())
    index.change(new=entries, gone=())

    def search(asked: str, limit: int) -> Sequence[str]:
        return [corpus[number].id for number, _score in index.find(asked, limit=limit)]

    by_id = {corpus[entry.id].id: entry for entry in entries}
    if (vectors := meanings.vectors()) is None:
        return _Corpus(by_id, search, None)
    nearness = vectors.Nearness()
    read = {entry.id: vectors.of(entry.wordings, entry.body) for entry in entries}
    nearness.change(new=read, gone=())

    def consider(asked: str, limit: int) -> Sequence[str]:
        by_text = [number for number, _score in index.find(asked, limit=finding.DEPTH)]
        by_meaning = nearness.find(asked, limit=finding.DEPTH)
        found = finding.together(by_text, by_meaning)[:limit]
        return [corpus[number].id for number, _score in found]

    return _Corpus(by_id, search, consider)


def _wordings(entries: Mapping[str, Entry]) -> Iterator[tuple[str, str]]:
    for id_, entry in entries.items():
        for words in (*entry.wordings, entry.body):
            if words:
                yield id_, words
