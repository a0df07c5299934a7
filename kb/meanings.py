"""Vectors of what is answered, read by a task and kept for every process that searches."""

import time
from datetime import datetime
from types import ModuleType

from django.db import connection, transaction
from django.db.models import Q

from kb.models import ArticleVersion, Meaning

BATCH = 20


def vectors() -> ModuleType | None:
    """kb.search.vectors; None where the extra `semantic` is not installed."""
    try:
        from kb.search import vectors
    except ImportError:
        return None
    return vectors


def learn(*, at: datetime, for_s: float) -> int:
    """Read what is or will be answered and has no vectors yet, for so many seconds; how many."""
    module, done = vectors(), 0
    if module is None:
        return done
    until = time.monotonic() + for_s
    while time.monotonic() < until and (read := _batch(module, at)):
        done += read
    return done


@transaction.atomic
def _batch(module: ModuleType, at: datetime) -> int:
    """One after the other: whoever sees the last row has seen them all (kb/search/finding.py)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('kb.meaning'))")
    published = ArticleVersion.objects.filter(state=ArticleVersion.State.PUBLISHED)
    shown = published.filter(Q(valid_to=None) | Q(valid_to__gt=at))
    batch = list(shown.exclude(meaning__model=module.MODEL).order_by("pk")[:BATCH])
    for version in batch:
        Meaning.objects.filter(version=version).delete()  # another model's
        read = module.of((version.question, *version.phrasings), version.spoken)
        Meaning.objects.create(
            version=version, model=module.MODEL, asked=read.asked, says=read.says
        )
    return len(batch)
