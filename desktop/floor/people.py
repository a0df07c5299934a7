"""Agents and what needs the supervisor, as her page shows them: rows with a remedy, tiles."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from desktop.floor import behind
from desktop.floor.attention import Item, Trouble
from desktop.floor.behind import Reader
from desktop.floor.look import Floor
from reporting import kpi, words
from reporting.kpi import Counts
from reporting.targets import Verdict
from routing.floor import Desk, Line
from routing.states import IN_A_CALL, SHAPES, State

# The order of the words above the tiles, and of the tiles that need nothing.
STATES = (
    State.TALKING,
    State.HELD,
    State.RINGING,
    State.WRAP_UP,
    State.READY,
    State.PAUSED,
    State.OFFLINE,
)
_CALM = (State.RINGING, *(state for state in STATES if state != State.RINGING))


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that needs the supervisor."""

    key: str  # what names it over time: the selection stays on it
    title: str
    shape: str
    since: datetime | None
    note: str
    agent_id: int | None
    url: str
    act: str  # what the button says; "" where there is nothing to press
    calls: str = ""  # where the callers who wait are listed


@dataclass(frozen=True, slots=True)
class Tile:
    """An agent: filled when she needs help."""

    agent_id: int
    name: str
    number: str
    word: str
    shape: str
    since: datetime | None
    place: str  # her caller's queue
    over: str  # "", "w" or "b"
    url: str  # of her call


def tiles(floor: Floor, desks: list[Desk], found: list[Item], reader: Reader) -> dict[str, Any]:
    """Every agent as a tile, who needs help first."""
    late = {item.desk.agent_id: item for item in found if item.desk}
    order = {agent_id: place for place, agent_id in enumerate(late)}
    counts = Counter(desk.state for desk in desks)
    counts[State.RINGING] += counts.pop(State.RESERVED, 0)
    shown = sorted(desks, key=lambda d: (order.get(d.agent_id, len(order)), *_calm(d)))
    return {
        "number": len(desks),
        "states": [
            (SHAPES[s], str(s.label), counts[s], behind.in_state(reader, s, team=reader.queue))
            for s in STATES
        ],
        "tiles": [_tile(floor, desk, late.get(desk.agent_id), reader) for desk in shown],
    }


def row(floor: Floor, item: Item, reader: Reader) -> Row:
    """What needs the supervisor, and what she can do about it here."""
    if item.line is not None:
        return _row_of_queue(floor, item, item.line, reader)
    if item.desk is not None:
        return _row_of_agent(floor, item, item.desk, reader)
    return Row(
        key="dispatcher",
        title=_("Dispatcher stands still"),
        shape=item.verdict.value,
        since=item.since,
        note=_("No caller is offered to anybody. See whether the telephony worker runs."),
        agent_id=None,
        url="",
        act="",
    )


def _row_of_queue(floor: Floor, item: Item, line: Line, reader: Reader) -> Row:
    counts = floor.half_hour.by_queue().get(line.queue.slug, Counts())
    level = kpi.service_level(counts, floor.targets.rule.service_level)
    return Row(
        key=f"queue-{line.queue.slug}",
        title=_("%(queue)s: %(number)s waiting") % {"queue": line.queue, "number": line.waiting},
        shape=item.verdict.value,
        since=item.since,
        note=_("service level of the last half-hour %(level)s; %(ready)s ready, %(there)s there")
        % {"level": words.percent(level), "ready": line.ready, "there": line.signed_in},
        agent_id=None,
        url=f"{reverse('floor:floor')}?queue={line.queue.slug}",
        act=_("See the queue"),
        calls=behind.waiting(reader, queue=line.queue.slug),
    )


def _row_of_agent(floor: Floor, item: Item, desk: Desk, reader: Reader) -> Row:
    call = call_page(floor.call_of.get(desk.agent_id)) if reader.opens_calls else ""
    return Row(
        key=f"agent-{desk.agent_id}",
        title=f"{desk.name} {_word(desk, item)}",
        shape=item.verdict.value,
        since=item.since,
        note=_note(item, desk),
        agent_id=desk.agent_id,
        url=call,
        act=_("Open the call") if call else "",
    )


def _note(item: Item, desk: Desk) -> str:
    where = [str(desk.queue)] if desk.queue else []
    match item.trouble:
        case Trouble.PAGE:
            why = _("her page is gone, the call goes on")
        case Trouble.PHONE if desk.state in IN_A_CALL:
            why = _("her phone is not connected, the caller may hear nothing")
        case Trouble.PHONE:
            why = _("her phone is not connected, no call can reach her")
        case Trouble.STUCK:
            why = _("it rings for longer than any phone does")
        case _:
            limit = words.mmss(None if item.limit_s is None else Decimal(item.limit_s))
            why = _("limit %(limit)s") % {"limit": limit}
    return _(", ").join([*where, why])


def _word(desk: Desk, item: Item | None) -> str:
    """What she does; a pause by its reason, a lost phone or page by that."""
    if item is not None and item.trouble is Trouble.PAGE:
        return _("page lost")
    if item is not None and item.trouble is Trouble.PHONE:
        return _("no phone")
    if desk.state == State.PAUSED and desk.reason is not None:
        return str(desk.reason)
    state = State.RINGING if desk.state == State.RESERVED else desk.state
    return str(state.label)


def _tile(floor: Floor, desk: Desk, item: Item | None, reader: Reader) -> Tile:
    stale = item is not None and item.trouble in (Trouble.PAGE, Trouble.PHONE)
    over = "" if item is None else "b" if item.verdict is Verdict.BROKEN else "w"
    return Tile(
        agent_id=desk.agent_id,
        name=desk.name,
        number=desk.number,
        word=_word(desk, item),
        shape="st-stale" if stale else SHAPES[desk.state],
        since=None if desk.state == State.OFFLINE else desk.since,
        place=str(desk.queue or ""),
        over=over,
        url=call_page(floor.call_of.get(desk.agent_id)) if reader.opens_calls else "",
    )


def _calm(desk: Desk) -> tuple[int, float]:
    """Those who need nothing: by state, then the longest first."""
    state = State.RINGING if desk.state == State.RESERVED else desk.state
    return _CALM.index(state), desk.since.timestamp() if desk.since else 0.0


def call_page(call_id: int | None) -> str:
    """Where the record of a call is read; "" where there is none."""
    return "" if call_id is None else reverse("admin:telephony_call_change", args=[call_id])
