"""The languages of the telephone: how far each is recorded, and what a studio still has to read."""

import csv
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banking import signs
from people.office import STYLES, ReadOnlyAdmin, moment
from telephony import languages
from telephony.languages import Needed, Standing
from telephony.models import OfferedLanguage

SHOWN = 20  # of what is missing; the list for the studio has all


@dataclass(frozen=True, slots=True)
class Row:
    """A language as the page shows it."""

    standing: Standing
    state: SafeString
    first: tuple[Needed, ...]
    more: int


@admin.register(OfferedLanguage)
class OfferedLanguageAdmin(ReadOnlyAdmin):
    """One page for all of them; nothing here is set by hand: a language that is complete is
    offered."""

    class Media:
        css = STYLES

    def get_urls(self) -> list[Any]:
        listed = path(
            "<str:lang>/recordings.csv",
            self.admin_site.admin_view(self.recordings),
            name="telephony_offeredlanguage_recordings",
        )
        return [listed, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        shown = {
            "is_fullwidth": "1",
            "rows": [_row(each) for each in sorted(languages.standings(), key=_whole)],
            "spans": OfferedLanguage.objects.all()[:SHOWN],
            "may_upload": request.user.has_perm("telephony.add_recordingbatch"),
        }
        return self.own_page(request, "telephony/languages.html", _("Languages"), shown)

    def recordings(self, request: HttpRequest, lang: str) -> HttpResponse:
        """File and words of what is missing, or of all; the studio names its files so."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        standing = languages.standing(lang)
        if standing is None:
            raise Http404
        wanted = standing.needed if "all" in request.GET else standing.lacking
        answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="recordings-{lang}.csv"'
        lines = csv.writer(answer)
        lines.writerow([gettext("file"), gettext("words")])
        lines.writerows([each.file, each.words] for each in wanted if each.words)
        return answer


def _whole(standing: Standing) -> bool:
    """What lacks something comes first."""
    return standing.is_complete


def _row(standing: Standing) -> Row:
    lacking = standing.lacking
    if standing.is_complete:
        state = signs.sign(signs.MET, gettext("offered to callers"))
    elif standing.withdrawn_at:
        since = moment(standing.withdrawn_at)
        state = signs.sign(signs.BREACH, gettext("withdrawn %(at)s") % {"at": since})
    else:
        state = signs.sign(signs.OFF, gettext("not offered yet"))
    return Row(standing, state, lacking[:SHOWN], len(lacking[SHOWN:]))
