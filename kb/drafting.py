"""Writing: a new article or a new wording of one, until it goes to its review."""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import Max, QuerySet

from kb import corrections, figures, gaps
from kb.errors import DraftOpen, EndsTooEarly, KeyTaken, NothingWritten, NotNow
from kb.models import Article, ArticleStep, ArticleVersion, Attachment, Category
from kb.texts import Text
from people.models import User

State, What = ArticleVersion.State, ArticleStep.What


@transaction.atomic
def begin(key: str, category: Category, text: Text, *, by: User, at: datetime) -> ArticleVersion:
    """A new article, as a draft of whoever writes it. Raises KeyTaken, NothingWritten."""
    try:
        with transaction.atomic():
            article = Article.objects.create(key=key, category=category, owner=by)
    except IntegrityError:
        raise KeyTaken(key=key) from None
    return _drafted(article, text, by=by, at=at)


@transaction.atomic
def revise(article_id: int, *, by: User, at: datetime) -> ArticleVersion:
    """A draft that begins as what is answered now, or was answered last. Raises DraftOpen."""
    article = lock(article_id)
    versions = article.versions.exclude(state=State.DROPPED)
    if versions.filter(state__in=[State.DRAFT, State.REVIEW]).exists():
        raise DraftOpen
    latest = versions.in_force(at).first() or versions.first()
    if latest is None:
        raise NotNow
    draft = _drafted(article, Text.of(latest).without_hours(), by=by, at=at)
    carry_over([(latest, draft)])
    return draft


@transaction.atomic
def write(version_id: int, text: Text, *, by: User, at: datetime) -> ArticleVersion:
    """Word a draft anew; who wrote in it can't review it. Raises NotNow, NothingWritten."""
    version = lock_version(version_id, State.DRAFT)
    _check(text)
    text.put(version)
    version.author, version.edited_at = by, at
    version.save()
    step(version, What.DRAFTED, by=by, at=at)
    return version


@transaction.atomic(durable=True)
def submit(version_id: int, *, by: User, at: datetime, note: str = "") -> ArticleVersion:
    """Ready for somebody else's eyes; it is fixed from now on.

    Raises NotNow, UnknownFigure with its names, EndsTooEarly.
    """
    version = lock_version(version_id, State.DRAFT)
    figures.check(Text.of(version).words, at=at)
    if version.expires_at and version.expires_at <= (version.starts_at or at):
        raise EndsTooEarly
    version.state = State.REVIEW
    version.save(update_fields=["state"])
    step(version, What.SUBMITTED, by=by, at=at, note=note)
    return version


@transaction.atomic(durable=True)
def drop(version_id: int, *, by: User, at: datetime) -> ArticleVersion:
    """A draft that nobody needs. Raises NotNow."""
    version = lock_version(version_id, State.DRAFT)
    version.state = State.DROPPED
    version.save(update_fields=["state"])
    step(version, What.DROPPED, by=by, at=at)
    gaps.dropped(version.article, by=by, at=at)
    corrections.dropped(version)
    return version


def lock(article_id: int) -> Article:
    """Alone with all its versions until the commit."""
    return Article.objects.select_for_update(of=("self",)).get(pk=article_id)


def lock_version(version_id: int, *states: str) -> ArticleVersion:
    """Alone with it and its article until the commit. Raises NotNow."""
    lock(ArticleVersion.objects.values_list("article_id", flat=True).get(pk=version_id))
    version = ArticleVersion.objects.select_related("article").get(pk=version_id)
    if version.state not in states:
        raise NotNow
    return version


def lock_many(articles: QuerySet[Article]) -> None:
    """Alone with all of them until the commit; in one order, so that no two wait for each other."""
    list(articles.order_by("pk").values_list("pk").select_for_update())


def carry_over(pairs: Iterable[tuple[ArticleVersion, ArticleVersion]]) -> None:
    """What goes with a version goes with the draft that follows it, until somebody removes it."""
    follows = {before.pk: draft for before, draft in pairs}
    there = Attachment.objects.filter(version__in=follows).order_by("id")
    Attachment.objects.bulk_create(
        [
            Attachment(
                version=follows[one.version_id],
                document_id=one.document_id,
                name=one.name,
                is_form=one.is_form,
            )
            for one in there
        ],
        batch_size=1000,
    )


def next_number(article: Article) -> int:
    """Of its next version; needs the article's lock."""
    latest: int | None = article.versions.aggregate(latest=Max("number"))["latest"]
    return (latest or 0) + 1


def step(
    version: ArticleVersion, what: str, *, by: User | None, at: datetime, note: str = ""
) -> None:
    """What was done with it is written down."""
    steps([version], what, by=by, at=at, note=note)


def steps(
    versions: Iterable[ArticleVersion],
    what: str,
    *,
    by: User | None,
    at: datetime,
    note: str = "",
) -> None:
    """One after the other: whoever sees the last one has seen them all (kb/search/finding.py)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('kb.step'))")
    done = {"what": what, "by": by, "at": at, "note": note.strip()}
    ArticleStep.objects.bulk_create(
        [ArticleStep(version=version, **done) for version in versions], batch_size=1000
    )


def _drafted(article: Article, text: Text, *, by: User, at: datetime) -> ArticleVersion:
    _check(text)
    version = ArticleVersion(article=article, number=next_number(article), author=by, edited_at=at)
    text.put(version)
    version.save()
    step(version, What.DRAFTED, by=by, at=at)
    return version


def _check(text: Text) -> None:
    if not text.is_whole:
        raise NothingWritten
