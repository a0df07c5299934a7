"""The words of an article, as values."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from kb.models import ArticleVersion
from kb.models.versions import Reviewed
from kb.wordings import Wording


@dataclass(frozen=True, slots=True)
class Text(Wording):
    table: ClassVar[type[Reviewed]] = ArticleVersion

    question: str
    spoken: str
    answer: str
    source: str
    phrasings: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    customers: str = ArticleVersion.Customers.ALL
    branches: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    public: bool = False
    reverify_days: int = 180
    starts_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def is_whole(self) -> bool:
        return all((self.question, self.spoken, self.answer, self.source))

    @property
    def words(self) -> str:
        """All in which a figure may stand."""
        return "\n".join((self.spoken, self.answer, *self.steps))

    def without_hours(self) -> "Text":
        """To begin with: when the next wording starts and ends is said anew."""
        return replace(self, starts_at=None, expires_at=None)
