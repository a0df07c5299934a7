"""What to say at this moment of the call, in the bank's own words."""

from typing import Any

from django.utils.translation import gettext_lazy

from desktop.agent.moments import Scene
from kb import scripts, suggesting
from kb.models.scripts import Moment
from telephony.models import Call
from telephony.panels import Column, Panel, Reader
from telephony.panels import register as add

READ = "kb.view_scriptversion"
MOST = 6


def due(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """The first in full, to be read aloud at once; nothing between calls and in the wrap-up."""
    if call is None or not reader.user.has_perm(READ):
        return None
    scene = Scene(call, reader)
    moments = scene.due()
    flows = suggesting.flows_of(call) if Moment.TALK in moments else []
    found = scripts.suggested(moments, flows, limit=MOST)
    if not found:
        return None
    return {"said": scene.say(found[0]), "others": found[1:], "moment": moments[0].label}


def register() -> None:
    add(
        Panel(
            name="scripts",
            column=Column.HELP,
            order=11,
            title=gettext_lazy("Scripts"),
            template="desk/panels/scripts.html",
            look=due,
            key="H",
        )
    )
