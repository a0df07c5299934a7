"""Whom the fraud guard watches: payees and numbers, each masked."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import BaseDialogForm

from banking import signs
from banking.admin.decisions import back_to
from banking.admin.fraud_forms import WatchForm
from banking.admin.parts import (
    ListAdmin,
    PresetFilter,
    moment,
    user_of,
)
from banking.fraud import watching
from banking.models import WatchEntry
from banking.secret import Secret
from calendars import clock
from people.errors import Refusal
from people.office import in_dialog


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
