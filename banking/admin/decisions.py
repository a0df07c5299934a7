"""What the fraud guard decided of each order, and why; the signs that its other desks share."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banking import signs
from banking.admin.fraud_forms import said
from banking.admin.parts import (
    OnRecord,
    PresetFilter,
    When,
    figure,
    who,
)
from banking.fraud.rules import Action, Caller
from banking.models import Customer, FraudDecision, FraudRule
from calendars import clock
from people.errors import Refusal

SHAPES = {
    Action.ALLOW: signs.MET,
    Action.WARN: signs.DUE,
    Action.HOLD: signs.WARN,
    Action.AGENT: signs.TALK,
    Action.REFUSE: signs.BREACH,
}


def action_sign(value: str) -> SafeString:
    return signs.sign(SHAPES[Action(value)], str(Action(value).label))


def back_to(request: HttpRequest, page: str, verb: Any, done: str) -> HttpResponse:
    """Do it, say what came of it, and show `page`."""
    try:
        verb()
        messages.success(request, done)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return HttpResponse(headers={"HX-Redirect": page})


# -- rules -------------------------------------------------------------------------------------


class Stopped(PresetFilter):
    title = _("decision")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("caught", _("Caught by a rule")),
            *((action.value, action.label) for action in Action),
            ("all", _("All")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.chosen():
            case "all":
                return queryset
            case "caught":
                return queryset.exclude(action=Action.ALLOW)
            case action:
                return queryset.filter(action=action)


class DecidedDay(When):
    field = "at"


@admin.register(FraudDecision)
class FraudDecisionAdmin(OnRecord):
    """Each judged order with the rule that decided, and what it saw."""

    list_display = (
        "time",
        "customer_shown",
        "kind",
        "channel",
        "payee",
        "amount_shown",
        "action_shown",
        "rule",
    )
    list_filter = (DecidedDay, Stopped, "channel", "rule")
    list_select_related = ("customer", "rule")
    search_fields = ("=customer__number",)
    search_help_text = _("Customer number")
    fields = (
        *("time", "customer_shown", "kind", "channel", "payee", "amount_shown"),
        *("action_shown", "rule", "hits_shown", "facts_shown", "order"),
    )
    readonly_fields = fields

    @admin.display(description=_("time"), ordering="at")
    def time(self, row: FraudDecision) -> str:
        return f"{row.at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}"

    @admin.display(description=_("customer"))
    def customer_shown(self, row: FraudDecision) -> str:
        return who(row.customer)

    @admin.display(description=_("payee, last four"))
    def payee(self, row: FraudDecision) -> str:
        return row.payee_tail or "—"

    @admin.display(description=_("amount"), ordering="amount")
    def amount_shown(self, row: FraudDecision) -> str:
        return figure(row.amount)

    @admin.display(description=_("decision"), ordering="action")
    def action_shown(self, row: FraudDecision) -> str:
        return action_sign(row.action)

    @admin.display(description=_("rules that applied"))
    def hits_shown(self, row: FraudDecision) -> str:
        return hits_of(row)

    @admin.display(description=_("what was known"))
    def facts_shown(self, row: FraudDecision) -> str:
        return facts_of(row)

    @admin.display(description=_("instruction"))
    def order(self, row: FraudDecision) -> str:
        if row.action in {Action.REFUSE, Action.AGENT}:
            return "—"  # there is none
        page = reverse("admin:banking_instruction_change", args=[row.key])
        return format_html('<a class="link" href="{}">{}</a>', page, row.key)

    def customer_of(self, row: FraudDecision) -> Customer:
        return row.customer

    def reason(self, row: FraudDecision) -> str:
        return gettext("opened fraud decision %(number)s") % {"number": row.pk}


def hits_of(row: FraudDecision) -> SafeString:
    """Each rule that applied, the deciding one first, with its own words."""
    found = FraudRule.objects.in_bulk([hit["rule"] for hit in row.hits])
    lines = [
        (action_sign(hit["action"]), found[hit["rule"]], said(found[hit["rule"]].rule().threshold))
        for hit in row.hits
    ]
    return format_html_join("", "<div>{} {}：{}</div>", lines) or SafeString("—")


def facts_of(row: FraudDecision) -> SafeString:
    """What the guard knew, in words."""
    known = row.facts
    words = [
        gettext("Customer's age: %(age)s.") % known,
        gettext("Caller's number: %(what)s.") % {"what": Caller(known["caller"]).label},
        gettext("Orders looked back at: %(orders)s.") % known,
    ]
    if payee := known["payee"]:
        words.append(
            gettext("The payee was paid before.")
            if payee["paid_before"]
            else gettext("The payee was never paid before.")
        )
        if payee["registered_on"]:
            words.append(gettext("Registered on %(registered_on)s.") % payee)
        if payee["watched"]:
            words.append(gettext("The payee is on the watch list."))
    if known["caller_watched"]:
        words.append(gettext("The caller's number is on the watch list."))
    return format_html_join("", "<div>{}</div>", ((word,) for word in words))


# -- whom it watches ---------------------------------------------------------------------------
