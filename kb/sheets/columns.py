"""The columns of a sheet of articles: their headings, and cells as values and back. No I/O."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import Field
from django.utils.functional import Promise
from django.utils.translation import gettext, override, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from calendars.clock import SHANGHAI
from kb.models import Article, ArticleVersion
from kb.texts import Text
from people.words import listed

OF_ARTICLE = {  # what is no part of a wording
    "key": pgettext_lazy("of an article", "key"),
    "category": _("category"),
    "owner": pgettext_lazy("an article", "owner"),
    "attachments": _("attachments (names alone)"),
}
COLUMNS = (
    *("key", "category", "question", "phrasings", "spoken", "answer", "steps", "source"),
    *("customers", "branches", "services", "keywords", "public", "reverify_days"),
    *("starts_at", "expires_at", "owner", "attachments"),
)
TOLD = ("attachments",)  # of what a sheet can't carry: written, and not read
LISTS = ("phrasings", "steps", "branches", "services", "keywords")
YES, NO = ("1", "y", "yes", "true", "t"), ("0", "n", "no", "false", "f", "")
DAY = r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
MOMENT = re.compile(DAY + r"(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d{1,6})?))?)?")


@dataclass(frozen=True, slots=True)
class Row:
    """Of a sheet: its number there, its cells by column, and in which of them a formula stands."""

    number: int
    cells: Mapping[str, str]
    formulas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row can't be taken, at one of its columns."""

    column: str
    text: str | Promise
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """In the reader's language."""
        return str(self.text) % self.values


FORMULA = _("holds a formula. Put its value there.")
NO_DATE = _("“%(said)s” is no date. Write 2026-12-01 or 2026-12-01 08:00.")
NO_NUMBER = _("“%(said)s” is no whole number of days from %(least)s to %(most)s.")
NO_CHOICE = _("“%(said)s” is none of these: %(choices)s.")
TOO_LONG = _("has %(length)s characters, %(most)s at most.")
ENTRY_TOO_LONG = _("“%(entry)s” is longer than %(longest)s characters.")
NO_KEY = _("“%(said)s” is no key. Small letters, digits and -.")


def label(column: str) -> str | Promise:
    return OF_ARTICLE.get(column) or Text.label(column)


@cache
def known() -> Mapping[str, str]:
    """Columns by their headings: those of both languages, and the plain English names."""
    found: dict[str, str] = {}
    for column in COLUMNS:
        plain = column.removesuffix("_at").replace("_", " ")
        found |= {normal(column): column, plain: column}
        for language, _name in settings.LANGUAGES:
            with override(language):
                found[normal(str(label(column)))] = column
    return found


def normal(heading: str) -> str:
    """Of how it may be typed, one way."""
    return " ".join(heading.split()).casefold().replace("(", "（").replace(")", "）")


# -- in ----------------------------------------------------------------------------------------


def read(row: Row) -> tuple[dict[str, Any], list[Fault]]:
    """What its cells say, each as `Text` and `Article` hold it; category and owner as written."""
    values: dict[str, Any] = {}
    faults = [Fault(column, FORMULA) for column in row.formulas if column not in TOLD]
    for column, cell in row.cells.items():
        if column in row.formulas or column in TOLD:
            continue
        said = cell.replace("\r\n", "\n").replace("\r", "\n")
        try:
            values[column] = _READ.get(column, _words)(column, said)
        except _Wrong as wrong:
            faults.append(wrong.fault)
    return values, faults


class _Wrong(Exception):
    def __init__(self, column: str, text: str | Promise, **values: object) -> None:
        super().__init__(column)
        self.fault = Fault(column, text, values)


def _words(column: str, said: str) -> str:
    said, most = said.strip(), _of(column).max_length
    if most and len(said) > most:
        raise _Wrong(column, TOO_LONG, length=len(said), most=most)
    return said


def _key(column: str, said: str) -> str:
    said = _words(column, said)
    if said and not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", said):
        raise _Wrong(column, NO_KEY, said=said)
    return said


def _plain(column: str, said: str) -> str:
    return said.strip()


def _list(column: str, said: str) -> tuple[str, ...]:
    """An entry a line; in a cell of one line | is between them."""
    parts = said.splitlines() if "\n" in said else re.split(r"[|｜]", said)
    entries = tuple(part.strip() for part in parts if part.strip())
    most = _of(column).base_field.max_length
    for entry in entries:
        if len(entry) > most:
            raise _Wrong(column, ENTRY_TOO_LONG, entry=entry, longest=most)
    return entries


def _customers(column: str, said: str) -> str:
    choices = dict(ArticleVersion.Customers.choices)
    for value, name in choices.items():
        if said.strip().casefold() in (value, *_in_both(name)):
            return value
    if not said.strip():
        return ArticleVersion.Customers.ALL
    shown = listed(choices.values())
    raise _Wrong(column, NO_CHOICE, said=said.strip(), choices=shown)


def _public(column: str, said: str) -> bool:
    plain = said.strip().casefold()
    if plain in (*YES, *_in_both(_("Yes"))):
        return True
    if plain in (*NO, *_in_both(_("No"))):
        return False
    choices = listed((gettext("Yes"), gettext("No")))
    raise _Wrong(column, NO_CHOICE, said=said.strip(), choices=choices)


def _days(column: str, said: str) -> int:
    plain = said.strip()
    if not plain:
        default: int = _of(column).default
        return default
    least, most = 1, 730  # as its validators have it
    if not (plain.isascii() and plain.isdecimal()) or not least <= int(plain[:6]) <= most:
        raise _Wrong(column, NO_NUMBER, said=plain, least=least, most=most)
    return int(plain)


def _moment(column: str, said: str) -> datetime | None:
    """Beijing time; a day alone is its first moment."""
    plain = said.strip()
    if not plain:
        return None
    try:
        if (found := MOMENT.fullmatch(plain)) is None:
            raise _Wrong(column, NO_DATE, said=plain)
        year, month, day, hour, minute, seconds = found.groups()
        whole, _point, part = (seconds or "0").partition(".")
        return datetime(
            *(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(whole)),
            int(part.ljust(6, "0")),
            tzinfo=SHANGHAI,
        )
    except ValueError:
        raise _Wrong(column, NO_DATE, said=plain) from None


def _in_both(words: str | Promise) -> list[str]:
    found = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            found.append(str(words).casefold())
    return found


def _of(column: str) -> Any:
    model = Article if column in OF_ARTICLE else ArticleVersion
    found = model._meta.get_field(column)
    assert isinstance(found, Field)
    return found


_READ: Mapping[str, Callable[[str, str], Any]] = {
    "key": _key,
    "category": _plain,
    "owner": _plain,
    **dict.fromkeys(LISTS, _list),
    "customers": _customers,
    "public": _public,
    "reverify_days": _days,
    "starts_at": _moment,
    "expires_at": _moment,
}


# -- out ---------------------------------------------------------------------------------------


def written(version: ArticleVersion, attached: Iterable[str] = ()) -> list[str]:
    """Its cells, in the order of COLUMNS and the reader's language; `read` gives the same back."""
    article = version.article
    own = {
        "key": article.key,
        "category": str(article.category),
        "owner": article.owner.username if article.owner else "",
        "customers": version.get_customers_display(),
        "attachments": "\n".join(attached),
    }
    text = Text.of(version)
    return [own[name] if name in own else _cell(getattr(text, name)) for name in COLUMNS]


def _cell(value: object) -> str:
    match value:
        case bool():
            return gettext("Yes") if value else gettext("No")
        case tuple():
            shown = "\n".join(value)
            # A line end says that it is no list with | between.
            return f"{shown}\n" if len(value) == 1 and re.search(r"[|｜]", shown) else shown
        case datetime():
            here = value.astimezone(SHANGHAI)
            form = "%Y-%m-%d %H:%M:%S.%f" if here.microsecond else "%Y-%m-%d %H:%M:%S"
            return here.strftime(form).removesuffix(":00")
        case None:
            return ""
    return str(value)
