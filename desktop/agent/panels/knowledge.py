"""The bank's answers on the agent's page: found as she types, and suggested before she does."""

from typing import Any

from django.utils.translation import gettext_lazy

from kb import suggesting
from telephony.models import Call
from telephony.panels import Column, Panel, Reader
from telephony.panels import register as add

READ = "kb.view_articleversion"


def search(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """The field. What is typed and opened is of one call: with the next it goes."""
    return {"call": call} if reader.user.has_perm(READ) else None


def suggested(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """By her way through the IVR and what is done for her; between calls, what is new."""
    if not reader.user.has_perm(READ):
        return None
    if call is None or reader.current is None:
        return {"versions": suggesting.news(at=reader.at), "in_call": False}
    flows = suggesting.flows_of(call)
    return {"versions": suggesting.of_flows(flows, at=reader.at), "in_call": True}


def register() -> None:
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
            order=11,
            title=gettext_lazy("Suggested"),
            template="desk/panels/suggested.html",
            look=suggested,
            key="K",
        )
    )
