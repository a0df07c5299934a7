"""The index itself: words in, ids out, best first. It knows neither the database nor a clock."""

from collections.abc import Iterable
from dataclasses import dataclass

import tantivy
from tantivy import Occur, Query

from kb.search import cuts

HEAP = 32_000_000  # bytes; below 15 million tantivy refuses
ASKED = 200  # characters of a query that are looked at
# field → weight: a word of the question says more than the same word somewhere in the answer.
WEIGHTS = {"title": 3.0, "tags": 2.0, "body": 1.0, "typed": 1.5, "characters": 0.3}
TYPO = 0.5  # of the weight, for a latin word that is one letter away
TYPO_FROM = 4  # letters


@dataclass(frozen=True, slots=True)
class Entry:
    """What is indexed of a version."""

    id: int
    wordings: tuple[str, ...]  # the question first, then other phrasings
    tags: str
    body: str
    category: str = ""


class Index:
    """In memory. One thread writes, any may search."""

    def __init__(self) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_integer_field("id", stored=True, indexed=True)
        for name in WEIGHTS:
            builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
        builder.add_text_field("category", tokenizer_name="raw", index_option="basic")
        self._schema = builder.build()
        self._index = tantivy.Index(self._schema)

    def change(self, *, new: Iterable[Entry], gone: Iterable[int]) -> None:
        """Visible to searches when it returns."""
        new, gone = list(new), list(gone)
        if not new and not gone:
            return
        writer = self._index.writer(heap_size=HEAP, num_threads=1)
        for id_ in gone:
            writer.delete_documents_by_term("id", id_)
        for entry in new:
            writer.add_document(self._document(entry))
        writer.commit()
        self._index.reload()

    def find(self, asked: str, *, limit: int, category: str = "") -> list[tuple[int, float]]:
        """Ids and scores, best first; nothing for what has no word."""
        asked = asked[:ASKED]
        found = cuts.words(asked)
        parts = [
            (Occur.Should, self._term(field, word))
            for word in dict.fromkeys(found)
            for field in ("title", "tags", "body")
        ]
        for one in dict.fromkeys(cuts.characters(asked)):
            parts.append((Occur.Should, self._term("characters", one)))
        for word in dict.fromkeys(word for word in found if word.isascii() and word.isalpha()):
            parts.append((Occur.Should, self._term("typed", word)))
            if len(word) >= TYPO_FROM:
                parts += [(Occur.Should, self._near(field, word)) for field in ("title", "typed")]
        if not parts:
            return []
        query = Query.boolean_query(parts)
        if category:
            within = Query.const_score_query(
                Query.term_query(self._schema, "category", category), 0.0
            )
            query = Query.boolean_query([(Occur.Must, query), (Occur.Must, within)])
        searcher = self._index.searcher()
        hits = searcher.search(query, limit).hits
        return [(searcher.doc(address)["id"][0], score) for score, address in hits]

    def _term(self, field: str, word: str) -> Query:
        return Query.boost_query(Query.term_query(self._schema, field, word), WEIGHTS[field])

    def _near(self, field: str, word: str) -> Query:
        near = Query.fuzzy_term_query(self._schema, field, word, distance=1)
        return Query.boost_query(near, WEIGHTS[field] * TYPO)

    def _document(self, entry: Entry) -> tantivy.Document:
        asked = " ".join(entry.wordings)
        title, tags = cuts.words(asked), cuts.words(entry.tags)
        return tantivy.Document(
            id=entry.id,
            title=" ".join(title),
            tags=" ".join(tags),
            body=" ".join(cuts.words(entry.body)),
            typed=" ".join(cuts.pinyin(title + tags)),
            characters=" ".join(cuts.characters(asked)),
            category=entry.category,
        )
