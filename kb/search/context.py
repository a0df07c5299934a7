"""What is known of a caller while she asks. It moves up what fits her; it leaves nothing out."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

SERVICE = 0.2  # of the score: it speaks of a service on her way through the menus
HOLDS = 0.1  # it names a product that she has
OTHERS = -0.2  # it is for another kind of customer
OVERDUE = -0.2  # its owner has not looked at it in time


@dataclass(frozen=True, slots=True)
class Context:
    """Of a call, as far as it has come."""

    services: frozenset[str] = frozenset()  # flows of her menu path, named as in docs/services.md
    holds: frozenset[str] = frozenset()  # products, in the words that articles use: 信用卡, 定期
    customers: str = ""  # ArticleVersion.Customers; empty: not known

    def __bool__(self) -> bool:
        return bool(self.services or self.holds)


NOTHING = Context()


@dataclass(frozen=True, slots=True)
class Facts:
    """Of an article in the index, beside its words."""

    category: str
    customers: str
    services: frozenset[str]
    names: str  # question, phrasings and keywords: what products it speaks of
    verify_by: datetime


def factor(facts: Facts, context: Context, *, at: datetime) -> float:
    """What a score is multiplied by: 1 where nothing is known."""
    found = 1.0
    if context.services & facts.services:
        found += SERVICE
    if names(facts, context.holds):
        found += HOLDS
    if context.customers and facts.customers not in ("all", context.customers):
        found += OTHERS
    if facts.verify_by <= at:
        found += OVERDUE
    return found


def names(facts: Facts, holds: Collection[str]) -> bool:
    return any(word in facts.names for word in holds)
