"""The index itself: words in, ids out, best first. It knows neither the database nor a clock."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import tantivy
from tantivy import Occur, Query

from kb.search import cuts
from kb.search.language import Language

HEAP = 32_000_000  # bytes; below 15 million tantivy refuses
ASKED = 200  # characters of a query that are looked at
# What an article is asked by, and what it says. Each is cut four ways, and BM25 of all eight is
# added up as it comes: a weight that fits our articles would not fit another bank's.
PARTS = ("title", "body")
CUTS = ("words", "pairs", "characters", "meant")
FIELDS = [f"{part}_{cut}" for part in PARTS for cut in CUTS]
TYPED = "typed"  # pinyin of the title
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

    @property
    def title(self) -> str:
        return " ".join((*self.wordings, self.tags))


class Index:
    """In memory. One thread writes, any may search."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._cuts: dict[str, Callable[[str], list[str]]] = {
            "words": language.words,
            "pairs": cuts.pairs,
            "characters": cuts.characters,
            "meant": language.meant,
        }
        builder = tantivy.SchemaBuilder()
        builder.add_integer_field("id", stored=True, indexed=True)
        for name in (*FIELDS, TYPED):
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
        searcher = self._index.searcher()
        parts = [
            (Occur.Should, Query.term_query(self._schema, f"{part}_{name}", term))
            for name in CUTS
            for term in dict.fromkeys(self._cuts[name](asked))
            for part in PARTS
        ]
        unknown = [
            word
            for word in self.language.words(asked)
            if not any(searcher.doc_freq(f"{part}_words", word) for part in PARTS)
        ]
        parts += [(Occur.Should, query) for query in self._guesses(unknown)]
        if not parts:
            return []
        query = Query.boolean_query(parts)
        if category:
            within = Query.const_score_query(
                Query.term_query(self._schema, "category", category), 0.0
            )
            query = Query.boolean_query([(Occur.Must, query), (Occur.Must, within)])
        hits = searcher.search(query, limit).hits
        return [(searcher.doc(address)["id"][0], score) for score, address in hits]

    def _guesses(self, unknown: list[str]) -> Iterator[Query]:
        """What may be meant by words that no article has: pinyin, its homophones, a slip."""
        latin = [word for word in unknown if word.isascii() and word.isalpha()]
        chinese = [word for word in unknown if not word.isascii() and len(word) > 1]
        sounds = [*latin, *map("".join, pairwise(latin)), *cuts.pinyin(chinese)]
        for sound in dict.fromkeys(sounds):
            yield Query.term_query(self._schema, TYPED, sound)
        for word in dict.fromkeys(word for word in latin if len(word) >= TYPO_FROM):
            for field in ("title_words", TYPED):
                near = Query.fuzzy_term_query(self._schema, field, word, distance=1)
                yield Query.boost_query(near, TYPO)

    def _document(self, entry: Entry) -> tantivy.Document:
        texts = {"title": entry.title, "body": entry.body}
        cut = {
            f"{part}_{name}": self._cuts[name](text)
            for part, text in texts.items()
            for name in CUTS
        }
        values = {name: " ".join(terms) for name, terms in cut.items()}
        typed = " ".join(cuts.pinyin(cut["title_words"]))
        return tantivy.Document(id=entry.id, category=entry.category, typed=typed, **values)
