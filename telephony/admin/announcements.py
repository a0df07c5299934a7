"""Products and notices that callers may hear: which prompt, in which order, until when."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from banking.admin.parts import STYLES, moment
from banking.models import Announcement
from banking.signs import DUE, OFF, READY, sign
from calendars import clock
from people.office import OfficeAdmin
from telephony import wording

SHOWN = 30  # characters of a prompt in the list of choices


class AnnouncementForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when run
    prompt = forms.ChoiceField(label=_("prompt"), widget=UnfoldAdminSelectWidget)

    class Meta:
        help_texts = {
            "order": _("The smallest is heard first."),
            "valid_to": _("Empty: until further notice."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["prompt"].choices = list(_choices())  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        row = super().clean() or {}
        kind, prompt = row.get("kind"), row.get("prompt", "")
        if kind and prompt and not prompt.startswith(f"{kind}."):
            self.add_error("prompt", _("This prompt belongs to another kind."))
        begins, ends = row.get("valid_from"), row.get("valid_to")
        if begins and ends and ends <= begins:
            raise ValidationError(_("It ends before it begins."))
        return row


def _choices() -> list[tuple[str, str]]:
    """The prompts made for this: "product.home" and the like, each with its first words."""
    kinds = tuple(f"{kind.value}." for kind in Announcement.Kind)
    book = wording.prompts()
    return [
        (prompt.key, f"{prompt.key}: {wording.text(prompt)[:SHOWN]}")
        for prompt in book.prompts(book.languages[0])
        if prompt.key.startswith(kinds) and not prompt.slots
    ]


@admin.register(Announcement)
class AnnouncementAdmin(OfficeAdmin):
    form = AnnouncementForm
    list_display = ("title", "kind", "prompt", "order", "begins", "ends", "state_shown")
    list_filter = ("kind",)
    fields = ("kind", "title", "prompt", "order", "valid_from", "valid_to")

    class Media:
        css = STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[Announcement]:
        found: QuerySet[Announcement] = super().get_queryset(request)
        return found.order_by("kind", "order", "-valid_from")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"valid_from": clock.now(), **super().get_changeform_initial_data(request)}

    @admin.display(description=_("heard from"), ordering="valid_from")
    def begins(self, row: Announcement) -> str:
        return moment(row.valid_from)

    @admin.display(description=_("heard until"), ordering="valid_to")
    def ends(self, row: Announcement) -> str:
        return moment(row.valid_to)

    @admin.display(description=_("state"))
    def state_shown(self, row: Announcement) -> SafeString:
        now = clock.now()
        if row.valid_from > now:
            return sign(DUE, gettext("not yet in force"))
        if row.valid_to and row.valid_to <= now:
            return sign(OFF, gettext("no longer heard"))
        return sign(READY, gettext("being heard"))
