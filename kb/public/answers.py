"""Articles marked public, as the bank answers them now."""

from dataclasses import dataclass
from datetime import datetime

from kb import figures, reading
from kb.models import ArticleVersion, Attachment, Category
from kb.models.articles import ArticleVersionQuerySet
from kb.search import finding
from kb.ways import ByKeys
from people.models import Branch

MOST = 20  # results of a search


@dataclass(frozen=True, slots=True)
class Told:
    """An article in a list: its short answer is whole."""

    version: ArticleVersion
    spoken: str

    @property
    def key(self) -> str:
        return self.version.article.key

    @property
    def category(self) -> Category:
        return self.version.article.category


@dataclass(frozen=True, slots=True)
class Whole(Told):
    answer: str
    steps: tuple[str, ...]
    branches: tuple[str, ...]  # names; none: everywhere
    attachments: tuple[Attachment, ...]
    by_keys: tuple[ByKeys, ...]


def public(*, at: datetime) -> ArticleVersionQuerySet:
    return (
        ArticleVersion.objects.in_force(at)
        .filter(public=True)
        .select_related("article__category")
        .order_by("article__category", "article__key")
    )


def categories(*, at: datetime) -> list[Category]:
    """Those with something to read."""
    there = public(at=at).order_by().values("article__category")
    return list(Category.objects.filter(pk__in=there))


def find(asked: str, *, at: datetime, category: str = "") -> list[Told]:
    """What answers it, best first; nothing for no words."""
    if not asked.strip():
        return []
    found = finding.search_public(asked, at=at, limit=MOST, category=category)
    rows = public(at=at).in_bulk(found)
    return told([rows[pk] for pk in found if pk in rows], at=at)


def told(versions: list[ArticleVersion], *, at: datetime) -> list[Told]:
    return [Told(version, figures.fill(version.spoken, at=at).words) for version in versions]


def whole(key: str, *, at: datetime) -> Whole | None:
    """None of every key that is not to be read, whatever the reason."""
    version = public(at=at).filter(article__key=key).first()
    if version is None:
        return None
    found = reading.answer(version, at=at)
    branches = Branch.objects.filter(code__in=version.branches).values_list("name", flat=True)
    return Whole(
        version,
        found.spoken,
        found.answer,
        found.steps,
        tuple(branches),
        found.attachments,
        found.by_keys,
    )


def file(code: str, key: str, attachment_id: int, *, at: datetime) -> Attachment | None:
    """Of what is to be read at this address now; None of every other."""
    found = Attachment.objects.filter(pk=attachment_id, version__in=public(at=at).order_by())
    named = found.filter(version__article__key=key, version__article__category__code=code)
    return named.select_related("document").first()
