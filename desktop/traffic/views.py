"""The click on the home page that starts the demo traffic, and the one that stops it."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from calendars import clock
from desktop.traffic import wishes
from people.errors import Refusal
from people.models import User


@login_required
@permission_required("desktop.run_traffic", raise_exception=True)
@require_POST
def traffic(request: HttpRequest) -> HttpResponse:
    """`calls_per_minute` from the form; 0 stops."""
    text = request.POST.get("calls_per_minute", "")
    wanted = int(text) if text.isdecimal() and len(text) <= 3 else -1
    try:
        wishes.ask(wanted, by=cast(User, request.user), at=clock.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        said = _("Simulated callers are on their way.") if wanted else _("No more callers come.")
        messages.success(request, said)
    return redirect("admin:index")
