"""A procedure at the agent's desk: walked by digits in the knowledge column, to its end."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from banking.templatetags.money import yuan
from calendars import clock
from desktop.agent import desk, services
from desktop.agent.knowledge import article
from desktop.agent.services.forms import NothingOfThat, NotIdentified
from desktop.agent.services.views import call_for, form_of, is_identified
from desktop.agent.verbs import order
from desktop.agent.views import DONE, WALKED, agent, for_agents, verb
from kb import reading, walking
from kb.errors import NoSuchAnswer, NotHerWalk, NotWalked
from kb.guides import Way
from kb.models import ArticleVersion, Walk
from kb.walking import Stand
from people.errors import Refusal
from telephony.models import Call, Command

READ = "kb.view_procedureversion"
BY_KEY = 9  # choices that have a digit each; of more one is chosen from a list


@dataclass(frozen=True, slots=True)
class Asked:
    """A field of a service's form, as the walk shows it. `kind` is text, date or select."""

    label: str
    kind: str
    choices: tuple[tuple[str, str], ...] = ()


@verb
def begin(request: HttpRequest, version_id: int) -> HttpResponse:
    _may(request)
    walk = walking.begin(version_id, by=agent(request), call=_call(request), at=clock.now())
    return _shown(request, walking.stand(walk))


@for_agents
@require_GET
def look(request: HttpRequest, walk_id: int) -> HttpResponse:
    """As far as it has come."""
    _may(request)
    try:
        return _shown(request, walking.stand(_walk(request, walk_id)))
    except NotHerWalk as refusal:  # with the next call it is over
        return HttpResponse(str(refusal), status=refusal.status, content_type="text/plain")


@verb
def answer(request: HttpRequest, walk_id: int) -> HttpResponse:
    """An answer by its place, what a field is to hold, or the way back."""
    _may(request)
    walk, said = _walk(request, walk_id), request.POST
    when: dict[str, Any] = {"seq": _number(said.get("seq", "")), "at": clock.now()}
    if "back" in said:
        return _shown(request, walking.back(walk, **when))
    if "place" in said:
        return _shown(request, walking.answer(walk, _number(said["place"]), **when))
    here = walking.stand(walk)
    try:
        value, words = _understood(request, here, said.get("value", ""))
    except forms.ValidationError as wrong:
        return _shown(request, here, wrong=" ".join(wrong.messages))
    return _shown(request, walking.fill(walk, value, words, **when))


@verb
def end(request: HttpRequest, walk_id: int) -> HttpResponse:
    """What needs no form: an article, a queue, the IVR for a password; or nothing further."""
    _may(request)
    walk, at = _walk(request, walk_id), clock.now()
    here = walking.stand(walk)
    ends = here.node.end
    if ends is None:
        raise NoSuchAnswer
    service = services.of(ends.name) if ends.way == Way.SERVICE else None
    match ends.way:
        case Way.QUEUE:
            order(request, Command.Verb.TRANSFER, ends.name)
        case Way.SERVICE if service and service.errand:
            order(request, Command.Verb.TO_IVR, service.errand)
        case Way.SERVICE | Way.COMPLAINT:  # these end with what is done in their dialog
            raise NoSuchAnswer
    walking.end(walk, at=at)
    if ends.way == Way.ARTICLE:
        return _article(request, ends.name)
    if ends.way == Way.DONE:
        return _shown(request, walking.stand(walk))
    return HttpResponse(status=DONE, headers={"HX-Trigger": WALKED})


def _article(request: HttpRequest, key: str) -> HttpResponse:
    at = clock.now()
    version = ArticleVersion.objects.in_force(at).filter(article__key=key).first()
    if version is None:
        raise NotWalked
    found = reading.opened(version.pk, by=agent(request), call=_call(request), at=at)
    return article(request, found)


# -- a field that is asked ---------------------------------------------------------------------


def _field(request: HttpRequest, here: Stand) -> forms.Field:
    """As her service would ask it of this caller. Raises Refusal: there is nothing to ask."""
    ask = here.node.ask
    service = services.of(ask.service) if ask else None
    if ask is None or service is None:
        raise NoSuchAnswer
    form = form_of(service, call_for(request, service))
    if ask.field not in form.fields:
        raise NothingOfThat
    field: forms.Field = form.fields[ask.field]
    return field


def _choices(field: forms.Field) -> tuple[tuple[str, str], ...]:
    if isinstance(field, forms.BooleanField):
        return (("True", _("Yes")), ("False", _("No")))
    if not isinstance(field, forms.ChoiceField):
        return ()
    choices: Iterable[Any] = field.choices  # type: ignore[assignment]  # pairs, once it is made
    return tuple((str(value), str(label)) for value, label in choices)


def _asked(field: forms.Field) -> Asked:
    choices = _choices(field)
    if choices:
        kind = "choice" if len(choices) <= BY_KEY else "select"
    else:
        kind = "date" if isinstance(field, forms.DateField) else "text"
    return Asked(str(field.label), kind, choices)


def _understood(request: HttpRequest, here: Stand, said: str) -> tuple[str, str]:
    """The value to keep, and how it is shown. Raises ValidationError, Refusal."""
    field = _field(request, here)
    found = field.clean(said)
    if choices := dict(_choices(field)):
        return said, choices.get(said, said)
    if isinstance(field, forms.DecimalField):
        return str(found), yuan(found)
    return str(found), str(found)


# -- what is shown -----------------------------------------------------------------------------


def _shown(request: HttpRequest, here: Stand, wrong: str = "") -> HttpResponse:
    at = clock.now()
    context: dict[str, Any] = {
        "here": here,
        "say": walking.said(here.node.say, at=at),
        "note": walking.said(here.node.note, at=at),
        "wrong": wrong,
    }
    if here.node.ask:
        try:
            context["asked"] = _asked(_field(request, here))
        except Refusal as why:
            context |= {"why": str(why), "to_identify": isinstance(why, NotIdentified)}
    if ends := here.node.end:
        context["ending"] = walking.named(ends.way, ends.name)
        if ends.way == Way.SERVICE and (service := services.of(ends.name)):
            known = not service.identified or is_identified(_call(request))
            context |= {"service": service, "at_once": service.is_immediate and known}
    answer = render(request, "desk/_walk.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


def _walk(request: HttpRequest, walk_id: int) -> Walk:
    return walking.of(walk_id, by=agent(request), call=_call(request))


def _call(request: HttpRequest) -> Call | None:
    return desk.read(agent(request)).call


def _number(said: str) -> int:
    """-1 for what is none: no place and no step has it."""
    return int(said) if said.isdecimal() else -1


def _may(request: HttpRequest) -> None:
    if not request.user.has_perm(READ):
        raise PermissionDenied
