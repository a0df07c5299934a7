"""Many articles at once, as an import leaves them: submitted, and approved by somebody else.

By the rules of `kb/drafting.py` and `kb/reviewing.py`, in a handful of statements. What a rule
refuses is named and stays as it is; the others go on.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from kb import drafting, figures, gaps, reviewing
from kb.errors import (
    AlreadyScheduled,
    CorrectsByItself,
    EndsTooEarly,
    KbRefused,
    NotNow,
    OwnArticle,
    UnknownFigure,
)
from kb.models import Article, ArticleStep, ArticleVersion, Correction, Gap
from kb.models.articles import ArticleVersionQuerySet
from kb.models.versions import WROTE
from kb.texts import Text
from people.models import User

State, What = ArticleVersion.State, ArticleStep.What


@dataclass(frozen=True, slots=True)
class Refused:
    version: ArticleVersion
    why: KbRefused


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a verb does to some and refuses of others."""

    good: tuple[ArticleVersion, ...]
    refused: tuple[Refused, ...]


def to_submit(ids: Collection[int], *, by: User, at: datetime) -> Sorted:
    """What `submit` would do now; whoever may write may submit another's draft."""
    return _sorted(ids, State.DRAFT, lambda version: None, at=at)


def to_approve(ids: Collection[int], *, by: User, at: datetime) -> Sorted:
    """What `approve` would do now."""
    versions = ArticleVersion.objects.filter(pk__in=ids)
    hers = set(versions.filter(author=by).values_list("pk", flat=True))
    hers |= set(
        ArticleStep.objects.filter(version__in=ids, what__in=WROTE, by=by).values_list(
            "version", flat=True
        )
    )
    published = ArticleVersion.objects.filter(state=State.PUBLISHED, valid_from__gt=at)
    scheduled = set(
        published.filter(article__in=versions.values("article")).values_list("article", flat=True)
    )

    # Who was told what was wrong is somebody's to look at, one by one.
    asked = Correction.objects.filter(draft__in=ids, state=Correction.State.ASKED)
    corrections = set(asked.values_list("draft", flat=True))

    def why_not(version: ArticleVersion) -> KbRefused | None:
        if version.pk in hers:
            return OwnArticle()
        if version.pk in corrections:
            return CorrectsByItself()
        return AlreadyScheduled() if version.article_id in scheduled else None

    return _sorted(ids, State.REVIEW, why_not, at=at)


def _sorted(
    ids: Collection[int],
    state: str,
    why_not: Callable[[ArticleVersion], KbRefused | None],
    *,
    at: datetime,
) -> Sorted:
    held, good, refused = figures.Held(at), [], []
    versions = ArticleVersion.objects.filter(pk__in=ids).select_related("article__category")
    for version in versions.order_by("article__category", "article__key"):
        why = NotNow() if version.state != state else why_not(version)
        if why is None and (missing := held.missing(Text.of(version).words)):
            why = UnknownFigure(figures=", ".join(missing))
        begins = max(at, version.starts_at or at)
        if why is None and version.expires_at and version.expires_at <= begins:
            why = EndsTooEarly()
        if why is None:
            good.append(version)
        else:
            refused.append(Refused(version, why))
    return Sorted(tuple(good), tuple(refused))


@transaction.atomic(durable=True)
def submit(ids: Collection[int], *, by: User, at: datetime) -> Sorted:
    """Ready for somebody else's eyes; fixed from now on."""
    _lock(ids)
    found = to_submit(ids, by=by, at=at)
    _of(found.good).update(state=State.REVIEW)
    drafting.steps(found.good, What.SUBMITTED, by=by, at=at)
    return found


@transaction.atomic(durable=True)
def approve(ids: Collection[int], *, by: User, at: datetime) -> Sorted:
    """Publish each at its hour, or at once; it replaces what is answered until then."""
    _lock(ids)
    found = to_approve(ids, by=by, at=at)
    later = [one for one in found.good if one.starts_at and one.starts_at > at]
    for version in later:
        version.reviewer = by
        reviewing.put_in_force(version, by=by, at=at)
    _put_in_force(set(found.good) - set(later), by=by, at=at)
    drafting.steps(found.good, What.APPROVED, by=by, at=at)
    articles = Article.objects.filter(versions__in=[one.pk for one in found.good])
    for article in articles.filter(gaps__state=Gap.State.WRITING).distinct():
        gaps.answered(article, by=by, at=at)
    return found


def _put_in_force(versions: Collection[ArticleVersion], *, by: User, at: datetime) -> None:
    """As `reviewing.put_in_force` does with one that begins at once."""
    articles = [version.article_id for version in versions]
    answered = ArticleVersion.objects.filter(article__in=articles, state=State.PUBLISHED)
    before = list(answered.in_force(at))
    _of(before).update(state=State.REVISED, valid_to=at)
    drafting.steps(before, What.REPLACED, by=by, at=at)
    _of(versions).update(
        state=State.PUBLISHED,
        reviewer=by,
        valid_from=at,
        valid_to=F("expires_at"),
        verified_at=at,
    )


def _of(versions: Collection[ArticleVersion]) -> ArticleVersionQuerySet:
    return ArticleVersion.objects.filter(pk__in=[version.pk for version in versions])


def _lock(ids: Collection[int]) -> None:
    of_these = ArticleVersion.objects.filter(pk__in=ids).values("article")
    drafting.lock_many(Article.objects.filter(pk__in=of_these))
