"""What waits for a second pair of eyes, the oldest first, and the verbs of who decides."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from calendars import clock
from people import access, approvals
from people.errors import Refusal
from people.models import Approval
from people.office import STYLES, ListAdmin, PresetFilter, moment, user_of
from people.signs import sign

SHAPES = {
    Approval.State.OPEN: "st-due",
    Approval.State.APPROVED: "st-met",
    Approval.State.REFUSED: "st-warn",
    Approval.State.WITHDRAWN: "st-off",
    Approval.State.LAPSED: "st-off",
}


class WhyForm(BaseDialogForm):  # type: ignore[misc]  # unfold is untyped
    """A no without a word helps nobody."""

    note = forms.CharField(
        label=_("Why"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        error_messages={"required": approvals.NoWord.text},
    )


class NoteForm(WhyForm):
    note = forms.CharField(
        label=_("Note"),
        max_length=200,
        required=False,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
    )


class Waiting(PresetFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("To be decided")), ("closed", _("Decided or lapsed")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        waits = approvals.still_open(clock.now())
        match self.chosen():
            case "open":
                return queryset.filter(waits).order_by("asked_at")  # who waits longest is first
            case "closed":
                return queryset.exclude(waits)
        return queryset


class KindFilter(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, str(kind.title)) for name, kind in approvals.kinds().items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Approval)
class ApprovalAdmin(ListAdmin):
    list_display = (
        "asked",
        "kind_shown",
        "summary",
        "reason",
        "asked_by",
        "lapses",
        "state_shown",
        "decided_by",
    )
    list_display_links = ("asked", "kind_shown")
    list_filter = (Waiting, KindFilter)
    list_select_related = ("asked_by", "decided_by")
    sortable_by = ("asked",)
    fields = (
        "kind_shown",
        "summary",
        "about",
        "reason",
        "asked_by",
        "asked",
        "lapses",
        "state_shown",
        "decided_by",
        "decided",
        "note",
    )
    readonly_fields = fields
    actions_detail = ("approve", "refuse", "withdraw")

    class Media:
        css = STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[Approval]:
        return approvals.visible(user_of(request))

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Approval | None:
        """Opening one shows a customer's affairs: it is written down."""
        row: Approval | None = super().get_object(request, object_id, from_field)
        about = approvals.of(row).page(row) if row else None
        if row and about and self.has_view_permission(request, row):
            access.record(
                user_of(request),
                "view",
                about,
                reason=gettext("opened approval %(number)s") % {"number": row.pk},
                address=request.META.get("REMOTE_ADDR"),
                at=clock.now(),
            )
        return row

    @admin.display(description=_("asked at"), ordering="asked_at")
    def asked(self, row: Approval) -> str:
        return moment(row.asked_at)

    @admin.display(description=_("kind"))
    def kind_shown(self, row: Approval) -> str:
        return str(approvals.of(row).title)

    @admin.display(description=_("what is asked"))
    def summary(self, row: Approval) -> str:
        return format_html('<div class="asked">{}</div>', approvals.of(row).summary(row))

    @admin.display(description=_("about"))
    def about(self, row: Approval) -> str:
        """A link for who may follow it."""
        about = approvals.of(row).page(row)
        if about is None:
            return "—"
        model = about._meta
        try:
            page = reverse(f"admin:{model.app_label}_{model.model_name}_change", args=[about.pk])
        except NoReverseMatch:
            return str(model.verbose_name)
        return format_html('<a class="link" href="{}">{}</a>', page, model.verbose_name)

    @admin.display(description=_("lapses at"), ordering="expires_at")
    def lapses(self, row: Approval) -> str:
        return moment(row.expires_at)

    @admin.display(description=_("decided at"))
    def decided(self, row: Approval) -> str:
        return moment(row.decided_at)

    @admin.display(description=_("state"))
    def state_shown(self, row: Approval) -> str:
        state = Approval.State(row.state)
        if state is Approval.State.OPEN and row.has_lapsed(clock.now()):
            state = Approval.State.LAPSED
        return sign(SHAPES[state], str(state.label))

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Of an open one that somebody else asked; without one: of any kind at all."""
        user = user_of(request)
        if object_id is None:
            return any(user.has_perm(kind.decide) for kind in approvals.kinds().values())
        row = self._open(request, object_id)
        return bool(row and row.asked_by_id != user.pk and user.has_perm(approvals.of(row).decide))

    def has_withdraw_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        user = user_of(request)
        if object_id is None:
            return any(user.has_perm(kind.ask) for kind in approvals.kinds().values())
        row = self._open(request, object_id)
        return bool(row and row.asked_by_id == user.pk)

    def _open(self, request: HttpRequest, object_id: Any) -> Approval | None:
        return (
            approvals.visible(user_of(request))
            .filter(approvals.still_open(clock.now()), pk=object_id)
            .first()
        )

    @action(  # type: ignore[untyped-decorator]  # unfold is untyped
        description=_("Approve"),
        icon="done_all",
        permissions=["decide"],
        dialog={
            "title": _("Approve"),
            "description": _("It is carried out at once, under both names."),
            "form_class": NoteForm,
            "form_submit_text": _("Approve"),
        },
    )
    def approve(self, request: HttpRequest, form: NoteForm, object_id: str) -> HttpResponse:
        return _answer(
            request,
            lambda: approvals.approve(
                int(object_id),
                by=user_of(request),
                at=clock.now(),
                note=form.cleaned_data["note"],
            ),
            gettext("Approved and carried out."),
        )

    @action(  # type: ignore[untyped-decorator]  # unfold is untyped
        description=_("Refuse"),
        icon="block",
        permissions=["decide"],
        dialog={
            "title": _("Refuse"),
            "description": _("Nothing is done, and who asked reads why."),
            "form_class": WhyForm,
            "form_submit_text": _("Refuse"),
        },
    )
    def refuse(self, request: HttpRequest, form: WhyForm, object_id: str) -> HttpResponse:
        return _answer(
            request,
            lambda: approvals.refuse(
                int(object_id),
                by=user_of(request),
                at=clock.now(),
                note=form.cleaned_data["note"],
            ),
            gettext("Refused. Nothing was changed."),
        )

    @action(  # type: ignore[untyped-decorator]  # unfold is untyped
        description=pgettext_lazy("a request", "Withdraw"),
        icon="undo",
        permissions=["withdraw"],
        dialog={
            "title": pgettext_lazy("a request", "Withdraw"),
            "description": _("Nobody has to decide it any more."),
            "form_class": BaseDialogForm,
            "form_submit_text": pgettext_lazy("a request", "Withdraw"),
        },
    )
    def withdraw(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return _answer(
            request,
            lambda: approvals.withdraw(int(object_id), by=user_of(request), at=clock.now()),
            gettext("Withdrawn. Nothing was changed."),
        )


def _answer(request: HttpRequest, verb: Callable[[], Approval], done: str) -> HttpResponse:
    """Do it, say what came of it, and show what waits next."""
    try:
        verb()
        messages.success(request, done)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return HttpResponse(headers={"HX-Redirect": reverse("admin:people_approval_changelist")})
