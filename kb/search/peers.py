"""What our search is measured against: PostgreSQL's pg_trgm, and plain BM25 over the same cuts."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import tantivy
from django.db import connection, transaction

from kb.search.index import HEAP, Entry
from kb.search.language import Language
from kb.search.measuring import Ask


def bm25(entries: Iterable[tuple[str, Entry]], language: Language) -> Ask:
    """tantivy as it comes: one field, every word counts alike."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    builder.add_text_field("words", tokenizer_name="whitespace")
    schema = builder.build()
    index = tantivy.Index(schema)
    writer = index.writer(heap_size=HEAP, num_threads=1)
    for id_, entry in entries:
        text = f"{entry.title} {entry.body}"
        writer.add_document(tantivy.Document(id=id_, words=" ".join(language.words(text))))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def ask(asked: str, limit: int) -> Sequence[str]:
        parts = [
            (tantivy.Occur.Should, tantivy.Query.term_query(schema, "words", word))
            for word in dict.fromkeys(language.words(asked))
        ]
        hits = searcher.search(tantivy.Query.boolean_query(parts), limit).hits
        return [searcher.doc(address)["id"][0] for _score, address in hits]

    return ask


# The best of an article's wordings and its answer; a short question inside a long text counts too.
TRIGRAMS = """
    SELECT article FROM wordings
    GROUP BY article
    ORDER BY max(greatest(similarity(words, %(asked)s), word_similarity(%(asked)s, words))) DESC
    LIMIT %(limit)s
"""


@contextmanager
def pg_trgm(wordings: Iterable[tuple[str, str]]) -> Iterator[Ask | None]:
    """Over (article's id, a text of it), in a table that is gone after the block.

    None where the database lacks the extension.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
        if cursor.fetchone() is None:
            yield None
            return
        cursor.execute("CREATE TEMPORARY TABLE wordings (article text, words text)")
        with cursor.copy("COPY wordings FROM STDIN") as copy:
            for row in wordings:
                copy.write_row(row)
        cursor.execute("ANALYZE wordings")

        def ask(asked: str, limit: int) -> Sequence[str]:
            cursor.execute(TRIGRAMS, {"asked": asked, "limit": limit})
            return [id_ for (id_,) in cursor.fetchall()]

        yield ask
        cursor.execute("DROP TABLE wordings")
