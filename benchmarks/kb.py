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
    figures = dict(found.figures)
    ours = figures.pop("search")
    better = min(figures, key=lambda name: figures[name].misses_3)
    ratio = ours.misses_3 / figures[better].misses_3
    print(f"bench kb-misses ratio={ratio:.2f} goal=<=0.5")
    peers = ", ".join(f"{name} {peer.misses_3:.1%}" for name, peer in figures.items())
    print(
        f"  by text: misses at 3 {ours.misses_3:.1%}; {peers}; "
        f"{found.queries} questions, {found.articles} articles"
    )


if __name__ == "__main__":
    main()
