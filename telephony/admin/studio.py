"""The prompt studio: what each prompt says, what was recorded, and who approved it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from banking.admin.parts import STYLES, user_of
from banking.admin.signs import OFF, READY, sign
from calendars import clock
from people.errors import Refusal
from people.office import OfficeAdmin, ReadOnlyAdmin
from telephony import studio
from telephony.models import OwnPrompt, Recording

STATES = {
    Recording.State.WAITING: "st-wrap",
    Recording.State.USED: READY,
    Recording.State.REFUSED: OFF,
    Recording.State.PAST: OFF,
}


@admin.register(OwnPrompt)
class OwnPromptAdmin(OfficeAdmin):
    """Words of the bank's own. Callers hear them once they are recorded and a menu names them."""

    list_display = ("key", "lang", "text")
    list_filter = ("lang",)
    search_fields = ("key", "text")

    class Media:
        css = STYLES

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        studio.lay_out()  # its words; until it is recorded nobody hears them

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a version of the menu may name it


class UploadForm(forms.ModelForm):  # type: ignore[type-arg]
    """A studio's WAV for one file of a prompt."""

    file = forms.CharField(
        label=_("file"),
        help_text=_("As the list of prompts names it: zh/goodbye.wav"),
        widget=UnfoldAdminTextInputWidget,
    )
    wav = forms.FileField(label=_("recording"), help_text=_("16-bit WAV, at most a minute."))
    reason = forms.CharField(label=_("reason"), max_length=200, widget=UnfoldAdminTextInputWidget)

    class Meta:
        model = Recording
        fields: tuple[str, ...] = ()


@admin.register(Recording)
class RecordingAdmin(ReadOnlyAdmin):
    """Uploaded, checked, levelled; heard by callers once somebody else approved it."""

    list_display = ("file", "words", "state_shown", "seconds", "listen", "made_by", "decided_by")
    list_filter = ("state",)
    list_select_related = ("made_by", "decided_by")
    search_fields = ("file", "text")
    fields = (
        *("file", "words", "state_shown", "seconds", "listen"),
        *("made_at", "made_by", "decided_at", "decided_by"),
    )
    readonly_fields = ("words", "state_shown", "listen")
    actions_detail = ("take_back",)

    class Media:
        css = STYLES

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("telephony.add_recording")

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_form(request, obj, **kwargs) if obj else UploadForm

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else ("file", "wav", "reason")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj else ()

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """The service opens its own transaction, so the form's is left out."""
        if request.method != "POST" or not self.has_add_permission(request):
            return super().add_view(request, form_url, extra_context)
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            asked = form.cleaned_data
            try:
                made = studio.upload(
                    asked["file"],
                    asked["wav"].read(studio.LARGEST),
                    reason=asked["reason"],
                    by=user_of(request),
                    at=clock.now(),
                )
            except Refusal as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(
                    request, gettext("Uploaded. Somebody else is asked to approve it.")
                )
                return self.response_post_save_add(request, made)
        request.method = "GET"  # the form again, with what was wrong above it
        return super().add_view(request, form_url, extra_context)

    @admin.display(description=_("words"), ordering="text")
    def words(self, row: Recording) -> str:
        return row.text

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, row: Recording) -> SafeString:
        return sign(STATES[Recording.State(row.state)], row.get_state_display())

    @admin.display(description=_("listen"))
    def listen(self, row: Recording) -> SafeString:
        address = reverse("admin:telephony_recording_audio", args=[row.pk])
        return format_html('<audio controls preload="none" src="{}"></audio>', address)

    def get_urls(self) -> list[Any]:
        audio = path(
            "<int:pk>/audio/",
            self.admin_site.admin_view(self.audio),
            name="telephony_recording_audio",
        )
        return [audio, *super().get_urls()]

    def audio(self, request: HttpRequest, pk: int) -> HttpResponse:
        """As callers would hear it."""
        if not self.has_view_permission(request):
            return HttpResponse(status=403)
        found = Recording.objects.filter(pk=pk).first()
        if found is None:
            return HttpResponse(status=404)
        return HttpResponse(bytes(found.audio), content_type="audio/wav")

    def has_take_back_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if not request.user.has_perm("telephony.change_recording"):
            return False
        used = Recording.objects.filter(state=Recording.State.USED)
        return object_id is None or used.filter(pk=object_id).exists()

    @action(  # type: ignore[untyped-decorator]  # unfold is untyped
        description=_("Take it back"),
        icon="undo",
        permissions=["take_back"],
        dialog={
            "title": _("Take this recording back"),
            "description": _("From their next call on callers hear what ships."),
            "form_class": BaseDialogForm,
            "form_submit_text": _("Take it back"),
        },
    )
    def take_back(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        try:
            studio.take_back(int(object_id))
            messages.success(request, gettext("Taken back."))
        except Refusal as refusal:
            messages.error(request, str(refusal))
        page = reverse("admin:telephony_recording_change", args=[object_id])
        return HttpResponse(headers={"HX-Redirect": page})
