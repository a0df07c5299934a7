"""Rows written as a file that a spreadsheet opens, and that `files.py` reads as they were."""

import csv
import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from io import BytesIO, StringIO

from kb.models import Article
from kb.sheets import columns

# A spreadsheet takes a cell that begins so for a formula, whoever wrote it.
RUNS = re.compile(r"^'*[=+\-@\t]")
UNFIT = re.compile("[\x01-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9a-fA-F]{4}_)")  # for XML


class Kind(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"

    @property
    def content_type(self) -> str:
        excel = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return excel if self == Kind.XLSX else "text/csv; charset=utf-8"


def write(kind: Kind, rows: Iterable[Sequence[str]]) -> bytes:
    """Under the headings in the reader's language."""
    head = [str(columns.label(name)) for name in columns.COLUMNS]
    return _excel(head, rows) if kind == Kind.XLSX else as_csv(head, rows)


def as_csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """With a mark, or Excel takes it for the code page of the machine."""
    written = StringIO(newline="")
    lines = csv.writer(written)
    lines.writerow(head)
    lines.writerows([f"'{cell}" if RUNS.match(cell) else cell for cell in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")


def _excel(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet(str(Article._meta.verbose_name_plural))
    sheet.freeze_panes = "A2"

    def cell(said: str) -> WriteOnlyCell:
        made = WriteOnlyCell(sheet, UNFIT.sub(_coded, said))
        if RUNS.match(said):
            made.data_type, made.quotePrefix = "s", True  # words, also after they were edited
        return made

    for row in (head, *rows):
        sheet.append([cell(said) for said in row])
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def _coded(found: re.Match[str]) -> str:
    return f"_x{ord(found[0]):04X}_"
