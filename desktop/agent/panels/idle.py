"""Between calls the same places hold what is due: call-backs, her day, the last call."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banking.numbers import masked_name
from desktop.agent import day
from desktop.agent.numbers import grouped
from reporting import today
from reporting.today import Span
from routing import presence
from routing.models import Reservation
from routing.states import State
from telephony import story, wrapup
from telephony.models import Call, CallbackRequest, WrapUp
from telephony.panels import Column, Panel, Reader
from telephony.panels import register as add

MOST = 6  # rows of what is due
SHOWN = 12  # of her calls today


def waiting(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """Where the next call will stand, and what it waits for."""
    if reader.current is not None:
        return None
    state = presence.state_of(reader.user.pk)
    return {
        "is_ready": state == State.READY,
        "is_paused": state == State.PAUSED,
        "is_offline": state == State.OFFLINE,
    }


def devices(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """Her phone; the page itself fills in what it measures."""
    return {} if reader.current is None else None


@dataclass(frozen=True, slots=True)
class Past:
    """One of her calls today."""

    at: datetime
    customer: str
    caller: str
    lasted_s: int
    code: str
    note: str
    entry_id: int
    ended_at: datetime
    may_change_until: datetime | None


def _calls_of(reader: Reader, most: int) -> list[Past]:
    span = Span.day(reader.at)
    rows = (
        Reservation.objects.filter(
            agent=reader.user.pk,
            answered_at__gte=span.start,
            answered_at__lt=span.end,
            ended_at__isnull=False,
        )
        .select_related("entry")
        .order_by("-answered_at")[:most]
    )
    found = list(rows)
    written = {
        row.entry_id: row
        for row in WrapUp.objects.filter(
            agent=reader.user.pk, entry__in=[row.entry_id for row in found]
        ).select_related("code__parent", "call__customer")
    }
    return [_past(row, written.get(row.entry_id), reader.at) for row in found]


def _past(row: Reservation, written: WrapUp | None, at: datetime) -> Past:
    assert row.answered_at
    assert row.ended_at  # the query asked for no other
    customer = written.call.customer if written else None
    until = written.finished_at + wrapup.MAY_BE_CHANGED if written and written.finished_at else None
    return Past(
        at=row.answered_at,
        customer=masked_name(customer.name) if customer else _("not identified"),
        caller=grouped(story.masked_caller(row.entry.caller)),
        lasted_s=int((row.ended_at - row.answered_at).total_seconds()),
        code=str(written.code) if written and written.code else "—",
        note=written.note if written else "",
        entry_id=row.entry_id,
        ended_at=row.ended_at,
        may_change_until=until if until and until > at else None,
    )


def last(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """Her last call, while its wrap-up can be changed and after."""
    if reader.current is not None:
        return None
    found = _calls_of(reader, 1)
    return {"last": found[0]} if found else None


def nobody(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """What will appear in the middle, and what to do meanwhile."""
    return {} if reader.current is None else None


def due(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """Callers who wait for a call, the longest first, and what she herself promised."""
    if reader.current is not None:
        return None
    asked = CallbackRequest.objects.filter(
        state=CallbackRequest.State.WAITING, call__is_test=False
    ).select_related("customer")
    promised = wrapup.due(reader.user.pk)
    return {
        "callbacks": [
            {
                "row": row,
                "who": masked_name(row.customer.name) if row.customer else _("not identified"),
                "phone": grouped(story.masked_caller(row.phone)),
                "late": reader.at - row.asked_at > timedelta(minutes=30),
            }
            for row in asked.order_by("asked_at")[:MOST]
        ],
        "promised": [
            {
                "row": row,
                "who": masked_name(row.call.customer.name)
                if row.call.customer
                else _("not identified"),
                "late": row.follow_up_at is not None and row.follow_up_at < reader.at,
            }
            for row in promised[:MOST]
        ],
        "count": asked.count() + promised.count(),
    }


def my_day(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """Her half-hours by state, and her calls, the newest first."""
    if reader.current is not None:
        return None
    span = Span.day(reader.at)
    cells = today.spent(span, at=reader.at, agent_id=reader.user.pk)
    return {
        "chart": day.draw(cells.by_half_hour()),
        "spent": cells.total(),
        "calls": _calls_of(reader, SHOWN),
    }


def register() -> None:
    for panel in (
        Panel(
            name="waiting",
            column=Column.CALL,
            order=10,
            title=gettext_lazy("Waiting for a call"),
            template="desk/panels/waiting.html",
            look=waiting,
        ),
        Panel(
            name="devices",
            column=Column.CALL,
            order=20,
            title=gettext_lazy("Telephone"),
            template="desk/panels/devices.html",
            look=devices,
            key="T",
        ),
        Panel(
            name="last",
            column=Column.CALL,
            order=40,
            title=gettext_lazy("Last call"),
            template="desk/panels/last.html",
            look=last,
            key="B",
        ),
        Panel(
            name="nobody",
            column=Column.CUSTOMER,
            order=10,
            title=gettext_lazy("No call"),
            template="desk/panels/nobody.html",
            look=nobody,
        ),
        Panel(
            name="due",
            column=Column.CUSTOMER,
            order=20,
            title=gettext_lazy("Due"),
            template="desk/panels/due.html",
            look=due,
            key="O",
        ),
        Panel(
            name="day",
            column=Column.CUSTOMER,
            order=40,
            title=gettext_lazy("My day"),
            template="desk/panels/day.html",
            look=my_day,
            key="R",
        ),
    ):
        add(panel)
