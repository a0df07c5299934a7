"""The knowledge desk: what is answered, what waits for whom, and the verbs of each state."""

from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from functools import partial
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Model, Q, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.forms import BaseDialogForm

from banking import signs
from banking.admin.decisions import back_to
from banking.admin.parts import page_of
from calendars import clock
from kb import corrections, drafting, figures, gaps, owning, receipts, reviewing, texts
from kb.admin.forms import ApproveForm, MarkForm, NewForm, OwnerForm, TextForm, WhyForm
from kb.admin.many import ManyAdmin
from kb.errors import GapDecided
from kb.models import ArticleVersion, Correction, Gap
from kb.models.articles import ArticleVersionQuerySet
from kb.search import finding
from kb.texts import Text
from people.office import PresetFilter, moment, user_of

State = ArticleVersion.State
STATES = {
    State.DRAFT: signs.TALK,
    State.REVIEW: signs.WARN,
    State.PUBLISHED: signs.MET,
    State.REVISED: signs.OFF,
    State.EXPIRED: signs.OFF,
    State.WITHDRAWN: signs.BREACH,
    State.DROPPED: signs.OFF,
}
MOST = 30  # found by their words
SOON = timedelta(days=30)  # domain.md §5: a warning so long before it expires


def badges(version: ArticleVersion) -> list[tuple[str, str]]:
    """What a reader must know beside the state: (shape, word)."""
    now, found = clock.now(), []
    if version.state != State.PUBLISHED:
        return []
    if version.valid_from and version.valid_from > now:
        found.append((signs.DUE, gettext("from %(when)s") % {"when": moment(version.valid_from)}))
    if version.urgent:
        found.append((signs.WARN, gettext("urgent")))
    if version.is_overdue(now):
        found.append((signs.BREACH, gettext("to be verified")))
    if version.valid_to and version.valid_to <= now + SOON:
        found.append((signs.WARN, gettext("until %(when)s") % {"when": moment(version.valid_to)}))
    return found


class Todo(PresetFilter):
    """What is answered, and what waits."""

    title = _("state")
    parameter_name = "todo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("answered", _("Answered now")),
            ("review", _("To be reviewed")),
            ("draft", _("Drafts")),
            ("verify", _("To be verified")),
            ("ending", _("Expiring in 30 days")),
            ("all", _("All")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        now, found = clock.now(), cast(ArticleVersionQuerySet, queryset)
        match self.chosen():
            case "answered":
                return found.in_force(now)
            case "review" | "draft" as state:
                return found.filter(state=state)
            case "verify":
                return found.in_force(now).overdue(now)
            case "ending":
                return found.in_force(now).filter(valid_to__lte=now + SOON)
        return found


def _gap_id(request: HttpRequest) -> int | None:
    """For which an article is begun."""
    asked = request.GET.get("gap", "")
    return int(asked) if asked.isdecimal() else None


def step(
    title: Any, icon: str, permission: str, explained: Any, form: Any = BaseDialogForm
) -> Callable[[Any], Any]:
    """A verb of the page, with its dialog."""
    made: Callable[[Any], Any] = action(
        description=title,
        icon=icon,
        permissions=[permission],
        dialog={
            "title": title,
            "description": explained,
            "form_class": form,
            "form_submit_text": title,
        },
    )
    return made


@admin.register(ArticleVersion)
class ArticleVersionAdmin(ManyAdmin):
    """A draft is a form to its editors; everything else is a page with the verbs of its state."""

    list_display = ("question", "category", "state_shown", "number", "owner", "author", "since")
    list_filter = (Todo, "article__category", "public")
    list_select_related = ("article__category", "article__owner", "author")
    ordering = ("article__category", "article__key", "-number")
    search_fields = ("question", "article__key", "spoken")
    search_help_text = _("As a caller would ask, in Chinese, English or pinyin; or the key")
    change_form_template = None
    actions_detail = (
        *("revise", "mark", "submit", "drop", "approve", "send_back", "verify", "withdraw"),
        "hand_over",
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """What is answered now by how well it answers; of other states by their words."""
        plain, distinct = super().get_search_results(request, queryset, search_term)
        found = finding.search(search_term, at=clock.now(), limit=MOST)
        if not found or request.GET.get(Todo.parameter_name, "answered") != "answered":
            return plain, distinct
        best = Case(*(When(pk=pk, then=n) for n, pk in enumerate(found)), default=MOST)
        either = queryset.filter(Q(pk__in=found) | Q(pk__in=plain.values("pk")))
        return either.order_by(best), False

    @admin.display(description=_("category"), ordering="article__category")
    def category(self, version: ArticleVersion) -> str:
        return str(version.article.category)

    @admin.display(description=pgettext_lazy("an article", "owner"))
    def owner(self, version: ArticleVersion) -> str:
        return str(version.article.owner or "—")

    @admin.display(description=_("valid from"), ordering="valid_from")
    def since(self, version: ArticleVersion) -> str:
        return moment(version.valid_from)

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, version: ArticleVersion) -> SafeString:
        state = (STATES[State(version.state)], version.get_state_display())
        shown = [signs.sign(*one) for one in (state, *badges(version))]
        return format_html_join(" ", "{}", ((one,) for one in shown))

    # -- the form of a draft, the page of what is past it --------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("kb.write_article"))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        may = bool(request.user.has_perm("kb.write_article"))
        return may and (not isinstance(obj, ArticleVersion) or obj.state == State.DRAFT)

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        return super().get_form(
            request, obj, change=change, **kwargs | {"form": TextForm if change else NewForm}
        )

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        own = [] if obj else ["key", "category"]
        return own + [field.name for field in fields(Text)]

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
            "title": subject.question,
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
        return TemplateResponse(request, "kb/version.html", context)

    def _facts(self, version: ArticleVersion) -> dict[str, Any]:
        now = clock.now()
        before = version.before()
        return {
            "version": version,
            "state": self.state_shown(version),
            "spoken": figures.fill(version.spoken, at=now),
            "answer": figures.fill(version.answer, at=now),
            "steps": [figures.fill(words, at=now).words for words in version.steps],
            "changes": texts.changes(texts.of(before), texts.of(version)) if before else (),
            "compared": before,
            "asked": receipts.asked_of(version) if version.urgent else (),
            "history": version.history.select_related("by"),
            "versions": version.article.versions.exclude(pk=version.pk),
            "corrections": Correction.objects.filter(
                Q(version=version) | Q(draft=version)
            ).select_related("by"),
            "shown": version.state in ArticleVersion.SHOWN,
        }

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """An article for a gap begins with the words in which that was reported."""
        gap = Gap.objects.filter(pk=_gap_id(request) or 0, state=Gap.State.OPEN).first()
        if gap is None:
            return {}
        return {"question": gap.asked[:100], "phrasings": gaps.phrasings(gap)}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        said: dict[str, Any] = {"by": user_of(request), "at": clock.now()}
        if change:
            drafting.write(obj.pk, form.text, **said)
            return
        made = drafting.begin(
            form.cleaned_data["key"], form.cleaned_data["category"], form.text, **said
        )
        if (gap_id := _gap_id(request)) is not None:
            try:
                gaps.begun(gap_id, made.article, **said)
            except GapDecided:
                told = gettext("Somebody decided on this gap meanwhile. Your draft is kept.")
                messages.warning(request, told)
        obj.__dict__.update(made.__dict__)

    # -- verbs: each offered in its state, to who may do it ------------------------------------

    def _may(self, request: HttpRequest, permission: str, object_id: Any, *states: str) -> bool:
        if not request.user.has_perm(f"kb.{permission}_article"):
            return False
        if object_id is None:
            return True
        return ArticleVersion.objects.filter(pk=object_id, state__in=states).exists()

    def has_draft_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, "write", object_id, State.DRAFT)

    def has_mark_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Of a draft that follows something that was answered."""
        if not self.has_draft_permission(request, object_id):
            return False
        version = ArticleVersion.objects.filter(pk=object_id).first() if object_id else None
        return version is None or version.before() is not None

    def has_revise_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, "write", object_id, *ArticleVersion.SHOWN)

    def has_review_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, "review", object_id, State.REVIEW)

    def has_verify_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, "write", object_id, State.PUBLISHED)

    def has_hand_over_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if object_id is None:
            return any(request.user.has_perm(f"kb.{verb}_article") for verb in ("write", "review"))
        found = ArticleVersion.objects.filter(pk=object_id, state__in=owning.OWNED)
        version = found.select_related("article").first()
        return version is not None and owning.may_hand_over(version, user_of(request))

    def has_withdraw_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, "review", object_id, State.PUBLISHED)

    def _do(
        self, request: HttpRequest, object_id: str, verb: Callable[..., Any], done: str, *said: Any
    ) -> HttpResponse:
        version = ArticleVersion.objects.get(pk=object_id)
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
        _("A draft that begins as this one; this one is answered until the draft is published."),
    )
    def revise(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        version = ArticleVersion.objects.get(pk=object_id)
        said: dict[str, Any] = {"by": user_of(request), "at": clock.now()}
        back = back_to(
            request,
            page_of(version),
            lambda: drafting.revise(version.article_id, **said),
            gettext("The draft is yours."),
        )
        draft = version.article.versions.filter(state=State.DRAFT).first()
        return HttpResponse(headers={"HX-Redirect": page_of(draft)}) if draft else back

    @step(
        _("It corrects what was wrong"),
        "campaign",
        "mark",
        _("Once it is approved, all who were told the version before are listed, to be called."),
        MarkForm,
    )
    def mark(self, request: HttpRequest, form: MarkForm, object_id: str) -> HttpResponse:
        verb = partial(corrections.mark, since=form.cleaned_data["since"])
        done = gettext("The draft is marked as a correction.")
        return self._do(request, object_id, verb, done, form.cleaned_data["why"])

    @step(
        _("Submit"),
        "send",
        "draft",
        _("As it was saved last. Somebody else reviews it; it is fixed until it is sent back."),
    )
    def submit(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        done = gettext("The article waits for its review.")
        return self._do(request, object_id, drafting.submit, done)

    @step(_("Drop"), "delete", "draft", _("Nobody will see this draft again."))
    def drop(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._do(request, object_id, drafting.drop, gettext("The draft is dropped."))

    @step(
        _("Approve the article"),
        "task_alt",
        "review",
        _("You stand by what somebody else wrote. It is answered from its hour on, or at once."),
        ApproveForm,
    )
    def approve(self, request: HttpRequest, form: ApproveForm, object_id: str) -> HttpResponse:
        verb = partial(reviewing.approve, urgent=form.cleaned_data["urgent"])
        return self._do(request, object_id, verb, gettext("The article is published."))

    @step(_("Send the article back"), "undo", "review", _("Say what is wrong or missing."), WhyForm)
    def send_back(self, request: HttpRequest, form: WhyForm, object_id: str) -> HttpResponse:
        done = gettext("The article is a draft again.")
        return self._do(request, object_id, reviewing.send_back, done, form.cleaned_data["why"])

    @step(
        _("It still holds"),
        "verified",
        "verify",
        _("You looked at its source again: question, answer and figures are right today."),
    )
    def verify(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._do(request, object_id, reviewing.verify, gettext("The article is verified."))

    @step(_("Withdraw"), "block", "withdraw", _("It is answered no more, at once."), WhyForm)
    def withdraw(self, request: HttpRequest, form: WhyForm, object_id: str) -> HttpResponse:
        done = gettext("The article is withdrawn.")
        return self._do(request, object_id, reviewing.withdraw, done, form.cleaned_data["why"])

    @step(
        _("Hand over"),
        "person_add",
        "hand_over",
        _("Somebody else stands by the article from now on; its way tells who did before."),
        OwnerForm,
    )
    def hand_over(self, request: HttpRequest, form: OwnerForm, object_id: str) -> HttpResponse:
        said = form.cleaned_data["to"], form.cleaned_data["why"]
        done = gettext("The article is handed over.")
        return self._do(request, object_id, owning.hand_over, done, *said)
