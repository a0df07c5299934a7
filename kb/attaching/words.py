"""Plain text and CSV, in UTF-8 or GB 18030: words, and neither a page nor a formula."""

import csv
import re
from io import StringIO

from kb.attaching.errors import Active, Damaged, UnknownKind
from kb.models.attachments import Document

Kind = Document.Kind

ENCODINGS = ("utf-8-sig", "gb18030")
UNSEEN = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
MARKUP = re.compile(r"<\s*(!|\?|/?[a-z])", re.I)
# A spreadsheet runs what begins so; a number or a dash alone it does not.
FORMULA = re.compile(r"^\s*(?:[=@]|[+\-](?![\d.,\s()\-]*%?$))")
SYLK = "ID;"  # Excel opens what begins so as its old exchange format, whatever it is called


def is_text(content: bytes) -> bool:
    return encoding(content) is not None


def encoding(content: bytes) -> str | None:
    for name in ENCODINGS:
        try:
            said = content.decode(name)
        except UnicodeDecodeError:
            continue
        return None if UNSEEN.search(said) else name
    return None


def look(content: bytes, *, as_table: bool) -> Document.Kind:
    """Raises FileRefused."""
    said = content.decode(encoding(content) or "utf-8")
    if MARKUP.search(said):
        raise UnknownKind  # a page, a drawing, XML
    if not as_table:
        return Kind.TEXT
    if said.startswith(SYLK):
        raise UnknownKind
    try:
        for row in csv.reader(StringIO(said, newline=""), strict=True):
            if found := next((cell for cell in row if FORMULA.match(cell)), None):
                raise Active(what=found.strip()[:20])
    except csv.Error:
        raise Damaged from None
    return Kind.CSV
