"""How the knowledge base is used: what was found, what was not, what nobody reads, what misleads.

Test calls count nowhere. Spans are [since, until).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from kb import gaps, walking
from kb.models import ArticleVersion, GapReport, ProcedureVersion, Reading, Search
from telephony.deeds import Deed
from telephony.models import Step

_NO_TEST = Q(call=None) | Q(call__is_test=False)
WALKS = 1_000
WORDINGS = 5_000  # of searches that led nowhere, the commonest; as many are put together


@dataclass(frozen=True, slots=True)
class Searched:
    """Searches by what came of them."""

    opened: int  # an article of the list was opened
    listed: int  # something was found, and nothing of it opened
    nothing: int  # nothing was found
    gaps: int  # reports that nothing fits

    @property
    def total(self) -> int:
        return self.opened + self.listed + self.nothing

    @property
    def hit_rate(self) -> float | None:
        """The share after which an article was opened; None of no search."""
        return self.opened / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Unmet:
    """A question that led to no article, in its commonest words."""

    asked: str
    times: int
    nothing: int  # of these, how often nothing was found at all


@dataclass(frozen=True, slots=True)
class Walked:
    """How far agents came with a procedure. `left`: at which nodes, how often, the most first."""

    begun: int
    ended: int
    left: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Misleading:
    """An article whose readers gave the call on: perhaps it does not answer."""

    version: ArticleVersion  # the newest of those that were read
    calls: int
    transferred: int

    @property
    def share(self) -> float:
        return self.transferred / self.calls


def _searches(since: datetime, until: datetime) -> QuerySet[Any]:
    opened = Exists(Reading.objects.filter(search=OuterRef("pk")))
    found = Search.objects.filter(_NO_TEST, at__gte=since, at__lt=until)
    return found.annotate(was_opened=opened).order_by()


def searched(since: datetime, until: datetime) -> Searched:
    counted = _searches(since, until).aggregate(
        opened=Count("pk", filter=Q(was_opened=True)),
        listed=Count("pk", filter=Q(was_opened=False) & ~Q(found=[])),
        nothing=Count("pk", filter=Q(was_opened=False, found=[])),
    )
    reports = GapReport.objects.filter(_NO_TEST, at__gte=since, at__lt=until)
    return Searched(**counted, gaps=reports.count())


def unmet(since: datetime, until: datetime, *, limit: int) -> list[Unmet]:
    """The commonest searches after which nothing was opened; the same words are one."""
    rows = (
        _searches(since, until)
        .filter(was_opened=False)
        .values("asked")
        .annotate(times=Count("pk"), nothing=Count("pk", filter=Q(found=[])))
        .order_by("-times", "asked")
    )
    first: dict[tuple[str, ...], str] = {}
    times: Counter[tuple[str, ...]] = Counter()
    nothing: Counter[tuple[str, ...]] = Counter()
    for row in rows[:WORDINGS]:
        if not (alike := gaps.words(row["asked"])):
            continue
        first.setdefault(alike, row["asked"])
        times[alike] += row["times"]
        nothing[alike] += row["nothing"]
    ranked = sorted(times, key=lambda alike: (-times[alike], first[alike]))
    return [Unmet(first[key], times[key], nothing[key]) for key in ranked[:limit]]


def unread(days: int, *, at: datetime) -> QuerySet[ArticleVersion]:
    """Answered for so many days at least, and in them opened by nobody; the oldest first."""
    since = at - timedelta(days=days)
    read = Reading.objects.filter(version__article=OuterRef("article"), at__gte=since)
    found = ArticleVersion.objects.in_force(at).filter(~Exists(read), valid_from__lte=since)
    return found.select_related("article__category", "article__owner").order_by("valid_from", "pk")


def misleading(since: datetime, until: datetime, *, limit: int) -> list[Misleading]:
    """By the calls in which it was read and which were then given on to another queue."""
    given_on = Step.objects.filter(
        call=OuterRef("call"), deed=Deed.FORWARDED, at__gte=OuterRef("at")
    )
    rows = (
        Reading.objects.filter(call__is_test=False, at__gte=since, at__lt=until)
        .annotate(given_on=Exists(given_on))
        .order_by()
        .values("version__article")
        .annotate(
            calls=Count("call", distinct=True),
            transferred=Count("call", distinct=True, filter=Q(given_on=True)),
        )
        .filter(transferred__gt=0)
        .order_by("-transferred", "calls", "version__article")[:limit]
    )
    found = list(rows)
    newest = _newest(row["version__article"] for row in found)
    return [
        Misleading(newest[row["version__article"]], row["calls"], row["transferred"])
        for row in found
    ]


def _newest(articles: Iterable[int]) -> dict[int, ArticleVersion]:
    shown = ArticleVersion.objects.filter(
        article__in=list(articles), state__in=ArticleVersion.SHOWN
    )
    return {
        version.article_id: version
        for version in shown.select_related("article__owner").order_by("number")
    }


def walked(version: ProcedureVersion, *, since: datetime) -> Walked:
    """The last walks alone, where there are very many."""
    walks = version.walks.filter(_NO_TEST, at__gte=since).select_related("version", "end")
    found = list(walks.prefetch_related("steps").order_by("-id")[:WALKS])
    stands = [walking.stand(walk) for walk in found]
    left = Counter(stand.node.name for stand in stands if stand.end is None)
    return Walked(len(found), len(found) - left.total(), tuple(left.most_common()))
