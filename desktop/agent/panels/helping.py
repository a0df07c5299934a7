"""The right column: what helps her answer. Knowledge, scripts and offers register beside it."""

from datetime import datetime
from itertools import islice
from typing import Any

from django.utils.translation import gettext_lazy

from banking import fees, limits, phone_debits
from banking.models.orders import Channel, Instruction
from calendars.clock import bank_day
from routing.models import AgentSkill, Queue
from routing.states import IN_A_CALL
from telephony.deeds import Deed
from telephony.models import Call
from telephony.panels import Column, Panel, Reader
from telephony.panels import register as add

FAVOURS = 5  # of what was done in this call, the last


def queues_of(agent_id: int) -> set[str]:
    """The queues whose calls she takes."""
    skills = AgentSkill.objects.filter(agent=agent_id).values("skill")
    return set(Queue.objects.filter(skill__in=skills).values_list("slug", flat=True))


def lines(call: Call | None, reader: Reader) -> dict[str, Any]:
    """Every queue: where a transfer would wait, and who is there for it."""
    return {"lines": reader.lines(), "mine": queues_of(reader.user.pk)}


def allowance(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """What she may still send by telephone today, and what it costs."""
    if call is None or call.customer is None or reader.current is None:
        return None
    day = bank_day(reader.at)
    return {
        "allowance": limits.allowance(call.customer.pk, Channel.PHONE, day=day),
        "stopped": phone_debits.standing(call.customer.pk),
        "tiers": _tiers(reader.at),
    }


def prices(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """The published fees, between calls: what is asked most."""
    if reader.current is not None:
        return None
    return {"tiers": _tiers(reader.at)}


def _tiers(at: datetime) -> list[fees.Tier]:
    found = fees.schedule(Instruction.Kind.TRANSFER, Channel.PHONE, day=bank_day(at))
    return sorted(found, key=lambda tier: tier.above)


def favours(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """The way to what can be done for her, and what was done in this call, the newest first."""
    if call is None or reader.current is None:
        return None
    until = call.verified_until
    done = reversed(reader.story(call).favours)
    return {
        "talking": reader.current.state in IN_A_CALL,
        "identified": until is not None and reader.at < until,
        "favours": [
            {"row": row, "refused": row.deed == Deed.REFUSED} for row in islice(done, FAVOURS)
        ],
    }


def register() -> None:
    add(
        Panel(
            name="services",
            column=Column.HELP,
            order=50,
            title=gettext_lazy("Do for her"),
            template="desk/panels/services.html",
            look=favours,
            key="S",
        )
    )
    add(
        Panel(
            name="allowance",
            column=Column.HELP,
            order=60,
            title=gettext_lazy("Transfers by telephone"),
            template="desk/panels/allowance.html",
            look=allowance,
        )
    )
    add(
        Panel(
            name="fees",
            column=Column.HELP,
            order=61,
            title=gettext_lazy("Fees of transfers by telephone"),
            template="desk/panels/fees.html",
            look=prices,
        )
    )
    add(
        Panel(
            name="queues",
            column=Column.HELP,
            order=80,
            title=gettext_lazy("Queues"),
            template="desk/panels/queues.html",
            look=lines,
        )
    )
