"""`manage.py evaluate_search QUERIES.csv`: how well our search finds, beside pg_trgm and BM25."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from calendars import clock
from kb.search import evaluating
from kb.search.measuring import Figures
from kb.search.questions import Unreadable

NAMES = {"search": "search", "text": "by text alone", "pg_trgm": "pg_trgm", "bm25": "BM25"}


class Command(BaseCommand):
    help = (
        "Measure the search on questions whose answers are known (a CSV file with the columns "
        "query and expected: the key of an article, or several with | between), beside pg_trgm "
        "and plain BM25. The last line is JSON."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("queries", metavar="QUERIES.csv")
        parser.add_argument(
            "--articles",
            metavar="ARTICLES.csv",
            help="search these instead of our own (columns id, question and, if you like, answer); "
            "nothing of them is kept",
        )
        parser.add_argument("--misses", action="store_true", help="name what was not found at 3")

    def handle(self, *args: Any, **options: Any) -> None:
        queries = Path(options["queries"])
        articles = Path(options["articles"]) if options["articles"] else None
        try:
            found = evaluating.evaluate(queries, articles, at=clock.now())
        except Unreadable as error:
            raise CommandError(str(error)) from None
        if options["misses"]:
            for query, instead in found.figures["search"].missed:
                expected = "|".join(sorted(query.expected))
                self.stdout.write(f"{query.asked}  {expected}, not {', '.join(instead) or '—'}")
        self.stdout.write(f"{found.articles} articles, {found.queries} queries")
        self.stdout.write(
            f"{'':14}{'recall@1':>9}{'recall@3':>9}{'MRR':>8}{'p50 ms':>9}{'p95 ms':>9}"
        )
        for name, shown in NAMES.items():
            self.stdout.write(_line(shown, found.figures.get(name)))
        self.stdout.write(json.dumps(found.plain(), ensure_ascii=False))


def _line(name: str, figures: Figures | None) -> str:
    if figures is None:
        return f"{name:14}not in this database: let its owner run manage.py migrate"
    shares = f"{figures.recall_1:9.3f}{figures.recall_3:9.3f}{figures.mrr:8.3f}"
    return f"{name:14}{shares}{figures.p50_ms:9.1f}{figures.p95_ms:9.1f}"
