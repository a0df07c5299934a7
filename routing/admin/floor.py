"""What agents did: their states as intervals, their hours at the desk. To be read."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from banking.admin.parts import When as Day
from banking.admin.parts import moment
from calendars import clock
from routing import presence
from routing.admin import parts
from routing.models import Presence, Session, names


class Began(Day):
    field = "started_at"


@admin.register(Presence)
class PresenceAdmin(parts.RoutingList):
    list_display = ("began", "who", "state_shown", "reason", "queue", "lasted")
    list_display_links = ("began",)
    list_filter = (Began, "state", "reason")
    list_select_related = ("agent__user", "reason", "entry__queue")
    search_fields = ("=agent__user__username",)
    search_help_text = _("Staff number")
    fields = readonly_fields = (
        *("who", "state_shown", "reason", "queue", "started_at", "ended_at", "lasted"),
    )

    @admin.display(description=_("since"), ordering="started_at")
    def began(self, row: Presence) -> str:
        return names.moment(row.started_at)

    @admin.display(description=_("agent"), ordering="agent__user__username")
    def who(self, row: Presence) -> str:
        return parts.agent(row.agent)

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, row: Presence) -> SafeString:
        return parts.state(row.state)

    @admin.display(description=_("queue"))
    def queue(self, row: Presence) -> str:
        return str(row.entry.queue) if row.entry else "—"

    @admin.display(description=_("lasted"))
    def lasted(self, row: Presence) -> SafeString:
        return parts.span(row.started_at, row.ended_at)


@admin.register(Session)
class SessionAdmin(parts.RoutingList):
    list_display = ("began", "who", "ended", "lasted", "has_page", "has_phone")
    list_display_links = ("began",)
    list_filter = (Began,)
    list_select_related = ("agent__user",)
    search_fields = ("=agent__user__username",)
    search_help_text = _("Staff number")
    fields = readonly_fields = (
        *("who", "started_at", "ended_at", "lasted", "heartbeat_at", "phone_at", "pause_wanted"),
    )

    @admin.display(description=_("signed in"), ordering="started_at")
    def began(self, row: Session) -> str:
        return moment(row.started_at)

    @admin.display(description=_("agent"), ordering="agent__user__username")
    def who(self, row: Session) -> str:
        return parts.agent(row.agent)

    @admin.display(description=_("signed out"), ordering="ended_at")
    def ended(self, row: Session) -> str:
        return moment(row.ended_at)

    @admin.display(description=_("lasted"))
    def lasted(self, row: Session) -> SafeString:
        return parts.span(row.started_at, row.ended_at)

    @admin.display(description=_("page connected"), boolean=True)
    def has_page(self, row: Session) -> bool | None:
        return presence.has_page(row, clock.now()) if row.ended_at is None else None

    @admin.display(description=_("phone connected"), boolean=True)
    def has_phone(self, row: Session) -> bool | None:
        return presence.has_phone(row, clock.now()) if row.ended_at is None else None
