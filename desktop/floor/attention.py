"""What needs the supervisor first: the floor's values in, a sorted list out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum

from reporting.kpi import Kpi
from reporting.targets import Goal, Targets, Verdict
from routing.floor import Desk, Line, Pulse
from routing.presence import PHONE_LOST
from routing.states import IN_A_CALL, OFFERED, State

RINGS = timedelta(seconds=45)  # no phone rings for so long: something is stuck (D)
KPIS = {State.TALKING: Kpi.TALK, State.HELD: Kpi.HOLD, State.WRAP_UP: Kpi.WRAP_UP}


class Trouble(Enum):
    """Why something is on the list."""

    DISPATCHER = "dispatcher"
    WAIT = "wait"  # callers wait too long
    PAGE = "page"  # an agent in a call whose page is gone
    PHONE = "phone"  # an agent whom no call can reach
    STUCK = "stuck"  # it rings for ever
    STATE = "state"  # an agent in one state for too long


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look after. `past` is how often its limit has passed; nothing is below 1."""

    trouble: Trouble
    verdict: Verdict
    since: datetime | None
    past: float
    line: Line | None = None
    desk: Desk | None = None
    limit_s: int | None = None


def items(
    lines: Iterable[Line], desks: Iterable[Desk], pulse: Pulse, targets: Targets, *, at: datetime
) -> list[Item]:
    """What is broken before what is late, and the furthest past its limit first."""
    found = [*_dispatcher(pulse, at), *_waits(lines, targets, at)]
    for desk in desks:
        if (item := of_desk(desk, targets, at)) is not None:
            found.append(item)
    return sorted(found, key=_urgency)


def of_desk(desk: Desk, targets: Targets, at: datetime) -> Item | None:
    """What is the matter with an agent, if anything is; a lost page or phone before the clock."""
    if desk.since is None or desk.state == State.OFFLINE:
        return None
    spent = at - desk.since
    if desk.state in IN_A_CALL and not desk.has_page:
        return Item(Trouble.PAGE, Verdict.BROKEN, desk.since, 1, desk=desk)
    if _is_unreachable(desk):
        verdict = Verdict.BROKEN if desk.state in IN_A_CALL else Verdict.NEAR
        return Item(Trouble.PHONE, verdict, desk.since, 1, desk=desk)
    if desk.state in OFFERED and spent > RINGS:
        return Item(Trouble.STUCK, Verdict.BROKEN, desk.since, spent / RINGS, desk=desk)
    goal = _goal(desk, targets)
    verdict = goal.judge(spent.total_seconds())
    if goal.at_most is None or verdict not in (Verdict.NEAR, Verdict.BROKEN):
        return None
    return Item(
        Trouble.STATE,
        verdict,
        desk.since,
        spent.total_seconds() / float(goal.at_most),
        desk=desk,
        limit_s=int(goal.at_most),
    )


def _goal(desk: Desk, targets: Targets) -> Goal:
    """How long she may be in her state: a pause as its reason says, the rest as the targets do."""
    if desk.state in KPIS:
        return targets.goal(KPIS[desk.state])
    return Goal(at_most=None if desk.limit_s is None else Decimal(desk.limit_s))


def _is_unreachable(desk: Desk) -> bool:
    """A page without a phone. Who pauses while she sets up is not missed yet."""
    if desk.state == State.PAUSED:
        return desk.reason is not None and desk.reason.slug == PHONE_LOST
    return desk.has_page and not desk.has_phone


def _dispatcher(pulse: Pulse, at: datetime) -> Iterator[Item]:
    if not pulse.ok:
        since = None if pulse.age_s is None else at - timedelta(seconds=pulse.age_s)
        yield Item(Trouble.DISPATCHER, Verdict.BROKEN, since, float("inf"))


def _waits(lines: Iterable[Line], targets: Targets, at: datetime) -> Iterator[Item]:
    goal = targets.goal(Kpi.WAIT)
    for line in lines:
        if line.since is None or goal.at_most is None:
            continue
        spent = (at - line.since).total_seconds()
        verdict = goal.judge(spent)
        if verdict in (Verdict.NEAR, Verdict.BROKEN):
            yield Item(Trouble.WAIT, verdict, line.since, spent / float(goal.at_most), line=line)


_FIRST = {Trouble.DISPATCHER: 0, Trouble.WAIT: 1}  # a caller before an agent


def _urgency(item: Item) -> tuple[bool, int, float]:
    broken = item.verdict is Verdict.BROKEN
    return not broken, _FIRST.get(item.trouble, 2), -item.past
