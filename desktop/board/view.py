"""The wallboard's six facts, as its language says them: values of the floor in, HTML out."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from banking.models import Atm
from desktop.board import hours
from desktop.floor.look import Floor
from desktop.models import Board
from live.shared import View
from reporting import kpi, words
from reporting.kpi import Counts, Kpi
from reporting.targets import Goal, Verdict
from routing import news
from routing.floor import Line, Name
from routing.states import SHAPES, State

PARTS = ("wait", "level", "averages", "agents", "hours", "machines")
MOST_QUEUES = 4  # under the big figure; the longest waits
# Short words for large letters. Reserved shows as ringing (domain.md §9), offline beside them.
STATES: dict[State, Any] = {
    State.READY: pgettext_lazy("wallboard", "Ready"),
    State.RINGING: pgettext_lazy("wallboard", "Ring"),
    State.TALKING: pgettext_lazy("wallboard", "Talk"),
    State.HELD: pgettext_lazy("wallboard", "Hold"),
    State.WRAP_UP: pgettext_lazy("wallboard", "Wrap"),
    State.PAUSED: pgettext_lazy("wallboard", "Pause"),
}
MACHINES: dict[Atm.State, Any] = {
    Atm.State.OFFLINE: pgettext_lazy("wallboard", "Down"),
    Atm.State.FAULT: pgettext_lazy("wallboard", "Fault"),
    Atm.State.JAMMED: pgettext_lazy("wallboard", "Jam"),
    Atm.State.RETAINED: pgettext_lazy("wallboard", "Card"),
    Atm.State.NO_CASH: pgettext_lazy("wallboard", "Cash"),
    Atm.State.MAINTENANCE: pgettext_lazy("wallboard", "Care"),
    Atm.State.ONLINE: pgettext_lazy("wallboard", "Up"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, its shape, and the target beside it; "" where the bank set none."""

    title: str
    value: str
    shape: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who waits in one queue; `shape` says how bad that is."""

    name: Name
    number: int
    since: datetime
    shape: str


@dataclass(frozen=True, slots=True)
class Group:
    """How many are in a state."""

    title: str
    number: int
    shape: str


def view(board: Board) -> View:
    """What a screen of this board watches; boards alike are drawn once."""
    queues = frozenset(queue.slug for queue in board.queues.all())
    return View(
        news.FLOOR,
        ("board", queues, board.language),
        partial(parts, queues=queues, language=board.language),
    )


def parts(floor: Floor, *, queues: frozenset[str], language: str) -> dict[str, str]:
    """Each fact's HTML by its name. No queue named: all of them."""
    lines = floor.lines_of(queues)
    with translation.override(language):
        facts: Mapping[str, Mapping[str, Any]] = {
            "wait": wait(floor, lines),
            "level": level(floor, queues, lines),
            "averages": averages(floor, queues),
            "agents": agents(floor.states_of(queues)),
            "hours": calls(floor),
            "machines": machines(floor),
        }
        return {name: render_to_string(f"board/_{name}.html", facts[name]) for name in PARTS}


def wait(floor: Floor, lines: list[Line]) -> dict[str, Any]:
    """Who waits and how long: the worst first. A breach of the whole fills the panel."""
    goal = floor.targets.goal(Kpi.WAIT)
    waiting = sorted(
        (
            Waiting(line.queue, line.waiting, line.since, _age(goal, line.since, floor.at).value)
            for line in lines
            if line.since is not None
        ),
        key=lambda w: w.since,
    )
    since = waiting[0].since if waiting else None
    verdict = _age(goal, since, floor.at)
    return {
        "number": sum(line.waiting for line in lines),
        "since": since,
        "verdict": verdict,
        "over": verdict is Verdict.BROKEN,
        "near": verdict is Verdict.NEAR,
        "queues": waiting[:MOST_QUEUES],
    }


def level(floor: Floor, queues: frozenset[str], lines: list[Line]) -> dict[str, Any]:
    """Service level today and in the last half-hour, against its target."""
    formula = floor.targets.rule.service_level
    goal = floor.targets.goal(Kpi.SERVICE_LEVEL)
    if len(lines) == 1:
        goal = floor.targets.of_queue(lines[0].target_pct)
    today = kpi.service_level(_of(floor.day, queues), formula)
    latest = kpi.service_level(_of(floor.half_hour, queues), formula)
    within = {line.threshold_s for line in lines}
    return {
        "within_s": within.pop() if len(within) == 1 else None,
        "value": words.percent(today),
        "width": words.plain((today or Decimal(0)) * 100),
        "goal": words.plain(goal.at_least * 100) if goal.at_least is not None else "",
        "shape": goal.judge(today).value,
        "latest": words.percent(latest),
        "latest_shape": goal.judge(latest).value,
    }


def averages(floor: Floor, queues: frozenset[str]) -> dict[str, Any]:
    """ASA, AHT and abandonment today."""
    day = _of(floor.day, queues)
    return {
        "figures": [
            _figure(floor, _("ASA"), Kpi.ASA, kpi.asa(day)),
            _figure(floor, _("AHT"), Kpi.AHT, kpi.aht(day)),
            _figure(floor, _("Abandonment"), Kpi.ABANDONMENT, kpi.abandonment(day)),
        ]
    }


def agents(states: list[State]) -> dict[str, Any]:
    """Agents by state."""
    counts = Counter(states)
    counts[State.RINGING] += counts.pop(State.RESERVED, 0)
    offline = counts[State.OFFLINE]
    return {
        "online": len(states) - offline,
        "offline": offline,
        "groups": [Group(str(title), counts[s], SHAPES[s]) for s, title in STATES.items()],
    }


def calls(floor: Floor) -> dict[str, Any]:
    """Calls by hour beside what was to be expected. The bank's, whatever the queues.

    Where nothing can be expected, the share that needed no person has the place.
    """
    total = floor.calls.total()
    more = kpi.against_forecast(total.came, floor.expected.until(floor.at))
    came = {hour: counts.came for hour, counts in floor.calls.by_hour().items()}
    return {
        "total": f"{total.came:,}",
        "share": words.percent(kpi.ivr_share(total)),
        "forecast": "" if more is None else _forecast(more),
        "shape": floor.targets.judge(Kpi.VOLUME, more).value,
        "chart": hours.chart(came, floor.expected.by_hour, floor.at),
    }


def machines(floor: Floor) -> dict[str, Any]:
    """The bank's machines by state, and the one that is broken for the longest."""
    seen = floor.machines
    told = None
    if seen.worst is not None:
        minutes = int((floor.at - seen.worst.since).total_seconds() // 60)
        told = _("%(machine)s %(state)s %(minutes)s min") % {
            "machine": seen.worst,
            "state": Atm.State(seen.worst.state).label,
            "minutes": minutes,
        }
    groups = [Group(str(MACHINES[g.state]), g.count, g.alarm.value) for g in seen.groups]
    return {"total": seen.total, "told": told, "groups": groups}


def _of(cells: Any, queues: frozenset[str]) -> Counts:
    found: Counts = (cells.of(queues) if queues else cells).total()
    return found


def _forecast(more: Decimal) -> str:
    said = _("%(share)s above forecast") if more >= 0 else _("%(share)s below forecast")
    return said % {"share": words.percent(abs(more), 0)}


def _age(goal: Goal, since: datetime | None, at: datetime) -> Verdict:
    return goal.judge((at - since).total_seconds() if since else None)


def _figure(floor: Floor, title: str, which: Kpi, value: Decimal | None) -> Figure:
    goal = floor.targets.goal(which)
    at_most = goal.at_most
    return Figure(
        title,
        words.figure(which, value),
        goal.judge(value).value,
        words.bound(which, at_most) if at_most is not None else "",
    )
