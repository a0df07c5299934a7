"""How well our search finds what answers, beside its peers: on our own articles or on others'."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from kb import synonyms
from kb.models import ArticleVersion
from kb.search import finding, peers, questions
from kb.search.index import Entry, Index
from kb.search.measuring import Ask, Figures, measure
from kb.search.questions import Unreadable


@dataclass(frozen=True, slots=True)
class Evaluation:
    articles: int
    queries: int
    figures: Mapping[str, Figures]  # search, pg_trgm (where the database has it), bm25

    def plain(self) -> dict[str, Any]:
        """The closing line: our own figures, and each peer's under its name."""
        peers = {name: self.figures.get(name) for name in ("pg_trgm", "bm25")}
        return {
            "articles": self.articles,
            "queries": self.queries,
            **self.figures["search"].plain(),
            **{name: figures and figures.plain() for name, figures in peers.items()},
        }


@dataclass(frozen=True, slots=True)
class _Corpus:
    entries: Mapping[str, Entry]  # by the id that queries name
    ask: Ask


def evaluate(asked: Path, articles: Path | None, *, at: datetime) -> Evaluation:
    """Of a foreign corpus no row and no file is left. Raises Unreadable."""
    corpus = _foreign(articles) if articles else _own(at)
    queries = questions.queries(asked, corpus.entries)
    figures = {
        "search": measure(queries, corpus.ask),
        "bm25": measure(queries, peers.bm25(corpus.entries.items(), synonyms.language())),
    }
    with peers.pg_trgm(_wordings(corpus.entries)) as trigrams:
        if trigrams:
            figures["pg_trgm"] = measure(queries, trigrams)
    return Evaluation(len(corpus.entries), len(queries), figures)


def _own(at: datetime) -> _Corpus:
    """What is answered now, found as an agent finds it."""
    versions = {
        version.pk: version
        for version in ArticleVersion.objects.in_force(at).select_related("article__category")
    }
    if not versions:
        raise Unreadable("There are no articles: `manage.py demo` brings those that ship.")

    def ask(asked: str, limit: int) -> Sequence[str]:
        found = finding.search(asked, at=at, limit=limit)
        return [versions[pk].article.key for pk in found]

    return _Corpus({v.article.key: finding.entry(v) for v in versions.values()}, ask)


def _foreign(path: Path) -> _Corpus:
    corpus = questions.articles(path)
    entries = [questions.entry(number, article) for number, article in enumerate(corpus)]
    index = Index(synonyms.language())
    index.change(new=entries, gone=())

    def ask(asked: str, limit: int) -> Sequence[str]:
        return [corpus[number].id for number, _score in index.find(asked, limit=limit)]

    return _Corpus({corpus[entry.id].id: entry for entry in entries}, ask)


def _wordings(entries: Mapping[str, Entry]) -> Iterator[tuple[str, str]]:
    for id_, entry in entries.items():
        for words in (*entry.wordings, entry.body):
            if words:
                yield id_, words
