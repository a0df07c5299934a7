"""`kb-misses`: what our search misses at 3 over what the better of pg_trgm and BM25 misses.

The questions are benchmarks/data/kb-queries.csv, written apart from the articles' phrasings.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.database import database  # noqa: E402

QUERIES = ROOT / "benchmarks" / "data" / "kb-queries.csv"


def main() -> None:
    with database("kb"):
        misses()


def misses() -> None:
    import django

    django.setup()
    from django.db import connection

    from calendars import clock
    from kb import shipped
    from kb.search import evaluating

    shipped.install(at=clock.now())
    found = evaluating.evaluate(QUERIES, None, at=clock.now())
    connection.close()
    missed = {name: figures.misses_3 for name, figures in found.figures.items()}
    better = min(missed["bm25"], missed["pg_trgm"])
    print(f"bench kb-misses ratio={missed['search'] / better:.2f} goal=<=0.5")
    how = "with meaning" if found.by_meaning else "by text (the extra `semantic` is not installed)"
    print(
        f"  misses at 3 {how} {missed['search']:.1%}; by text {missed['text']:.1%}, "
        f"pg_trgm {missed['pg_trgm']:.1%}, BM25 {missed['bm25']:.1%}; "
        f"{found.queries} questions, {found.articles} articles"
    )


if __name__ == "__main__":
    main()
