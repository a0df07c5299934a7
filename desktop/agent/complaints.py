"""A complaint taken down at the agent's desk, in a dialog of its own."""

from uuid import uuid4

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from calendars import clock
from complaints import cases
from complaints.errors import ComplaintRefused
from desktop.agent import desk, scripts
from desktop.agent.verbs import NoCall
from desktop.agent.views import CHANGED, WALKED, agent, for_agents, tab_of, verb
from kb import walking
from kb.models.scripts import Moment

LONGEST = 2000
TAKE = "complaints.add_complaint"


class ComplaintForm(forms.Form):
    words = forms.CharField(
        label=_("What happened, where and when, in her words"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 8, "autofocus": True}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)  # pressed twice it is one complaint
    walk = forms.IntegerField(widget=forms.HiddenInput, required=False)  # that led here


@for_agents
@require_GET
def ask(request: HttpRequest) -> HttpResponse:
    """The empty form."""
    _may(request)
    form = ComplaintForm(initial={"key": uuid4(), "walk": request.GET.get("walk")})
    return render(request, "desk/_complaint.html", {"form": form})


@verb
def take(request: HttpRequest) -> HttpResponse:
    """Register it; the dialog then says what to tell her. Raises NoCall."""
    _may(request)
    user = agent(request)
    desk.acting(user, tab_of(request))
    call = desk.read(user).call
    if call is None:
        raise NoCall
    form = ComplaintForm(request.POST)
    if form.is_valid():
        try:
            case = cases.told_an_agent(
                call.pk,
                form.cleaned_data["words"],
                key=form.cleaned_data["key"],
                by=user,
                at=clock.now(),
            )
        except ComplaintRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            answer = render(
                request,
                "desk/_complaint.html",
                {"case": case, "said": scripts.at_moment(request, Moment.COMPLAINT)},
            )
            answer["HX-Trigger"] = CHANGED
            if walk_id := form.cleaned_data["walk"]:
                walk = walking.of(walk_id, by=user, call=call)
                walking.end(walk, number=case.number, at=clock.now())
                answer["HX-Trigger"] = WALKED
            return answer
    return render(request, "desk/_complaint.html", {"form": form})


def _may(request: HttpRequest) -> None:
    if not request.user.has_perm(TAKE):
        raise PermissionDenied
