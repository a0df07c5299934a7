"""One dialog a service: asked, drafted, and then it stands among what is open."""

from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from banking import core
from banking.errors import BankingError
from calendars import clock
from desktop.agent import desk, services
from desktop.agent.services import Service
from desktop.agent.services.forms import OrderForm
from desktop.agent.views import DONE, agent, for_agents, tab_of, verb
from people.errors import Refusal
from telephony.models import Call


class NotIdentified(Refusal):
    text = _("She has not identified herself. Send her to the IVR for card and query password.")


@for_agents
def ask(request: HttpRequest, name: str) -> HttpResponse:
    """The empty form, or why there is none."""
    service = _service(name)
    try:
        form = _form(request, service, _call(request))
    except NotIdentified as why:
        return render(request, "desk/_service.html", {"service": service, "why": str(why)})
    return render(request, "desk/_service.html", {"service": service, "form": form})


@verb
def draft(request: HttpRequest, name: str) -> HttpResponse:
    """Draft the order; what is wrong stands in the form, which keeps what was typed."""
    service, user, at = _service(name), agent(request), clock.now()
    desk.acting(user, tab_of(request))
    call = _call(request)
    form = _form(request, service, call)
    if form.is_valid():
        try:
            core.default().draft(
                uuid4(), form.request(), call_ref=str(call.uuid), at=at, channel="agent"
            )
        except BankingError as refusal:
            form.add_error(None, str(refusal))
        else:
            return HttpResponse(status=DONE)
    return render(request, "desk/_service.html", {"service": service, "form": form})


def _service(name: str) -> Service:
    service = services.of(name)
    if service is None:
        raise Http404
    return service


def _call(request: HttpRequest) -> Call:
    """The call she has, of a caller who has proved who she is. Raises NotIdentified."""
    call = desk.read(agent(request)).call
    if call is None or call.customer_id is None or call.verified_until is None:
        raise NotIdentified
    if call.verified_until <= clock.now():
        raise NotIdentified
    return call


def _form(request: HttpRequest, service: Service, call: Call) -> OrderForm:
    assert call.customer_id is not None
    typed = request.POST if request.method == "POST" else None
    return service.form(typed, customer_id=call.customer_id, at=clock.now())
