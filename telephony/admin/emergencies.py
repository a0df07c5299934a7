"""Emergency messages: the oldest first, listened to here, and one verb."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import BaseDialogForm

from banking.admin.parts import ListAdmin, PresetFilter, moment, user_of
from banking.signs import BREACH, MET, sign
from calendars import clock
from people import access
from people.errors import Refusal
from telephony import emergencies, listening, story
from telephony.models import EmergencyMessage


class MessageState(PresetFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("Waiting")), ("done", _("Taken care of")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if self.chosen() == "all" else queryset.filter(state=self.chosen())


@admin.register(EmergencyMessage)
class EmergencyMessageAdmin(ListAdmin):
    """Each may be a lost card: who has waited longest is heard next."""

    list_display = ("left", "masked_caller", "seconds", "state_shown", "done_at", "done_by")
    list_display_links = ("left",)
    list_filter = (MessageState,)
    list_select_related = ("done_by",)
    fields = ("left", "caller_shown", "seconds", "listen", "state_shown", "done_at", "done_by")
    readonly_fields = fields
    actions_detail = ("taken_care_of",)

    @admin.display(description=_("left at"), ordering="left_at")
    def left(self, row: EmergencyMessage) -> str:
        return moment(row.left_at)

    @admin.display(description=_("caller"))
    def masked_caller(self, row: EmergencyMessage) -> str:
        return story.masked_caller(row.caller)

    @admin.display(description=_("caller"))
    def caller_shown(self, row: EmergencyMessage) -> str:
        return row.caller if row.may_be_called else story.masked_caller(row.caller)  # type: ignore[attr-defined]

    @admin.display(description=_("message"))
    def listen(self, row: EmergencyMessage) -> str:
        if not row.may_be_heard:  # type: ignore[attr-defined]
            return "—"
        source = reverse("admin:telephony_emergencymessage_audio", args=[row.pk])
        return format_html('<audio controls preload="none" src="{}"></audio>', source)

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, row: EmergencyMessage) -> str:
        done = row.state == EmergencyMessage.State.DONE
        return sign(MET if done else BREACH, row.get_state_display())

    def get_urls(self) -> list[URLPattern | URLResolver]:
        view = self.admin_site.admin_view(self.audio)
        own = path("<int:pk>/audio/", view, name="telephony_emergencymessage_audio")
        urls: list[URLPattern | URLResolver] = super().get_urls()
        return [own, *urls]

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> EmergencyMessage | None:
        """Who may do something about it sees the number in full, and that is written down."""
        row: EmergencyMessage | None = super().get_object(request, object_id, from_field)
        if row is None:
            return None
        may = self._may_hear(request)
        row.may_be_heard = may  # type: ignore[attr-defined]
        row.may_be_called = may and row.state == EmergencyMessage.State.WAITING  # type: ignore[attr-defined]
        if row.may_be_called:  # type: ignore[attr-defined]
            self._record(request, row, "caller")
        return row

    def audio(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The recording, to who takes care of such messages; that it was heard is written down."""
        if not self._may_hear(request):
            raise PermissionDenied
        row = get_object_or_404(EmergencyMessage, pk=pk)
        said = listening.answer(request, settings.RECORDINGS / row.file)
        if listening.is_beginning(request):
            self._record(request, row, "file")
        return said

    def _record(self, request: HttpRequest, row: EmergencyMessage, field: str) -> None:
        access.record(
            user_of(request),
            "reveal",
            row,
            field=field,
            reason=f"emergency message {row.pk}",
            address=request.META.get("REMOTE_ADDR"),
            at=clock.now(),
        )

    def _may_hear(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("telephony.change_emergencymessage"))

    def has_taken_care_of_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if not self._may_hear(request):
            return False
        waiting = EmergencyMessage.objects.filter(state=EmergencyMessage.State.WAITING)
        return object_id is None or waiting.filter(pk=object_id).exists()

    @action(  # type: ignore[untyped-decorator]  # unfold is untyped
        description=_("Taken care of"),
        icon="task_alt",
        permissions=["taken_care_of"],
        dialog={
            "title": _("Taken care of"),
            "description": _("You listened to the message and did what the caller needs."),
            "form_class": BaseDialogForm,
            "form_submit_text": _("Taken care of"),
        },
    )
    def taken_care_of(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        try:
            emergencies.taken_care_of(int(object_id), by=user_of(request), at=clock.now())
            messages.success(request, gettext("The message is taken care of."))
        except Refusal as refusal:
            messages.error(request, str(refusal))
        page = reverse("admin:telephony_emergencymessage_changelist")
        return HttpResponse(headers={"HX-Redirect": page})
