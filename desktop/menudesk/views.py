"""The menu desk's page, and the verbs that it sends."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from calendars import clock
from desktop.menudesk import forms
from desktop.menudesk.verbs import ANNOUNCE, EDIT, VERBS
from desktop.menudesk.view import DAYS, desk
from people.errors import Refusal
from people.models import User
from telephony.models import MenuVersion
from telephony.phone.consumers import PERMISSION as TRY

LOOK = "telephony.view_menuversion"


@login_required
@permission_required(LOOK, raise_exception=True)
@require_safe
def newest(request: HttpRequest) -> HttpResponse:
    """The version that is worked on: the newest that was not dropped."""
    found = MenuVersion.objects.exclude(state=MenuVersion.State.DROPPED).order_by("-pk").first()
    if found is None:
        raise Http404
    return redirect("menudesk:version", found.pk)


@login_required
@permission_required(LOOK, raise_exception=True)
@require_safe
def version(request: HttpRequest, version_id: int) -> HttpResponse:
    """One version: `?at=personal.1` selects a row, `?days=30` says over which days."""
    row = get_object_or_404(MenuVersion.objects.select_related("menu", "edited_by"), pk=version_id)
    asked = request.GET.get("days", "")
    days = int(asked) if asked.isdigit() and int(asked) in DAYS else 7
    context = desk(row, selected=request.GET.get("at", ""), days=days, at=clock.now())
    user = request.user
    context |= {
        "days_asked": days,
        "may_edit": user.has_perm(EDIT),
        "may_announce": user.has_perm(ANNOUNCE),
        "may_try": user.has_perm(TRY),
    }
    return render(request, "menudesk/desk.html", context)


@login_required
@permission_required(LOOK, raise_exception=True)
@require_POST
def do(request: HttpRequest, version_id: int, verb: str) -> HttpResponse:
    """One verb; what it came to is said on the page that follows."""
    if verb not in VERBS:
        raise Http404
    asked = VERBS[verb]
    user = request.user
    if not user.has_perm(asked.needs):
        raise PermissionDenied
    assert isinstance(user, User)
    get_object_or_404(MenuVersion, pk=version_id)
    place, form = request.POST.get("at", ""), asked.form(request.POST)
    if not form.is_valid():
        messages.error(request, str(forms.INCOMPLETE))
        return _back(version_id, place, request)
    try:
        done = asked.do(version_id, form.cleaned_data, user, clock.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return _back(version_id, place, request)
    messages.success(request, str(done.says))
    return _back(done.version or version_id, done.place or place, request)


def _back(version_id: int, place: str, request: HttpRequest) -> HttpResponse:
    query = {"at": place, "days": request.POST.get("days", "")}
    kept = urlencode({name: value for name, value in query.items() if value})
    return redirect(f"{reverse('menudesk:version', args=[version_id])}?{kept}".rstrip("?"))
