"""The prompt studio's pages, the sound on them, and the verbs that they send."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST, require_safe

from calendars import clock
from desktop.studio import forms, rows, view
from desktop.studio.verbs import DECIDE, RECORD, REWORD, VERBS
from people.errors import Refusal
from people.models import User
from telephony import listening, wording
from telephony import rendering as voices
from telephony.models import RenderedPiece, Rendering
from telephony.prompts import voice

LOOK = "telephony.view_recording"
ON_A_PAGE = 60
KEPT = ("q", "lang", "audio", "kind", "page")


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # `login_required`
    return request.user


@login_required
@permission_required(LOOK, raise_exception=True)
@require_safe
def prompts(request: HttpRequest) -> HttpResponse:
    """Every prompt, narrowed by `forms.Search`; `?at=goodbye&in=zh` is opened beside the list."""
    search = forms.Search(request.GET)
    asked = search.asked()
    wanted = rows.Filter(
        words=asked.get("q", ""),
        lang=asked.get("lang", ""),
        audio=asked.get("audio", ""),
        kind=asked.get("kind", ""),
    )
    every = rows.rows()
    found = [row for row in every if wanted.keeps(row)]
    place = request.GET.get("in", "zh"), request.GET.get("at", "")
    picked = next((row for row in every if (row.lang, row.key) == place), None)
    there = found.index(picked) // ON_A_PAGE + 1 if picked in found else 1
    page = Paginator(found, ON_A_PAGE).get_page(asked.get("page") or there)
    if picked is None and page.object_list:
        picked = page.object_list[0]
    user = _user(request)
    context = view.prompt(picked, user, at=clock.now()) if picked else {"row": None}
    context |= {
        "search": search,
        "asked_for": asked,
        "page": page,
        "count": len(found),
        "lacking": sum(row.sound is rows.Sound.MISSING and row.is_voiced for row in every),
        "outdated": sum(row.outdated for row in every),
        "kept": _kept(request, picked),
        "lacks": voice.of_this_bank().lacks(),
        "running": view.running(),
        "may_record": user.has_perm(RECORD),
        "may_reword": user.has_perm(REWORD),
        "may_decide": user.has_perm(DECIDE),
    }
    return render(request, "studio/prompts.html", context)


def _kept(request: HttpRequest, picked: rows.Row | None) -> str:
    """The list as it is, for the way back from a verb."""
    kept = {name: request.GET[name] for name in KEPT if request.GET.get(name)}
    return urlencode(kept | ({"in": picked.lang, "at": picked.key} if picked else {}))


@login_required
@permission_required(LOOK, raise_exception=True)
@require_POST
def do(request: HttpRequest, verb: str) -> HttpResponse:
    """One verb; what it came to is said on the page that follows."""
    if verb not in VERBS:
        raise Http404
    asked = VERBS[verb]
    user = _user(request)
    if not user.has_perm(asked.needs):
        raise PermissionDenied
    form = asked.form(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, str(forms.INCOMPLETE))
        return _back(request)
    try:
        done = asked.do(form.cleaned_data, user, clock.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return _back(request)
    messages.success(request, str(done.says))
    return redirect("studio:rendering", done.order.pk) if done.order else _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    """To the list as it was, the same prompt beside it."""
    sent = request.POST.get("back", "")
    return redirect(f"{reverse('studio:prompts')}?{sent}".rstrip("?"))


@login_required
@permission_required(LOOK, raise_exception=True)
@require_safe
def heard(request: HttpRequest, file: str) -> HttpResponseBase:
    """The audio that callers hear for a file of the catalogue."""
    if not wording.prompts().is_heard(file):
        raise Http404
    return listening.answer(request, wording.path_of(file))


@login_required
@permission_required(LOOK, raise_exception=True)
@require_safe
def rendering(request: HttpRequest, order_id: int) -> HttpResponse:
    """An order to the voice: how far it is, what failed and why."""
    return render(request, "studio/rendering.html", _progress(request, order_id))


@login_required
@permission_required(LOOK, raise_exception=True)
@require_GET
def progress(request: HttpRequest, order_id: int) -> HttpResponse:
    """The part of that page that changes."""
    return render(request, "studio/_progress.html", _progress(request, order_id))


def _progress(request: HttpRequest, order_id: int) -> dict[str, object]:
    order = get_object_or_404(Rendering.objects.select_related("asked_by"), pk=order_id)
    progress = voices.progress(order)
    return {
        "order": order,
        "progress": progress,
        "pieces": progress.newest(ON_A_PAGE),
        "may_record": request.user.has_perm(RECORD),
    }


@login_required
@permission_required(LOOK, raise_exception=True)
@require_GET
def tried(request: HttpRequest, order_id: int, place: int) -> HttpResponse:
    """A word of the dictionary, as the voice read it."""
    piece = get_object_or_404(
        RenderedPiece, rendering=order_id, place=place, rendering__is_trial=True
    )
    if piece.audio is None:
        raise Http404
    return HttpResponse(bytes(piece.audio), content_type="audio/wav", headers=listening.HEADERS)
