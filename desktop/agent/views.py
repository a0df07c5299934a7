"""The agent's page: shown whole once, then in parts; each verb of hers one small request."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from hashlib import blake2b
from typing import Any
from uuid import UUID

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_POST

from calendars import clock
from desktop.agent import desk
from desktop.agent.desk import Desk
from desktop.agent.panels.helping import queues_of
from people.errors import Refusal
from people.models import User
from reporting import kpi, today
from routing import floor
from routing.models import PauseReason
from routing.states import SHAPES
from telephony import panels
from telephony.panels import Column, Panel, Reader

PERMISSION = "routing.take_calls"
DONE = 204
CHANGED = "desk-changed"  # goes with it: the page looks anew
WALKED = f"{CHANGED}, walk-ended"  # and so does the procedure that led to it
CSP = {
    "script-src": [SELF],
    "style-src": [SELF],
    "object-src": [NONE],
    # Her phone's own way to FreeSWITCH, where there is one.
    "connect-src": [SELF, *filter(None, [settings.SOFTPHONE_URL])],
}

View = Callable[..., HttpResponse]


def for_agents(view: View) -> View:
    """Only who takes calls; asked before anything else."""
    return login_required(permission_required(PERMISSION, raise_exception=True)(view))


def verb(act: View) -> View:
    """A POST that does one thing; a refusal is told in words, and nothing has changed."""

    @for_agents
    @require_POST
    @wraps(act)
    def view(request: HttpRequest, **places: Any) -> HttpResponse:
        try:
            answer = act(request, **places)
        except Refusal as refusal:
            return HttpResponse(str(refusal), status=refusal.status, content_type="text/plain")
        if answer.status_code == DONE:
            answer.headers.setdefault("HX-Trigger", CHANGED)
        return answer

    return view


def agent(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the decorators let nobody else in
    return request.user


def tab_of(request: HttpRequest) -> UUID | None:
    """The browser tab that asks; None if it does not say."""
    try:
        return UUID(request.headers.get("X-Tab", ""))
    except ValueError:
        return None


# -- what is shown -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """A panel as it goes to the page. An unchanged `digest` means: leave what stands there."""

    panel: Panel
    html: str
    digest: str


@csp_replace(CSP)
@for_agents
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    return render(request, "desk/desk.html", _whole(request))


@for_agents
@require_GET
def now(request: HttpRequest) -> HttpResponse:
    """The same parts as the page holds, to be swapped where they differ."""
    return render(request, "desk/_now.html", {**_whole(request), "oob": True})


def _whole(request: HttpRequest) -> dict[str, Any]:
    user, at = agent(request), clock.now()
    here = desk.read(user)
    reader = Reader(user, at, request.META.get("REMOTE_ADDR"), here.current)
    return {
        "desk": here,
        "at": at,
        "rate": settings.CLOCK_RATE,
        "shape": SHAPES[here.state],
        "columns": {
            column.value: [_show(request, panel, here, reader) for panel in panels.of(column)]
            for column in Column
        },
        "reasons": PauseReason.objects.filter(is_active=True, by_system=False),
        **_figures(reader),
    }


def _show(request: HttpRequest, panel: Panel, here: Desk, reader: Reader) -> Shown:
    context = panel.look(here.call, reader)
    if context is None:
        return Shown(panel, "", "")
    html = render_to_string(
        panel.template, {**context, "panel": panel, "at": reader.at}, request=request
    )
    return Shown(panel, html, blake2b(html.encode(), digest_size=8).hexdigest())


def _figures(reader: Reader) -> dict[str, Any]:
    mine = today.mine(reader.user.pk, at=reader.at)
    hers = queues_of(reader.user.pk)
    return {
        "answered": mine.counts.answered,
        "aht_s": kpi.aht(mine.counts),
        "wrap_up_s": kpi.mean_wrap_up(mine.counts),
        "occupancy": kpi.occupancy(mine.spent),
        "satisfaction": kpi.satisfaction(mine.ratings),
        "rated": mine.ratings.rated,
        "my_lines": [line for line in reader.lines() if line.queue.slug in hers],
        "pulse": floor.pulse(reader.at),
    }
