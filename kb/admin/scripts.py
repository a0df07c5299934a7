"""The scripts desk: what is said in which situation, and how it reads with sample values."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from calendars import clock
from kb import scripts, variables, ways
from kb.admin.versions import KeyForm, KindForm, Lines, Services, Todo, VersionAdmin
from kb.models import Script, ScriptVersion
from kb.models.scripts import Situation
from kb.scripts import SCRIPTS, Wording
from kb.variables import KNOWN, Name, Part

LATELY = timedelta(days=30)  # whose readings are counted


class DraftForm(KindForm):
    kind, words, faulty = SCRIPTS, Wording, "words"

    keywords = Lines(label=Wording.label("keywords"), longest=20)
    services = Services(label=Wording.label("services"))

    class Meta:
        model = ScriptVersion
        fields = [
            *("title", "moment", "words", "english", "note", "keywords", "services", "source")
        ]
        widgets = {
            "words": UnfoldAdminTextareaWidget({"rows": 5}),
            "english": UnfoldAdminTextareaWidget({"rows": 5}),
            "note": UnfoldAdminTextareaWidget({"rows": 3}),
        }
        help_texts = {
            "moment": _("When the desk shows it by itself; none: it is looked for."),
            "note": _("Tone, what to do and what not to say."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "words" in self.fields:
            names = {"names": " ".join(f"{{{name}}}" for name in Name)}
            self.fields["words"].help_text = (
                _("Variables, filled in from the call or left as a blank: %(names)s") % names
            )


class NewForm(KeyForm, DraftForm):
    """Of a new script."""

    situation = forms.ChoiceField(
        label=Script._meta.get_field("situation").verbose_name,
        choices=Situation.choices,
        widget=UnfoldAdminSelectWidget,
    )


@dataclass(frozen=True, slots=True)
class Used:
    """A variable of a script. `sample` is "" for what the agent fills in."""

    name: str
    label: str
    sample: str


def _used(version: ScriptVersion) -> list[Used]:
    every = Wording.of(version).every
    return [
        Used(name, str(known.label), str(known.sample))
        for name, known in KNOWN.items()
        if f"{{{name}}}" in every
    ]


def _said(version: ScriptVersion) -> dict[str, Any]:
    """With sample values in both languages, or what keeps it from being said."""
    wrong = SCRIPTS.faults(Wording.of(version), at=clock.now())
    return {
        "wrong": wrong,
        "said": () if wrong else _parts(version, settings.LANGUAGE_CODE),
        "english": () if wrong or not version.english else _parts(version, "en"),
    }


def _parts(version: ScriptVersion, lang: str) -> tuple[Part, ...]:
    with override(lang):
        values = variables.samples()
        return scripts.worded(version, values, english=lang == "en", at=clock.now())


@admin.register(ScriptVersion)
class ScriptVersionAdmin(VersionAdmin):
    verbs = SCRIPTS
    draft_forms = (NewForm, DraftForm)
    own = ("key", "situation")
    page = "kb/script.html"

    list_display = ("title", "situation", "moment_shown", "state_shown", "number", "since")
    list_filter = (Todo, "script__situation", "moment")
    list_select_related = ("script",)
    ordering = ("script", "-number")
    search_fields = ("title", "words", "script__key", "keywords")
    readonly_fields = ("preview",)

    @admin.display(description=_("situation"), ordering="script__situation")
    def situation(self, version: ScriptVersion) -> str:
        return version.script.get_situation_display()

    @admin.display(description=_("moment"), ordering="moment")
    def moment_shown(self, version: ScriptVersion) -> str:
        return version.get_moment_display() or "—"

    @admin.display(description=_("With sample values"))
    def preview(self, version: ScriptVersion) -> SafeString:
        """Of a draft as it was saved last; what is wrong with it is said when it is saved."""
        return render_to_string("kb/_preview.html", _said(version))

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        found = super().get_fields(request, obj)
        if obj:
            found.insert(found.index("english") + 1, "preview")
        return found

    def facts(self, version: ScriptVersion) -> dict[str, Any]:
        lately = version.readings.filter(at__gt=clock.now() - LATELY)
        return {
            **_said(version),
            "note": scripts.note(version, at=clock.now()),
            "services": ways.called(version.services),
            "used": _used(version),
            "read": lately.count(),
        }
