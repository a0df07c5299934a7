"""What agents say of the answers: thumbs, and corrections that wait for a word back."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from banking import signs
from banking.admin.decisions import back_to
from banking.admin.parts import page_of
from calendars import clock
from kb import opinions
from kb.admin.versions import WhyForm, step
from kb.models import Opinion
from people.office import ListAdmin, PresetFilter, moment, user_of


class Waits(PresetFilter):
    title = _("state")
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("open", _("Corrections to be answered")),
            ("mine", _("Of my articles")),
            ("down", _("Not of use")),
            ("all", _("All")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        waiting = queryset.exclude(words="").filter(verdict=None)
        match self.chosen():
            case "open":
                return waiting
            case "mine":
                return waiting.filter(version__article__owner=user_of(request))
            case "down":
                return queryset.filter(useful=False)
        return queryset


@admin.register(Opinion)
class OpinionAdmin(ListAdmin):
    list_display = ("question", "thumb", "words", "answer", "owner", "by", "said")
    list_filter = (Waits, "version__article__category")
    list_select_related = ("version__article__owner", "by", "verdict__by")
    fields = ("question", "spoken", "thumb", "words", "answer", "owner", "by", "call", "said")
    readonly_fields = fields
    actions_detail = ("take_up", "decline")

    @admin.display(description=_("standard question"))
    def question(self, opinion: Opinion) -> str:
        return str(opinion.version)

    @admin.display(description=_("answer to read aloud"))
    def spoken(self, opinion: Opinion) -> str:
        return opinion.version.spoken

    @admin.display(description=pgettext_lazy("an article", "of use"), ordering="useful")
    def thumb(self, opinion: Opinion) -> SafeString:
        if opinion.useful:
            return signs.sign(signs.MET, gettext("Of use"))
        return signs.sign(signs.WARN, gettext("Not of use"))

    @admin.display(description=_("answer"))
    def answer(self, opinion: Opinion) -> SafeString | str:
        verdict = getattr(opinion, "verdict", None)
        if verdict is None:
            return signs.sign(signs.DUE, gettext("to be answered")) if opinion.words else "—"
        if verdict.taken_up:
            return signs.sign(signs.MET, gettext("taken up: %(word)s") % {"word": verdict.word})
        return signs.sign(signs.OFF, gettext("declined: %(word)s") % {"word": verdict.word})

    @admin.display(description=pgettext_lazy("an article", "owner"))
    def owner(self, opinion: Opinion) -> str:
        return str(opinion.version.article.owner or "—")

    @admin.display(description=_("time"), ordering="at")
    def said(self, opinion: Opinion) -> str:
        return moment(opinion.at)

    def has_answer_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if not request.user.has_perm("kb.write_article"):
            return False
        if object_id is None:
            return True
        open_ = Opinion.objects.filter(pk=object_id, verdict=None).exclude(words="")
        return open_.exists()

    def _answer(
        self, request: HttpRequest, object_id: str, verb: Any, form: WhyForm, done: str
    ) -> HttpResponse:
        said = {"by": user_of(request), "at": clock.now()}
        return back_to(
            request,
            page_of(Opinion.objects.get(pk=object_id)),
            lambda: verb(int(object_id), form.cleaned_data["why"], **said),
            done,
        )

    @step(
        _("Taken up"),
        "task_alt",
        "answer",
        _("The correction is right, and the article is revised. The word goes to who made it."),
        WhyForm,
    )
    def take_up(self, request: HttpRequest, form: WhyForm, object_id: str) -> HttpResponse:
        done = gettext("The word is on her desk.")
        return self._answer(request, object_id, opinions.take_up, form, done)

    @step(
        _("Declined"),
        "block",
        "answer",
        _("The article stays as it is. The word goes to who made the correction."),
        WhyForm,
    )
    def decline(self, request: HttpRequest, form: WhyForm, object_id: str) -> HttpResponse:
        done = gettext("The word is on her desk.")
        return self._answer(request, object_id, opinions.decline, form, done)
