"""The wallboard's page. Its link is its log-in."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from calendars import clock
from desktop.board import boards
from desktop.board import view as board_view
from desktop.floor.look import Floor

GONE = 410


@require_safe
@never_cache
def board(request: HttpRequest, link: str) -> HttpResponse:
    """Whole at first; the socket keeps it up to date. A revoked link says so, any other is none."""
    found = boards.by_link(link)
    if found is None:
        raise Http404
    at = clock.now()
    context = {"board": found, "link": link, "at": at, "rate": settings.CLOCK_RATE, "parts": None}
    with translation.override(found.language):
        if found.revoked_at is not None:
            return render(request, "board/board.html", context, status=GONE)
        context["parts"] = board_view.view(found).render(Floor(at))
        return render(request, "board/board.html", context)
