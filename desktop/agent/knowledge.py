"""The bank's answers at the agent's desk: found and opened, and written down with the call."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from calendars import clock
from desktop.agent import desk, services
from desktop.agent.panels.knowledge import READ
from desktop.agent.views import agent, for_agents, verb
from kb import reading, suggesting
from telephony.models import Call

BESIDE = 3  # articles in a service's dialog


@for_agents
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """As she types; nothing is written down yet."""
    _may(request)
    asked, at = request.GET.get("asked", "").strip(), clock.now()
    rows = reading.results(asked, _call(request), at=at)
    found = [(row, reading.spoken(row, at=at)) for row in rows]
    return render(request, "desk/_found.html", {"asked": asked, "found": found})


@verb
def searched(request: HttpRequest) -> HttpResponse:
    """She has stopped typing: this is what she looked for."""
    _may(request)
    asked = request.POST.get("asked", "")
    reading.searched(asked, by=agent(request), call=_call(request), at=clock.now())
    return HttpResponse()


@verb
def open_(request: HttpRequest, version_id: int) -> HttpResponse:
    """The article; that she reads it is written down before it is shown."""
    _may(request)
    answer = reading.opened(
        version_id,
        asked=request.POST.get("asked", ""),
        by=agent(request),
        call=_call(request),
        at=clock.now(),
    )
    return render(request, "desk/_article.html", {"article": answer})


@for_agents
@require_GET
def known(request: HttpRequest, name: str) -> HttpResponse:
    """What she may be asked about the service whose dialog is open."""
    _may(request)
    service = services.of(name)
    flows = service.flows if service else ()
    versions = suggesting.of_flows(flows, at=clock.now(), limit=BESIDE)
    return render(request, "desk/_of_service.html", {"versions": versions})


def _call(request: HttpRequest) -> Call | None:
    return desk.read(agent(request)).call


def _may(request: HttpRequest) -> None:
    if not request.user.has_perm(READ):
        raise PermissionDenied
