"""Files as harmless programs write them, to be spoiled by the tests."""

import struct
import zipfile
import zlib
from io import BytesIO

from openpyxl import Workbook

from kb.attaching.office import MAIN
from kb.models import Document

Kind = Document.Kind


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(
    width: int = 3, height: int = 2, *, pixels: bytes | None = None, extra: bytes = b""
) -> bytes:
    """Grey, a byte a pixel; `extra` are chunks before the pixels."""
    rows = (b"\0" + b"\x80" * width) * height if pixels is None else pixels
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
            extra,
            chunk(b"IDAT", zlib.compress(rows)),
            chunk(b"IEND", b""),
        )
    )


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def jpeg(width: int = 8, height: int = 8) -> bytes:
    """A grey block: one code for "as before" and one for "nothing more"."""
    lengths = bytes([1, *[0] * 15])
    return b"".join(
        (
            b"\xff\xd8",
            segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
            segment(0xDB, b"\0" + b"\x10" * 64),
            segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\0"),
            segment(0xC4, b"\x00" + lengths + b"\0"),
            segment(0xC4, b"\x10" + lengths + b"\0"),
            segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"),
            b"\x3f\xff\xd9",
        )
    )


def pdf(*objects: bytes, head: bytes = b"%PDF-1.4\n", tail: bytes = b"") -> bytes:
    """A page without anything on it; `objects` are further ones."""
    said = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        *objects,
    ]
    made, places = head, []
    for number, words in enumerate(said, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, words)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(said) + 1, table) + (
        b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (len(said) + 1, len(made))
    )
    return made + tail


def stream(data: bytes, said: bytes = b"") -> bytes:
    packed = zlib.compress(data)
    return b"<< /Length %d /Filter /FlateDecode %b >>\nstream\n%b\nendstream" % (
        len(packed),
        said,
        packed,
    )


def zipped(parts: dict[str, bytes | str]) -> bytes:
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as file:
        for name, said in parts.items():
            file.writestr(name, said)
    return kept.getvalue()


def docx(**changed: bytes | str) -> bytes:
    """`changed`: parts by their names, / written as __ and . as _dot_."""
    main, content_type = MAIN[Kind.DOCX]
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": f'<Types><Override PartName="/{main}" '
        f'ContentType="{content_type.decode()}"/></Types>',
        "_rels/.rels": f'<Relationships><Relationship Id="r1" Type="x/officeDocument" '
        f'Target="{main}"/></Relationships>',
        main: "<w:document><w:p><w:r><w:t>挂失申请书</w:t></w:r></w:p></w:document>",
    }
    named = {k.replace("__", "/").replace("_dot_", "."): said for k, said in changed.items()}
    return zipped(parts | named)


def xlsx() -> bytes:
    book, kept = Workbook(), BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(["项目", "收费标准"])
    sheet["C1"].value = "=1+1"  # Excel's own business
    sheet["A2"].hyperlink = "https://bank.example/"  # where a reader clicks
    book.save(kept)
    return kept.getvalue()
