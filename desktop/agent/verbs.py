"""What an agent does on her page, each as one request to one service."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from banking import core
from banking.admin.customers import grouped, sealed_of
from banking.models import Customer, Instruction
from calendars import clock
from calendars.clock import SHANGHAI
from desktop.agent import desk, scripts
from desktop.agent.panels.helping import queues_of
from desktop.agent.panels.knowledge import READ
from desktop.agent.views import DONE, agent, for_agents, tab_of, verb
from kb import receipts
from kb.models.scripts import Moment
from people import access
from people.errors import Refusal
from routing import floor, phones, presence
from telephony import commands, wrapup
from telephony.models import Command
from telephony.phone import line
from telephony.wrapup import Written

LONGEST_ARGUMENT = 40  # a queue's short name


class NoCall(Refusal):
    text = _("There is no call.")


class NotHerCustomer(Refusal):
    text = _("That is not the customer of this call. Nothing was shown.")


# -- presence ------------------------------------------------------------------------------------


@verb
def sign_in(request: HttpRequest) -> HttpResponse:
    presence.sign_in(agent(request), tab=_tab(request), at=clock.now())
    return HttpResponse(status=DONE)


@verb
def take_over(request: HttpRequest) -> HttpResponse:
    presence.take_over(agent(request), tab=_tab(request), at=clock.now())
    return HttpResponse(status=DONE)


@verb
def sign_out(request: HttpRequest) -> HttpResponse:
    user = agent(request)
    desk.acting(user, tab_of(request))
    presence.sign_out(user.pk, at=clock.now())
    return HttpResponse(status=DONE)


@verb
def ready(request: HttpRequest) -> HttpResponse:
    user, at = agent(request), clock.now()
    desk.acting(user, tab_of(request))
    if user.has_perm(READ):
        receipts.require(user, at=at)
    presence.ready(user.pk, at=at)
    return HttpResponse(status=DONE)


@verb
def pause(request: HttpRequest) -> HttpResponse:
    user = agent(request)
    desk.acting(user, tab_of(request))
    presence.pause(user.pk, request.POST.get("reason", ""), at=clock.now())
    return HttpResponse(status=DONE)


@verb
def stay(request: HttpRequest) -> HttpResponse:
    user = agent(request)
    desk.acting(user, tab_of(request))
    presence.stay(user.pk)
    return HttpResponse(status=DONE)


def _tab(request: HttpRequest) -> UUID:
    """Raises Http404: a page of ours always says which tab it is."""
    tab = tab_of(request)
    if tab is None:
        raise Http404
    return tab


@verb
def phone(request: HttpRequest) -> HttpResponse:
    """Which kind of phone this tab is to be, and by which secret; a new one each time."""
    user, at = agent(request), clock.now()
    session = desk.acting(user, tab_of(request))
    if line.is_simulated():
        return JsonResponse({"kind": "simulated", "user": user.username})
    secret = phones.issue_secret(session.pk, at=at)
    account = {"user": user.username, "secret": secret.reveal(), "url": settings.SOFTPHONE_URL}
    return JsonResponse({"kind": "sip", **account}, headers={"Cache-Control": "no-store"})


# -- the call ------------------------------------------------------------------------------------


@verb
def command(request: HttpRequest, name: str) -> HttpResponse:
    """Hold, retrieve, transfer, to the IVR, hang up: asked of the worker."""
    if name not in Command.Verb.values:
        raise Http404
    order(request, Command.Verb(name), request.POST.get("argument", "")[:LONGEST_ARGUMENT])
    return HttpResponse(status=DONE)


def order(request: HttpRequest, verb: Command.Verb, argument: str) -> None:
    """Of the caller she talks to. Raises NoCall."""
    user, at = agent(request), clock.now()
    desk.acting(user, tab_of(request))
    here = desk.read(user)
    if here.call is None or not here.is_talking:
        raise NoCall
    commands.ask(here.call.pk, verb, argument=argument, by=user, at=at)


@for_agents
@require_GET
def transfer(request: HttpRequest) -> HttpResponse:
    """Where she can be sent, and how long it would take there."""
    return render(
        request,
        "desk/_transfer.html",
        {
            "lines": floor.queues(clock.now()),
            "mine": queues_of(agent(request).pk),
            "said": scripts.at_moment(request, Moment.TRANSFER),
        },
    )


# -- the customer --------------------------------------------------------------------------------


@for_agents
@require_GET
def ask_reveal(request: HttpRequest) -> HttpResponse:
    """The dialog that asks why; preset to what was pressed."""
    here = desk.read(agent(request))
    customer = here.call.customer if here.call else None
    choices = [(key, masked) for key, masked, _number in sealed_of(customer)] if customer else []
    return render(
        request,
        "desk/_reveal.html",
        {"customer": customer, "choices": choices, "wanted": request.GET.get("what", "")},
    )


@verb
def reveal(request: HttpRequest) -> HttpResponse:
    """Lift one mask, with a reason; in the dialog alone, in no message and no cache."""
    user, at = agent(request), clock.now()
    here = desk.read(user)
    customer = here.call.customer if here.call else None
    if customer is None or str(customer.pk) != request.POST.get("customer"):
        raise NotHerCustomer
    answer = _revealed(request, customer, at)
    answer["Cache-Control"] = "no-store"
    return answer


def _revealed(request: HttpRequest, customer: Customer, at: datetime) -> HttpResponse:
    wanted = request.POST.get("what", "")
    sealed = {key: (masked, number) for key, masked, number in sealed_of(customer)}
    if wanted not in sealed:
        raise NotHerCustomer
    access.record(
        agent(request),
        "reveal",
        customer,
        field=wanted,
        reason=request.POST.get("reason", ""),
        address=request.META.get("REMOTE_ADDR"),
        at=at,
    )
    masked, number = sealed[wanted]
    return render(request, "desk/_revealed.html", {"masked": masked, "number": grouped(number())})


@verb
def told(request: HttpRequest, key: UUID) -> HttpResponse:
    """She has told the customer what became of an instruction."""
    here = desk.read(agent(request))
    customer = here.call.customer if here.call else None
    if customer is None or not Instruction.objects.filter(pk=key, customer=customer).exists():
        raise NotHerCustomer
    core.default().told(key, at=clock.now())
    return HttpResponse(status=DONE)


# -- the wrap-up ---------------------------------------------------------------------------------


@verb
def save(request: HttpRequest, entry: int) -> HttpResponse:
    """What was typed so far; answers when it was kept. No reason to look anew."""
    row = wrapup.save(
        entry,
        agent(request).pk,
        _written(request),
        drafted=request.POST.get("drafted", ""),
        at=clock.now(),
    )
    return HttpResponse(f"{row.saved_at.astimezone(SHANGHAI):%H:%M:%S}", content_type="text/plain")


@verb
def finish(request: HttpRequest, entry: int) -> HttpResponse:
    """The note is done; the next call may come."""
    user, at = agent(request), clock.now()
    desk.acting(user, tab_of(request))
    wrapup.finish(entry, user.pk, _written(request), drafted=request.POST.get("drafted", ""), at=at)
    if user.has_perm(READ) and receipts.pending(user, at=at).exists():
        presence.hold_back(user.pk, presence.READING)
    presence.wrapped_up(user.pk, at=at)
    return HttpResponse(status=DONE)


@for_agents
@require_GET
def edit(request: HttpRequest, entry: int) -> HttpResponse:
    """The dialog to change a wrap-up that was finished a little while ago."""
    row = wrapup.of(entry, agent(request).pk)
    if row is None:
        raise Http404
    return render(
        request,
        "desk/_edit.html",
        {"row": row, "codes": wrapup.codes(), "longest": wrapup.LONGEST},
    )


@verb
def followed_up(request: HttpRequest, wrapup_id: int) -> HttpResponse:
    wrapup.followed_up(wrapup_id, agent(request).pk, at=clock.now())
    return HttpResponse(status=DONE)


def _written(request: HttpRequest) -> Written:
    code = request.POST.get("code", "")
    follows = request.POST.get("follows") == "on"
    return Written(
        code_id=int(code) if code.isdecimal() else 0,
        note=request.POST.get("note", "").strip(),
        follow_up_at=_moment(request.POST.get("follow_up_at", "")) if follows else None,
    )


def _moment(text: str) -> datetime | None:
    """What a `datetime-local` field sends, in Asia/Shanghai; None if it is no moment."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
    except ValueError:
        return None
