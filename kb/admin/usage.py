"""How the knowledge base is used, on one page for its editors."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from calendars import clock
from kb import statistics
from kb.models import Search
from people.office import STYLES, ReadOnlyAdmin, moment

DAYS = (7, 30, 90)  # of the past; the first unless another is chosen
MOST = 15  # rows of a table


@admin.register(Search)
class SearchAdmin(ReadOnlyAdmin):
    """Its list is what follows from the searches; each by itself tells nothing."""

    fields = ("asked", "by", "call", "said")
    readonly_fields = fields

    class Media:
        css = STYLES

    @admin.display(description=_("time"))
    def said(self, search: Search) -> str:
        return moment(search.at)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET.get("days", "")
        days = int(asked) if asked.isdecimal() and int(asked) in DAYS else DAYS[0]
        now = clock.now()
        since = now - timedelta(days=days)
        unread = statistics.unread(days, at=now)
        shown = {
            "is_fullwidth": "1",
            "days": days,
            "choices": DAYS,
            "searched": statistics.searched(since, now),
            "unmet": statistics.unmet(since, now, limit=MOST),
            "misleading": statistics.misleading(since, now, limit=MOST),
            "unread": unread[:MOST],
            "unread_count": unread.count(),
        }
        return self.own_page(request, "kb/usage.html", _("Use of the knowledge base"), shown)
