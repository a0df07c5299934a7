"""The fraud guard's rules: drafted, tried on last month, and begun by two."""

from dataclasses import fields
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import BaseDialogForm

from banking import signs
from banking.admin.decisions import action_sign, back_to
from banking.admin.fraud_forms import ReasonForm, RuleForm, said
from banking.admin.parts import (
    ListAdmin,
    PresetFilter,
    moment,
    page_of,
    user_of,
    who,
)
from banking.errors import BankingError
from banking.fraud import keeping, rehearsal, rules, two_eyes
from banking.fraud.keeping import Wording
from banking.fraud.rules import Action
from banking.models import FraudRule
from calendars import clock
from people.office import in_dialog


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
            "description": _(
                "It is tried on last month's orders, and somebody else decides within a day by "
                "the result. The draft must stay as it is until then."
            ),
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
