"""The supervisor's page in parts, as a reader's language says them: the floor in, HTML out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from desktop.floor import attention, behind, people
from desktop.floor.behind import Reader
from desktop.floor.look import Floor
from live.shared import View
from reporting import kpi, words
from reporting.kpi import Counts, Kpi, Ratings
from reporting.lost import MOST, Lost
from reporting.targets import Goal, Verdict
from routing import news
from routing.floor import Line
from routing.states import State
from routing.wishes import What
from telephony.story import masked_caller

PARTS = ("top", "figures", "need", "agents", "queues", "lost")


@dataclass(frozen=True, slots=True)
class Figure:
    """One field of the strip above."""

    title: str
    value: str
    note: str
    shape: str = ""
    also: str = ""  # a part of it that is told apart
    url: str = ""  # of the calls behind it
    also_url: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of the table and its shape."""

    value: str
    shape: str = ""
    url: str = ""  # of the calls behind it


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A queue against its target; the total has no name."""

    name: str
    slug: str
    waiting: Cell
    since: datetime | None
    wait_shape: str
    latest: Cell
    today: Cell
    target: str
    asa: Cell
    abandonment: Cell
    ready: int
    signed_in: int
    floor_url: str  # where her agents are seen; "" where the page shows them already


def view(reader: Reader) -> View:
    """What a supervisor's page watches."""
    return View(news.FLOOR, ("floor", reader), partial(parts, reader=reader))


def parts(floor: Floor, *, reader: Reader) -> dict[str, str]:
    """Each part's HTML by its name."""
    chosen = frozenset({reader.queue} if reader.queue else ())
    lines, desks = floor.lines_of(chosen), floor.desks_of(chosen)
    found = attention.items(lines, desks, floor.pulse, floor.targets, at=floor.at)
    with translation.override(reader.language):
        facts: Mapping[str, Mapping[str, Any]] = {
            "top": top(floor, reader),
            "figures": {"figures": figures(floor, lines, chosen, reader)},
            "need": {"rows": [people.row(floor, item, reader) for item in found]},
            "agents": people.tiles(floor, desks, found, reader),
            "queues": queues(floor, lines, chosen, reader),
            "lost": lost(floor, chosen, reader),
        }
        return {name: render_to_string(f"floor/_{name}.html", facts[name]) for name in PARTS}


def top(floor: Floor, reader: Reader) -> dict[str, Any]:
    """The queues to choose from, the dispatcher's pulse, the phones."""
    at_pages = [desk for desk in floor.desks if desk.has_page]
    phones = sum(desk.has_phone for desk in at_pages)
    pulse = floor.pulse
    return {
        "lines": floor.lines,
        "chosen": reader.queue,
        "pulse": pulse,
        "round_ms": f"{pulse.round_ms:.0f}",
        "beat_at": floor.beat_at,
        "phones": phones,
        "pages": len(at_pages),
    }


def figures(floor: Floor, lines: list[Line], chosen: frozenset[str], reader: Reader) -> list[Any]:
    """Who waits now, then today so far."""
    goals = floor.targets
    day = _of(floor.day, chosen)
    worst = min((line for line in lines if line.since), key=_since, default=None)
    spent = floor.spent.total()
    rated: Ratings = (floor.ratings.of(chosen) if chosen else floor.ratings).total()
    level = kpi.service_level(day, goals.rule.service_level)
    short = words.percent(kpi.short_abandonment(day))

    def calls(what: str) -> str:
        return behind.today(reader, what, queue=reader.queue)

    return [
        {
            "number": sum(line.waiting for line in lines),
            "worst": worst,
            "verdict": _judge_wait(floor, worst).value,
            "bad": _judge_wait(floor, worst) is Verdict.BROKEN,
            "url": behind.waiting(reader, queue=reader.queue),
        },
        _figure(floor, _("Service level"), Kpi.SERVICE_LEVEL, level, calls(What.IN_TIME)),
        _figure(
            floor,
            _("Answered calls"),
            Kpi.CONNECT_RATE,
            kpi.connect_rate(day),
            calls(What.ANSWERED),
        ),
        _figure(floor, _("ASA"), Kpi.ASA, kpi.asa(day), calls(What.ANSWERED)),
        _figure(floor, _("AHT"), Kpi.AHT, kpi.aht(day), calls(What.HANDLED)),
        replace(
            _figure(
                floor,
                _("Abandonment"),
                Kpi.ABANDONMENT,
                kpi.abandonment(day),
                calls(What.ABANDONED),
            ),
            also=_("%(short)s short") % {"short": short},
            also_url=calls(behind.short(goals.rule.short_s)),
        ),
        _figure(
            floor,
            _("Occupancy"),
            Kpi.OCCUPANCY,
            kpi.occupancy(spent),
            calls(What.ANSWERED),
        ),
        replace(
            _figure(
                floor, _("Satisfaction"), Kpi.SATISFACTION, kpi.satisfaction(rated), _rated(reader)
            ),
            also=_("%(share)s rated") % {"share": words.percent(kpi.participation(rated))},
        ),
    ]


def queues(
    floor: Floor, lines: list[Line], chosen: frozenset[str], reader: Reader
) -> dict[str, Any]:
    """Each queue against its own target, the worst wait first; then all of them."""
    day, latest = floor.day.by_queue(), floor.half_hour.by_queue()
    rows = [
        _queue(
            floor,
            [line],
            day.get(line.queue.slug, Counts()),
            latest.get(line.queue.slug, Counts()),
            floor.targets.of_queue(line.target_pct),
            reader,
        )
        for line in sorted(lines, key=lambda line: (line.since is None, _since(line)))
    ]
    goal = floor.targets.goal(Kpi.SERVICE_LEVEL)
    day_of_all, latest_of_all = _of(floor.day, chosen), _of(floor.half_hour, chosen)
    total = _queue(floor, lines, day_of_all, latest_of_all, goal, reader)
    return {"rows": rows, "total": total if len(lines) != 1 else None}


def lost(floor: Floor, chosen: frozenset[str], reader: Reader) -> dict[str, Any]:
    """Who gave up and was not helped since."""
    found = [gone for gone in floor.lost if not chosen or gone.queue.slug in chosen]
    return {
        # The list ends somewhere: of more than it holds the number is not known.
        "number": f"{len(found)}+" if len(floor.lost) == MOST else str(len(found)),
        "url": behind.these(reader, found),
        "rows": [
            {
                "gone": gone,
                "caller": masked_caller(gone.caller) or _("withheld"),
                "waited": words.mmss(gone.waited_s),
                "url": people.call_page(gone.call_id) if reader.opens_calls else "",
                "may_ask": reader.asks_callbacks and _may_ask(gone),
            }
            for gone in found
        ],
    }


# -- inside ------------------------------------------------------------------------------------


def _queue(
    floor: Floor, lines: list[Line], day: Counts, latest: Counts, goal: Goal, reader: Reader
) -> QueueRow:
    formula = floor.targets.rule.service_level
    worst = min((line for line in lines if line.since), key=_since, default=None)
    waiting = sum(line.waiting for line in lines)
    level, recently = kpi.service_level(day, formula), kpi.service_level(latest, formula)
    abandonment = kpi.abandonment(day)
    one = lines[0] if len(lines) == 1 else None
    slug = one.queue.slug if one else ""
    return QueueRow(
        name=str(one.queue) if one else "",
        slug=slug,
        waiting=Cell(
            str(waiting),
            _deviates(floor.targets.judge(Kpi.WAITING, waiting)),
            behind.waiting(reader, queue=slug),
        ),
        since=worst.since if worst else None,
        wait_shape=_deviates(_judge_wait(floor, worst)),
        latest=Cell(
            words.points(recently),
            _deviates(goal.judge(recently)),
            behind.half_hour(reader, What.IN_TIME, queue=slug),
        ),
        today=Cell(
            words.points(level),
            _deviates(goal.judge(level)),
            behind.today(reader, What.IN_TIME, queue=slug),
        ),
        target=words.plain(goal.at_least * 100) if goal.at_least is not None else "—",
        asa=Cell(words.mmss(kpi.asa(day)), url=behind.today(reader, What.ANSWERED, queue=slug)),
        abandonment=Cell(
            words.points(abandonment),
            _deviates(floor.targets.judge(Kpi.ABANDONMENT, abandonment)),
            behind.today(reader, What.ABANDONED, queue=slug),
        ),
        ready=one.ready if one else sum(d.state == State.READY for d in floor.desks),
        signed_in=one.signed_in if one else sum(d.has_page for d in floor.desks),
        floor_url=f"{reverse('floor:floor')}?queue={slug}" if slug != reader.queue else "",
    )


def _figure(floor: Floor, title: str, which: Kpi, value: Decimal | None, url: str) -> Figure:
    goal = floor.targets.goal(which)
    bounds = [words.bare(which, b) for b in (goal.at_least, goal.at_most) if b is not None]
    note = "–".join(bounds)
    if len(bounds) == 1:
        note = _("goal %(bounds)s") % {"bounds": note}
    return Figure(title, words.figure(which, value), note, _deviates(goal.judge(value)), url=url)


def _rated(reader: Reader) -> str:
    """Today's ratings, for who opens calls: theirs is the same right."""
    if not reader.opens_calls:
        return ""
    return f"{reverse('admin:quality_rating_changelist')}?when=today"


def _deviates(verdict: Verdict) -> str:
    """On desks a met target stays plain ink."""
    return "" if verdict is Verdict.MET else verdict.value


def _judge_wait(floor: Floor, line: Line | None) -> Verdict:
    if line is None or line.since is None:
        return Verdict.NONE
    return floor.targets.judge(Kpi.WAIT, (floor.at - line.since).total_seconds())


def _since(line: Line) -> float:
    return line.since.timestamp() if line.since else 0.0


def _may_ask(gone: Lost) -> bool:
    return gone.call_id is not None and bool(gone.caller) and not gone.is_asked


def _of(cells: Any, queues: frozenset[str]) -> Counts:
    found: Counts = (cells.of(queues) if queues else cells).total()
    return found
