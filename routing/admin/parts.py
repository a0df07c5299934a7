"""What the pages of agents and callers share: shapes of states, spans of time, right-hand cells."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from banking import signs
from banking.admin.parts import ListAdmin
from routing.models import Agent, QueueEntry, Reservation
from routing.states import SHAPES, State

STYLES = {"all": ["css/routing-admin.css"]}

OUTCOMES = {
    QueueEntry.Outcome.ANSWERED: signs.MET,
    QueueEntry.Outcome.ABANDONED: signs.BREACH,
    QueueEntry.Outcome.CALLBACK: signs.DUE,
    QueueEntry.Outcome.OVERFLOW: signs.OFF,
}
ENDS = {
    Reservation.End.ANSWERED: signs.MET,
    Reservation.End.CALLER_LEFT: signs.OFF,
}


class RoutingList(ListAdmin):
    """What happened on the floor: to be read."""

    class Media:
        css = STYLES


def state(value: str) -> SafeString:
    """A state as every page shows it: colour, shape and word."""
    known = State(value)
    return signs.sign(SHAPES[known], str(known.label))


def agent(row: Agent | None) -> str:
    """By name and staff number; "—" where there is none."""
    return f"{row.user.name} {row.user.username}" if row else "—"


def span(began: datetime | None, ended: datetime | None) -> SafeString:
    """From one moment to another; "—" while either is open."""
    return minutes(ended - began) if began and ended else right("—")


def minutes(spent: timedelta | Decimal | int) -> SafeString:
    """A duration, in seconds where it is a number, as m:ss or h:mm:ss."""
    seconds = int(spent.total_seconds() if isinstance(spent, timedelta) else spent)
    hours, rest = divmod(max(0, seconds), 3600)
    text = f"{rest // 60:02d}:{rest % 60:02d}"
    return right(f"{hours}:{text}" if hours else text)


def right(cell: Any) -> SafeString:
    """A cell of figures, its end in line with the cells above and below."""
    return format_html('<span class="r">{}</span>', cell)
