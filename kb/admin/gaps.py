"""What nothing answers, the most asked first: an article is written, or it is said why not."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from banking import signs
from banking.admin.decisions import back_to
from banking.admin.parts import page_of
from calendars import clock
from kb import gaps
from kb.admin.versions import WhyForm, step
from kb.models import Gap
from people.office import ListAdmin, PresetFilter, moment, user_of

State = Gap.State
STATES = {
    State.OPEN: signs.WARN,
    State.WRITING: signs.TALK,
    State.CLOSED: signs.MET,
    State.DISMISSED: signs.OFF,
}
OWED = timedelta(hours=24)  # domain.md §5: the clock of an unanswered question


class Stage(PresetFilter):
    title = _("state")
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*State.choices, ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.chosen()
        return queryset if chosen == "all" else queryset.filter(state=chosen)


@admin.register(Gap)
class GapAdmin(ListAdmin):
    list_display = ("asked", "calls", "times", "waits", "state_shown", "article")
    list_filter = (Stage,)
    list_select_related = ("article",)
    search_fields = ("asked", "reports__asked")
    fields = ("asked", "calls", "times", "reported", "waits", "state_shown", "article", "why")
    readonly_fields = fields
    actions_detail = ("write", "dismiss")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Gap]:
        return gaps.ranked()

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Not the model's: by the calls behind it."""
        return ("-calls", "-times", "opened_at")

    @admin.display(description=pgettext_lazy("a gap", "calls"), ordering="calls")
    def calls(self, gap: Any) -> int:
        found: int = gap.calls
        return found

    @admin.display(description=_("reports"), ordering="times")
    def times(self, gap: Any) -> int:
        found: int = gap.times
        return found

    @admin.display(description=_("reported first"), ordering="opened_at")
    def waits(self, gap: Gap) -> SafeString | str:
        if gap.state == State.OPEN and clock.now() - gap.opened_at > OWED:
            return signs.sign(signs.BREACH, moment(gap.opened_at))
        return moment(gap.opened_at)

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, gap: Gap) -> SafeString:
        return signs.sign(STATES[State(gap.state)], gap.get_state_display())

    @admin.display(description=pgettext_lazy("a gap", "as it was asked"))
    def reported(self, gap: Gap) -> SafeString:
        """Each with its call."""
        rows = gap.reports.select_related("by", "call").order_by("-id")
        return format_html_join(
            "",
            "<p>{} · {} · {} {}</p>",
            (
                (
                    row.asked,
                    moment(row.at),
                    row.by,
                    gettext("call %(at)s") % {"at": row.call} if row.call else "",
                )
                for row in rows
            ),
        )

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if not request.user.has_perm("kb.write_article"):
            return False
        return object_id is None or Gap.objects.filter(pk=object_id, state=State.OPEN).exists()

    @step(
        _("Write an article"),
        "edit_note",
        "decide",
        _("The form of a new article, with the words in which it was asked. The gap closes when "
          "the article is published."),
    )  # fmt: skip
    def write(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        new = reverse("admin:kb_articleversion_add")
        return HttpResponse(headers={"HX-Redirect": f"{new}?gap={int(object_id)}"})

    @step(_("Dismiss"), "block", "decide", _("Say why no article is written for it."), WhyForm)
    def dismiss(self, request: HttpRequest, form: WhyForm, object_id: str) -> HttpResponse:
        gap = Gap.objects.get(pk=object_id)
        said: dict[str, Any] = {"by": user_of(request), "at": clock.now()}
        return back_to(
            request,
            page_of(gap),
            lambda: gaps.dismiss(gap.pk, form.cleaned_data["why"], **said),
            gettext("The gap is dismissed."),
        )
