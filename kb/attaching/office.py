"""Word and Excel files (ISO/IEC 29500): the right zip, no macros, nothing that reaches out."""

import re
import zipfile
import zlib
from html import unescape
from io import BytesIO
from xml.etree import ElementTree

from kb.attaching.errors import Active, Damaged, Locked, UnknownKind, UnpacksTooFar
from kb.models.attachments import Document

Kind = Document.Kind

ZIP = b"PK\x03\x04"
MOST_UNPACKED = 100_000_000  # bytes
MOST_TIMES = 200  # as large as packed; what Office writes packs to a twentieth at best
MOST_PARTS = 2_000
TYPES = "[Content_Types].xml"
MAIN = {
    Kind.DOCX: (
        "word/document.xml",
        b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    ),
    Kind.XLSX: (
        "xl/workbook.xml",
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    ),
}
# Macros, old macros, controls, packed objects, links that fetch.
PARTS = re.compile(
    r"vbaproject|vbadata|macrosheets/|activex|embeddings/|externallinks/|customui|oleobject", re.I
)
FIELD = re.compile(r"<(?:\w+:)?(?:instrText[^>]*>([^<]*)|fldSimple\s([^>]*))")
FETCHES = re.compile(r"\b(DDEAUTO|DDE|INCLUDEPICTURE|INCLUDETEXT)\b", re.I)  # fields of Word


def look(content: bytes) -> Document.Kind:
    """Which of the two it is. Raises FileRefused."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as zipped:
            _only_a_zip(content, zipped)
            kind = _kind(zipped)
            for part in zipped.infolist():
                _harmless(part.filename, zipped.read(part))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError):  # also: packed unlike any
        raise Damaged from None
    return kind


def _only_a_zip(content: bytes, zipped: zipfile.ZipFile) -> None:
    """Nothing before, between the lines or behind; not too many, not too large."""
    parts = zipped.infolist()
    names = [part.filename for part in parts]
    if any(part.flag_bits & 1 for part in parts):
        raise Locked
    if zipped.comment or content[-22:-18] != b"PK\x05\x06" or not parts:
        raise Damaged
    if min(part.header_offset for part in parts) or len({n.lower() for n in names}) < len(names):
        raise Damaged
    if any(name.startswith("/") or "\\" in name or ".." in name.split("/") for name in names):
        raise Damaged
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > min(MOST_UNPACKED, MOST_TIMES * len(content)):
        raise UnpacksTooFar


def _kind(zipped: zipfile.ZipFile) -> Document.Kind:
    names = set(zipped.namelist())
    if TYPES not in names:
        raise UnknownKind
    types = zipped.read(TYPES)
    if b"macroEnabled" in types:
        raise Active(what="macroEnabled")
    for kind, (main, content_type) in MAIN.items():
        if main in names and content_type in types:
            return kind
    raise UnknownKind


def _harmless(name: str, said: bytes) -> None:
    if found := PARTS.search(name):
        raise Active(what=found[0])
    is_links = name.lower().endswith(".rels")
    if not is_links and not said.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        if name.lower().endswith(".xml"):
            raise Damaged  # in another alphabet than the one that is looked for below
        return  # a picture, a font, a printer's settings
    if b"<!DOCTYPE" in said or b"<!ENTITY" in said:
        raise Damaged  # Office writes none; who does wants entities that grow
    if is_links:
        _reaches_nowhere(said)
    # A field may be written in several pieces.
    fields = "".join(a or f" {b} " for a, b in FIELD.findall(said.decode("utf-8", "replace")))
    if found := FETCHES.search(unescape(fields)):
        raise Active(what=found[0])


def _reaches_nowhere(said: bytes) -> None:
    """But where a reader clicks: a template or a picture elsewhere is fetched when it opens."""
    try:
        links = ElementTree.fromstring(said)  # noqa: S314  # without a DOCTYPE
    except ElementTree.ParseError:
        raise Damaged from None
    for link in links.iter():
        kind = link.get("Type", "").rpartition("/")[2]
        if link.get("TargetMode") == "External" and kind != "hyperlink":
            raise Active(what=kind)
