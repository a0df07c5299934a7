"""Numbers and menus: which greeting, which tree. What was published never changes."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget

from banking.admin.parts import STYLES, user_of
from banking.admin.signs import OFF, READY, sign
from calendars import clock
from people.errors import Refusal
from people.office import OfficeAdmin, ReadOnlyAdmin
from telephony import menus, publishing, story
from telephony.ivr import registry
from telephony.models import Menu, MenuVersion, Number
from telephony.phone import line


@admin.register(Number)
class NumberAdmin(OfficeAdmin):
    """Who dials it hears which greeting and which menu. History shows each change."""

    list_display = ("number", "menu", "greeting_words", "in_service")
    fields = ("number", "menu", "greeting", "is_active")
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
        if db_field.name == "greeting":  # only what there are words for
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
}


@admin.register(Menu)
class MenuAdmin(ReadOnlyAdmin):
    list_display = ("name", "slug")
    fields = ("name", "slug")


@admin.register(MenuVersion)
class MenuVersionAdmin(ReadOnlyAdmin):
    """A version as a tree. What was published is what callers heard: it never changes."""

    list_display = ("version", "state_shown", "published_at", "published_by")
    list_select_related = ("menu", "published_by")
    list_filter = ("menu", "state")
    change_form_template = "telephony/menu_version.html"
    actions_detail = ("publish",)

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
        tree = menus.load(row.pk)
        context = {
            "rows": list(story.branches(tree, registry.names())),
            "numbers": Number.objects.filter(menu=row.menu, is_active=True),
            "version": row,
            "state": self.state_shown(row),
            "title": str(row),
            "is_fullwidth": "1",
            **(extra_context or {}),
        }
        return super().changeform_view(request, object_id, form_url, context)

    def has_publish_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Only a draft can be published, by who owns menus."""
        if not request.user.has_perm("telephony.change_menuversion"):
            return False
        drafts = MenuVersion.objects.filter(state=MenuVersion.State.DRAFT)
        return object_id is None or drafts.filter(pk=object_id).exists()

    @action(  # type: ignore[untyped-decorator]  # unfold is untyped
        description=_("Publish"),
        icon="publish",
        permissions=["publish"],
        dialog={
            "title": _("Publish this version"),
            "description": _(
                "Callers hear it from their next call on. Calls in progress keep the version "
                "they began with."
            ),
            "form_class": BaseDialogForm,
            "form_submit_text": _("Publish"),
        },
    )
    def publish(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        try:
            version = publishing.publish(int(object_id), by=user_of(request), at=clock.now())
            messages.success(request, gettext("%(version)s is published.") % {"version": version})
        except Refusal as refusal:
            messages.error(request, str(refusal))
        page = reverse("admin:telephony_menuversion_change", args=[object_id])
        return HttpResponse(headers={"HX-Redirect": page})
