"""A file as it leaves the bank: by its kind, and with nothing in it that a browser would run."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from kb.attaching import words
from kb.models import Attachment, Document

Kind = Document.Kind

_OFFICE = "application/vnd.openxmlformats-officedocument"
TYPES = {
    Kind.PDF: "application/pdf",
    Kind.PNG: "image/png",
    Kind.JPEG: "image/jpeg",
    Kind.DOCX: f"{_OFFICE}.wordprocessingml.document",
    Kind.XLSX: f"{_OFFICE}.spreadsheetml.sheet",
    Kind.TEXT: "text/plain",
    Kind.CSV: "text/csv",
}
SHOWN = (Kind.PNG, Kind.JPEG)  # in the browser; the others are kept as files
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; sandbox"


def media_type(document: Document) -> str:
    return TYPES[Kind(document.kind)]


def answer(attachment: Attachment) -> HttpResponse:
    """The whole file, known again by its digest."""
    document = attachment.document
    content, kind = bytes(document.content), media_type(document)
    if kind.startswith("text/"):
        found = words.encoding(content) or "utf-8"
        kind = f"{kind}; charset={found.removesuffix('-sig')}"
    disposition = content_disposition_header(document.kind not in SHOWN, attachment.name)
    return HttpResponse(
        content,
        content_type=kind,
        headers={
            "Content-Disposition": disposition or "attachment",
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "ETag": f'"{document.sha256}"',
        },
    )
