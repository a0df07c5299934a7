"""The left column in a call: who it is, what can be done with her, what is written of it."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banking.models.customers import Language
from desktop.agent.numbers import grouped
from routing.states import IN_A_CALL, OFFERED, State
from telephony import story, wrapup
from telephony.deeds import TRIP, Deed
from telephony.models import Call, Step, WrapUpCode
from telephony.panels import Column, Panel, Reader
from telephony.panels import register as add


def this_call(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """Number, queue, how long she waited and was held, and her way through the IVR."""
    now = reader.current
    if now is None:
        return None
    since = away_since(call) if call and now.state in IN_A_CALL else None
    held_since = now.since if now.state == State.HELD else None
    return {
        "now": now,
        "caller": grouped(story.masked_caller(now.caller)) or _("Number withheld"),
        "dialled": call.dialled if call else "",
        "language": Language(call.language).label if call else "—",
        # Still counting while the phone rings: she waits on.
        "waits_since": now.entered_at if now.answered_at is None else None,
        "waited_s": _seconds(now.answered_at - now.entered_at) if now.answered_at else 0,
        "held_s": now.held_s,
        "held_since": held_since - timedelta(seconds=now.held_s) if held_since else None,
        "path": reader.story(call).path if call else "",
        "is_offered": now.state in OFFERED,
        "is_live": now.state in IN_A_CALL and since is None,
        "away_since": since,
        "is_held": now.state == State.HELD,
    }


def away_since(call: Call) -> datetime | None:
    """Since when she is with the IVR for a password; None while she is not."""
    trip = Step.objects.filter(call=call, kind=Step.Kind.DID, deed__in=TRIP).order_by("-seq")
    last = trip.first()
    return last.at if last and last.deed == Deed.TO_IVR else None


def _seconds(spent: timedelta) -> int:
    return int(spent.total_seconds())


def writing(call: Call | None, reader: Reader) -> dict[str, Any] | None:
    """Code, note and what is to follow: drafted until she has written herself."""
    now = reader.current
    if call is None or now is None or now.answered_at is None:
        return None
    draft = wrapup.draft(reader.story(call))
    row = wrapup.of(now.entry_id, reader.user.pk)
    return {
        "entry_id": now.entry_id,
        "offered": _with_chosen(list(draft.codes), row.code if row else None),
        "chosen": row.code_id if row else draft.codes[0].pk if draft.codes else None,
        "codes": wrapup.codes(),
        "drafted": row.drafted if row else draft.note,
        "note": row.note if row else draft.note,
        "follow_up_at": row.follow_up_at if row else None,
        "saved_at": row.saved_at if row else None,
        "longest": wrapup.LONGEST,
    }


def _with_chosen(offered: list[WrapUpCode], chosen: WrapUpCode | None) -> list[WrapUpCode]:
    """What was chosen stands among the first, where it can be seen."""
    if chosen is None or chosen in offered:
        return offered
    return [chosen, *offered[: wrapup.OFFERED - 1]]


def register() -> None:
    add(
        Panel(
            name="call",
            column=Column.CALL,
            order=10,
            title=gettext_lazy("This call"),
            template="desk/panels/call.html",
            look=this_call,
        )
    )
    add(
        Panel(
            name="wrapup",
            column=Column.CALL,
            order=30,
            title=gettext_lazy("Wrap-up note"),
            template="desk/panels/wrapup.html",
            look=writing,
            key="W",
        )
    )
