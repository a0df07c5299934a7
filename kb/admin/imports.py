"""Files of articles: uploaded, looked at row by row, then the good rows are taken, or none."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget

from banking import signs
from banking.admin.decisions import back_to
from banking.admin.parts import page_of
from calendars import clock
from kb import importing
from kb.admin.versions import step
from kb.importing import Kind, Line
from kb.models import ArticleFile
from kb.sheets import columns, files
from kb.sheets.columns import Row
from kb.texts import Text
from kb.wordings import Change, changes
from people.office import ListAdmin, moment, user_of

State = ArticleFile.State
STATES = {State.OPEN: signs.DUE, State.TAKEN: signs.MET, State.LEFT: signs.OFF}
KINDS = {  # what is wrong first
    Kind.REFUSED: (signs.BREACH, pgettext_lazy("a row", "Refused")),
    Kind.CHANGED: (signs.TALK, pgettext_lazy("a row", "Changed")),
    Kind.NEW: (signs.READY, pgettext_lazy("a row", "New")),
    Kind.SAME: (signs.OFF, pgettext_lazy("a row", "Unchanged")),
}
A_PAGE = 50


class FileForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when run
    """What an editor brings; `rows` once it could be read."""

    sheet = forms.FileField(
        label=_("Excel or CSV file"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_(
            "The first sheet of an .xlsx file, or CSV in UTF-8 or GB 18030; the headings are those "
            "of an exported file. At most 20,000 rows. Attachments are named in it and not "
            "carried: they are brought on the article's page. "
            "Nothing is taken before you have seen it."
        ),
    )
    rows: list[Row]

    class Meta:
        model = ArticleFile
        fields: tuple[str, ...] = ()

    def clean_sheet(self) -> UploadedFile:
        found: UploadedFile = self.cleaned_data["sheet"]
        try:
            if (found.size or 0) > files.MOST_BYTES:
                raise files.TooLarge
            self.rows = files.read(found.read())
        except files.FileRefused as refusal:
            raise forms.ValidationError(str(refusal)) from None
        return found


@admin.register(ArticleFile)
class ArticleFileAdmin(ListAdmin):
    begins = _(
        "No file was brought yet. Bring an Excel or CSV file with an article a row; it shows what "
        "would change before anything does."
    )
    list_display = ("name", "brought_by", "brought", "row_count", "state_shown", "drafts")
    list_filter = ("state",)
    list_select_related = ("brought_by",)
    search_fields = ("name",)
    actions_detail = ("take", "leave")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request)
        return found.defer("rows")

    @admin.display(description=_("uploaded at"), ordering="brought_at")
    def brought(self, file: ArticleFile) -> str:
        return moment(file.brought_at)

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, file: ArticleFile) -> SafeString:
        return signs.sign(STATES[State(file.state)], file.get_state_display())

    @admin.display(description=_("drafts made"))
    def drafts(self, file: ArticleFile) -> str:
        if file.state != State.TAKEN:
            return "—"
        return str(file.outcome[Kind.NEW] + file.outcome[Kind.CHANGED])

    # -- a new one -----------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(importing.WRITE))

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_form(request, obj, **kwargs | {"form": FileForm})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("sheet",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        made = importing.bring(
            form.cleaned_data["sheet"].name, form.rows, by=user_of(request), at=clock.now()
        )
        obj.__dict__.update(made.__dict__)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        """To what is in it."""
        return HttpResponseRedirect(page_of(obj))

    # -- what is in it -------------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        subject = self.get_object(request, unquote(object_id)) if object_id else None
        if subject is None:
            once = {"show_save_and_add_another": False, "show_save_and_continue": False}
            context = {**once, **(extra_context or {})}
            return super().changeform_view(request, object_id, form_url, context)
        if not self.has_view_permission(request, subject):
            raise PermissionDenied
        facts = self._facts(request, subject)
        return self.record_page(request, "kb/import.html", str(subject), subject, facts)

    def _facts(self, request: HttpRequest, file: ArticleFile) -> dict[str, Any]:
        found = importing.plan(importing.rows_of(file), by=file.brought_by, at=clock.now())
        counts = found.counts if file.state == State.OPEN else file.outcome
        there = [kind for kind in KINDS if found.counts[kind]]
        asked = request.GET.get("show", "")
        shown = Kind(asked) if asked in there else there[0]
        page = Paginator(found.of(shown), A_PAGE).get_page(request.GET.get("page"))
        return {
            "file": file,
            "state": self.state_shown(file),
            "is_open": file.state == State.OPEN,
            "counts": [
                (signs.sign(sign, str(word)), counts[kind])
                for kind, (sign, word) in KINDS.items()
                if counts
            ],
            "tabs": [
                (kind, word, found.counts[kind], kind == shown)
                for kind, (_sign, word) in KINDS.items()
                if kind in there
            ],
            "shown": shown,
            "page": page,
            "lines": [(line, _faults(line), _changes(line)) for line in page],
            "good": found.counts[Kind.NEW] + found.counts[Kind.CHANGED],
            "refused": found.counts[Kind.REFUSED],
        }

    # -- verbs ---------------------------------------------------------------------------------

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Who brought it: the drafts will be hers, and she reviews none of them."""
        if not request.user.has_perm(importing.WRITE):
            return False
        if object_id is None:
            return True
        hers = ArticleFile.objects.filter(pk=object_id, brought_by=user_of(request))
        return hers.filter(state=State.OPEN).exists()

    @step(
        _("Take the good rows"),
        "task_alt",
        "decide",
        _("Each becomes a draft of yours; what is refused stays out. Correct it in your file and "
          "bring that again: what was taken is unchanged then."),
    )  # fmt: skip
    def take(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        said: dict[str, Any] = {"by": user_of(request), "at": clock.now()}
        return back_to(
            request,
            page_of(ArticleFile(pk=int(object_id))),
            lambda: importing.take(int(object_id), **said),
            gettext("The drafts are yours. Submit them in the list of articles."),
        )

    @step(_("Take none"), "block", "decide", _("Nothing of this file is taken."))
    def leave(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        said: dict[str, Any] = {"by": user_of(request), "at": clock.now()}
        return back_to(
            request,
            page_of(ArticleFile(pk=int(object_id))),
            lambda: importing.leave(int(object_id), **said),
            gettext("Nothing of the file was taken."),
        )


def _faults(line: Line) -> list[tuple[str, str]]:
    return [(str(columns.label(fault.column)), str(fault)) for fault in line.faults]


def _changes(line: Line) -> list[Change]:
    """Of a row that is one: what it changes."""
    if line.before is None or line.text is None or line.kind != Kind.CHANGED:
        return []
    return changes(Text.of(line.before), line.text)
