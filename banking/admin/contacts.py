"""Whom the bank called, by which number it knows a caller, and who was called in its name."""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import BaseDialogForm

from banking import bound, signs
from banking.admin.decisions import back_to
from banking.admin.fraud_forms import BindForm, CloseForm
from banking.admin.parts import OnRecord, PresetFilter, When, moment, page_of, user_of, who
from banking.admin.terms import ProposedAdmin
from banking.fraud import cases
from banking.models import BoundNumber, CallerTerm, Customer, FraudCase, OutboundContact
from banking.numbers import masked_mobile
from calendars import clock

CASES = {
    FraudCase.State.OPEN: signs.BREACH,
    FraudCase.State.TAKEN: signs.TALK,
    FraudCase.State.CLOSED: signs.OFF,
}


class ContactDay(When):
    field = "at"


@admin.register(OutboundContact)
class OutboundContactAdmin(OnRecord):
    list_display = ("time", "customer_shown", "desk", "reason_shown", "by")
    list_filter = (ContactDay, "desk", "reason")
    list_select_related = ("customer", "by")
    search_fields = ("=customer__number",)
    search_help_text = _("Customer number")
    fields = ("time", "customer_shown", "desk", "reason_shown", "by", "call_ref")
    readonly_fields = fields

    @admin.display(description=_("time"), ordering="at")
    def time(self, row: OutboundContact) -> str:
        return moment(row.at)

    @admin.display(description=_("customer"))
    def customer_shown(self, row: OutboundContact) -> str:
        return who(row.customer)

    @admin.display(description=_("reason"), ordering="reason")
    def reason_shown(self, row: OutboundContact) -> str:
        return row.get_reason_display()

    def customer_of(self, row: OutboundContact) -> Customer:
        return row.customer

    def reason(self, row: OutboundContact) -> str:
        return gettext("opened a call to the customer")


class Standing(PresetFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("bound", _("Bound")), ("over", _("Unbound")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.chosen():
            case "bound":
                return queryset.filter(ended_at=None)
            case "over":
                return queryset.filter(ended_at__isnull=False)
        return queryset


@admin.register(BoundNumber)
class BoundNumberAdmin(OnRecord):
    """Who stands at the counter with her mobile in her hand has it bound."""

    list_display = ("customer_shown", "masked", "bound", "bound_by", "state_shown")
    list_filter = (Standing,)
    list_select_related = ("customer", "bound_by")
    search_fields = ("=customer__number",)
    search_help_text = _("Customer number")
    fields = ("customer_shown", "masked", "bound", "bound_by", "state_shown")
    readonly_fields = fields
    actions_list = ("bind",)
    actions_detail = ("unbind",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[BoundNumber]:
        found: QuerySet[BoundNumber] = super().get_queryset(request)
        return found.annotate(mobile=F("customer__mobile"))

    @admin.display(description=_("customer"))
    def customer_shown(self, row: BoundNumber) -> str:
        return who(row.customer)

    @admin.display(description=_("mobile"))
    def masked(self, row: BoundNumber) -> str:
        return masked_mobile(row.phone)

    @admin.display(description=_("bound at"), ordering="bound_at")
    def bound(self, row: BoundNumber) -> str:
        return moment(row.bound_at)

    @admin.display(description=_("state"), ordering="ended_at")
    def state_shown(self, row: Any) -> str:
        if row.ended_at:
            return signs.sign(
                signs.OFF, gettext("unbound %(when)s") % {"when": moment(row.ended_at)}
            )
        if row.mobile != row.phone:
            return signs.sign(signs.WARN, gettext("no longer the customer's mobile"))
        return signs.sign(signs.READY, gettext("bound"))

    def customer_of(self, row: BoundNumber) -> Customer:
        return row.customer

    def reason(self, row: BoundNumber) -> str:
        return gettext("opened the bound number")

    @action(  # type: ignore[untyped-decorator]  # unfold is untyped
        description=_("Bind a mobile"),
        icon="link",
        permissions=["banking.add_boundnumber"],
        dialog={
            "title": _("Bind a mobile"),
            "description": _("The mobile that the bank has of her; you saw it ring in her hand."),
            "form_class": BindForm,
            "form_submit_text": _("Bind a mobile"),
        },
    )
    def bind(self, request: HttpRequest, form: BindForm) -> HttpResponse:
        return back_to(
            request,
            reverse("admin:banking_boundnumber_changelist"),
            lambda: bound.bind(form.customer.pk, by=user_of(request), at=clock.now()),
            gettext("The mobile is bound."),
        )

    def has_unbind_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if not request.user.has_perm("banking.change_boundnumber"):
            return False
        return object_id is None or BoundNumber.objects.filter(pk=object_id, ended_at=None).exists()

    @action(  # type: ignore[untyped-decorator]
        description=_("Unbind"),
        icon="link_off",
        permissions=["unbind"],
        dialog={
            "title": _("Unbind"),
            "description": _("From now on the number says nothing about who calls."),
            "form_class": BaseDialogForm,
            "form_submit_text": _("Unbind"),
        },
    )
    def unbind(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return back_to(
            request,
            reverse("admin:banking_boundnumber_changelist"),
            lambda: bound.unbind(int(object_id), at=clock.now()),
            gettext("The mobile is not bound any more."),
        )


class CaseState(PresetFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("todo", _("To be settled")), ("closed", _("Settled")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.chosen():
            case "todo":
                return queryset.exclude(state=FraudCase.State.CLOSED)
            case "closed":
                return queryset.filter(state=FraudCase.State.CLOSED)
        return queryset


@admin.register(FraudCase)
class FraudCaseAdmin(OnRecord):
    """The oldest first: who was called in the bank's name waits for our call."""

    list_display = (
        "opened",
        "number",
        "customer_shown",
        "called_from",
        "state_shown",
        "taken_by",
        "finding",
    )
    list_display_links = ("opened", "number")
    list_filter = (CaseState, "finding")
    list_select_related = ("customer", "taken_by", "closed_by")
    search_fields = ("=number", "=customer__number")
    search_help_text = _("Case number or customer number")
    fields = (
        *("number", "customer_shown", "called_from", "opened", "call_ref", "state_shown"),
        *("taken", "taken_by", "closed", "closed_by", "finding", "note"),
    )
    readonly_fields = fields
    actions_detail = ("take", "close")

    @admin.display(description=_("opened at"), ordering="opened_at")
    def opened(self, row: FraudCase) -> str:
        return moment(row.opened_at)

    @admin.display(description=_("customer"))
    def customer_shown(self, row: FraudCase) -> str:
        return who(row.customer)

    @admin.display(description=_("called from"))
    def called_from(self, row: FraudCase) -> str:
        return masked_mobile(row.caller) if row.caller else "—"

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, row: FraudCase) -> str:
        return signs.sign(CASES[FraudCase.State(row.state)], row.get_state_display())

    @admin.display(description=_("taken at"))
    def taken(self, row: FraudCase) -> str:
        return moment(row.taken_at)

    @admin.display(description=_("closed at"))
    def closed(self, row: FraudCase) -> str:
        return moment(row.closed_at)

    def customer_of(self, row: FraudCase) -> Customer:
        return row.customer

    def reason(self, row: FraudCase) -> str:
        return gettext("opened fraud case %(number)s") % {"number": row.number}

    def has_take_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._of(request, object_id, FraudCase.State.OPEN)

    def has_close_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._of(request, object_id, FraudCase.State.TAKEN)

    def _of(self, request: HttpRequest, object_id: Any, state: str) -> bool:
        if not request.user.has_perm("banking.change_fraudcase"):
            return False
        return object_id is None or FraudCase.objects.filter(pk=object_id, state=state).exists()

    @action(  # type: ignore[untyped-decorator]
        description=_("Take the case"),
        icon="back_hand",
        permissions=["take"],
        dialog={
            "title": _("Take the case"),
            "description": _("You look into it, and call the customer."),
            "form_class": BaseDialogForm,
            "form_submit_text": _("Take the case"),
        },
    )
    def take(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return back_to(
            request,
            page_of(FraudCase.objects.get(pk=object_id)),
            lambda: cases.take(int(object_id), by=user_of(request), at=clock.now()),
            gettext("The case is yours."),
        )

    @action(  # type: ignore[untyped-decorator]
        description=_("Close the case"),
        icon="task_alt",
        permissions=["close"],
        dialog={
            "title": _("Close the case"),
            "description": _(
                "What it was, and what was done. Debits by telephone are allowed again at a branch."
            ),
            "form_class": CloseForm,
            "form_submit_text": _("Close the case"),
        },
    )
    def close(self, request: HttpRequest, form: CloseForm, object_id: str) -> HttpResponse:
        return back_to(
            request,
            reverse("admin:banking_fraudcase_changelist"),
            lambda: cases.close(
                int(object_id),
                finding=cases.Finding(form.cleaned_data["finding"]),
                note=form.cleaned_data["note"],
                by=user_of(request),
                at=clock.now(),
            ),
            gettext("The case is closed."),
        )


@admin.register(CallerTerm)
class CallerTermAdmin(ProposedAdmin):
    same = ("what",)
    list_display = ("what", "value", "valid_from", "state_shown")
    fields = ("what", "valid_from", "value")
