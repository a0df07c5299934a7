"""The floor at one moment, read once for all pages that show it (`live.shared`)."""

from datetime import datetime, timedelta
from functools import cached_property

from django.db import connection

from banking import atms
from calendars.clock import bank_day
from live import shared
from reporting import expected, lost, settled, targets, today
from reporting.expected import Expected
from reporting.kpi import Calls, Counts, Ratings, Spent
from reporting.lost import Lost
from reporting.targets import Targets
from reporting.today import Cells, Span
from routing import floor, news
from routing.floor import Desk, Line, Pulse
from routing.models import AgentSkill, Presence
from routing.states import State
from telephony.models import Call

STATES = """
    SELECT a.user_id, coalesce(p.state, 'offline')
    FROM routing_agent a
    LEFT JOIN routing_presence p ON p.agent_id = a.user_id AND p.ended_at IS NULL
    WHERE a.is_active OR EXISTS (
        SELECT 1 FROM routing_session s WHERE s.agent_id = a.user_id AND s.ended_at IS NULL)
"""
_day = settled.Day()
_forecast = expected.Day()


class Floor:
    """What is seen at `at`. Each part is read when a page first asks for it, and kept."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    @cached_property
    def targets(self) -> Targets:
        return targets.on(bank_day(self.at))

    @cached_property
    def lines(self) -> list[Line]:
        return floor.queues(self.at)

    @cached_property
    def desks(self) -> list[Desk]:
        return floor.agents(self.at)

    @cached_property
    def pulse(self) -> Pulse:
        return floor.pulse(self.at)

    @cached_property
    def states(self) -> list[tuple[int, State]]:
        """Agent and state of everybody who takes calls: all that counting them needs."""
        with connection.cursor() as cursor:
            cursor.execute(STATES)
            return [(agent, State(state)) for agent, state in cursor.fetchall()]

    @cached_property
    def day(self) -> Cells[Counts]:
        return _day.counts(at=self.at, short_s=self.targets.rule.short_s)

    @cached_property
    def half_hour(self) -> Cells[Counts]:
        span = Span.last(today.HALF_HOUR, self.at)
        return today.counts(span, short_s=self.targets.rule.short_s)

    @cached_property
    def spent(self) -> Cells[Spent]:
        return today.spent(Span.day(self.at), at=self.at)

    @cached_property
    def ratings(self) -> Cells[Ratings]:
        return today.ratings(Span.day(self.at))

    @cached_property
    def calls(self) -> Cells[Calls]:
        return today.calls(Span.day(self.at))

    @cached_property
    def expected(self) -> Expected:
        return _forecast.calls(self.at)

    @cached_property
    def machines(self) -> atms.Strip:
        return atms.strip(self.at)

    @cached_property
    def lost(self) -> list[Lost]:
        return lost.callers(Span.day(self.at))

    @cached_property
    def beat_at(self) -> datetime | None:
        """When the dispatcher was last heard of."""
        return None if self.pulse.age_s is None else self.at - timedelta(seconds=self.pulse.age_s)

    @cached_property
    def call_of(self) -> dict[int, int]:
        """Agent → the call that she has or writes up."""
        rows = Presence.objects.filter(ended_at=None, entry__isnull=False)
        agents = {ref: agent for agent, ref in rows.values_list("agent_id", "entry__call_ref")}
        calls = Call.objects.filter(uuid__in=agents).values_list("uuid", "pk")
        return {agents[uuid]: call for uuid, call in calls}

    @cached_property
    def skilled(self) -> dict[str, set[int]]:
        """Queue's short name → the agents who can serve it."""
        found: dict[str, set[int]] = {}
        rows = AgentSkill.objects.values_list("skill__queue__slug", "agent_id")
        for slug, agent in rows:
            if slug is not None:
                found.setdefault(slug, set()).add(agent)
        return found

    def lines_of(self, queues: frozenset[str]) -> list[Line]:
        """These queues' lines; of no queue named, all."""
        return [line for line in self.lines if not queues or line.queue.slug in queues]

    def desks_of(self, queues: frozenset[str]) -> list[Desk]:
        """Who can serve one of these queues; of no queue named, everybody."""
        return [desk for desk in self.desks if not queues or desk.agent_id in self._able(queues)]

    def states_of(self, queues: frozenset[str]) -> list[State]:
        """What those who can serve one of these queues do; of no queue named, everybody."""
        return [state for agent, state in self.states if not queues or agent in self._able(queues)]

    def _able(self, queues: frozenset[str]) -> set[int]:
        return set().union(*(self.skilled.get(slug, set()) for slug in queues))


def register() -> None:
    shared.register(news.FLOOR, Floor)
