"""The supervisor's page, whole at first; its socket keeps it up to date."""

from django.conf import settings
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from calendars import clock
from desktop.floor import verbs
from desktop.floor import view as floor_view
from desktop.floor.behind import Reader
from desktop.floor.look import Floor
from people.errors import Refusal
from people.models import User

WATCH = "routing.watch_floor"
OPEN_CALL = "telephony.view_call"
ASK_CALLBACK = "telephony.add_callbackrequest"


def reader_of(user: User, *, language: str, queue: str) -> Reader:
    """How the page looks for this member of staff."""
    return Reader(
        language=language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE,
        queue=queue,
        opens_calls=user.has_perm(OPEN_CALL),
        asks_callbacks=user.has_perm(ASK_CALLBACK),
    )


@login_required
@permission_required(WATCH, raise_exception=True)
@require_safe
def floor(request: HttpRequest) -> HttpResponse:
    """The whole floor, or one queue of it: `?queue=card`."""
    assert isinstance(request.user, User)
    queue, at = request.GET.get("queue", ""), clock.now()
    reader = reader_of(request.user, language=get_language() or "", queue=queue)
    parts = floor_view.view(reader).render(Floor(at))
    context = {"parts": parts, "at": at, "rate": settings.CLOCK_RATE, "queue": queue}
    return render(request, "floor/floor.html", context)


@login_required
@permission_required([WATCH, ASK_CALLBACK], raise_exception=True)
@require_POST
def callback(request: HttpRequest, call_id: int) -> HttpResponse:
    """Ask for a call-back; the answer is what the page says."""
    try:
        receipt = verbs.ask_callback(call_id, at=clock.now())
    except Refusal as refusal:
        return HttpResponse(str(refusal), status=refusal.status, content_type="text/plain")
    told = _("Call-back %(receipt)s is asked for.") % {"receipt": receipt}
    return HttpResponse(told, content_type="text/plain")
