"""The dispatcher's round: who waits, who is ready, who is offered whom, in one transaction."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from routing import news, presence
from routing.matching import Match, Ready, Waiting, match
from routing.models import Agent, Presence, QueueEntry, Reservation, Session
from routing.states import State

TO_RING = timedelta(seconds=5)  # a reservation that nobody rang by then is put back

READY = """
    SELECT p.agent_id, p.started_at, k.skill_id, k.level
    FROM routing_presence p
    JOIN routing_agent g ON g.user_id = p.agent_id AND g.is_active
    JOIN routing_session s ON s.agent_id = p.agent_id AND s.ended_at IS NULL
        AND s.heartbeat_at >= %(oldest)s AND s.phone_at >= %(oldest)s
    JOIN routing_agentskill k ON k.agent_id = p.agent_id
    WHERE p.ended_at IS NULL AND p.state = 'ready'
"""
# No more callers of a skill can be matched than there are agents ready for it.
WAITING = """
    SELECT w.id, n.skill_id, w.entered_at, w.entered_at - w.credited_at
    FROM (SELECT skill_id, count FROM unnest(%(skills)s::bigint[], %(counts)s::int[])
          AS t(skill_id, count)) n
    CROSS JOIN LATERAL (
        SELECT e.id, e.entered_at, e.credited_at
        FROM routing_queueentry e JOIN routing_queue q ON q.id = e.queue_id
        WHERE e.state = 'waiting' AND q.skill_id = n.skill_id
        ORDER BY e.credited_at, e.id LIMIT n.count
    ) w
"""
COUNT = "SELECT count(*) FROM routing_queueentry WHERE state = 'waiting'"


@dataclass(frozen=True, slots=True)
class Round:
    """What a round saw and did."""

    waiting: int
    ready: int
    reserved: int


@transaction.atomic(durable=True)
def run(*, at: datetime) -> Round:
    """Offer callers to agents. Rounds of all processes run one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('routing round'))")
        cursor.execute(COUNT)
        (waits,) = cursor.fetchone() or (0,)
    ready = look_for_agents(at)
    if not ready or not waits:
        return Round(waits, len(ready), 0)
    waiting = look_for_callers(ready)
    matches = match(waiting, ready)
    reserved = _reserve(
        matches, {w.entry_id: w for w in waiting}, {r.agent_id: r for r in ready}, at=at
    )
    return Round(waits - reserved, len(ready) - reserved, reserved)


def look_for_agents(at: datetime) -> list[Ready]:
    """Who is ready and whom a call would reach, with what each knows."""
    with connection.cursor() as cursor:
        cursor.execute(READY, {"oldest": at - presence.lease()})
        return _ready(cursor.fetchall())


def look_for_callers(ready: list[Ready]) -> list[Waiting]:
    """Whoever waits and could be matched with one of `ready`."""
    counts = Counter(skill for agent in ready for skill in agent.levels)
    with connection.cursor() as cursor:
        cursor.execute(WAITING, {"skills": list(counts), "counts": list(counts.values())})
        return [Waiting(*row) for row in cursor.fetchall()]


def _ready(rows: list[tuple[int, datetime, int, int]]) -> list[Ready]:
    levels: dict[int, dict[int, int]] = {}
    since: dict[int, datetime] = {}
    for agent, started, skill, level in rows:
        levels.setdefault(agent, {})[skill] = level
        since[agent] = started
    return [Ready(agent, since[agent], levels[agent]) for agent in levels]


def _reserve(
    matches: list[Match],
    waiting: dict[int, Waiting],
    ready: dict[int, Ready],
    *,
    at: datetime,
) -> int:
    """Write what still holds when its rows are locked: entries first, then agents."""
    if not matches:
        return 0
    entries = QueueEntry.objects.select_for_update().filter(
        pk__in=[m.entry_id for m in matches], state=QueueEntry.State.WAITING
    )
    still = set(entries.order_by("pk").values_list("pk", flat=True))
    agents = Agent.objects.select_for_update().filter(pk__in=[m.agent_id for m in matches])
    active = set(agents.filter(is_active=True).order_by("pk").values_list("pk", flat=True))
    states = Presence.objects.filter(agent_id__in=active, ended_at=None, state=State.READY)
    now, since = {}, {}
    for agent_id, pk, started_at in states.values_list("agent_id", "pk", "started_at"):
        now[agent_id], since[agent_id] = pk, started_at
    sessions = dict(
        Session.objects.filter(agent_id__in=now, ended_at=None).values_list("agent_id", "pk")
    )
    made = [m for m in matches if m.entry_id in still and m.agent_id in sessions]
    if not made:
        return 0
    # Who became ready while this round waited for its turn did so after `at`.
    made_at = {m.agent_id: max(at, since[m.agent_id]) for m in made}
    Presence.objects.filter(pk__in=[now[m.agent_id] for m in made]).update(
        ended_at=Greatest(at, F("started_at"))
    )
    Presence.objects.bulk_create(
        Presence(
            agent_id=m.agent_id,
            state=State.RESERVED,
            started_at=made_at[m.agent_id],
            entry_id=m.entry_id,
        )
        for m in made
    )
    QueueEntry.objects.filter(pk__in=[m.entry_id for m in made]).update(
        state=QueueEntry.State.OFFERED
    )
    Reservation.objects.bulk_create(
        Reservation(
            entry_id=m.entry_id,
            agent_id=m.agent_id,
            session_id=sessions[m.agent_id],
            leg=uuid4(),
            made_at=made_at[m.agent_id],
            expires_at=made_at[m.agent_id] + TO_RING,
            among=m.among,
            level=m.level,
            waited_s=_seconds(at - waiting[m.entry_id].entered_at),
            credit_s=int(waiting[m.entry_id].credit.total_seconds()),
            idle_s=_seconds(at - ready[m.agent_id].idle_since),
        )
        for m in made
    )
    for m in made:
        news.desk_changed(m.agent_id)
    return len(made)


def _seconds(spent: timedelta) -> Decimal:
    return Decimal(max(0, round(spent.total_seconds() * 1000))).scaleb(-3)
