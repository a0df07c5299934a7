"""The other side of clearing: reads what the bank sends, by docs/clearing-files.md alone."""

import csv
import hashlib
import io
from datetime import datetime
from decimal import Decimal

from banking.clearing_files import Header, Payment


def payments(content: bytes) -> tuple[Header, list[Payment]]:
    """Header and items of an OUT file, whose trailer must count, add up and digest them."""
    first, *rows, last = csv.reader(io.StringIO(content.decode(), newline=""), strict=True)
    assert first[:3] == ["H", "1", "OUT"]
    assert {row[0] for row in rows} <= {"D"}
    items = [Payment(int(row[1]), *row[2:8], Decimal(row[8]), row[9]) for row in rows]
    above = content[: content.rindex(b"\nT,") + 1]
    total = sum((item.amount for item in items), Decimal("0.00"))
    assert last == ["T", str(len(items)), str(total), hashlib.sha256(above).hexdigest()]
    return Header("OUT", *first[3:7], datetime.fromisoformat(first[7])), items
