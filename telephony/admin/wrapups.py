"""Wrap-ups as they were written, and the codes that agents choose from."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banking.admin import parts
from banking.admin.parts import OnRecord, moment, who
from banking.models import Customer
from banking.signs import DUE, MET, OFF, sign
from people.office import OfficeAdmin
from telephony.models import WrapUp, WrapUpCode


@admin.register(WrapUpCode)
class WrapUpCodeAdmin(OfficeAdmin):
    """The tree as agents see it: each subject followed by its matters."""

    list_display = ("shown", "name_en", "slug", "order", "is_active")
    list_display_links = ("shown",)
    list_filter = ("parent", "is_active")
    list_select_related = ("parent",)
    search_fields = ("name", "name_en", "slug")
    fields = ("parent", "name", "name_en", "slug", "order", "is_active")

    @admin.display(description=_("wrap-up code"), ordering="parent__order")
    def shown(self, row: WrapUpCode) -> str:
        return str(row)


class When(parts.When):
    field = "saved_at"


@admin.register(WrapUp)
class WrapUpAdmin(OnRecord):
    """What agents wrote, the newest first."""

    list_display = ("saved", "agent", "code", "masked_customer", "note_shown", "follow_up", "state")
    list_display_links = ("saved",)
    list_filter = (When, "code__parent")
    list_select_related = ("agent__user", "code__parent", "call__customer")
    search_fields = ("=agent__user__username", "=call__customer__number")
    search_help_text = _("Staff number or customer number")
    fields = (
        "agent",
        "code",
        "masked_customer",
        "note",
        "drafted",
        "follow_up",
        "saved",
        "state",
        "made_in",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[WrapUp]:
        found: QuerySet[WrapUp] = super().get_queryset(request)
        return found.order_by("-saved_at")

    def customer_of(self, row: WrapUp) -> Customer | None:
        return row.call.customer

    def reason(self, row: WrapUp) -> str:
        return f"wrap-up {row.pk}"

    @admin.display(description=_("saved"), ordering="saved_at")
    def saved(self, row: WrapUp) -> str:
        return moment(row.saved_at)

    @admin.display(description=_("customer"))
    def masked_customer(self, row: WrapUp) -> str:
        return who(row.call.customer)

    @admin.display(description=_("note"))
    def note_shown(self, row: WrapUp) -> str:
        return row.note if len(row.note) <= 60 else f"{row.note[:59]}…"

    @admin.display(description=_("follow up by"), ordering="follow_up_at")
    def follow_up(self, row: WrapUp) -> str:
        if row.follow_up_at is None:
            return "—"
        shape = MET if row.followed_up_at else DUE
        return sign(shape, moment(row.follow_up_at))

    @admin.display(description=_("state"), ordering="finished_at")
    def state(self, row: WrapUp) -> str:
        return sign(MET, gettext("finished")) if row.finished_at else sign(OFF, gettext("begun"))

    @admin.display(description=_("call"))
    def made_in(self, row: WrapUp) -> Any:
        page = reverse("admin:telephony_call_change", args=[row.call_id])
        return format_html('<a class="link" href="{}">{}</a>', page, gettext("Call record"))
