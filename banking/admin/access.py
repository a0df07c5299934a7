"""Telephone banking at the branch: who asked for unlocking, what is stopped, what was written."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from banking import signs, two_eyes
from banking.admin.counter import asked
from banking.admin.parts import OnRecord, PresetFilter, moment, user_of, who
from banking.models import Customer, NicknameWord, OutboxMessage, PhoneBlock, UnlockRequest
from calendars import clock
from people import access
from people.models import Approval
from people.office import OfficeAdmin


class ReasonForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        error_messages={"required": access.NoReason.text},
    )


class FollowedUp(PresetFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("Waiting")), ("over", _("Followed up or lapsed")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        over = Q(lapses_at__lte=clock.now()) | Q(approval__isnull=False)
        match self.chosen():
            case "waiting":
                return queryset.exclude(over)
            case "over":
                return queryset.filter(over)
        return queryset


@admin.register(UnlockRequest)
class UnlockRequestAdmin(OnRecord):
    """Asked by telephone; it unlocks nothing before the customer came and two have decided."""

    list_display = ("asked_shown", "number", "customer_shown", "card", "until", "state_shown")
    list_display_links = ("asked_shown", "number")
    list_filter = (FollowedUp,)
    list_select_related = ("card__customer", "approval")
    search_fields = ("=number", "=card__customer__number")
    search_help_text = _("Receipt number or customer number")
    fields = ("number", "customer_shown", "card", "asked_shown", "until", "state_shown")
    readonly_fields = fields
    actions_detail = ("follow_up",)

    @admin.display(description=_("asked"), ordering="asked_at")
    def asked_shown(self, row: UnlockRequest) -> str:
        return moment(row.asked_at)

    @admin.display(description=_("customer"))
    def customer_shown(self, row: UnlockRequest) -> str:
        return who(row.card.customer)

    @admin.display(description=_("lapses at"), ordering="lapses_at")
    def until(self, row: UnlockRequest) -> str:
        return moment(row.lapses_at)

    @admin.display(description=_("state"))
    def state_shown(self, row: UnlockRequest) -> str:
        if row.approval:
            return signs.sign(signs.MET, str(Approval.State(row.approval.state).label))
        if row.lapses_at <= clock.now():
            return signs.sign(signs.OFF, gettext("lapsed"))
        return signs.sign(signs.DUE, gettext("waits for the customer"))

    def customer_of(self, row: UnlockRequest) -> Customer:
        return row.card.customer

    def reason(self, row: UnlockRequest) -> str:
        return gettext("opened unlock request %(number)s") % {"number": row.number}

    def has_follow_up_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if not request.user.has_perm("banking.ask_unlock"):
            return False
        waiting = UnlockRequest.objects.filter(approval=None, lapses_at__gt=clock.now())
        return object_id is None or waiting.filter(pk=object_id).exists()

    @action(  # type: ignore[untyped-decorator]  # unfold is untyped
        description=_("The customer is here"),
        icon="how_to_reg",
        permissions=["follow_up"],
        dialog={
            "title": _("The customer is here"),
            "description": _("Her identity was checked at the counter. A colleague decides."),
            "form_class": ReasonForm,
            "form_submit_text": _("Ask to unlock"),
        },
    )
    def follow_up(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        row = UnlockRequest.objects.select_related("card__customer").get(pk=object_id)
        return asked(
            request,
            row.card.customer,
            lambda: two_eyes.ask_unlock(
                row.card_id,
                by=user_of(request),
                reason=form.cleaned_data["reason"],
                at=clock.now(),
            ),
        )


class Stopped(PresetFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("force", _("In force")), ("over", _("Lifted")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.chosen():
            case "force":
                return queryset.filter(ended_at=None)
            case "over":
                return queryset.filter(ended_at__isnull=False)
        return queryset


@admin.register(PhoneBlock)
class PhoneBlockAdmin(OnRecord):
    """Lifted on the customer's page, by two."""

    list_display = ("begun", "number", "customer_shown", "why", "channel", "lifted", "state_shown")
    list_display_links = ("begun", "number")
    list_filter = (Stopped, "why")
    list_select_related = ("customer",)
    search_fields = ("=number", "=customer__number")
    search_help_text = _("Receipt number or customer number")
    fields = ("number", "customer_shown", "why", "channel", "begun", "lifted", "state_shown")
    readonly_fields = fields

    @admin.display(description=_("stopped at"), ordering="begun_at")
    def begun(self, row: PhoneBlock) -> str:
        return moment(row.begun_at)

    @admin.display(description=_("customer"))
    def customer_shown(self, row: PhoneBlock) -> str:
        return who(row.customer)

    @admin.display(description=_("lifted at"))
    def lifted(self, row: PhoneBlock) -> str:
        return moment(row.ended_at)

    @admin.display(description=_("state"))
    def state_shown(self, row: PhoneBlock) -> str:
        if row.ended_at:
            return signs.sign(signs.OFF, gettext("lifted"))
        return signs.sign(signs.WARN, gettext("in force"))

    def customer_of(self, row: PhoneBlock) -> Customer:
        return row.customer

    def reason(self, row: PhoneBlock) -> str:
        return gettext("opened stop of debits by telephone %(number)s") % {"number": row.number}


@admin.register(OutboxMessage)
class OutboxMessageAdmin(OnRecord):
    """What was written to whom; the words are shown to who opens one."""

    list_display = ("time", "customer_shown", "channel", "to", "title", "language", "state_shown")
    list_display_links = ("time", "title")
    list_filter = ("state", "channel", "template")
    list_select_related = ("customer",)
    search_fields = ("=customer__number",)
    search_help_text = _("Customer number")
    fields = (
        "time",
        "customer_shown",
        "channel",
        "to",
        "language",
        "state_shown",
        "title",
        "text",
    )
    readonly_fields = fields

    @admin.display(description=_("time"), ordering="id")
    def time(self, row: OutboxMessage) -> str:
        return moment(row.queued_at)

    @admin.display(description=_("customer"))
    def customer_shown(self, row: OutboxMessage) -> str:
        return who(row.customer)

    @admin.display(description=_("address"))
    def to(self, row: OutboxMessage) -> str:
        return row.masked_address

    @admin.display(description=_("state"))
    def state_shown(self, row: OutboxMessage) -> str:
        return signs.sign(signs.DUE, row.get_state_display())

    def customer_of(self, row: OutboxMessage) -> Customer:
        return row.customer

    def reason(self, row: OutboxMessage) -> str:
        return gettext("opened message %(number)s") % {"number": row.pk}


@admin.register(NicknameWord)
class NicknameWordAdmin(OfficeAdmin):
    list_display = ("word", "slug", "position")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # accounts are called by it
