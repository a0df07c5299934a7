"""What a page or a terminal says about a call, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telephony.phone.transcript import Ended, Keyed, Played, Playing, Stage, Update
from telephony.story import CAUSES
from telephony.templatetags.telephony import mmss

STAGES: Mapping[str, str | Promise] = {
    "ringing": gettext_lazy("ringing"),
    "answered": gettext_lazy("on the line"),
    "onhold": gettext_lazy("on hold"),
    "offhold": gettext_lazy("on the line"),
    "bridged": gettext_lazy("connected to an agent"),
    "unbridged": gettext_lazy("away from the agent"),
    "recording": gettext_lazy("being recorded"),
    "recorded": gettext_lazy("recording kept"),
}
ENDINGS: Mapping[str, str | Promise] = {
    "phone": gettext_lazy("You hung up."),
    "bank": gettext_lazy("The bank ended the call."),
}


def keyed(update: Keyed) -> str:
    return _("keyed %(keys)s") % {"keys": update.shown}


def played(update: Played) -> str:
    """How it was heard; "" when it was heard out."""
    if update.interrupted:
        return _("interrupted")
    return ""


def stage(update: Stage) -> str:
    return str(STAGES.get(update.what, update.what))


def ended(update: Ended) -> str:
    word = str(ENDINGS.get(update.by, _("The line is gone.")))
    if update.cause == "NORMAL_CLEARING":
        return word
    return _("%(what)s (%(cause)s)") % {
        "what": word,
        "cause": CAUSES.get(update.cause, update.cause),
    }


def message(update: Update) -> dict[str, Any]:
    """An update as the page gets it: what to show, and nothing that it must not show."""
    at = {"at": round(update.at, 2), "clock": mmss(update.at)}
    match update:
        case Playing():
            parts = [
                {"text": p.text, "files": list(p.files), "seconds": p.seconds} for p in update.parts
            ]
            return {"event": "playing", "line": update.line, "parts": parts, **at}
        case Played():
            return {
                "event": "played",
                "line": update.line,
                "heard_s": update.heard_s,
                "interrupted": update.interrupted,
                "text": played(update),
                **at,
            }
        case Keyed():
            return {"event": "keyed", "line": update.line, "text": keyed(update), **at}
        case Stage():
            return {"event": "stage", "what": update.what, "text": stage(update), **at}
        case Ended():
            return {"event": "ended", "text": ended(update), **at}
