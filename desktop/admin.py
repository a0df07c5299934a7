"""Wallboards: who has a link, and taking it back."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from banking import signs
from banking.admin.parts import STYLES, moment, user_of
from calendars import clock
from desktop.board import boards
from desktop.models import Board
from people.errors import Refusal
from people.office import ReadOnlyAdmin, in_dialog
from people.words import listed
from routing.models import Queue


class LinkForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    name = forms.CharField(
        label=_("Where the screen hangs"),
        max_length=40,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off", "autofocus": True}),
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, widget=UnfoldAdminSelectWidget
    )
    queues = forms.ModelMultipleChoiceField(
        label=_("Queues; none is all"),
        queryset=Queue.objects.filter(is_active=True),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )


@admin.register(Board)
class BoardAdmin(ReadOnlyAdmin):
    list_display = ("name", "state_shown", "queues_shown", "language", "created", "created_by")
    list_select_related = ("created_by", "revoked_by")
    search_fields = ("name",)
    fields = (
        "name",
        "language",
        "queues_shown",
        "created_at",
        "created_by",
        "revoked_at",
        "revoked_by",
    )
    readonly_fields = ("queues_shown",)
    actions_list = ("create_link",)
    actions_detail = ("revoke",)

    class Media:
        css = STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[Board]:
        found: QuerySet[Board] = super().get_queryset(request)
        return found.prefetch_related("queues")

    @admin.display(description=_("state"))
    def state_shown(self, row: Board) -> SafeString:
        if row.revoked_at is None:
            return signs.sign(signs.READY, gettext("link in use"))
        return signs.sign(signs.OFF, gettext("revoked"))

    @admin.display(description=_("queues"))
    def queues_shown(self, row: Board) -> str:
        return listed(queue.name for queue in row.queues.all()) or gettext("all queues")

    @admin.display(description=_("created"), ordering="created_at")
    def created(self, row: Board) -> str:
        return moment(row.created_at)

    @action(
        description=_("Create a link"),
        icon="add_link",
        permissions=["desktop.add_board"],
        dialog={
            "title": _("Create a link"),
            "description": _("Whoever has it sees the wallboard without a log-in."),
            "form_class": LinkForm,
            "form_submit_text": _("Create"),
        },
    )
    def create_link(self, request: HttpRequest, form: LinkForm) -> HttpResponse:
        """Shown in the dialog itself, once: in no message, cookie or cache."""
        wanted = form.cleaned_data
        board, link = boards.create(
            name=wanted["name"],
            language=wanted["language"],
            queues=wanted["queues"],
            by=user_of(request),
            at=clock.now(),
        )
        page = request.build_absolute_uri(reverse("board:board", args=[link]))
        return in_dialog(request, "board/created.html", {"board": board, "page": page})

    def has_revoke_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if not request.user.has_perm("desktop.change_board"):
            return False
        in_use = Board.objects.filter(revoked_at=None)
        return object_id is None or in_use.filter(pk=object_id).exists()

    @action(
        description=_("Revoke the link"),
        icon="link_off",
        permissions=["revoke"],
        dialog={
            "title": _("Revoke the link"),
            "description": _("Every screen that shows it stops at once, and says why."),
            "form_class": BaseDialogForm,
            "form_submit_text": _("Revoke"),
        },
    )
    def revoke(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        try:
            board = boards.revoke(int(object_id), by=user_of(request), at=clock.now())
            messages.success(
                request, gettext("The link of %(board)s is revoked.") % {"board": board}
            )
        except Refusal as refusal:
            messages.error(request, str(refusal))
        page = reverse("admin:desktop_board_change", args=[object_id])
        return HttpResponse(headers={"HX-Redirect": page})
