"""Whether somebody matches callers and agents, and what had to be put right."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banking import signs
from banking.admin.parts import When as Day
from calendars import clock
from people.models import User
from routing import floor
from routing.admin import parts
from routing.differences import Does
from routing.models import Dispatcher, QueueEntry, Repair, Reservation, names
from routing.states import State

DONE = {
    Does.LEAVE: _("The caller had hung up. She was taken out of the queue; her end is estimated."),
    Does.PUT_BACK: _("The offer was over. The caller kept her place."),
    Does.FINISH: _("The talk was over. The agent went on to wrap up."),
    Does.RECALL: _("The caller was offered to nobody. She waits again."),
    Does.RELEASE: _("The agent had no caller any more. She was let go."),
    Does.LAPSE: _("The agent's page was lost. She was signed out."),
    Does.PAUSE: _("The wrap-up did not end. The agent was paused."),
    Does.AWAY: _("The agent's page was lost. She is paused until it is back."),
    Does.KILL: _("The line belonged to no offer. It was ended."),
}


class At(Day):
    field = "at"


@admin.register(Dispatcher)
class DispatcherAdmin(parts.RoutingList):
    list_display = ("holder", "pulse", "beat_at", "round_shown", "rounds", "waiting", "ready")
    fields = ("holder", "beat_at", "round_ms", "rounds", "waiting", "ready")

    @admin.display(description=_("pulse"))
    def pulse(self, row: Dispatcher) -> SafeString:
        if floor.pulse(clock.now()).ok:
            return signs.sign(signs.MET, gettext("beats"))
        return signs.sign(signs.BREACH, gettext("silent"))

    @admin.display(description=_("last round, ms"), ordering="round_ms")
    def round_shown(self, row: Dispatcher) -> SafeString:
        return parts.right(row.round_ms)


@admin.register(Repair)
class RepairAdmin(parts.RoutingList):
    """The newest first: what did not agree with the switch, and what was done about it."""

    list_display = ("time", "kind_shown", "subject_shown", "done")
    list_display_links = ("time",)
    list_filter = (At, "kind")
    fields = readonly_fields = ("time", "kind_shown", "subject_shown", "done", "seen")

    def get_changelist_instance(self, request: Any) -> Any:
        """Whose row it was is read once for the page."""
        page = super().get_changelist_instance(request)
        page.result_list = list(page.result_list)
        names = _names(page.result_list)
        for row in page.result_list:
            row.agent_name = names.get(row.pk, "")
        return page

    @admin.display(description=_("time"), ordering="at")
    def time(self, row: Repair) -> str:
        return names.moment(row.at)

    @admin.display(description=_("kind"), ordering="kind")
    def kind_shown(self, row: Repair) -> SafeString:
        return signs.sign(signs.WARN, row.get_kind_display())

    @admin.display(description=_("agent"))
    def subject_shown(self, row: Any) -> str:
        name: str | None = getattr(row, "agent_name", None)
        return (_names([row]).get(row.pk, "") if name is None else name) or "—"

    @admin.display(description=_("how it was put right"))
    def done(self, row: Repair) -> str:
        return str(DONE[Does(row.facts["does"])])

    @admin.display(description=_("what was seen"))
    def seen(self, row: Repair) -> str:
        """The row as it was, before it was put right."""
        shown = [
            (_("state"), _state(row.facts.get("state"))),
            (_("since"), _moment(row.facts.get("since"))),
            (_("lease ends"), _moment(row.facts.get("lease_ended"))),
        ]
        return " · ".join(f"{label} {value}" for label, value in shown if value) or "—"


def _state(value: str | None) -> str:
    """An agent's state or a caller's; both are called as their pages call them."""
    for choices in (State, QueueEntry.State):
        if value in choices.values:
            return str(choices(value).label)
    return ""


def _moment(text: str | None) -> str:
    return names.moment(datetime.fromisoformat(text)) if text else ""


def _names(rows: list[Repair]) -> dict[int, str]:
    """The agent whom each repair was about, where it was about one."""
    keys = {row.pk: row.subject.rpartition(":")[::2] for row in rows}
    offers = {int(key) for what, key in keys.values() if what == "routing.reservation"}
    agents = dict(Reservation.objects.filter(pk__in=offers).values_list("pk", "agent_id"))
    about = {
        pk: agents.get(int(key)) if what == "routing.reservation" else int(key)
        for pk, (what, key) in keys.items()
        if what in ("routing.reservation", "routing.agent")
    }
    staff = {u.pk: f"{u.name} {u.username}" for u in User.objects.filter(pk__in=about.values())}
    return {pk: staff.get(agent or 0, "") for pk, agent in about.items()}
