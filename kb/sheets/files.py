"""The bytes of a sheet read into rows: .xlsx, or CSV in UTF-8 or GB 18030. No database.

A file comes from somebody's mail: what it unpacks to is bounded before anything is unpacked.
"""

import csv
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO
from itertools import chain, repeat

from django.utils.translation import gettext_lazy as _

from kb.errors import KbRefused
from kb.sheets import columns
from kb.sheets.columns import Row
from people.words import listed

MOST_BYTES = 20_000_000
MOST_UNPACKED = 200_000_000
MOST_PARTS = 500  # files inside an .xlsx; Excel itself writes a dozen
MOST_ROWS = 20_000
FARTHEST = 10 * MOST_ROWS  # empty ones among them
MOST_COLUMNS = 100  # looked at: beyond them nobody writes articles
ENCODINGS = ("utf-8-sig", "gb18030")  # with or without a mark; what Excel saves in China
DELIMITERS = (",", "\t", ";")
ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
ESCAPED = re.compile(r"^'+[=+\-@\t]")  # as `writing.py` escapes what a spreadsheet would run
CODED = re.compile("_x(?!0000|[dD][89a-fA-F])([0-9a-fA-F]{4})_")  # characters that XML can't hold


class FileRefused(KbRefused):
    """Base: nothing was read."""


class TooLarge(FileRefused):
    text = _("The file is too large: 20 MB at most, and 200 MB unpacked. Divide it.")


class TooManyRows(FileRefused):
    text = _("A file holds 20,000 rows at most. Divide it.")


class NotRead(FileRefused):
    text = _("This is neither an Excel file (.xlsx) nor CSV. Save it as one of these.")


class NoHeading(FileRefused):
    text = _("The first row must hold the headings; “%(heading)s” is missing.")


class UnknownHeading(FileRefused):
    text = _("No column is called “%(heading)s”. There are: %(known)s.")


class HeadingTwice(FileRefused):
    text = _("The column “%(heading)s” is there twice.")


class NothingIn(FileRefused):
    text = _("There is no row below the headings.")


@dataclass(frozen=True, slots=True)
class _Cell:
    said: str
    formula: bool = False


def read(content: bytes) -> list[Row]:
    """By what is in it, whatever it is called. Raises FileRefused."""
    if len(content) > MOST_BYTES:
        raise TooLarge
    rows = _excel(content) if content.startswith(ZIP) else _csv(content)
    return list(_rows(rows))


def _rows(lines: Iterator[Iterable[_Cell]]) -> Iterator[Row]:
    """Those with anything in them, by the columns that the first line names."""
    named = _headings(next(lines, ()))
    count = 0
    for number, line in enumerate(lines, start=2):
        cells = chain(line, repeat(_Cell("")))  # one that is short says nothing in the last ones
        there = [(c, cell) for c, cell in zip(named, cells, strict=False) if c]
        if not any(cell.said.strip() for _column, cell in there):
            continue
        count += 1
        if count > MOST_ROWS:
            raise TooManyRows
        yield Row(
            number,
            {column: cell.said for column, cell in there},
            tuple(column for column, cell in there if cell.formula),
        )
    if not count:
        raise NothingIn


def _headings(line: Iterable[_Cell]) -> list[str]:
    """The columns that there are, "" where none is named."""
    named: list[str] = []
    for cell in line:
        heading = columns.normal(cell.said)
        column = columns.known().get(heading, "")
        if heading and not column:
            shown = listed(map(columns.label, columns.COLUMNS))
            raise UnknownHeading(heading=cell.said.strip()[:40], known=shown)
        if column and column in named:
            raise HeadingTwice(heading=cell.said.strip())
        named.append(column)
    if "key" not in named:
        raise NoHeading(heading=columns.label("key"))
    while not named[-1]:
        named.pop()
    return named


# -- CSV ---------------------------------------------------------------------------------------


def _csv(content: bytes) -> Iterator[list[_Cell]]:
    """Raises NotRead."""
    text = _decoded(content)
    head = text.partition("\n")[0]
    try:
        for line in csv.reader(
            StringIO(text, newline=""), delimiter=max(DELIMITERS, key=head.count), strict=True
        ):
            yield [_Cell(said[1:] if ESCAPED.match(said) else said) for said in line]
    except csv.Error:
        raise NotRead from None


def _decoded(content: bytes) -> str:
    if content.startswith(OLD_EXCEL) or b"\0" in content:
        raise NotRead
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotRead


# -- Excel -------------------------------------------------------------------------------------


def _excel(content: bytes) -> Iterator[Iterable[_Cell]]:
    """The first sheet. Raises NotRead, TooLarge."""
    import openpyxl  # a tenth of a second: for who brings a file, not for each process

    try:
        _look_inside(content)
        book = openpyxl.load_workbook(BytesIO(content), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what it says of its own size need not be so
        for number, line in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
            if number > FARTHEST:
                raise TooManyRows
            yield (_cell(cell.value, cell.data_type) for cell in line)
    except FileRefused:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError):  # locked, or packed oddly
        raise NotRead from None
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError):
        raise NotRead from None  # a zip of something else, or a sheet that says nonsense


def _look_inside(content: bytes) -> None:
    """Before it is unpacked; no part unpacks to more than the list of parts says."""
    with zipfile.ZipFile(BytesIO(content)) as zipped:
        parts = zipped.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise TooLarge
        if "[Content_Types].xml" not in zipped.namelist():
            raise NotRead
        for part in parts:
            # Excel writes none; who does wants entities that grow.
            if b"<!DOCTYPE" in zipped.read(part):
                raise NotRead


def _cell(value: object, data_type: str) -> _Cell:
    if data_type == "f":
        return _Cell("=", formula=True)
    if data_type == "e":  # #REF!
        return _Cell(str(value), formula=True)
    return _Cell(_said(value))


def _said(value: object) -> str:
    """As a person would have typed it."""
    match value:
        case None:
            return ""
        case str():
            return CODED.sub(lambda found: chr(int(found[1], 16)), value)
        case bool():
            return "1" if value else "0"
        case float():
            return f"{value:.15g}"
        case datetime():  # a day is a fraction to Excel, so seconds are not exact
            whole = (value + timedelta(milliseconds=500)).replace(microsecond=0)
            return f"{whole:%Y-%m-%d %H:%M:%S}"
        case date():
            return f"{value:%Y-%m-%d}"
    return str(value)
