"""The bank's answers on the agent's page: found as she types, and suggested before she does."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy

from calendars.clock import bank_day
from kb import attesting, receipts, suggesting
from kb.models import Verdict
from telephony.models import Call
from telephony.panels import Column, Panel, Reader
from telephony.panels import register as add

READ = "kb.view_articleversion"
ANSWERED_FOR = timedelta(days=7)
MOST = 3  # answers to her corrections, procedures of a call, regulations


def search(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """The field. What is typed and opened is of one call: with the next it goes."""
    return {"call": call} if reader.user.has_perm(READ) else None


def suggested(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """By her way through the IVR and what is done for her; between calls, what is new."""
    if not reader.user.has_perm(READ):
        return None
    if call is None or reader.current is None:
        return {"versions": suggesting.news(at=reader.at), "procedures": (), "in_call": False}
    flows = suggesting.flows_of(call)
    held = suggesting.held_by(call.customer_id) if call.customer_id else ()
    return {
        "versions": suggesting.of_flows(flows, at=reader.at),
        "procedures": suggesting.procedures(flows, held),
        "in_call": True,
    }


def walked(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """The procedures of this call, the way that was taken and what it came to."""
    if call is None or reader.current is None:
        return None
    walks = [walk for walk in reader.story(call).guided if walk.trail or walk.ended]
    return {"walks": walks[-MOST:]} if walks else None


def urgent(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """What she has to read before she takes calls again."""
    if not reader.user.has_perm(READ):
        return None
    versions = list(receipts.pending(reader.user, at=reader.at))
    return {"versions": versions} if versions else None


def to_attest(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """Regulations that she has not confirmed yet, between calls: they hold nothing back."""
    if reader.current is not None:
        return None
    open_, day = attesting.open_of(reader.user), bank_day(reader.at)
    return {"rows": [(one, one.is_overdue(day)) for one in open_[:MOST]]} if open_ else None


def answered(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """What became of her corrections, between calls."""
    if reader.current is not None:
        return None
    lately = Verdict.objects.filter(opinion__by=reader.user, at__gt=reader.at - ANSWERED_FOR)
    verdicts = list(lately.select_related("opinion__version", "by")[:MOST])
    return {"verdicts": verdicts} if verdicts else None


def register() -> None:
    add(
        Panel(
            name="urgent",
            column=Column.HELP,
            order=5,
            title=gettext_lazy("To be read before the next call"),
            template="desk/panels/urgent.html",
            look=urgent,
            key="U",
        )
    )
    add(
        Panel(
            name="to-attest",
            column=Column.HELP,
            order=14,
            title=gettext_lazy("Regulations to attest"),
            template="desk/panels/to_attest.html",
            look=to_attest,
        )
    )
    add(
        Panel(
            name="answered",
            column=Column.HELP,
            order=13,
            title=gettext_lazy("Answers to your corrections"),
            template="desk/panels/answered.html",
            look=answered,
        )
    )
    add(
        Panel(
            name="walked",
            column=Column.HELP,
            order=14,
            title=gettext_lazy("Procedures of this call"),
            template="desk/panels/walked.html",
            look=walked,
        )
    )
    add(
        Panel(
            name="knowledge",
            column=Column.HELP,
            order=10,
            title=gettext_lazy("Knowledge"),
            template="desk/panels/knowledge.html",
            look=search,
        )
    )
    add(
        Panel(
            name="suggested",
            column=Column.HELP,
            order=12,
            title=gettext_lazy("Suggested"),
            template="desk/panels/suggested.html",
            look=suggested,
            key="K",
        )
    )
