"""The floor as it stands, for every page that shows it: values alone, in a few queries.

Who waits: not yet answered, whether offered to an agent or not; she hears music either way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from calendars import hours
from routing import presence
from routing.models import Agent, Dispatcher, PauseReason, Presence, Queue, Session
from routing.models.names import local
from routing.states import State

# Seconds after which a state asks for attention (domain.md §9 for the wrap-up; D for the others).
LIMITS: Mapping[State, int] = {State.TALKING: 600, State.HELD: 120, State.WRAP_UP: 60}
PULSE = timedelta(seconds=5)  # of real time: an older beat is no pulse

FIGURES = """
    SELECT q.slug, q.name, q.name_en, q.hours, q.threshold_s, q.target_pct,
        coalesce(w.waiting, 0), w.since, coalesce(a.ready, 0), coalesce(a.signed_in, 0)
    FROM routing_queue q
    LEFT JOIN (
        SELECT queue_id, count(*) AS waiting, min(entered_at) AS since
        FROM routing_queueentry
        WHERE ended_at IS NULL AND state IN ('waiting', 'offered') GROUP BY queue_id
    ) w ON w.queue_id = q.id
    LEFT JOIN (
        SELECT k.skill_id, count(*) AS signed_in,
            count(*) FILTER (WHERE p.state = 'ready' AND s.phone_at >= %(oldest)s) AS ready
        FROM routing_session s
        JOIN routing_agent g ON g.user_id = s.agent_id AND g.is_active
        JOIN routing_agentskill k ON k.agent_id = s.agent_id
        JOIN routing_presence p ON p.agent_id = s.agent_id AND p.ended_at IS NULL
        WHERE s.ended_at IS NULL AND s.heartbeat_at >= %(oldest)s GROUP BY k.skill_id
    ) a ON a.skill_id = q.skill_id
    WHERE q.is_active ORDER BY q."order", q.slug
"""


@dataclass(frozen=True, slots=True)
class Name:
    """What a row is called; shown in the reader's language."""

    slug: str
    zh: str
    en: str

    @classmethod
    def of(cls, row: Queue | PauseReason) -> "Name":
        return cls(row.slug, row.name, row.name_en)

    def __str__(self) -> str:
        return local(self.zh, self.en)


@dataclass(frozen=True, slots=True)
class Desk:
    """An agent and what she does. `limit_s`: when her state asks for attention, in seconds."""

    agent_id: int
    number: str
    name: str
    state: State
    reason: Name | None  # of a pause
    since: datetime | None  # None: she never signed in
    queue: Name | None  # of the caller she has, or writes up
    has_page: bool
    has_phone: bool
    limit_s: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """A queue, who waits in it and who is there for it. Agents with several skills count in each.

    `signed_in` counts agents whose page lives; `ready` those of them whom a call could reach now.
    """

    queue: Name
    waiting: int
    since: datetime | None  # the longest wait began
    longest_wait_s: int
    ready: int
    signed_in: int
    threshold_s: int
    target_pct: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class Pulse:
    """The dispatcher as last heard of; `age_s` None: it never was."""

    holder: str
    age_s: float | None
    round_ms: float
    waiting: int
    ready: int
    ok: bool


def agents(at: datetime) -> list[Desk]:
    """Everybody who takes calls, by staff number: three queries."""
    now = {
        p.agent_id: p
        for p in Presence.objects.filter(ended_at=None).select_related("reason", "entry__queue")
    }
    pages = {s.agent_id: s for s in Session.objects.filter(ended_at=None)}
    return [
        _desk(agent, now.get(agent.pk), pages.get(agent.pk), at)
        for agent in Agent.objects.select_related("user").order_by("user__username")
        if agent.is_active or agent.pk in pages
    ]


def queues(at: datetime) -> list[Line]:
    """The queues in use, in their order: one query, and those of their opening hours."""
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, {"oldest": at - presence.lease()})
        rows = cursor.fetchall()
    is_open = hours.are_open({row[3] for row in rows if row[3]}, at)
    return [
        Line(
            queue=Name(slug, zh, en),
            waiting=waiting,
            since=since,
            longest_wait_s=max(0, int((at - since).total_seconds())) if since else 0,
            ready=ready,
            signed_in=signed_in,
            threshold_s=threshold_s,
            target_pct=target_pct,
            is_open=is_open.get(when, not when),
        )
        for slug, zh, en, when, threshold_s, target_pct, waiting, since, ready, signed_in in rows
    ]


def pulse(at: datetime) -> Pulse:
    """Whether somebody matches callers and agents: one query."""
    row = Dispatcher.objects.first()
    if row is None:
        return Pulse("", None, 0, 0, 0, ok=False)
    age = max(timedelta(0), at - row.beat_at)
    return Pulse(
        holder=row.holder,
        age_s=age.total_seconds(),
        round_ms=float(row.round_ms),
        waiting=row.waiting,
        ready=row.ready,
        ok=age <= PULSE * settings.CLOCK_RATE,
    )


def _desk(agent: Agent, now: Presence | None, session: Session | None, at: datetime) -> Desk:
    state = State(now.state) if now else State.OFFLINE
    reason = now.reason if now else None
    return Desk(
        agent_id=agent.pk,
        number=agent.user.username,
        name=agent.user.name,
        state=state,
        reason=Name.of(reason) if reason else None,
        since=now.started_at if now else None,
        queue=Name.of(now.entry.queue) if now and now.entry else None,
        has_page=session is not None and presence.has_page(session, at),
        has_phone=session is not None and presence.has_phone(session, at),
        limit_s=reason.limit_s if reason else LIMITS.get(state),
    )
