"""PDF (ISO 32000): whole, open, and without anything that runs, starts or is carried inside."""

import re
import zlib
from collections.abc import Iterator

from kb.attaching.errors import Active, Damaged, Locked, UnpacksTooFar

BEGINS = b"%PDF-"
MOST_UNPACKED = 100_000_000  # bytes, of all streams together
BLOCK, PIECE = 1 << 16, 1 << 20  # packed and inflated bytes, at once
LONGEST = 64  # a name may lie across two pieces
VERSION = re.compile(rb"%PDF-[12]\.\d[\r\n\s]")
ENDS = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s*\Z")
STREAM = re.compile(rb"stream\r?\n")


def _named(*words: str) -> re.Pattern[bytes]:
    """Any of these names; a character may stand there by its number: /J#61vaScript."""
    spelt = ("".join(f"(?:{c}|(?i:#{ord(c):02x}))" for c in word) for word in words)
    return re.compile(f"/(?:{'|'.join(spelt)})(?![A-Za-z0-9#])".encode())


# An action that runs a script is always one of S /JavaScript (12.6.4.17), and so on.
RUNS = _named(
    *("JavaScript", "Launch", "EmbeddedFile", "EmbeddedFiles", "RichMedia", "Movie"),
    *("GoToE", "GoToR", "ImportData", "SubmitForm", "Rendition"),
)
SCRIPTED_FORM = re.compile(rb"/XFA\s*[\[0-9]")
ENCRYPTED = _named("Encrypt")
PACKED_OBJECTS = _named("ObjStm")
# How objects might be packed so that they are not seen below. Writers pack them with Flate.
OTHER_FILTERS = _named(
    *("ASCIIHexDecode", "AHx", "ASCII85Decode", "A85", "LZWDecode", "LZW", "RunLengthDecode"),
    *("RL", "Crypt"),
)


def check(content: bytes) -> None:
    """Raises FileRefused."""
    end = ENDS.search(content[-1024:])
    if not VERSION.match(content) or not end:
        raise Damaged
    table = content[int(end[1]) :][:40].lstrip()
    if not (table.startswith(b"xref") or re.match(rb"\d+\s+\d+\s+obj", table)):
        raise Damaged
    if ENCRYPTED.search(content):
        raise Locked
    _harmless(content)
    for packed in PACKED_OBJECTS.finditer(content):
        begins = content.rfind(b"obj", 0, packed.start())
        ends = content.find(b"stream", packed.end())
        if OTHER_FILTERS.search(content, max(begins, 0), ends if ends >= 0 else len(content)):
            raise Damaged
    room = MOST_UNPACKED
    for stream in STREAM.finditer(content):
        before = b""
        for piece in _inflated(content, stream.end()):
            room -= len(piece)
            if room < 0:
                raise UnpacksTooFar
            _harmless(before + piece)
            before = (before + piece)[-LONGEST:]


def _harmless(said: bytes) -> None:
    if found := RUNS.search(said) or SCRIPTED_FORM.search(said):
        raise Active(what=found[0].decode())


def _inflated(content: bytes, at: int) -> Iterator[bytes]:
    """What stands there, if Flate packed it, a piece at a time."""
    inflating, packed = zlib.decompressobj(), b""
    try:
        while not inflating.eof:
            if not packed:
                packed, at = content[at : at + BLOCK], at + BLOCK
            if not packed:
                return
            yield inflating.decompress(packed, PIECE)
            packed = inflating.unconsumed_tail
    except zlib.error:
        return  # another filter, or none: a picture, a font, plain words seen already
