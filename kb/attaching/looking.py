"""The kind of a file and the name that it goes by."""

import re
import unicodedata
import zipfile
from io import BytesIO

from django.template.defaultfilters import filesizeformat

from kb.attaching import office, pdf, pictures, words
from kb.attaching.errors import Damaged, Empty, NamedOtherwise, TooLarge, UnknownKind
from kb.models.attachments import Document

Kind = Document.Kind

LONGEST = 120  # characters of a name
ENDINGS = {Kind.JPEG: ("jpg", "jpeg"), Kind.TEXT: ("txt", "text")}
# Of a page or a drawing that runs scripts; some readers look this far for the beginning of one.
MARKUP = re.compile(rb"<\s*(!doctype|html|head|body|script|svg|iframe|object|embed)", re.I)
LOOKED = 1024


def look(name: str, content: bytes, *, most: int) -> Document.Kind:
    """Of at most so many bytes. Raises FileRefused."""
    if not content:
        raise Empty
    if len(content) > most:
        raise TooLarge(size=filesizeformat(len(content)), most=filesizeformat(most))
    kind = _kind(name, content)
    endings = ENDINGS.get(kind, (kind.value,))
    if ending(name) not in endings:
        raise NamedOtherwise(kind=kind.label, ending=endings[0])
    return kind


def _kind(name: str, content: bytes) -> Document.Kind:
    if content.startswith(office.ZIP):
        return office.look(content)
    if content.startswith(pdf.BEGINS):
        found, check = Kind.PDF, pdf.check
    elif content.startswith(pictures.PNG):
        found, check = Kind.PNG, pictures.check_png
    elif content.startswith(pictures.JPEG):
        found, check = Kind.JPEG, pictures.check_jpeg
    elif words.is_text(content):
        return words.look(content, as_table=ending(name) == Kind.CSV)
    else:
        raise UnknownKind
    # Nothing else that a reader might take it for.
    if MARKUP.search(content[:LOOKED]) or zipfile.is_zipfile(BytesIO(content)):
        raise Damaged
    check(content)
    return found


def ending(name: str) -> str:
    return name.rpartition(".")[2].lower()


def shown(name: str) -> str:
    """For show: no folder, nothing that can't be seen or turns the line round (U+202E)."""
    plain = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    seen = "".join(c for c in plain if unicodedata.category(c)[0] != "C" and c not in '"<>|:*?')
    stem, _dot, end = " ".join(seen.split()).rpartition(".")
    return f"{stem[: LONGEST - len(end) - 1]}.{end}"
