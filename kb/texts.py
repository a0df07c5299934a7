"""The words of an article, as values: what an editor writes, and what changed between two."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

from django.db.models import Field
from django.utils.functional import Promise

from kb.models import ArticleVersion

_SENTENCE = re.compile(r"[^。！？；!?;\n]+[。！？；!?;\n]*")


@dataclass(frozen=True, slots=True)
class Text:
    """What `ArticleVersion` holds of the same names."""

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

    @property
    def digest(self) -> str:
        """Another one for other words."""
        plain = json.dumps(asdict(self), ensure_ascii=False, default=str)
        return hashlib.sha256(plain.encode()).hexdigest()


def of(version: ArticleVersion) -> Text:
    values: dict[str, Any] = {
        field.name: tuple(value) if isinstance(value, list) else value
        for field in fields(Text)
        for value in (getattr(version, field.name),)
    }
    return Text(**values)


def without_hours(text: Text) -> Text:
    """To begin with: when the next wording starts and ends is said anew."""
    return replace(text, starts_at=None, expires_at=None)


def put(version: ArticleVersion, text: Text) -> None:
    """Onto a version that is not saved yet."""
    for field in fields(Text):
        value = getattr(text, field.name)
        setattr(version, field.name, list(value) if isinstance(value, tuple) else value)


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of sentences: in both, only in the earlier (`gone`) or only in the later (`new`)."""

    words: str
    gone: bool = False
    new: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A field that reads otherwise now."""

    name: str | Promise
    pieces: tuple[Piece, ...]


def changes(before: Text, after: Text) -> list[Change]:
    """What a reviewer has to look at: by field, sentence by sentence."""
    found = []
    for field in fields(Text):
        old, new = (_shown(getattr(text, field.name)) for text in (before, after))
        if old != new:
            found.append(Change(label(field.name), tuple(pieces(old, new))))
    return found


def label(name: str) -> str | Promise:
    """What pages call a part of an article."""
    field = ArticleVersion._meta.get_field(name)
    assert isinstance(field, Field)  # every part is a column
    return field.verbose_name


def pieces(old: str, new: str) -> Iterator[Piece]:
    """Sentence by sentence, or line by line."""
    a, b = _SENTENCE.findall(old), _SENTENCE.findall(new)
    for what, a1, a2, b1, b2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if what == "equal":
            yield Piece("".join(a[a1:a2]))
            continue
        if a1 < a2:
            yield Piece("".join(a[a1:a2]), gone=True)
        if b1 < b2:
            yield Piece("".join(b[b1:b2]), new=True)


def _shown(value: object) -> str:
    """A list a line an entry; a moment as pages show it."""
    if isinstance(value, tuple):
        return "\n".join(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return "" if value is None else str(value)
