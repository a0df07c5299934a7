"""What the prompt studio keeps: words, recordings, readings. The studio's page leads here."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from banking.admin.parts import STYLES, user_of
from banking.signs import OFF, READY, sign
from calendars import clock
from people.errors import Refusal
from people.office import Leads, OfficeAdmin, ReadOnlyAdmin
from telephony import laying, readings, rendering, studio, wording
from telephony.models import OwnPrompt, Reading, Recording, Rewording
from telephony.prompts import dictionary, voice

STATES = {
    Recording.State.WAITING: "st-wrap",
    Recording.State.USED: READY,
    Recording.State.REFUSED: OFF,
    Recording.State.DROPPED: OFF,
    Recording.State.PAST: OFF,
}
WORDINGS = {
    Rewording.State.WAITING: "st-wrap",
    Rewording.State.APPROVED: "st-wrap",
    Rewording.State.USED: READY,
    Rewording.State.REFUSED: OFF,
    Rewording.State.DROPPED: OFF,
    Rewording.State.PAST: OFF,
}


@admin.register(OwnPrompt)
class OwnPromptAdmin(OfficeAdmin):
    """Words of the bank's own. Callers hear them once they are recorded and a menu names them."""

    list_display = ("key", "lang", "text")
    list_filter = ("lang",)
    search_fields = ("key", "text")

    class Media:
        css = STYLES

    def get_readonly_fields(self, request: HttpRequest, obj: OwnPrompt | None = None) -> Any:
        """Once it can be heard its words change in the studio, so that it stays heard."""
        return ("key", "lang", "text") if obj and _is_heard(obj) else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        laying.lay_out()  # its words; until it is recorded nobody hears them

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a version of the menu may name it


def _is_heard(row: OwnPrompt) -> bool:
    book = wording.prompts()
    own = (prompt for prompt in book.own_prompts(row.lang) if prompt.key == row.key)
    return any(book.has_audio(prompt) for prompt in own)


@admin.register(Rewording)
class RewordingAdmin(Leads, ReadOnlyAdmin):
    """Who changed the words of which prompt, who approved it, how long it was heard."""

    list_display = ("key", "lang", "text", "state_shown", "made_at", "made_by", "decided_by")
    list_filter = ("state", "lang")
    list_select_related = ("made_by", "decided_by")
    search_fields = ("key", "text")
    fields = (
        *("key", "lang", "before", "text", "state_shown", "made_at", "made_by"),
        *("decided_at", "decided_by", "used_at", "ended_at", "ended_by", "in_the_studio"),
    )
    readonly_fields = ("state_shown", "in_the_studio")

    class Media:
        css = STYLES

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, row: Rewording) -> SafeString:
        return sign(WORDINGS[Rewording.State(row.state)], row.get_state_display())

    @admin.display(description=_("prompt studio"))
    def in_the_studio(self, row: Rewording) -> SafeString:
        page = f"{reverse('studio:prompts')}?lang={row.lang}&at={row.key}"
        return format_html('<a class="link" href="{}">{}</a>', page, gettext("Listen there"))


class UploadForm(forms.ModelForm):  # type: ignore[type-arg]
    """A studio's WAV for one file of a prompt."""

    file = forms.CharField(
        label=_("file"),
        help_text=_("As the prompt studio names it: zh/goodbye.wav"),
        widget=UnfoldAdminTextInputWidget,
    )
    wav = forms.FileField(label=_("recording"), help_text=_("16-bit WAV, at most a minute."))
    reason = forms.CharField(label=_("reason"), max_length=200, widget=UnfoldAdminTextInputWidget)

    class Meta:
        model = Recording
        fields: tuple[str, ...] = ()


@admin.register(Recording)
class RecordingAdmin(Leads, ReadOnlyAdmin):
    """Uploaded or rendered, checked, levelled; heard once somebody else approved it."""

    list_display = (
        *("file", "words", "origin", "state_shown", "seconds", "listen", "made_by", "decided_by"),
    )
    list_filter = ("state", "origin")
    list_select_related = ("made_by", "decided_by")
    search_fields = ("file", "text")
    fields = (
        *("file", "words", "origin", "read_as", "state_shown", "seconds", "listen"),
        *("made_at", "made_by", "decided_at", "decided_by", "ended_at", "ended_by"),
    )
    readonly_fields = ("words", "read_as", "state_shown", "listen")
    actions_detail = ("take_back",)

    class Media:
        css = STYLES

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("audio")

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

    @admin.display(description=_("read as"))
    def read_as(self, row: Recording) -> str:
        return "; ".join(f"{word} {said}" for word, said in row.readings.items()) or "—"

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
            studio.take_back(int(object_id), by=user_of(request), at=clock.now())
            messages.success(request, gettext("Taken back."))
        except Refusal as refusal:
            messages.error(request, str(refusal))
        page = reverse("admin:telephony_recording_change", args=[object_id])
        return HttpResponse(headers={"HX-Redirect": page})


class ReasonForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    reason = forms.CharField(label=_("reason"), max_length=200, widget=UnfoldAdminTextInputWidget)


@admin.register(Reading)
class ReadingAdmin(OfficeAdmin):
    """How words are read: the bank's rows, and below them what ships."""

    list_display = ("word", "said", "lang", "note", "over")
    list_filter = ("lang",)
    search_fields = ("word", "said", "note")
    fields = ("lang", "word", "said", "note")
    actions_detail = ("try_it", "render_again")
    list_after_template = "telephony/readings_shipped.html"
    change_form_after_template = "telephony/reading_outdated.html"

    class Media:
        css = STYLES

    @admin.display(description=_("what ships"))
    def over(self, row: Reading) -> str:
        return dictionary.shipped(row.lang).get(row.word, "—")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        own = set(Reading.objects.values_list("lang", "word"))
        shipped = [
            (lang, word, said, (lang, word) in own)
            for lang in wording.prompts().languages
            for word, said in dictionary.shipped(lang).items()
        ]
        return super().changelist_view(request, {"shipped": shipped, **(extra_context or {})})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        row = Reading.objects.filter(pk=object_id).first() if object_id else None
        context = {
            "outdated": readings.outdated(row.word) if row else [],
            "lacks": voice.of_this_bank().lacks(),
            "reading": row,
        }
        return super().changeform_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    def response_change(self, request: HttpRequest, obj: Reading) -> HttpResponse:
        """What was rendered by the old reading is on the page: she is led there."""
        stale = len(readings.outdated(obj.word))
        if stale and "_addanother" not in request.POST:
            messages.warning(
                request,
                ngettext(
                    "%(count)s piece is heard with another reading. It is listed below.",
                    "%(count)s pieces are heard with another reading. They are listed below.",
                    stale,
                )
                % {"count": stale},
            )
            return self._to(obj)
        answer: HttpResponse = super().response_change(request, obj)
        return answer

    def response_add(
        self, request: HttpRequest, obj: Reading, post_url_continue: Any = None
    ) -> HttpResponse:
        if readings.outdated(obj.word) and "_addanother" not in request.POST:
            return self.response_change(request, obj)
        answer: HttpResponse = super().response_add(request, obj, post_url_continue)
        return answer

    def _to(self, row: Reading) -> HttpResponse:
        page = reverse("admin:telephony_reading_change", args=[row.pk])
        return redirect(page)

    def has_try_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if not request.user.has_perm("telephony.change_reading"):
            return False
        return object_id is None or Reading.objects.filter(pk=object_id).exists()

    def has_render_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if not request.user.has_perm("telephony.add_recording"):
            return False
        if object_id is None:
            return True
        row = Reading.objects.filter(pk=object_id).first()
        return bool(row and readings.outdated(row.word))

    @action(  # type: ignore[untyped-decorator]  # unfold is untyped
        description=_("Try it"),
        icon="play_arrow",
        permissions=["try"],
        dialog={
            "title": _("Hear this word"),
            "description": _("The voice reads it as it is saved. No caller hears it."),
            "form_class": BaseDialogForm,
            "form_submit_text": _("Read it"),
        },
    )
    def try_it(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        row = Reading.objects.get(pk=object_id)
        try:
            order = rendering.try_word(row, by=user_of(request), at=clock.now())
        except Refusal as refusal:
            messages.error(request, str(refusal))
            page = reverse("admin:telephony_reading_change", args=[object_id])
        else:
            page = reverse("studio:rendering", args=[order.pk])
        return HttpResponse(headers={"HX-Redirect": page})

    @action(  # type: ignore[untyped-decorator]  # unfold is untyped
        description=_("Render again"),
        icon="refresh",
        permissions=["render"],
        dialog={
            "title": _("Render again what is read otherwise"),
            "description": _("Each piece waits for approval; until then callers hear the old one."),
            "form_class": ReasonForm,
            "form_submit_text": _("Render again"),
        },
    )
    def render_again(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        row = Reading.objects.get(pk=object_id)
        try:
            order = rendering.ask(
                rendering.again(readings.outdated(row.word)),
                reason=form.cleaned_data["reason"],
                by=user_of(request),
                at=clock.now(),
            )
        except Refusal as refusal:
            messages.error(request, str(refusal))
            page = reverse("admin:telephony_reading_change", args=[object_id])
        else:
            page = reverse("studio:rendering", args=[order.pk])
        return HttpResponse(headers={"HX-Redirect": page})
