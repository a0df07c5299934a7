"""Questions with the articles that answer them, and a foreign corpus, as CSV files hold them."""

import csv
from collections.abc import Container, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TypeVar

from kb.search.index import Entry

ENCODINGS = ("utf-8-sig", "gb18030")  # with or without a mark; what Excel saves in China
SEVERAL = "|"
_T = TypeVar("_T")


class Unreadable(ValueError):
    """A file that is not what it should be; says where."""


@dataclass(frozen=True, slots=True)
class Query:
    asked: str
    expected: frozenset[str]  # any of these articles answers it


@dataclass(frozen=True, slots=True)
class Foreign:
    """An article of a corpus that is not ours."""

    id: str
    question: str
    answer: str


def queries(path: Path, known: Container[str]) -> list[Query]:
    """Columns query and expected. Raises Unreadable."""
    found = []
    for row, values in _rows(path, "query", "expected"):
        expected = frozenset(part.strip() for part in values["expected"].split(SEVERAL)) - {""}
        if not values["query"] or not expected:
            raise Unreadable(f"{path.name}, row {row}: a query and what is expected are needed.")
        if unknown := sorted(id_ for id_ in expected if id_ not in known):
            raise Unreadable(f"{path.name}, row {row}: there is no article {unknown[0]!r}.")
        found.append(Query(values["query"], expected))
    return _some(found, path)


def articles(path: Path) -> list[Foreign]:
    """Columns id, question and, where there is one, answer. Raises Unreadable."""
    found: dict[str, Foreign] = {}
    for row, values in _rows(path, "id", "question"):
        id_, question = values["id"], values["question"]
        if not id_ or not question:
            raise Unreadable(f"{path.name}, row {row}: an id and a question are needed.")
        if id_ in found:
            raise Unreadable(f"{path.name}, row {row}: {id_!r} is the id of an earlier row.")
        found[id_] = Foreign(id_, question, values.get("answer", ""))
    return _some(list(found.values()), path)


def entry(number: int, article: Foreign) -> Entry:
    return Entry(id=number, wordings=(article.question,), tags="", body=article.answer)


def _some(found: list[_T], path: Path) -> list[_T]:
    if not found:
        raise Unreadable(f"{path.name} has a heading and no row.")
    return found


def _rows(path: Path, *needed: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Row number as a spreadsheet shows it, and values by column; empty rows are left out."""
    reader = csv.DictReader(StringIO(_text(path), newline=""), restkey="", restval="")
    reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
    for name in needed:
        if name not in reader.fieldnames:
            there = ", ".join(reader.fieldnames) or "nothing"
            raise Unreadable(f"{path.name} has no column {name!r}; its first line has {there}.")
    for row, values in enumerate(reader, start=2):
        clean = {name: (value or "").strip() for name, value in values.items() if name}
        if any(clean.values()):
            yield row, clean


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}.") from None
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(f"{path.name} is neither UTF-8 nor GB 18030.")
