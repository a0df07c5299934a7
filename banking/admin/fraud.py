"""The fraud guard's desk: rules drafted, tried on last month and begun by two; whom it watches."""

from dataclasses import fields
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import BaseDialogForm

from banking.admin import signs
from banking.admin.fraud_forms import ReasonForm, RuleForm, WatchForm, said
from banking.admin.parts import (
    ListAdmin,
    OnRecord,
    PresetFilter,
    When,
    figure,
    moment,
    page_of,
    user_of,
    who,
)
from banking.errors import BankingError
from banking.fraud import keeping, rehearsal, rules, two_eyes, watching
from banking.fraud.keeping import Wording
from banking.fraud.rules import Action, Caller
from banking.models import Customer, FraudDecision, FraudRule, WatchEntry
from banking.secret import Secret
from calendars import clock
from people.errors import Refusal
from people.office import in_dialog

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


class RuleState(PresetFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("standing", _("In force and drafts")),
            ("draft", _("Drafts")),
            ("over", pgettext_lazy("of fraud rules", "Ended")),
            ("all", _("All")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        over = Q(state=FraudRule.State.ACTIVE, valid_until__lte=clock.now())
        match self.chosen():
            case "standing":
                return queryset.exclude(over)
            case "draft":
                return queryset.filter(state=FraudRule.State.DRAFT)
            case "over":
                return queryset.filter(over)
        return queryset


def _only(name: str) -> str:
    """For the theme: shown while a kind is chosen that has this value."""
    kinds = (kind for kind, shape in rules.KINDS.items() if name in {f.name for f in fields(shape)})
    return " || ".join(f"kind == '{kind}'" for kind in kinds)


VALUES = (
    *("above", "days", "minutes", "orders", "total", "starts", "ends"),
    *("age", "times", "least", "withheld", "strange"),
)
READ = (
    *("code", "version", "title", "kind", "values", "action", "priority"),
    *("valid_from", "valid_until", "state_shown"),
    *("drafted_by", "activated_by", "activated_at"),
)


@admin.register(FraudRule)
class FraudRuleAdmin(ListAdmin):
    """A draft is filled in; what is in force is read, and replaced by a new version."""

    form = RuleForm
    list_display = (
        "title",
        "version",
        "kind",
        "values",
        "action_shown",
        "priority",
        "begins",
        "ends",
        "state_shown",
    )
    list_filter = (RuleState, "kind", "action")
    search_fields = ("title", "code")
    search_help_text = _("Title or code")
    conditional_fields = {name: _only(name) for name in VALUES}
    actions_detail = ("rehearse", "ask_begin", "ask_end", "new_version", "drop")

    def get_fields(self, request: HttpRequest, obj: FraudRule | None = None) -> Any:
        if self._may_write(request, obj):
            return (
                *("code", "title", "kind", *VALUES, "action", "priority"),
                *("valid_from", "valid_until"),
            )
        return READ

    def get_readonly_fields(self, request: HttpRequest, obj: FraudRule | None = None) -> Any:
        if not self._may_write(request, obj):
            return READ
        return ("code",) if obj else ()

    def _may_write(self, request: HttpRequest, obj: FraudRule | None) -> bool:
        if obj is None:
            return bool(self.has_add_permission(request))
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.state != FraudRule.State.DRAFT:
            return False
        return bool(request.user.has_perm("banking.change_fraudrule"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("banking.add_fraudrule"))

    def save_model(
        self, request: HttpRequest, obj: FraudRule, form: RuleForm, change: bool
    ) -> None:
        """By the services: a draft is whose hand was last in it."""
        if change:
            keeping.amend(obj.pk, form.wording(), by=user_of(request))
        else:
            obj.pk = keeping.draft(obj.code, form.wording(), by=user_of(request)).pk

    @admin.display(description=_("applies to"))
    def values(self, row: FraudRule) -> str:
        return said(rules.thresholds(row.kind, row.thresholds))

    @admin.display(description=pgettext_lazy("of a fraud rule", "action"), ordering="action")
    def action_shown(self, row: FraudRule) -> str:
        return action_sign(row.action)

    @admin.display(description=_("valid from"), ordering="valid_from")
    def begins(self, row: FraudRule) -> str:
        return moment(row.valid_from)

    @admin.display(description=_("valid until"), ordering="valid_until")
    def ends(self, row: FraudRule) -> str:
        return moment(row.valid_until)

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, row: FraudRule) -> str:
        at = clock.now()
        if row.state == FraudRule.State.DRAFT:
            return signs.sign(signs.OFF, row.get_state_display())
        if row.valid_until and row.valid_until <= at:
            return signs.sign(signs.OFF, gettext("ended"))
        if row.valid_from > at:
            return signs.sign(signs.DUE, gettext("not yet in force"))
        return signs.sign(signs.READY, gettext("in force"))

    # -- its verbs ---------------------------------------------------------------------------

    def has_write_draft_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._of(request, object_id, "banking.change_fraudrule", FraudRule.State.DRAFT)

    def has_ask_begin_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._of(request, object_id, "banking.ask_fraudrule", FraudRule.State.DRAFT)

    def has_ask_end_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._of(request, object_id, "banking.ask_fraudrule", FraudRule.State.ACTIVE)

    def has_new_version_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._of(request, object_id, "banking.add_fraudrule", FraudRule.State.ACTIVE)

    def _of(self, request: HttpRequest, object_id: Any, right: str, state: str) -> bool:
        if not request.user.has_perm(right):
            return False
        return object_id is None or FraudRule.objects.filter(pk=object_id, state=state).exists()

    @action(  # type: ignore[untyped-decorator]  # unfold is untyped
        description=_("Dry run"),
        icon="experiment",
        permissions=["write_draft"],
        dialog={
            "title": _("Dry run"),
            "description": _("What this draft would have done to last month's orders."),
            "form_class": BaseDialogForm,
            "form_submit_text": _("Dry run"),
        },
    )
    def rehearse(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Answered in the dialog itself; nothing is written."""
        rule = FraudRule.objects.get(pk=object_id)
        found = rehearsal.rehearse(rule, at=clock.now())
        context = {
            "rule": rule,
            "found": found,
            "caught": [
                (action_sign(action), found.caught[action])
                for action in reversed(Action)
                if action in found.caught
            ],
            "samples": [
                (sample.order, who(sample.order.customer), action_sign(sample.action))
                for sample in found.samples
            ],
        }
        return in_dialog(request, "banking/rehearsal.html", context)

    @action(  # type: ignore[untyped-decorator]
        description=_("Ask to put into force"),
        icon="gavel",
        permissions=["ask_begin"],
        dialog={
            "title": _("Ask to put into force"),
            "description": _("Somebody else decides. The draft must stay as it is until then."),
            "form_class": ReasonForm,
            "form_submit_text": _("Ask"),
        },
    )
    def ask_begin(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        rule = FraudRule.objects.get(pk=object_id)
        return back_to(
            request,
            page_of(rule),
            lambda: two_eyes.ask_begin(
                rule, by=user_of(request), reason=form.cleaned_data["reason"], at=clock.now()
            ),
            gettext("Asked. Somebody else decides under Approvals."),
        )

    @action(  # type: ignore[untyped-decorator]
        description=_("Ask to end it"),
        icon="event_busy",
        permissions=["ask_end"],
        dialog={
            "title": _("Ask to end it"),
            "description": _("Somebody else decides; until then it applies."),
            "form_class": ReasonForm,
            "form_submit_text": _("Ask"),
        },
    )
    def ask_end(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        rule = FraudRule.objects.get(pk=object_id)
        return back_to(
            request,
            page_of(rule),
            lambda: two_eyes.ask_end(
                rule, by=user_of(request), reason=form.cleaned_data["reason"], at=clock.now()
            ),
            gettext("Asked. Somebody else decides under Approvals."),
        )

    @action(  # type: ignore[untyped-decorator]
        description=_("New version"),
        icon="difference",
        permissions=["new_version"],
        dialog={
            "title": _("New version"),
            "description": _("A draft with these values; it ends this version when it begins."),
            "form_class": BaseDialogForm,
            "form_submit_text": _("New version"),
        },
    )
    def new_version(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        rule = FraudRule.objects.get(pk=object_id)
        try:
            drafted = keeping.draft(rule.code, _as_it_is(rule), by=user_of(request))
        except BankingError as refusal:
            messages.error(request, str(refusal))
            return HttpResponse(headers={"HX-Redirect": page_of(rule)})
        return HttpResponse(headers={"HX-Redirect": page_of(drafted)})

    @action(  # type: ignore[untyped-decorator]
        description=_("Drop the draft"),
        icon="delete",
        permissions=["write_draft"],
        dialog={
            "title": _("Drop the draft"),
            "description": _("It was never in force. Nothing else changes."),
            "form_class": BaseDialogForm,
            "form_submit_text": _("Drop the draft"),
        },
    )
    def drop(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return back_to(
            request,
            reverse("admin:banking_fraudrule_changelist"),
            lambda: keeping.drop(int(object_id)),
            gettext("The draft is gone."),
        )


def _as_it_is(rule: FraudRule) -> Wording:
    at = clock.now()
    later = rule.valid_until if rule.valid_until and rule.valid_until > at else None
    return Wording(
        title=rule.title,
        threshold=rules.thresholds(rule.kind, rule.thresholds),
        action=Action(rule.action),
        priority=rule.priority,
        valid_from=max(rule.valid_from, at),
        valid_until=later,
    )


# -- what was decided --------------------------------------------------------------------------


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


class Watched(PresetFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("on", _("On the list")), ("off", _("Taken off")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.chosen()
        return queryset if chosen == "all" else queryset.filter(ended_at__isnull=chosen == "on")


@admin.register(WatchEntry)
class WatchEntryAdmin(ListAdmin):
    """Numbers come in by a form, and are never shown again but by their last four."""

    list_display = ("masked", "what", "source", "added", "added_by", "state_shown", "ended_by")
    list_filter = (Watched, "what")
    list_select_related = ("added_by", "ended_by")
    search_fields = ("source",)
    search_help_text = _("Source")
    fields = ("masked", "what", "source", "added", "added_by", "state_shown", "ended_by")
    readonly_fields = fields
    actions_list = ("add_numbers",)
    actions_detail = ("take_off",)

    @admin.display(description=_("added at"), ordering="added_at")
    def added(self, row: WatchEntry) -> str:
        return moment(row.added_at)

    @admin.display(description=_("state"), ordering="ended_at")
    def state_shown(self, row: WatchEntry) -> str:
        if row.ended_at:
            return signs.sign(
                signs.OFF, gettext("taken off %(when)s") % {"when": moment(row.ended_at)}
            )
        return signs.sign(signs.WARN, gettext("watched"))

    @action(  # type: ignore[untyped-decorator]
        description=_("Add numbers"),
        icon="playlist_add",
        permissions=["banking.add_watchentry"],
        dialog={
            "title": _("Add numbers"),
            "description": _("They come into no log, and are kept so that nobody can read them."),
            "form_class": WatchForm,
            "form_submit_text": _("Add numbers"),
        },
    )
    def add_numbers(self, request: HttpRequest, form: WatchForm) -> HttpResponse:
        """Each for itself; what could not be added is named by its line."""
        added, refused = 0, []
        for line, number in enumerate(form.cleaned_data["numbers"], start=1):
            try:
                watching.add(
                    watching.What(form.cleaned_data["what"]),
                    Secret(number),
                    source=form.cleaned_data["source"],
                    by=user_of(request),
                    at=clock.now(),
                )
                added += 1
            except Refusal as refusal:
                refused.append((line, refusal))
        return in_dialog(request, "banking/watched.html", {"added": added, "refused": refused})

    def has_take_off_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if not request.user.has_perm("banking.change_watchentry"):
            return False
        return object_id is None or WatchEntry.objects.filter(pk=object_id, ended_at=None).exists()

    @action(  # type: ignore[untyped-decorator]
        description=_("Take off the list"),
        icon="playlist_remove",
        permissions=["take_off"],
        dialog={
            "title": _("Take off the list"),
            "description": _("From now on no rule minds it. That it was there stays written."),
            "form_class": BaseDialogForm,
            "form_submit_text": _("Take off the list"),
        },
    )
    def take_off(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return back_to(
            request,
            reverse("admin:banking_watchentry_changelist"),
            lambda: watching.take_off(int(object_id), by=user_of(request), at=clock.now()),
            gettext("It is off the list."),
        )
