"""Call-backs: the oldest first, and one verb."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import BaseDialogForm

from banking.admin.parts import ListAdmin, PresetFilter, moment, user_of, who
from banking.models.customers import Language
from banking.signs import MET, WARN, sign
from calendars import clock
from people import access
from people.errors import Refusal
from telephony import records, story
from telephony.models import CallbackRequest


class CallbackState(PresetFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("Waiting")), ("done", _("Called back")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if self.chosen() == "all" else queryset.filter(state=self.chosen())


@admin.register(CallbackRequest)
class CallbackRequestAdmin(ListAdmin):
    """The oldest first: who has waited longest is called next."""

    list_display = (
        "asked",
        "receipt",
        "masked_phone",
        "masked_customer",
        "spoken",
        "state_shown",
        "done_at",
        "done_by",
    )
    list_display_links = ("asked", "receipt")
    list_filter = (CallbackState, "language")
    list_select_related = ("customer", "done_by", "call")
    search_fields = ("=receipt", "=phone")
    search_help_text = _("Receipt number or telephone number")
    fields = (
        "receipt",
        "phone_to_call",
        "masked_customer",
        "spoken",
        "asked",
        "state_shown",
        "done_at",
        "done_by",
        "made_in",
    )
    readonly_fields = fields
    actions_detail = ("called_back",)

    @admin.display(description=_("asked"), ordering="asked_at")
    def asked(self, row: CallbackRequest) -> str:
        return moment(row.asked_at)

    @admin.display(description=_("call back at"))
    def masked_phone(self, row: CallbackRequest) -> str:
        return story.masked_caller(row.phone)

    @admin.display(description=_("call back at"))
    def phone_to_call(self, row: CallbackRequest) -> str:
        return row.phone if row.may_be_seen else story.masked_caller(row.phone)  # type: ignore[attr-defined]

    @admin.display(description=_("customer"))
    def masked_customer(self, row: CallbackRequest) -> str:
        return who(row.customer)

    @admin.display(description=_("language"), ordering="language")
    def spoken(self, row: CallbackRequest) -> str:
        return str(Language(row.language).label)

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, row: CallbackRequest) -> str:
        done = row.state == CallbackRequest.State.DONE
        return sign(MET if done else WARN, row.get_state_display())

    @admin.display(description=_("asked in"))
    def made_in(self, row: CallbackRequest) -> str:
        page = reverse("admin:telephony_call_change", args=[row.call_id])
        return format_html('<a class="link" href="{}">{}</a>', page, gettext("Call record"))

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> CallbackRequest | None:
        """Who may call back sees the number in full, and that is written down."""
        row: CallbackRequest | None = super().get_object(request, object_id, from_field)
        if row is None:
            return None
        may = request.user.has_perm("telephony.change_callbackrequest")
        row.may_be_seen = may and row.state == CallbackRequest.State.WAITING  # type: ignore[attr-defined]
        if row.may_be_seen:  # type: ignore[attr-defined]
            access.record(
                user_of(request),
                "reveal",
                row,
                field="phone",
                reason=f"call-back {row.receipt}",
                address=request.META.get("REMOTE_ADDR"),
                at=clock.now(),
            )
        return row

    def has_called_back_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if not request.user.has_perm("telephony.change_callbackrequest"):
            return False
        waiting = CallbackRequest.objects.filter(state=CallbackRequest.State.WAITING)
        return object_id is None or waiting.filter(pk=object_id).exists()

    @action(  # type: ignore[untyped-decorator]  # unfold is untyped
        description=_("Called back"),
        icon="phone_callback",
        permissions=["called_back"],
        dialog={
            "title": _("Called back"),
            "description": _("You reached the caller, and what she wanted is taken care of."),
            "form_class": BaseDialogForm,
            "form_submit_text": _("Called back"),
        },
    )
    def called_back(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        try:
            row = records.called_back(int(object_id), by=user_of(request), at=clock.now())
            messages.success(
                request, gettext("Call-back %(receipt)s is done.") % {"receipt": row.receipt}
            )
        except Refusal as refusal:
            messages.error(request, str(refusal))
        page = reverse("admin:telephony_callbackrequest_changelist")
        return HttpResponse(headers={"HX-Redirect": page})
