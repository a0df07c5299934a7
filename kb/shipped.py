"""What a new bank starts with. What it words itself stays.

Categories, articles, procedures, scripts and regulations.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from kb import drafting, regulations, reviewing
from kb.models import Article, ArticleStep, ArticleVersion, Category, Synonyms
from kb.models.scripts import Situation
from kb.procedures import PROCEDURES, Wording
from kb.regulations import REGULATIONS
from kb.scripts import SCRIPTS
from kb.scripts import Wording as Spoken
from kb.texts import Text
from people.models import User

HERE = Path(__file__).resolve().parent
ARTICLES, SYNONYMS = HERE / "shipped_articles", HERE / "shipped_synonyms.toml"
GUIDES, SPOKEN = HERE / "shipped_procedures", HERE / "shipped_scripts"
RULES = HERE / "shipped_regulations"
# domain.md §5: code → (name, name in English)
CATEGORIES = {
    "deposits": ("存款", "Deposits"),
    "loans": ("贷款", "Loans"),
    "cards": ("银行卡", "Bank cards"),
    "ebanking": ("电子银行", "Electronic banking"),
    "transfers": ("转账汇款", "Transfers and remittances"),
    "bills": ("代理缴费", "Bill payment"),
    "wealth": ("理财基金", "Wealth products and funds"),
    "forex-bonds": ("外汇国债", "Foreign exchange and treasury bonds"),
    "branches-fees": ("网点与收费", "Branches and fees"),
    "complaints": ("投诉与其他", "Complaints and other matters"),
}


class Misworded(ValueError):
    """A file of shipped articles says something that no article has."""


@dataclass(frozen=True, slots=True)
class Shipped:
    """An article of the files; `category` is its Chinese name."""

    key: str
    category: str
    text: Text


def articles() -> Iterator[Shipped]:
    """In the files' order. Raises Misworded."""
    for path in sorted(ARTICLES.glob("*.toml")):
        for row in tomllib.loads(path.read_text("utf-8")).get("article", ()):
            try:
                yield _read(row)
            except (KeyError, TypeError) as error:
                raise Misworded(f"{path.name}, {row.get('key')}: {error}") from error


def _read(row: dict[str, Any]) -> Shipped:
    values = _values(row)
    key, category = values.pop("key"), values.pop("category")
    values["answer"] = values["answer"].strip()
    return Shipped(key, category, Text(**values))


@dataclass(frozen=True, slots=True)
class ShippedProcedure:
    """A procedure of the files; `category` is its Chinese name."""

    key: str
    category: str
    wording: Wording


def guided() -> Iterator[ShippedProcedure]:
    """The procedures, in the files' order. Raises Misworded."""
    for path in sorted(GUIDES.glob("*.toml")):
        for row in tomllib.loads(path.read_text("utf-8")).get("procedure", ()):
            try:
                values = _values(row)
                key, category = values.pop("key"), values.pop("category")
                values["guide"] = values["guide"].strip()
                yield ShippedProcedure(key, category, Wording(**values))
            except (KeyError, TypeError) as error:
                raise Misworded(f"{path.name}, {row.get('key')}: {error}") from error


@dataclass(frozen=True, slots=True)
class ShippedScript:
    key: str
    situation: Situation
    wording: Spoken


def spoken() -> Iterator[ShippedScript]:
    """The scripts, in the files' order. Raises Misworded."""
    for path in sorted(SPOKEN.glob("*.toml")):
        for row in tomllib.loads(path.read_text("utf-8")).get("script", ()):
            try:
                values = _values(row)
                key, situation = values.pop("key"), Situation(values.pop("situation"))
                yield ShippedScript(key, situation, Spoken(**values))
            except (KeyError, TypeError, ValueError) as error:
                raise Misworded(f"{path.name}, {row.get('key')}: {error}") from error


def ruled() -> Iterator[tuple[str, regulations.Wording]]:
    """The regulations, each by its key, a file each. Raises Misworded."""
    for path in sorted(RULES.glob("*.toml")):
        try:
            values = _values(tomllib.loads(path.read_text("utf-8")))
            values["text"] = values["text"].strip()
            yield values.pop("key"), regulations.Wording(**values)
        except (KeyError, TypeError) as error:
            raise Misworded(f"{path.name}: {error}") from error


def _values(row: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}


def synonyms() -> list[tuple[str, ...]]:
    """Groups of words for the same thing."""
    return [tuple(group) for group in tomllib.loads(SYNONYMS.read_text("utf-8"))["groups"]]


@transaction.atomic
def install(*, at: datetime, owner: User | None = None) -> None:
    """Make what is missing, and word anew what shipped otherwise before and no bank has touched."""
    for order, (code, (name, name_en)) in enumerate(CATEGORIES.items()):
        Category.objects.get_or_create(
            code=code, defaults={"name": name, "name_en": name_en, "order": order}
        )
    for word, *others in synonyms():
        Synonyms.objects.get_or_create(word=word, defaults={"others": others})
    categories = {category.name: category for category in Category.objects.all()}
    for shipped in articles():
        article, _made = Article.objects.get_or_create(
            key=shipped.key,
            defaults={"category": categories[shipped.category], "owner": owner},
        )
        _publish(drafting.lock(article.pk), shipped.text, at=at)
    for row in guided():
        PROCEDURES.ship(row.key, row.wording, category=categories[row.category], at=at)
    for said in spoken():
        SCRIPTS.ship(said.key, said.wording, situation=said.situation, at=at)
    issue(at=at)


@transaction.atomic
def issue(*, at: datetime) -> None:
    """The regulations alone."""
    for key, wording in ruled():
        REGULATIONS.ship(key, wording, at=at)


def _publish(article: Article, text: Text, *, at: datetime) -> None:
    newest = article.versions.first()
    if newest and (newest.author_id or newest.shipped_digest == text.digest):
        return
    if newest and newest.state != ArticleVersion.State.PUBLISHED:
        return  # withdrawn: the bank does not want it
    version = ArticleVersion(
        article=article,
        number=drafting.next_number(article),
        shipped_digest=text.digest,
        edited_at=at,
    )
    text.put(version)
    reviewing.put_in_force(version, by=None, at=at)
    drafting.step(version, ArticleStep.What.SHIPPED, by=None, at=at)
