"""A recording as a browser's player asks for it: whole or in ranges, and nothing but sound."""

import re
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

RANGE = re.compile(r"bytes=(\d*)-(\d*)$")
HEADERS = {
    "Accept-Ranges": "bytes",
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


def is_beginning(request: HttpRequest) -> bool:
    """Whether it is asked for from its start: a player's later ranges are the same hearing."""
    asked = RANGE.match(request.headers.get("Range", ""))
    return asked is None or asked[1] in ("", "0")


def answer(request: HttpRequest, file: Path) -> HttpResponseBase:
    """One range at most (RFC 9110 §14); who may hear it has been asked. Raises Http404."""
    if not file.is_file():
        raise Http404
    size = file.stat().st_size
    asked = RANGE.match(request.headers.get("Range", ""))
    headers = {**HEADERS, "Content-Disposition": f'inline; filename="{file.name}"'}
    if asked is None or asked.groups() == ("", ""):
        return FileResponse(file.open("rb"), content_type="audio/wav", headers=headers)
    first, last = _span(asked[1], asked[2], size)
    if first >= size or last < first:
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    with file.open("rb") as stream:
        stream.seek(first)
        part = stream.read(last - first + 1)
    return HttpResponse(
        part,
        status=206,
        content_type="audio/wav",
        headers={**headers, "Content-Range": f"bytes {first}-{last}/{size}"},
    )


def _span(first: str, last: str, size: int) -> tuple[int, int]:
    """Both ends included; without a first one the last so many bytes."""
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1
