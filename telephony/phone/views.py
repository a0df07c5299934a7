"""The test phone's page, and the record that grows beside the call."""

from urllib.parse import urlsplit
from uuid import UUID

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from banking.models import Customer
from calendars import clock
from people import access
from people.models import AccessLog, User
from telephony import story
from telephony.models import Call, Number
from telephony.phone import cards, line
from telephony.phone.consumers import PERMISSION


@require_GET
@login_required
@permission_required(PERMISSION, raise_exception=True)
@csp_replace({"script-src": [SELF], "style-src": [SELF], "object-src": [NONE]})
def phone(request: HttpRequest) -> HttpResponse:
    """A telephone on the simulated switch; on a real one, how to dial it with a telephone."""
    simulated = line.is_simulated()
    return render(
        request,
        "telephony/phone.html" if simulated else "telephony/phone_sip.html",
        {
            "numbers": Number.objects.filter(is_active=True).order_by("-number"),
            "cards": cards.listed(),
            "switch_host": urlsplit(settings.FREESWITCH_URL).hostname or "127.0.0.1",
        },
    )


@require_GET
@login_required
@permission_required(PERMISSION, raise_exception=True)
def own(request: HttpRequest, file: str) -> HttpResponse:
    """A recording of the bank's own studio, as the switch plays it."""
    folder = settings.OWN_PROMPTS.resolve()
    path = (folder / file).resolve()
    if not path.is_relative_to(folder) or path.suffix != ".wav" or not path.is_file():
        raise Http404
    return HttpResponse(
        path.read_bytes(),
        content_type="audio/wav",
        headers={"Cache-Control": "private, max-age=31536000, immutable"},
    )


def _write_down(request: HttpRequest, customer: Customer, reason: str) -> None:
    """Once a call: the page reads its record at every step."""
    user = request.user
    assert isinstance(user, User)  # the decorators let nobody else in
    if not AccessLog.objects.filter(user=user, what=AccessLog.What.VIEW, reason=reason).exists():
        address = request.META.get("REMOTE_ADDR")
        access.record(user, "view", customer, reason=reason, address=address, at=clock.now())


@require_GET
@login_required
@permission_required(PERMISSION, raise_exception=True)
def record(request: HttpRequest, channel: UUID) -> HttpResponse:
    """What was written of a test call so far; a customer's call is not shown here."""
    call = Call.objects.filter(uuid=channel, is_test=True).select_related("customer").first()
    if call and call.customer:
        _write_down(request, call.customer, f"test call {call.pk}")
    return render(
        request,
        "telephony/_phone_record.html",
        {
            "story": story.tell(call) if call else None,
            "full": call and request.user.has_perm("telephony.view_call"),
        },
    )
