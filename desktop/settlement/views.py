"""The settlement desk's page, its parts, and the verbs that it sends."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from banking.errors import NoDeskRule
from banking.models import SettlementOrder
from banking.settlement_desk import blind, making, shift, suspense
from banking.settlement_desk import queue as queues
from banking.settlement_desk.blind import CHECK, MAKE
from calendars import clock
from desktop.settlement import forms, view
from desktop.settlement.verbs import VERBS, WORK, needed
from people import access
from people.errors import Refusal
from people.models import User

ASK = "banking.ask_payout"


View = Callable[..., HttpResponse]


def for_clerks(*needs: str) -> Callable[[View], View]:
    """Only for those with these rights; where the bank has no rule for the desk, says so."""

    def restrict(view_of: View) -> View:
        @login_required
        @permission_required(needs, raise_exception=True)
        @wraps(view_of)
        def look(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view_of(request, *args, **kwargs)
            except NoDeskRule as refusal:
                return render(
                    request, "settlement/unset.html", {"refusal": refusal}, status=refusal.status
                )

        return look

    return restrict


def _clerk(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # `login_required`
    return request.user


@for_clerks(WORK)
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Her order, or the one that she looks at: `?order=17`."""
    clerk, at = _clerk(request), clock.now()
    order = _orders().filter(pk=_number(request.GET.get("order", ""))).first()
    if order is not None:
        _looked_at(request, order)
    return _page(request, order or queues.hers(clerk, at=at))


@for_clerks(WORK)
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """The left column anew: a debit never tells the page that an order is there."""
    shown = SettlementOrder.objects.filter(pk=_number(request.GET.get("order", ""))).first()
    context = {**view.queue(_clerk(request), at=clock.now()), "order": shown}
    return render(request, "settlement/_queue.html", context)


@for_clerks(WORK)
@require_GET
def banks(request: HttpRequest) -> HttpResponse:
    """Banks by what was typed, or the ways to the one that was picked."""
    order = get_object_or_404(SettlementOrder, pk=_number(request.GET.get("order", "")))
    picked, typed = request.GET.get("bank_code", ""), request.GET.get("q", "")
    context = view.look_up(
        order, typed, picked=picked, system=request.GET.get("system"), at=clock.now()
    )
    return render(request, "settlement/_banks.html", context)


@for_clerks(WORK)
@require_POST
def take_next(request: HttpRequest) -> HttpResponse:
    order = _next(request)
    if order is None:
        messages.info(request, _("Nothing waits for you."))
    return redirect("settlement:desk")


@for_clerks(MAKE)
@require_POST
def original(request: HttpRequest, order_id: int) -> HttpResponse:
    """The payer's order in full, to key from; on record."""
    get_object_or_404(SettlementOrder, pk=order_id)
    try:
        shown = making.look(
            order_id, _clerk(request), address=request.META.get("REMOTE_ADDR"), at=clock.now()
        )
    except Refusal as refusal:
        return HttpResponse(str(refusal), status=refusal.status, content_type="text/plain")
    answer = render(request, "settlement/_original.html", {"original": shown})
    answer["Cache-Control"] = "no-store"
    return answer


@for_clerks(WORK)
@require_POST
def do(request: HttpRequest, order_id: int, verb: str) -> HttpResponse:
    """One verb; where it is refused the page comes back with what was keyed."""
    if verb not in VERBS:
        raise Http404
    asked, clerk = VERBS[verb], _clerk(request)
    order = get_object_or_404(_orders(), pk=order_id)
    if not clerk.has_perm(needed(verb, order)):
        raise PermissionDenied
    form = asked.form(request.POST)
    if not form.is_valid():
        messages.error(request, str(forms.INCOMPLETE))
        return _page(request, order, sent=request.POST, status=422)
    try:
        done = asked.do(order_id, form.cleaned_data, clerk, clock.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return _page(request, _orders().get(pk=order_id), sent=request.POST, status=refusal.status)
    messages.success(request, f"{done} {asked.says}")
    if verb == "claim":
        _looked_at(request, _orders().get(pk=order_id))
    if asked.goes_on:
        _next(request)
    return redirect("settlement:desk")


@for_clerks(WORK)
@require_safe
def handover(request: HttpRequest) -> HttpResponse:
    """What one shift hands to the next; made to be printed."""
    at = clock.now()
    context = {
        "listed": shift.handover(at=at),
        "hidden": set(blind.hidden_from(_clerk(request), at=at).values_list("pk", flat=True)),
        **view.unsettled(at=at),
        "asks": request.user.has_perm(ASK),
        "at": at,
    }
    return render(request, "settlement/handover.html", context)


@for_clerks(WORK, ASK)
@require_POST
def ask_payout(request: HttpRequest, journal_id: int) -> HttpResponse:
    """Out of suspense, if a checker agrees."""
    form = forms.Payout(request.POST)
    if not form.is_valid():
        messages.error(request, str(forms.INCOMPLETE))
        return redirect("settlement:handover")
    try:
        suspense.ask_payout(
            journal_id,
            form.cleaned_data["account"],
            by=_clerk(request),
            reason=form.cleaned_data["reason"],
            at=clock.now(),
        )
        messages.success(request, _("A checker decides on it."))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("settlement:handover")


def _page(
    request: HttpRequest,
    order: SettlementOrder | None,
    *,
    sent: Any = None,
    status: int = 200,
) -> HttpResponse:
    clerk, at = _clerk(request), clock.now()
    context = {
        **view.queue(clerk, at=at),
        **view.top(clerk, at=at),
        **(view.work(order, clerk, at=at, sent=sent) if order else {}),
        "rate": settings.CLOCK_RATE,
        "opens_calls": clerk.has_perm("telephony.view_call"),
    }
    return render(request, "settlement/desk.html", context, status=status)


def _next(request: HttpRequest) -> SettlementOrder | None:
    """The most urgent that she may work on, unless one is in her hand."""
    clerk, at = _clerk(request), clock.now()
    order = queues.hers(clerk, at=at) or queues.claim_next(
        clerk, makes=clerk.has_perm(MAKE), checks=clerk.has_perm(CHECK), at=at
    )
    if order is not None:
        _looked_at(request, _orders().get(pk=order.pk))
    return order


def _looked_at(request: HttpRequest, order: SettlementOrder) -> None:
    if order.instruction.customer is not None:
        access.record(
            _clerk(request),
            "view",
            order.instruction.customer,
            reason=_("settlement order %(number)s") % {"number": order},
            address=request.META.get("REMOTE_ADDR"),
            at=clock.now(),
        )


def _orders() -> Any:
    return SettlementOrder.objects.select_related(
        *("instruction__customer", "instruction__payer__card", "claimed_by", "maker"),
        *("checker", "second_checker", "cleared_by"),
    )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
