"""The list of services, and one dialog each: asked, read back, done; or why not.

What was typed stays in the dialog until it is done: a refusal stands above it.
"""

from collections.abc import Mapping
from itertools import groupby
from typing import Any
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET

from banking import core
from banking.models import Customer, Instruction
from calendars import clock
from desktop.agent import desk, services
from desktop.agent.services import Service
from desktop.agent.services.forms import NOTHING, CallForm, DeedForm, NotIdentified, OrderForm
from desktop.agent.services.telling import Done
from desktop.agent.verbs import NoCall
from desktop.agent.views import CHANGED, DONE, WALKED, agent, for_agents, tab_of, verb
from kb import walking
from kb.errors import NotHerWalk
from kb.walking import Stand
from people import access
from people.errors import Refusal
from telephony import records
from telephony.deeds import Deed
from telephony.models import AgentDeed, Call

AGREED, CHANGE = "agreed", "change"  # what she says to what was read back


@for_agents
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Everything that can be done for her, to be filtered by what is typed."""
    user = agent(request)
    call = desk.read(user).call
    known = is_identified(call)
    shown = [
        service
        for service in services.every()
        if not service.permission or user.has_perm(service.permission)
    ]
    groups = [
        (group.value, [(service, service.identified and not known) for service in found])
        for group, found in groupby(shown, key=lambda service: service.group)
    ]
    return render(request, "desk/_services.html", {"groups": groups})


@for_agents
@require_GET
def ask(request: HttpRequest, name: str) -> HttpResponse:
    """The empty form, what is read back where nothing has to be typed, or why there is none."""
    service = _service(name)
    if service.errand:
        return render(request, "desk/_errand.html", {"service": service})
    try:
        walk = _walk(request, service, request.GET)
        form = form_of(service, call_for(request, service), filled=walk.filled if walk else NOTHING)
        return _asked(request, service, form, _readback(form) if not form.fields else "")
    except Refusal as why:
        context = {
            "service": service,
            "why": str(why),
            "to_identify": isinstance(why, NotIdentified),
        }
        return render(request, "desk/_service.html", context)


@verb
def act(request: HttpRequest, name: str) -> HttpResponse:
    """Draft the order or do the deed. What is wrong stands in the form."""
    service = _service(name)
    desk.acting(agent(request), tab_of(request))
    walk = _walk(request, service, request.POST)
    call = call_for(request, service)
    form = form_of(service, call, request.POST)
    said = request.POST.get("said", "")
    if said == CHANGE or not form.is_valid():
        return _asked(request, service, form)
    if not _still_identified(service, call):
        form.add_error(None, str(NotIdentified()))
        return _asked(request, service, form)
    try:
        if isinstance(form, OrderForm):
            return _draft(form, walk)
        if words := _readback(form) if said != AGREED else "":
            return _asked(request, service, form, words)
        assert isinstance(form, DeedForm)
        done = form.act()
    except Refusal as refusal:
        _note(request, service, call, Deed.REFUSED)
        form.add_error(None, str(refusal))
        answer = _asked(request, service, form)
        answer["HX-Trigger"] = CHANGED
        return answer
    return _told(request, service, form, done, walk)


def _draft(form: OrderForm, walk: Stand | None) -> HttpResponse:
    """It stands among what is open, until she has confirmed it in the IVR."""
    key = uuid4()
    core.default().draft(key, form.request(), call_ref=form.call_ref, at=form.at, channel="agent")
    answer = HttpResponse(status=DONE)
    if walk:
        walking.end(walk.walk, order=Instruction.objects.filter(pk=key).first(), at=form.at)
        answer["HX-Trigger"] = WALKED
    return answer


def _readback(form: CallForm) -> str:
    return form.readback() if isinstance(form, DeedForm) else ""


def _asked(
    request: HttpRequest, service: Service, form: CallForm, readback: str = ""
) -> HttpResponse:
    context = {"service": service, "form": form, "readback": readback}
    context["walk"] = request.GET.get("walk") or request.POST.get("walk", "")
    answer = render(request, "desk/_service.html", context)
    answer["Cache-Control"] = "no-store"  # card and ID numbers may stand in it
    return answer


def _told(
    request: HttpRequest, service: Service, form: DeedForm, done: Done, walk: Stand | None
) -> HttpResponse:
    """Written down before it is shown."""
    call = form.call
    deed = _note(request, service, call, done.deed, done.number)
    if walk:
        walking.end(walk.walk, deed=deed, at=form.at)
    if seen := _seen(service, call, done):
        access.record(
            agent(request),
            "view",
            seen,
            reason=f"call {call.pk}: {service.title}",
            address=request.META.get("REMOTE_ADDR"),
            at=clock.now(),
        )
    answer = render(request, "desk/_done.html", {"service": service, "form": form, "done": done})
    answer["Cache-Control"] = "no-store"
    answer["HX-Trigger"] = WALKED if walk else CHANGED
    return answer


def _note(
    request: HttpRequest, service: Service, call: Call, deed: Deed, number: str = ""
) -> AgentDeed:
    return records.agent_did(
        call.pk, service.name, deed, number=number, by=agent(request), at=clock.now()
    )


def _walk(request: HttpRequest, service: Service, said: QueryDict) -> Stand | None:
    """The walk that led to this service. Raises NotHerWalk."""
    if not (walk := said.get("walk", "")).isdecimal():
        return None
    user = agent(request)
    here = walking.stand(walking.of(int(walk), by=user, call=desk.read(user).call))
    if here.node.end is None or here.node.end.name != service.name:
        raise NotHerWalk
    return here


def _seen(service: Service, call: Call, done: Done) -> Customer | None:
    """Whose data it was; nobody's, of what anybody may ask."""
    customer_id = done.customer_id or (call.customer_id if service.identified else None)
    return Customer.objects.filter(pk=customer_id).first() if customer_id else None


def _service(name: str) -> Service:
    service = services.of(name)
    if service is None or service.page:
        raise Http404
    return service


def call_for(request: HttpRequest, service: Service) -> Call:
    """The caller she talks to. Raises NoCall, NotIdentified: she never proved who she is."""
    here = desk.read(agent(request))
    if here.call is None or not here.is_talking:
        raise NoCall
    known = here.call.customer_id is not None and here.call.verified_until is not None
    if service.identified and not known:
        raise NotIdentified
    return here.call


def is_identified(call: Call | None) -> bool:
    if call is None or call.customer_id is None or call.verified_until is None:
        return False
    return clock.now() < call.verified_until


def _still_identified(service: Service, call: Call) -> bool:
    """Her proof may have run out while the form was filled in."""
    return not service.identified or is_identified(call)


def form_of(
    service: Service, call: Call, typed: Any = None, *, filled: Mapping[str, str] = NOTHING
) -> CallForm:
    """Raises Http404, Refusal: there is nothing to ask."""
    if service.form is None:
        raise Http404
    return service.form(typed, call=call, at=clock.now(), filled=filled)
