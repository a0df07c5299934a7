from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from kb.admin.versions import Lines
from kb.models import Synonyms
from people.office import STYLES, OfficeAdmin
from people.words import listed


class SynonymsForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when run
    others = Lines(
        label=_("also said for it"),
        longest=20,
        help_text=_("One a line. None: a word of the bank that the search should keep whole."),
    )

    class Meta:
        model = Synonyms
        fields = ["word", "others", "is_active"]
        help_texts = {"word": _("Whoever asks with one of these words finds all the others.")}

    def clean(self) -> dict[str, Any]:
        """Each once, without the word itself."""
        found = super().clean() or self.cleaned_data
        word, others = found.get("word"), found.get("others") or []
        found["others"] = [other for other in dict.fromkeys(others) if other != word]
        return found


@admin.register(Synonyms)
class SynonymsAdmin(OfficeAdmin):
    """What callers say for the same thing; the search knows a change at once."""

    form = SynonymsForm
    list_display = ("word", "others_shown", "is_active")
    list_filter = ("is_active",)
    search_fields = ("word", "others")

    class Media:
        css = STYLES

    @admin.display(description=_("also said for it"))
    def others_shown(self, group: Synonyms) -> str:
        return listed(group.others)
