"""What an editor words, as values: read from a version, put onto one, and compared."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any, ClassVar, Self

from django.db.models import Field
from django.utils.functional import Promise

from kb import ways
from kb.models.versions import Reviewed

AROUND = 80  # characters of what stayed, before and after what did not
_SENTENCE = re.compile(r"[^。！？；!?;\n]+[。！？；!?;\n]*")


@dataclass(frozen=True, slots=True)
class Wording:
    """Base: what `table` holds of the same names; a tuple is an array there."""

    table: ClassVar[type[Reviewed]]

    @classmethod
    def of(cls, version: Reviewed) -> Self:
        found = {field.name: getattr(version, field.name) for field in fields(cls)}
        return cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in found.items()})

    def put(self, version: Reviewed) -> None:
        """Onto a version that is not saved yet."""
        for field in fields(self):
            value = getattr(self, field.name)
            setattr(version, field.name, list(value) if isinstance(value, tuple) else value)

    @classmethod
    def label(cls, name: str) -> str | Promise:
        """What pages call a part of it."""
        return cls._field(name).verbose_name

    @classmethod
    def _field(cls, name: str) -> "Field[Any, Any]":
        field = cls.table._meta.get_field(name)
        assert isinstance(field, Field)  # every part is a column
        return field

    def shown(self, name: str) -> str:
        """A part as pages show it: a choice by its label, of a list an entry a line, a service
        as callers know it."""
        value = getattr(self, name)
        if isinstance(value, tuple):
            return lines(ways.called(value) if name == "services" else value)
        if isinstance(value, datetime):
            return f"{value:%Y-%m-%d %H:%M}"
        if value is None:
            return ""
        return str(dict(self._field(name).flatchoices).get(value, value))

    @classmethod
    def changed(cls, version: Reviewed) -> "list[Change]":
        """Against the version before it; nothing of the first."""
        before = version.before()
        return changes(cls.of(before), cls.of(version)) if before else []

    @property
    def digest(self) -> str:
        """Another one for other words."""
        plain = json.dumps(asdict(self), ensure_ascii=False, default=str)
        return hashlib.sha256(plain.encode()).hexdigest()


def lines(entries: Iterable[object]) -> str:
    """Each whole, its end too: else the last one reads otherwise as soon as one follows."""
    return "".join(f"{entry}\n" for entry in entries)


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


def changes(before: Wording, after: Wording) -> list[Change]:
    """What a reviewer has to look at: by field, sentence by sentence."""
    found = []
    for name in (field.name for field in fields(after)):
        if getattr(before, name) == getattr(after, name):
            continue
        old, new = before.shown(name), after.shown(name)
        if old != new:  # the same minute reads alike
            shown = tuple(map(_near, pieces(old, new)))
            found.append(Change(after.label(name), shown))
    return found


def _near(piece: Piece) -> Piece:
    """Of a long run that stayed, its two ends."""
    words = piece.words
    if piece.gone or piece.new or len(words) <= 3 * AROUND:
        return piece
    return Piece(f"{words[:AROUND]} … {words[-AROUND:]}")


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
