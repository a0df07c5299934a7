"""A script at the agent's desk: opened large, filled in from the call, written down with it."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from calendars import clock
from desktop.agent import desk
from desktop.agent.moments import Said, Scene
from desktop.agent.panels.scripts import READ
from desktop.agent.views import agent, verb
from kb import scripts
from kb.models.scripts import Moment
from telephony.panels import Reader


@verb
def open_(request: HttpRequest, version_id: int) -> HttpResponse:
    """That she reads it is written down before it is shown."""
    if not request.user.has_perm(READ):
        raise PermissionDenied
    scene = _scene(request)
    version = scripts.opened(version_id, by=agent(request), call=scene.call, at=scene.reader.at)
    said = scene.say(version)
    other = scene.say(version, english=said.lang != "en") if version.english else None
    context = {"said": said, "other": other, "note": scripts.note(version, at=scene.reader.at)}
    answer = render(request, "desk/_script.html", context)
    answer["Cache-Control"] = "no-store"  # her name stands in it
    return answer


def at_moment(request: HttpRequest, moment: Moment) -> Said | None:
    """What a dialog lets her say first, where the bank has words for it."""
    if not request.user.has_perm(READ):
        return None
    scene = _scene(request)
    version = next(iter(scripts.suggested([moment], (), limit=1)), None)
    return scene.say(version) if version else None


def _scene(request: HttpRequest) -> Scene:
    user = agent(request)
    here = desk.read(user)
    return Scene(here.call, Reader(user, clock.now(), None, here.current))
