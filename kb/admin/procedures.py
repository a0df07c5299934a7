"""The procedures desk: what is walked, what waits for whom, and the ways through each."""

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from calendars import clock
from kb import guides, statistics, walking, ways
from kb.admin.versions import CategoryForm, KindForm, Lines, Services, Todo, VersionAdmin
from kb.guides import Branch
from kb.models import ProcedureVersion
from kb.procedures import PROCEDURES, Wording

LATELY = timedelta(days=30)  # whose walks are counted


class DraftForm(KindForm):
    kind, words, faulty = PROCEDURES, Wording, "guide"

    keywords = Lines(label=Wording.label("keywords"), longest=20)
    services = Services(label=Wording.label("services"))

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


class NewForm(CategoryForm, DraftForm):
    """Of a new procedure."""


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


@admin.register(ProcedureVersion)
class ProcedureVersionAdmin(VersionAdmin):
    verbs = PROCEDURES
    draft_forms = (NewForm, DraftForm)
    page = "kb/procedure.html"

    list_display = ("title", "category", "state_shown", "number", "author", "since")
    list_filter = (Todo, "procedure__category")
    list_select_related = ("procedure__category", "author")
    ordering = ("procedure__category", "procedure__key", "-number")
    search_fields = ("title", "procedure__key", "keywords")

    @admin.display(description=_("category"), ordering="procedure__category")
    def category(self, version: ProcedureVersion) -> str:
        return str(version.procedure.category)

    def facts(self, version: ProcedureVersion) -> dict[str, Any]:
        now = clock.now()
        wrong = PROCEDURES.faults(Wording.of(version), at=now)
        return {
            "wrong": wrong,
            "outline": None if wrong else _shown(guides.outline(guides.read(version.guide))),
            "services": ways.called(version.services),
            "walks": statistics.walked(version, since=now - LATELY),
        }
