"""Who is offered whom: values in, values out. The floor simulator runs this very code."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Waiting:
    """A caller in a queue that asks for `skill`."""

    entry_id: int
    skill: int
    entered_at: datetime
    credit: timedelta = timedelta(0)  # VIP: waiting granted at entry


@dataclass(frozen=True, slots=True)
class Ready:
    """An agent who could take a call now. `levels`: skill → 1…9, 9 the best."""

    agent_id: int
    idle_since: datetime
    levels: Mapping[int, int] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Match:
    """An offer, and what it was chosen from."""

    entry_id: int
    agent_id: int
    level: int
    among: int  # agents able to take this caller, herself included


def match(waiting: Iterable[Waiting], ready: Iterable[Ready]) -> list[Match]:
    """Longest credited wait first; for each the best level, then the longest idle.

    All waits grow alike, so no clock is needed; only those who came within `credit` after
    a caller can overtake her, so nobody starves.
    """
    idle, matches = list(ready), []
    for caller in sorted(waiting, key=lambda c: (c.entered_at - c.credit, c.entry_id)):
        if not idle:
            break
        if able := [a for a in idle if caller.skill in a.levels]:
            agent = min(able, key=lambda a: (-a.levels[caller.skill], a.idle_since, a.agent_id))
            idle.remove(agent)
            level = agent.levels[caller.skill]
            matches.append(Match(caller.entry_id, agent.agent_id, level, among=len(able)))
    return matches
