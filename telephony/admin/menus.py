"""Numbers and menus: which greeting, which tree. What was published never changes."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from banking.admin.parts import STYLES
from banking.signs import OFF, READY, sign
from calendars.models import OpeningHours
from people.office import OfficeAdmin, ReadOnlyAdmin
from telephony import wording
from telephony.models import Announcement, Menu, MenuVersion, Number
from telephony.phone import line


@admin.register(Number)
class NumberAdmin(OfficeAdmin):
    """Who dials it hears which greeting and which menu. History shows each change."""

    list_display = ("number", "menu", "greeting_words", "hours", "in_service")
    fields = ("number", "menu", "greeting", "hours", "closed_greeting", "is_active")
    list_select_related = ("menu",)

    class Media:
        css = STYLES

    @admin.display(description=_("in service"), ordering="is_active")
    def in_service(self, number: Number) -> str:
        return (
            sign(READY, gettext("in service"))
            if number.is_active
            else sign(OFF, gettext("out of service"))
        )

    @admin.display(description=_("greeting"), ordering="greeting")
    def greeting_words(self, number: Number) -> str:
        return line.speech().greetings().get(number.greeting, number.greeting)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "hours":
            hours = OpeningHours.objects.values_list("name", "title")
            return forms.ChoiceField(
                label=db_field.verbose_name,
                help_text=db_field.help_text,
                required=False,
                choices=[("", _("around the clock")), *hours],
                widget=UnfoldAdminSelectWidget,
            )
        if db_field.name in ("greeting", "closed_greeting"):  # only what there are words for
            return forms.ChoiceField(
                label=db_field.verbose_name,
                choices=list(line.speech().greetings().items()),
                widget=UnfoldAdminSelectWidget,
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Number | None = None) -> Any:
        return ("number",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # calls name it for ever


VERSIONS = {
    MenuVersion.State.DRAFT: "st-wrap",
    MenuVersion.State.PUBLISHED: READY,
    MenuVersion.State.RETIRED: OFF,
    MenuVersion.State.DROPPED: "st-stale",
}


@admin.register(Menu)
class MenuAdmin(ReadOnlyAdmin):
    list_display = ("name", "slug")
    fields = ("name", "slug")


@admin.register(MenuVersion)
class MenuVersionAdmin(ReadOnlyAdmin):
    """All versions; each opens on the menu desk."""

    list_display = ("version", "state_shown", "edited_by", "due_at", "published_at", "published_by")
    list_select_related = ("menu", "published_by", "edited_by")
    list_filter = ("menu", "state")

    class Media:
        css = STYLES

    @admin.display(description=_("version"), ordering="number")
    def version(self, row: MenuVersion) -> str:
        return str(row)

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, row: MenuVersion) -> str:
        return sign(VERSIONS[MenuVersion.State(row.state)], row.get_state_display())

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        row = self.get_object(request, unquote(object_id or ""))
        if row is None or not self.has_view_permission(request, row):
            return super().changeform_view(request, object_id, form_url, extra_context)
        return redirect("menudesk:version", row.pk)


@admin.register(Announcement)
class AnnouncementAdmin(ReadOnlyAdmin):
    """What was announced when, and who said so. It is switched on the menu desk."""

    list_display = ("words", "number", "on_at", "on_by", "until", "off_at", "off_by")
    list_select_related = ("number", "on_by", "off_by")
    fields = ("words", "number", "on_at", "on_by", "until", "off_at", "off_by")
    readonly_fields = ("words",)

    @admin.display(description=_("words"))
    def words(self, row: Announcement) -> str:
        said = wording.words()["zh"].get(row.prompt)
        return said.text if said else row.prompt
