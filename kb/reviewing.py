"""The second pair of eyes, and what follows from its yes: an interval in which it is answered."""

from datetime import datetime

from django.db import transaction

from kb import corrections, drafting, figures, gaps
from kb.errors import AlreadyScheduled, EndsTooEarly, NotOwner
from kb.models import ArticleStep, ArticleVersion
from kb.texts import Text
from kb.versions import not_hers, said
from people.models import User
from routing import news
from routing.models import Session

State, What = ArticleVersion.State, ArticleStep.What


@transaction.atomic(durable=True)
def approve(version_id: int, *, urgent: bool = False, by: User, at: datetime) -> ArticleVersion:
    """Publish it at its hour, or at once; it replaces what is answered until then.

    `urgent`: no agent takes calls before she has read it.

    Raises NotNow, OwnArticle, UnknownFigure, AlreadyScheduled, EndsTooEarly.
    """
    version = _reviewed(version_id, by)
    figures.check(Text.of(version).words, at=at)
    version.reviewer, version.urgent = by, urgent
    put_in_force(version, by=by, at=at)
    drafting.step(version, What.APPROVED, by=by, at=at)
    gaps.answered(version.article, by=by, at=at)
    corrections.published(version, by=by, at=at)
    if urgent:
        signed_in = Session.objects.filter(ended_at=None).values_list("agent", flat=True)
        news.desk_changed(*signed_in)
    return version


@transaction.atomic(durable=True)
def send_back(version_id: int, why: str, *, by: User, at: datetime) -> ArticleVersion:
    """It will not do yet: a draft again. Raises NotNow, OwnArticle, NoWord."""
    version = _reviewed(version_id, by)
    version.state = State.DRAFT
    version.save(update_fields=["state"])
    drafting.step(version, What.RETURNED, by=by, at=at, note=said(why))
    return version


@transaction.atomic(durable=True)
def withdraw(version_id: int, why: str, *, by: User, at: datetime) -> ArticleVersion:
    """Answered no more, at once. One that has not begun leaves the one before in force.

    Raises NotNow, NoWord.
    """
    why = said(why)
    version = drafting.lock_version(version_id, State.PUBLISHED)
    begins = version.valid_from
    assert begins is not None  # PostgreSQL keeps it of what is published
    version.state, version.valid_to = State.WITHDRAWN, max(at, begins)
    version.save(update_fields=["state", "valid_to"])
    if begins > at:
        goes_on = ArticleVersion.objects.filter(
            article=version.article_id, state=State.PUBLISHED, valid_to=begins
        )
        for before in goes_on:
            before.valid_to = before.expires_at
            before.save(update_fields=["valid_to"])
    drafting.step(version, What.WITHDRAWN, by=by, at=at, note=why)
    return version


@transaction.atomic(durable=True)
def verify(version_id: int, *, by: User, at: datetime) -> ArticleVersion:
    """Its owner looked again: it still holds. Raises NotNow, NotOwner."""
    version = drafting.lock_version(version_id, State.PUBLISHED)
    if version.article.owner_id != by.pk:
        raise NotOwner
    version.verified_at = at
    version.save(update_fields=["verified_at"])
    drafting.step(version, What.VERIFIED, by=by, at=at)
    return version


@transaction.atomic(durable=True)
def turn(*, at: datetime) -> int:
    """Say of those whose interval has ended what they are now; how many. Their end was set."""
    ended = ArticleVersion.objects.filter(state=State.PUBLISHED, valid_to__lte=at)
    for version in (found := list(ended.select_for_update(of=("self",), no_key=True))):
        expired = version.valid_to == version.expires_at
        version.state = State.EXPIRED if expired else State.REVISED
        version.save(update_fields=["state"])
        what = What.EXPIRED if expired else What.REPLACED
        drafting.step(version, what, by=None, at=at)
    return len(found)


def put_in_force(version: ArticleVersion, *, by: User | None, at: datetime) -> None:
    """The one writer of what is answered; needs the article's lock.

    Raises AlreadyScheduled, EndsTooEarly.
    """
    begins = max(at, version.starts_at or at)
    if version.expires_at and version.expires_at <= begins:
        raise EndsTooEarly
    published = ArticleVersion.objects.filter(article=version.article_id, state=State.PUBLISHED)
    if published.filter(valid_from__gt=at).exists():
        raise AlreadyScheduled
    if before := published.in_force(begins).first():
        before.valid_to = begins
        if begins <= at:
            before.state = State.REVISED
            drafting.step(before, What.REPLACED, by=by, at=at)
        before.save(update_fields=["valid_to", "state"])
    version.state = State.PUBLISHED
    version.valid_from, version.valid_to = begins, version.expires_at
    version.verified_at = at
    version.save()


def _reviewed(version_id: int, by: User) -> ArticleVersion:
    version = drafting.lock_version(version_id, State.REVIEW)
    not_hers(version, by)
    return version
