"""The knowledge desk: what is answered, what waits for whom, and the verbs of each state."""

from datetime import timedelta
from functools import partial
from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Case, Q, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from banking import signs
from calendars import clock
from kb import attachments, corrections, drafting, figures, gaps, owning, receipts, reviewing, ways
from kb.admin.attachments import AttachmentInline
from kb.admin.forms import ApproveForm, MarkForm, NewForm, OwnerForm, TextForm
from kb.admin.many import ManyAdmin
from kb.admin.versions import Todo, VersionAdmin, step
from kb.errors import GapDecided
from kb.models import ArticleVersion, Correction, Gap
from kb.models.articles import ArticleVersionQuerySet
from kb.search import finding
from kb.texts import Text
from people.office import moment, user_of

State = ArticleVersion.State
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


class Answered(Todo):
    """What is answered, and what waits."""

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


class Verbs:
    """Of an article, as `VersionAdmin` calls them."""

    words = Text
    revise = staticmethod(drafting.revise)
    submit = staticmethod(drafting.submit)
    drop = staticmethod(drafting.drop)
    send_back = staticmethod(reviewing.send_back)
    withdraw = staticmethod(reviewing.withdraw)


@admin.register(ArticleVersion)
class ArticleVersionAdmin(ManyAdmin, VersionAdmin):
    verbs = Verbs
    draft_forms = (NewForm, TextForm)
    page = "kb/article.html"

    list_display = ("question", "category", "state_shown", "number", "owner", "author", "since")
    list_filter = (Answered, "article__category", "public")
    list_select_related = ("article__category", "article__owner", "author")
    ordering = ("article__category", "article__key", "-number")
    search_fields = ("question", "article__key", "spoken")
    search_help_text = _("As a caller would ask, in Chinese, English or pinyin; or the key")
    inlines = (AttachmentInline,)
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
        if not found or request.GET.get(Answered.parameter_name, "answered") != "answered":
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

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, version: ArticleVersion) -> SafeString:
        shown = [super().state_shown(version), *(signs.sign(*one) for one in badges(version))]
        return format_html_join(" ", "{}", ((one,) for one in shown))

    def facts(self, version: ArticleVersion) -> dict[str, Any]:
        now = clock.now()
        return {
            "title": version.question,
            "spoken": figures.fill(version.spoken, at=now),
            "answer": figures.fill(version.answer, at=now),
            "steps": [figures.fill(words, at=now).words for words in version.steps],
            "changes": Text.changed(version) + attachments.changed(version),
            "asked": receipts.asked_of(version) if version.urgent else (),
            "attachments": attachments.of(version),
            "by_keys": ways.of(version.services),
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

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        context["most"] = settings.ATTACHMENT_BYTES
        if request.FILES and context["errors"]:  # a browser gives no file twice by itself
            messages.warning(request, gettext("What you wrote is kept. Choose the files again."))
        return super().render_change_form(request, context, *args, **kwargs)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.keep(by=user_of(request), at=clock.now())

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        said: dict[str, Any] = {"by": user_of(request), "at": clock.now()}
        if change:
            drafting.write(obj.pk, form.wording, **said)
            return
        made = drafting.begin(
            form.cleaned_data["key"], form.cleaned_data["category"], form.wording, **said
        )
        if (gap_id := _gap_id(request)) is not None:
            try:
                gaps.begun(gap_id, made.article, **said)
            except GapDecided:
                told = gettext("Somebody decided on this gap meanwhile. Your draft is kept.")
                messages.warning(request, told)
        obj.__dict__.update(made.__dict__)

    # -- verbs: each offered in its state, to who may do it ------------------------------------

    def has_mark_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Of a draft that follows something that was answered."""
        if not self.has_draft_permission(request, object_id):
            return False
        version = ArticleVersion.objects.filter(pk=object_id).first() if object_id else None
        return version is None or version.before() is not None

    def has_verify_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, "write", object_id, State.PUBLISHED)

    def has_hand_over_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if object_id is None:
            return any(request.user.has_perm(f"kb.{verb}_article") for verb in ("write", "review"))
        found = ArticleVersion.objects.filter(pk=object_id, state__in=owning.OWNED)
        version = found.select_related("article").first()
        return version is not None and owning.may_hand_over(version, user_of(request))

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
        pgettext_lazy("a version", "Approve"),
        "task_alt",
        "review",
        _("You stand by what somebody else wrote. It is answered from its hour on, or at once."),
        ApproveForm,
    )
    def approve(self, request: HttpRequest, form: ApproveForm, object_id: str) -> HttpResponse:
        verb = partial(reviewing.approve, urgent=form.cleaned_data["urgent"])
        return self._do(request, object_id, verb, gettext("It is published."))

    @step(
        _("It still holds"),
        "verified",
        "verify",
        _("You looked at its source again: question, answer and figures are right today."),
    )
    def verify(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._do(request, object_id, reviewing.verify, gettext("The article is verified."))

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
