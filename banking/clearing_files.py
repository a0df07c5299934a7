"""The files that clearing and we hand each other, as docs/clearing-files.md lays them out. Pure.

CSV in UTF-8, a line feed after each line: a header, an item a line, a trailer with count, sum
and the SHA-256 of all that stands before it.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Literal

from banking.models.clearing import ClearingFile, System

VERSION = "1"
MOST_BYTES = 16_000_000
MOST_YUAN = Decimal("9999999999999.99")

Fault = ClearingFile.Fault

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_SESSION = re.compile(r"[0-9-]{1,12}")
_RECEIPT = re.compile(r"[0-9]{12}")
_REASON = {"PAID": re.compile(""), "RETURNED": re.compile(r"[A-Z0-9]{2,8}")}


class BadFile(ValueError):
    """Nothing in the file is to be believed. `line` counts from 1; 0: the file as a whole."""

    def __init__(self, fault: Fault, line: int = 0) -> None:
        super().__init__(f"{fault.value}, line {line}")
        self.fault, self.line = fault, line


@dataclass(frozen=True, slots=True)
class Header:
    kind: Literal["OUT", "RESULTS"]
    name: str
    bank_code: str  # ours
    system: str
    session: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Payment:
    """An item of OUT: numbers in clear, amounts in yuan."""

    line: int
    receipt: str
    payer_number: str
    payer_name: str
    bank_code: str
    payee_number: str
    payee_name: str
    amount: Decimal
    remark: str


@dataclass(frozen=True, slots=True)
class Result:
    """An item of RESULTS; a reason comes with what was returned."""

    line: int
    receipt: str
    amount: Decimal
    outcome: Literal["PAID", "RETURNED"]
    reason: str = ""


def write(header: Header, items: Sequence[Payment] | Sequence[Result]) -> bytes:
    """The whole file."""
    made_at = header.made_at.isoformat()
    first = ("H", VERSION, *astuple(header)[:-1], made_at)
    body = _lines([first, *(("D", *_cells(item)) for item in items)])
    total = sum((item.amount for item in items), Decimal("0.00"))
    return body + _lines([("T", len(items), f"{total:.2f}", hashlib.sha256(body).hexdigest())])


def read_results(content: bytes) -> tuple[Header, list[Result]]:
    """Raises BadFile: then nothing of it is used."""
    header, rows = _read(content)
    items = []
    for place, row in enumerate(rows, start=1):
        try:
            line, receipt, amount, outcome, reason = row
            item = Result(int(line), receipt, _yuan(amount), _outcome(outcome), reason)
        except (ValueError, InvalidOperation):
            raise BadFile(Fault.LINE, place + 1) from None
        shaped = _RECEIPT.fullmatch(receipt) and _REASON[item.outcome].fullmatch(reason)
        if item.line != place or not shaped:
            raise BadFile(Fault.LINE, place + 1)
        items.append(item)
    _check_total(content, items)
    return header, items


def _read(content: bytes) -> tuple[Header, list[list[str]]]:
    """Header and items of a file whose trailer counts and digests it rightly."""
    if len(content) > MOST_BYTES:
        raise BadFile(Fault.LINE)
    try:
        rows = list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise BadFile(Fault.LINE) from None
    header = _header(rows[0] if rows else [])
    body, _, trailer = content.rpartition(b"\nT,")
    if len(rows) < 2 or len(rows[-1]) != 4 or rows[-1][0] != "T" or not trailer.endswith(b"\n"):
        raise BadFile(Fault.TRAILER, len(rows))
    count, digest = rows[-1][1], rows[-1][3]
    for line, row in enumerate(rows[1:-1], start=2):
        if not row or row[0] != "D":
            raise BadFile(Fault.LINE, line)
    if count != str(len(rows) - 2):
        raise BadFile(Fault.COUNT, len(rows))
    if digest != hashlib.sha256(body + b"\n").hexdigest():
        raise BadFile(Fault.DIGEST, len(rows))
    return header, [row[1:] for row in rows[1:-1]]


def _header(row: list[str]) -> Header:
    try:
        mark, version, kind, name, bank_code, system, session, made_at = row
        at = datetime.fromisoformat(made_at)
    except ValueError:
        raise BadFile(Fault.HEADER, 1) from None
    shaped = _NAME.fullmatch(name) and _SESSION.fullmatch(session) and system in System
    if (mark, version, kind) != ("H", VERSION, "RESULTS") or at.tzinfo is None or not shaped:
        raise BadFile(Fault.HEADER, 1)
    return Header("RESULTS", name, bank_code, system, session, at)


def _check_total(content: bytes, items: Sequence[Result]) -> None:
    said = content.rpartition(b"\nT,")[2].split(b",")[1].decode()
    if said != f"{sum((item.amount for item in items), Decimal('0.00')):.2f}":
        raise BadFile(Fault.SUM, len(items) + 2)


def _yuan(text: str) -> Decimal:
    """Above zero, with two places. Raises ValueError, InvalidOperation."""
    amount = Decimal(text)
    if f"{amount:.2f}" != text or not 0 < amount <= MOST_YUAN:
        raise ValueError(text)
    return amount


def _outcome(text: str) -> Literal["PAID", "RETURNED"]:
    match text:
        case "PAID" | "RETURNED":
            return text
    raise ValueError(text)


def _cells(item: Payment | Result) -> Iterable[str]:
    return (f"{v:.2f}" if isinstance(v, Decimal) else str(v) for v in astuple(item))


def _lines(rows: Iterable[Sequence[object]]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue().encode()
