"""The procedures desk: what is walked, what waits for whom, and the verbs of each state."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from banking import signs
from banking.admin.decisions import back_to
from banking.admin.parts import page_of
from calendars import clock
from kb import guides, procedures, statistics, walking
from kb.admin.articles import step
from kb.admin.forms import Lines, WhyForm
from kb.guides import Branch
from kb.models import Category, Procedure, ProcedureVersion
from kb.procedures import Wording
from people.office import ListAdmin, PresetFilter, moment, user_of

State = ProcedureVersion.State
STATES = {
    State.DRAFT: signs.TALK,
    State.REVIEW: signs.WARN,
    State.PUBLISHED: signs.MET,
    State.REPLACED: signs.OFF,
    State.WITHDRAWN: signs.BREACH,
    State.DROPPED: signs.OFF,
}
LATELY = timedelta(days=30)  # whose walks are counted


def _lines(name: str, longest: int) -> Lines:
    label = ProcedureVersion._meta.get_field(name).verbose_name  # type: ignore[union-attr]
    return Lines(label=label, longest=longest, required=False, help_text=_("One a line."))


class WordingForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when run
    """What is wrong with a guide is said at once, all of it, node by node."""

    keywords = _lines("keywords", 20)
    services = _lines("services", 40)

    class Meta:
        model = ProcedureVersion
        fields = [field.name for field in fields(Wording)]
        widgets = {"guide": UnfoldAdminTextareaWidget({"rows": 28, "spellcheck": "false"})}
        help_texts = {
            "guide": _(
                "A node a paragraph: [its name]; > what is said aloud; * a note for the agent; "
                "- an answer (field=value) -> the next node; ? service.field -> the next node; "
                "= service, article or queue and its name, complaint, or done."
            ),
        }

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if not self.errors:
            for wrong in procedures.faults(self.wording, at=clock.now()):
                self.add_error("guide", wrong)
        return said

    @property
    def wording(self) -> Wording:
        """With the line ends that files have: a browser's own would all be changes."""
        said = self.cleaned_data
        return Wording(
            said["title"],
            said["source"],
            said["guide"].replace("\r\n", "\n"),
            tuple(said["keywords"]),
            tuple(said["services"]),
        )


class NewWordingForm(WordingForm):
    """Of a new procedure, with what stays over all its versions."""

    key = forms.CharField(
        label=pgettext_lazy("of an article", "key"),
        max_length=60,
        validators=Procedure._meta.get_field("key").validators,
        widget=UnfoldAdminTextInputWidget,
    )
    category = forms.ModelChoiceField(
        Category.objects.filter(is_active=True),
        label=_("category"),
        widget=UnfoldAdminSelectWidget,
    )

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if Procedure.objects.filter(key=key).exists():
            raise forms.ValidationError(_("Another procedure has this key."))
        return key


@dataclass(frozen=True, slots=True)
class Shown:
    """A branch of the outline in words, with the figures of the moment."""

    answer: str
    name: str
    say: str
    note: str
    asked: str
    ending: str
    again: bool
    branches: tuple["Shown", ...]


def _shown(branch: Branch) -> Shown:
    node, now = branch.node, clock.now()
    return Shown(
        answer=branch.answer,
        name=node.name,
        say=walking.said(node.say, at=now),
        note=walking.said(node.note, at=now),
        asked=walking.asked(node.ask.service, node.ask.field) if node.ask else "",
        ending=walking.named(node.end.way, node.end.name) if node.end else "",
        again=branch.again,
        branches=tuple(map(_shown, branch.branches)),
    )


class Todo(PresetFilter):
    title = _("state")
    parameter_name = "todo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            (State.PUBLISHED.value, _("Walked now")),
            (State.REVIEW.value, _("To be reviewed")),
            (State.DRAFT.value, _("Drafts")),
            ("all", _("All")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.chosen()
        return queryset if chosen == "all" else queryset.filter(state=chosen)


@admin.register(ProcedureVersion)
class ProcedureVersionAdmin(ListAdmin):
    """A draft is a form to its editors; everything else is a page with the verbs of its state."""

    list_display = ("title", "category", "state_shown", "number", "author", "since")
    list_filter = (Todo, "procedure__category")
    list_select_related = ("procedure__category", "author")
    ordering = ("procedure__category", "procedure__key", "-number")
    search_fields = ("title", "procedure__key", "keywords")
    change_form_template = None
    actions_detail = ("revise", "submit", "drop", "approve", "send_back", "withdraw")

    @admin.display(description=_("category"), ordering="procedure__category")
    def category(self, version: ProcedureVersion) -> str:
        return str(version.procedure.category)

    @admin.display(description=_("valid from"), ordering="valid_from")
    def since(self, version: ProcedureVersion) -> str:
        return moment(version.valid_from)

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, version: ProcedureVersion) -> SafeString:
        return signs.sign(STATES[State(version.state)], version.get_state_display())

    # -- the form of a draft, the page of what is past it --------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("kb.write_article"))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        may = bool(request.user.has_perm("kb.write_article"))
        return may and (not isinstance(obj, ProcedureVersion) or obj.state == State.DRAFT)

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = WordingForm if change else NewWordingForm
        return super().get_form(request, obj, change=change, **kwargs | {"form": form})

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        own = [] if obj else ["key", "category"]
        return own + [field.name for field in fields(Wording)]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        subject = self.get_object(request, unquote(object_id)) if object_id else None
        if subject is None or self.has_change_permission(request, subject):
            return super().changeform_view(request, object_id, form_url, extra_context)
        if not self.has_view_permission(request, subject):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": subject.title,
            "actions_detail": self._get_actions_navigation(
                self.actions_detail, self.get_actions_detail(request, subject.pk), subject.pk
            ),
            "opts": self.opts,
            "original": subject,
            "media": self.media,
            "is_fullwidth": "1",
            **self._facts(subject),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "kb/procedure.html", context)

    def _facts(self, version: ProcedureVersion) -> dict[str, Any]:
        now, before = clock.now(), version.before()
        wrong = procedures.faults(procedures.of(version), at=now)
        return {
            "version": version,
            "state": self.state_shown(version),
            "wrong": wrong,
            "outline": None if wrong else _shown(guides.outline(guides.read(version.guide))),
            "walks": statistics.walked(version, since=now - LATELY),
            "changes": procedures.changes(before, version) if before else (),
            "compared": before,
            "history": version.history.select_related("by"),
            "versions": version.procedure.versions.exclude(pk=version.pk),
        }

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        said: dict[str, Any] = {"by": user_of(request), "at": clock.now()}
        if change:
            procedures.write(obj.pk, form.wording, **said)
            return
        key, category = form.cleaned_data["key"], form.cleaned_data["category"]
        made = procedures.begin(key, category, form.wording, **said)
        obj.__dict__.update(made.__dict__)

    # -- verbs: each offered in its state, to who may do it ------------------------------------

    def _may(self, request: HttpRequest, permission: str, object_id: Any, *states: str) -> bool:
        if not request.user.has_perm(f"kb.{permission}_article"):
            return False
        if object_id is None:
            return True
        return ProcedureVersion.objects.filter(pk=object_id, state__in=states).exists()

    def has_draft_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, "write", object_id, State.DRAFT)

    def has_revise_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, "write", object_id, *ProcedureVersion.SHOWN)

    def has_review_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, "review", object_id, State.REVIEW)

    def has_withdraw_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, "review", object_id, State.PUBLISHED)

    def _do(
        self, request: HttpRequest, object_id: str, verb: Callable[..., Any], done: str, *said: Any
    ) -> HttpResponse:
        version = ProcedureVersion.objects.get(pk=object_id)
        return back_to(
            request,
            page_of(version),
            lambda: verb(version.pk, *said, by=user_of(request), at=clock.now()),
            done,
        )

    @step(
        _("Revise"),
        "edit_note",
        "revise",
        _("A draft that begins as this one; this one is walked until the draft is published."),
    )
    def revise(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        version = ProcedureVersion.objects.get(pk=object_id)
        said: dict[str, Any] = {"by": user_of(request), "at": clock.now()}
        back = back_to(
            request,
            page_of(version),
            lambda: procedures.revise(version.procedure_id, **said),
            gettext("The draft is yours."),
        )
        draft = version.procedure.versions.filter(state=State.DRAFT).first()
        return HttpResponse(headers={"HX-Redirect": page_of(draft)}) if draft else back

    @step(
        _("Submit"),
        "send",
        "draft",
        _("As it was saved last. Somebody else reviews it; it is fixed until it is sent back."),
    )
    def submit(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        done = gettext("The procedure waits for its review.")
        return self._do(request, object_id, procedures.submit, done)

    @step(_("Drop"), "delete", "draft", _("Nobody will see this draft again."))
    def drop(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._do(request, object_id, procedures.drop, gettext("The draft is dropped."))

    @step(
        _("Approve the procedure"),
        "task_alt",
        "review",
        _("You stand by what somebody else wrote. Agents walk it from now on."),
    )
    def approve(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        done = gettext("The procedure is published.")
        return self._do(request, object_id, procedures.approve, done)

    @step(
        _("Send the procedure back"), "undo", "review", _("Say what is wrong or missing."), WhyForm
    )
    def send_back(self, request: HttpRequest, form: WhyForm, object_id: str) -> HttpResponse:
        done = gettext("The procedure is a draft again.")
        return self._do(request, object_id, procedures.send_back, done, form.cleaned_data["why"])

    @step(_("Withdraw"), "block", "withdraw", _("It is offered no more, at once."), WhyForm)
    def withdraw(self, request: HttpRequest, form: WhyForm, object_id: str) -> HttpResponse:
        done = gettext("The procedure is withdrawn.")
        return self._do(request, object_id, procedures.withdraw, done, form.cleaned_data["why"])
