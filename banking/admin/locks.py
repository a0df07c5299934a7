"""What stops a card: that it was reported lost, or that its PIN was keyed wrong."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from banking import losses, signs, two_eyes
from banking.admin.access import ReasonForm
from banking.admin.counter import asked
from banking.admin.parts import (
    ListAdmin,
    OnRecord,
    PresetFilter,
    When,
    moment,
    page_of,
    user_of,
    who,
)
from banking.models import Customer, LossReport, PinEvent, WrongTry
from banking.models.orders import Channel
from calendars import clock
from people.errors import Refusal


class InForce(PresetFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("force", _("In force")), ("over", _("Lapsed or lifted")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        in_force = losses.in_force(clock.now())
        match self.chosen():
            case "force":
                return queryset.filter(in_force)
            case "over":
                return queryset.exclude(in_force)
        return queryset


class Via(admin.SimpleListFilter):
    title = _("channel")
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(channel.value, channel.label) for channel in Channel]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(channel=self.value()) if self.value() else queryset


class WrittenForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    number = forms.CharField(
        label=_("Form number"),
        max_length=20,
        help_text=_("As it is printed on the form that she has signed."),
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
    )


@admin.register(LossReport)
class LossReportAdmin(OnRecord):
    """Made by telephone or at an agent's; confirmed in writing and lifted at a branch."""

    list_display = ("reported", "number", "customer_shown", "lost", "via", "until", "state_shown")
    list_display_links = ("reported", "number")
    list_filter = (InForce, Via)
    list_select_related = ("customer", "card", "passbook")
    search_fields = ("=number", "=customer__number")
    search_help_text = _("Receipt number or customer number")
    fields = (
        "number",
        "customer_shown",
        "lost",
        "via",
        "reported",
        "until",
        "state_shown",
        "confirmed",
        "confirmed_by",
        "form_number",
        "lifted",
        "asked_by",
        "decided_by",
    )
    readonly_fields = fields
    actions_detail = ("confirm", "ask_lift")

    @admin.display(description=_("reported at"), ordering="reported_at")
    def reported(self, row: LossReport) -> str:
        return moment(row.reported_at)

    @admin.display(description=_("customer"))
    def customer_shown(self, row: LossReport) -> str:
        return who(row.customer)

    @admin.display(description=_("lost"))
    def lost(self, row: LossReport) -> str:
        return str(row.lost)

    @admin.display(description=_("channel"), ordering="channel")
    def via(self, row: LossReport) -> str:
        return str(Channel(row.channel).label)

    @admin.display(description=_("lapses at"), ordering="lapses_at")
    def until(self, row: LossReport) -> str:
        return moment(None if row.confirmed_at else row.lapses_at)

    @admin.display(description=_("confirmed in writing at"))
    def confirmed(self, row: LossReport) -> str:
        return moment(row.confirmed_at)

    @admin.display(description=_("lifted at"))
    def lifted(self, row: LossReport) -> str:
        return moment(row.lifted_at)

    @admin.display(description=pgettext_lazy("a request", "asked by"))
    def asked_by(self, row: LossReport) -> str:
        return str(row.lifting.asked_by) if row.lifting else "—"

    @admin.display(description=_("decided by"))
    def decided_by(self, row: LossReport) -> str:
        return str(row.lifting.decided_by) if row.lifting else "—"

    @admin.display(description=_("state"))
    def state_shown(self, row: LossReport) -> str:
        return signs.loss(row, clock.now())

    def customer_of(self, row: LossReport) -> Customer:
        return row.customer

    def reason(self, row: LossReport) -> str:
        return gettext("opened loss report %(number)s") % {"number": row.number}

    def has_confirm_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Of one that is in force and was not yet."""
        oral = LossReport.objects.filter(losses.in_force(clock.now()), confirmed_at=None)
        return request.user.has_perm("banking.confirm_lossreport") and (
            object_id is None or oral.filter(pk=object_id).exists()
        )

    def has_ask_lift_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        standing = LossReport.objects.filter(losses.in_force(clock.now()))
        return request.user.has_perm("banking.ask_lift") and (
            object_id is None or standing.filter(pk=object_id).exists()
        )

    @action(  # type: ignore[untyped-decorator]  # unfold is untyped
        description=_("Confirm in writing"),
        icon="edit_document",
        permissions=["confirm"],
        dialog={
            "title": _("Confirm in writing"),
            "description": _(
                "Her identity was checked at the counter and she has signed the form. What is "
                "lost stays stopped until the report is lifted."
            ),
            "form_class": WrittenForm,
            "form_submit_text": _("Confirm in writing"),
        },
    )
    def confirm(self, request: HttpRequest, form: WrittenForm, object_id: str) -> HttpResponse:
        number = form.cleaned_data["number"]
        try:
            losses.confirm(int(object_id), form_number=number, by=user_of(request), at=clock.now())
            messages.success(request, gettext("Confirmed in writing: it does not lapse any more."))
        except Refusal as refusal:
            messages.error(request, str(refusal))
        report = LossReport.objects.get(pk=object_id)
        return HttpResponse(headers={"HX-Redirect": page_of(report)})

    @action(  # type: ignore[untyped-decorator]
        description=_("Ask to lift"),
        icon="lock_open",
        permissions=["ask_lift"],
        dialog={
            "title": _("Ask to lift"),
            "description": _(
                "It was found, and her identity was checked at the counter. A colleague decides."
            ),
            "form_class": ReasonForm,
            "form_submit_text": _("Ask"),
        },
    )
    def ask_lift(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        report = LossReport.objects.select_related("customer").get(pk=object_id)
        return asked(
            request,
            report.customer,
            lambda: two_eyes.ask_lift(
                report,
                by=user_of(request),
                reason=form.cleaned_data["reason"],
                at=clock.now(),
            ),
        )


class PinOutcome(PresetFilter):
    title = _("event")
    parameter_name = "what"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        failed, unlocked = PinEvent.What.FAILED, PinEvent.What.UNLOCKED
        return [
            ("all", _("All")),
            (failed.value, failed.label),
            (unlocked.value, unlocked.label),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if self.chosen() == "all" else queryset.filter(what=self.chosen())


@admin.register(PinEvent)
class PinEventAdmin(OnRecord):
    """Each try counts. Never the PIN: nobody here has it."""

    list_display = ("time", "card", "customer_shown", "purpose", "what_shown", "by")
    list_filter = (PinOutcome, "purpose")
    list_select_related = ("card__customer", "by")
    search_fields = ("=card__customer__number", "=card__last4")
    search_help_text = _("Customer number or the last four of the card")
    fields = ("time", "card", "customer_shown", "purpose", "what_shown", "by")
    readonly_fields = fields

    @admin.display(description=_("time"), ordering="at")
    def time(self, row: PinEvent) -> str:
        return f"{row.at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}"

    @admin.display(description=_("customer"))
    def customer_shown(self, row: PinEvent) -> str:
        return who(row.card.customer)

    @admin.display(description=_("event"), ordering="what")
    def what_shown(self, row: PinEvent) -> str:
        return signs.sign(signs.PINS[row.what], row.get_what_display())

    def customer_of(self, row: PinEvent) -> Customer:
        return row.card.customer

    def reason(self, row: PinEvent) -> str:
        return gettext("opened a PIN event of card %(masked)s") % {"masked": row.card}


class TriedOn(When):
    field = "at"


@admin.register(WrongTry)
class WrongTryAdmin(ListAdmin):
    """Which number keyed what in vain: one after another is somebody who is looking for cards."""

    list_display = ("time", "phone", "what")
    list_display_links = None
    list_filter = (TriedOn, "what")
    search_fields = ("=phone",)
    search_help_text = _("The number that called")
    fields = readonly_fields = ("time", "phone", "what", "call_ref")

    @admin.display(description=_("time"), ordering="at")
    def time(self, row: WrongTry) -> str:
        return f"{row.at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}"
