"""What nothing answers: reported with one key, gathered by its words, answered or dismissed."""

from datetime import datetime
from functools import cache

from django.db import connection, transaction
from django.db.models import Count, QuerySet

from kb.errors import GapDecided, NothingAsked
from kb.models import Article, Gap, GapReport
from kb.search.language import Language
from people.approvals import NoWord
from people.models import User
from telephony.models import Call

State = Gap.State
ALIKE = 0.6  # of all the words of two questions, the share that both have
# They are in every question and tell none from another.
IDLE = frozenset(
    [
        "的",
        "了",
        "吗",
        "呢",
        "啊",
        "吧",
        "么",
        "是",
        "我",
        "你",
        "您",
        "在",
        "有",
        "要",
        "怎么",
        "怎样",
        "如何",
        "什么",
        "请问",
        "一下",
        "可以",
        "能",
        "能不能",
    ]
)


@cache
def _language() -> Language:
    """Plain: which words mean the same changes, and what was filed by them would be lost."""
    return Language()


def words(asked: str) -> tuple[str, ...]:
    """By which a question is known again: sorted, each once, without those that say nothing."""
    found = set(_language().words(asked))
    return tuple(sorted(found - IDLE or found))


def alike(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """0 (nothing in common) to 1 (the same words)."""
    return len({*one} & {*other}) / len({*one} | {*other})


@transaction.atomic
def report(asked: str, *, by: User, call: Call | None, at: datetime) -> Gap:
    """File it with the gap that it is most like, or as a new one; once an agent and call.

    Raises NothingAsked.
    """
    asked = asked.strip()[: Gap._meta.get_field("asked").max_length]
    found = words(asked)
    if not found:
        raise NothingAsked
    gap = _of(found, asked, at)
    said = GapReport.objects.filter(gap=gap, by=by, call=call)
    if call is None or not said.exists():
        GapReport.objects.create(gap=gap, asked=asked, by=by, call=call, at=at)
    return gap


def _of(found: tuple[str, ...], asked: str, at: datetime) -> Gap:
    """The most alike of those not decided; of two, the older."""
    with connection.cursor() as cursor:  # two who report the same at once
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('kb.gap'))")
    near = Gap.objects.filter(
        state__in=[State.OPEN, State.WRITING], cuts__overlap=list(found)
    ).order_by("pk")
    best = max(near, key=lambda gap: alike(found, tuple(gap.cuts)), default=None)
    if best and alike(found, tuple(best.cuts)) >= ALIKE:
        return best
    return Gap.objects.create(asked=asked, cuts=list(found), opened_at=at)


def ranked() -> QuerySet[Gap]:
    """With the calls in which they were reported (`calls`), most first."""
    counted = Gap.objects.annotate(
        calls=Count("reports__call", distinct=True), times=Count("reports", distinct=True)
    )
    return counted.order_by("-calls", "-times", "opened_at")


def phrasings(gap: Gap) -> list[str]:
    """In what other words it was reported, the first first."""
    asked = gap.reports.order_by("id").values_list("asked", flat=True)
    return [said for said in dict.fromkeys(asked) if said != gap.asked]


@transaction.atomic
def begun(gap_id: int, article: Article, *, by: User, at: datetime) -> None:
    """Somebody writes an article for it. Raises GapDecided."""
    gap = _lock(gap_id)
    gap.state, gap.article = State.WRITING, article
    _decide(gap, by, at)


@transaction.atomic(durable=True)
def dismiss(gap_id: int, why: str, *, by: User, at: datetime) -> Gap:
    """Nothing is written for it. Raises GapDecided, NoWord."""
    if not why.strip():
        raise NoWord
    gap = _lock(gap_id)
    gap.state, gap.why = State.DISMISSED, why.strip()
    return _decide(gap, by, at)


def answered(article: Article, *, by: User, at: datetime) -> None:
    """What is written for it is published; in the transaction that publishes it."""
    for gap in Gap.objects.select_for_update().filter(article=article, state=State.WRITING):
        gap.state = State.CLOSED
        _decide(gap, by, at)


def dropped(article: Article, *, by: User, at: datetime) -> None:
    """The draft for it was dropped: it is open again."""
    for gap in Gap.objects.select_for_update().filter(article=article, state=State.WRITING):
        gap.state, gap.article = State.OPEN, None
        _decide(gap, by, at)


def _lock(gap_id: int) -> Gap:
    gap = Gap.objects.select_for_update().get(pk=gap_id)
    if gap.state != State.OPEN:
        raise GapDecided
    return gap


def _decide(gap: Gap, by: User, at: datetime) -> Gap:
    gap.decided_by, gap.decided_at = by, at
    gap.save()
    return gap
