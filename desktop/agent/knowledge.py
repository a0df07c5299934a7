"""The bank's answers at the agent's desk: found and opened, and written down with the call."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from calendars import clock
from desktop.agent import desk, services
from desktop.agent.panels import scripts as scripts_panel
from desktop.agent.panels.knowledge import READ
from desktop.agent.views import DONE, agent, for_agents, verb
from kb import attachments, gaps, opinions, reading, receipts, suggesting
from kb.models import ArticleVersion, ScriptVersion
from kb.reading import Answer
from kb.texts import Text
from telephony import attended
from telephony.models import Call

LONGEST = 500  # of a correction
BESIDE = 3  # articles in a service's dialog, services below an article


@for_agents
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """As she types; nothing is written down yet."""
    _may(request)
    asked, at = request.GET.get("asked", "").strip(), clock.now()
    return _found(request, asked, reading.results(asked, _call(request), at=at), at=at)


def _found(
    request: HttpRequest, asked: str, rows: Sequence[ArticleVersion], *, at: datetime
) -> HttpResponse:
    guides, words = reading.procedures(asked), _scripts(request, asked)
    room = reading.MOST - len(guides) - len(words)
    found = [(row, reading.spoken(row, at=at)) for row in rows[:room]]
    context = {
        "asked": asked,
        "found": found,
        "procedures": guides,
        "scripts": words,
        "before_scripts": len(found) + len(guides),
    }
    return render(request, "desk/_found.html", context)


@verb
def searched(request: HttpRequest) -> HttpResponse:
    """She has stopped typing: this is what she looked for; what else is near it in meaning?"""
    _may(request)
    asked, at = request.POST.get("asked", "").strip(), clock.now()
    search = reading.searched(asked, by=agent(request), call=_call(request), at=at)
    room = reading.MOST - len(reading.procedures(asked)) - len(_scripts(request, asked))
    if search is None or list(map(str, search.found[:room])) == request.POST.getlist("shown"):
        return HttpResponse(headers={"HX-Reswap": "none"})  # what she sees is what there is
    return _found(request, asked, reading.shown(search), at=at)


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
    return article(request, answer)


def article(request: HttpRequest, answer: Answer) -> HttpResponse:
    """With what of it she can do for her caller at once."""
    offered: dict[str, services.Service] = {}
    user = agent(request)
    if desk.read(user).call is not None:
        for flow in answer.version.services:
            for service in attended.offering(flow):
                found = services.of(service.name)
                if found and not found.page and user.has_perms(filter(None, [found.permission])):
                    offered[found.name] = found
    context = {"article": answer, "services": list(offered.values())[:BESIDE]}
    return render(request, "desk/_article.html", context)


@for_agents
@require_GET
def known(request: HttpRequest, name: str) -> HttpResponse:
    """What she may be asked about the service whose dialog is open."""
    _may(request)
    service = services.of(name)
    flows = service.flows if service else ()
    versions = suggesting.of_flows(flows, at=clock.now(), limit=BESIDE)
    return render(request, "desk/_of_service.html", {"versions": versions})


@verb
def gap(request: HttpRequest) -> HttpResponse:
    """Nothing fits: filed with the words and the call."""
    _may(request)
    found = gaps.report(
        request.POST.get("asked", ""), by=agent(request), call=_call(request), at=clock.now()
    )
    return render(request, "desk/_gap.html", {"gap": found})


@verb
def useful(request: HttpRequest, version_id: int) -> HttpResponse:
    _opine(request, version_id, useful=True)
    return render(request, "desk/_thanks.html")


@for_agents
@require_GET
def ask_what_is_wrong(request: HttpRequest, version_id: int) -> HttpResponse:
    """The dialog: a word of correction may go with it."""
    _may(request)
    version = get_object_or_404(ArticleVersion, pk=version_id)
    return render(request, "desk/_opinion.html", {"version": version, "longest": LONGEST})


@verb
def useless(request: HttpRequest, version_id: int) -> HttpResponse:
    _opine(request, version_id, useful=False)
    return HttpResponse(status=DONE)


def _opine(request: HttpRequest, version_id: int, *, useful: bool) -> None:
    _may(request)
    opinions.give(
        get_object_or_404(ArticleVersion, pk=version_id).pk,
        useful=useful,
        words=request.POST.get("words", "")[:LONGEST],
        by=agent(request),
        call=_call(request),
        at=clock.now(),
    )


@verb
def urgent(request: HttpRequest, version_id: int) -> HttpResponse:
    """What is urgent, with what changed; that she opened it is written down."""
    _may(request)
    at = clock.now()
    answer = reading.opened(version_id, by=agent(request), call=_call(request), at=at)
    changes = Text.changed(answer.version) + attachments.changed(answer.version)
    return render(request, "desk/_urgent.html", {"article": answer, "changes": changes})


@verb
def have_read(request: HttpRequest, version_id: int) -> HttpResponse:
    _may(request)
    receipts.read(version_id, by=agent(request), at=clock.now())
    return HttpResponse(status=DONE)


def _scripts(request: HttpRequest, asked: str) -> list[ScriptVersion]:
    return reading.scripts(asked) if request.user.has_perm(scripts_panel.READ) else []


def _call(request: HttpRequest) -> Call | None:
    return desk.read(agent(request)).call


def _may(request: HttpRequest) -> None:
    if not request.user.has_perm(READ):
        raise PermissionDenied
