"""Zips of recordings: uploaded, each file checked and named, approved as one by somebody else."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import BaseDialogForm

from banking import signs
from banking.admin.decisions import back_to
from banking.admin.fraud_forms import ReasonForm
from banking.admin.parts import PageAdmin, moment, page_of, user_of
from banking.models import Customer
from calendars import clock
from people import approvals
from people.errors import Refusal
from people.models import Approval
from telephony import studio_batch
from telephony.models import BatchFile, RecordingBatch

State = RecordingBatch.State
Verdict = BatchFile.Verdict

STATES = {
    State.OPEN: signs.DUE,
    State.USED: signs.MET,
    State.REFUSED: signs.OFF,
    State.DROPPED: signs.OFF,
}
VERDICTS = {  # what is wrong first
    Verdict.UNKNOWN: signs.BREACH,
    Verdict.TWICE: signs.BREACH,
    Verdict.FORMAT: signs.BREACH,
    Verdict.LENGTH: signs.BREACH,
    Verdict.SILENCE: signs.BREACH,
    Verdict.TO_CHECK: signs.DUE,
    Verdict.FITS: signs.MET,
}


class ZipForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a studio hands over."""

    wavs = forms.FileField(
        label=_("zip"),
        help_text=_(
            "16-bit WAV files named as the list of recordings names them: yue/goodbye.wav. "
            "At most 2,000 files and 300 MB unpacked."
        ),
    )

    class Meta:
        model = RecordingBatch
        fields: tuple[str, ...] = ()


@admin.register(RecordingBatch)
class RecordingBatchAdmin(PageAdmin):
    list_display = ("name", "uploaded", "made_by", "counted", "state_shown", "decided_by")
    list_filter = ("state",)
    list_select_related = ("made_by", "decided_by")
    search_fields = ("name",)
    change_form_template = "telephony/recording_batch.html"
    add_form_template = "admin/change_form.html"  # the theme's own
    actions_detail = ("ask", "drop")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        fits = Q(files__verdict=Verdict.FITS)
        counted: QuerySet[Any] = rows.annotate(
            fitting=Count("files", filter=fits), all=Count("files")
        )
        return counted

    def customers_of(self, subject: RecordingBatch) -> Iterable[Customer]:
        return ()

    def reason(self, subject: RecordingBatch) -> str:
        return gettext("opened zip %(name)s") % {"name": subject}

    @admin.display(description=_("uploaded at"), ordering="made_at")
    def uploaded(self, row: RecordingBatch) -> str:
        return moment(row.made_at)

    @admin.display(description=_("that fit"))
    def counted(self, row: Any) -> str:
        return f"{row.fitting} / {row.all}"

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, row: RecordingBatch) -> SafeString:
        return signs.sign(STATES[State(row.state)], row.get_state_display())

    def facts(self, request: HttpRequest, subject: RecordingBatch) -> dict[str, Any]:
        files = list(subject.files.select_related("recording").defer("raw", "recording__audio"))
        order = list(VERDICTS)
        files.sort(key=lambda file: (order.index(Verdict(file.verdict)), file.path))
        counts = Counter(file.verdict for file in files)
        asked = _asked(subject)
        return {
            "batch": subject,
            "state": self.state_shown(subject),
            "asked_url": page_of(asked)
            if asked and request.user.has_perm("people.view_approval")
            else "",
            "asked": asked,
            "left": counts[Verdict.TO_CHECK],
            "counts": [
                (signs.sign(VERDICTS[verdict], str(verdict.label)), counts[verdict])
                for verdict in VERDICTS
                if counts[verdict]
            ],
            "files": [
                (
                    file,
                    signs.sign(VERDICTS[Verdict(file.verdict)], file.get_verdict_display()),
                    page_of(file.recording) if file.recording else "",
                )
                for file in files
            ],
        }

    # -- a new one -----------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("telephony.add_recordingbatch")

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_form(request, obj, **kwargs) if obj else ZipForm

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("wavs",)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The service opens its own transaction, so the form's is left out."""
        if object_id is not None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        if request.method == "POST" and self.has_add_permission(request):
            form = ZipForm(request.POST, request.FILES)
            for wrong in form.errors.values():
                messages.error(request, str(wrong[0]))
            if form.is_valid():
                zipped = form.cleaned_data["wavs"]
                try:
                    made = studio_batch.receive(
                        zipped.name, zipped, by=user_of(request), at=clock.now()
                    )
                except Refusal as refusal:
                    messages.error(request, str(refusal))
                else:
                    messages.success(
                        request, gettext("Uploaded. The recordings are checked within minutes.")
                    )
                    return self.response_post_save_add(request, made)
            request.method = "GET"  # the form again, with what was wrong above it
        once = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super(PageAdmin, self).changeform_view(
            request, None, form_url, {**once, **(extra_context or {})}
        )

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """To what was in it."""
        return HttpResponse(status=302, headers={"Location": page_of(obj)})

    # -- verbs ---------------------------------------------------------------------------------

    def has_drop_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if not request.user.has_perm("telephony.add_recording"):
            return False
        waiting = RecordingBatch.objects.filter(state=State.OPEN)
        return object_id is None or waiting.filter(pk=object_id).exists()

    def has_ask_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if not self.has_drop_permission(request, object_id):
            return False
        return object_id is None or _asked(RecordingBatch(pk=object_id)) is None

    @action(  # type: ignore[untyped-decorator]  # unfold is untyped
        description=_("Ask for approval"),
        icon="how_to_reg",
        permissions=["ask"],
        dialog={
            "title": _("Ask for approval"),
            "description": _("Somebody else listens and decides about all that fit, as one."),
            "form_class": ReasonForm,
            "form_submit_text": _("Ask"),
        },
    )
    def ask(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        return back_to(
            request,
            page_of(RecordingBatch(pk=int(object_id))),
            lambda: studio_batch.ask(
                int(object_id),
                reason=form.cleaned_data["reason"],
                by=user_of(request),
                at=clock.now(),
            ),
            gettext("Asked. Somebody else decides under Approvals."),
        )

    @action(  # type: ignore[untyped-decorator]
        description=_("Drop it"),
        icon="delete",
        permissions=["drop"],
        dialog={
            "title": _("Drop this zip"),
            "description": _("None of its recordings is used. What callers hear stays as it is."),
            "form_class": BaseDialogForm,
            "form_submit_text": _("Drop it"),
        },
    )
    def drop(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return back_to(
            request,
            page_of(RecordingBatch(pk=int(object_id))),
            lambda: studio_batch.drop(int(object_id)),
            gettext("Dropped."),
        )


def _asked(batch: RecordingBatch) -> Approval | None:
    """What waits for a decision about it."""
    subject = approvals.named(batch)
    return Approval.objects.filter(approvals.still_open(clock.now()), subject=subject).first()
