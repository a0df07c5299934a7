"""The dispatcher's round: who waits, who is ready, who is offered whom, in one transaction."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from django.db import transaction

from banking import sql
from routing import news, presence
from routing.matching import Match, Ready, Waiting, match

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
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('routing round'))"
LOCK_CALLERS = """
    SELECT id FROM routing_queueentry WHERE id = ANY(%s) AND state = 'waiting'
    ORDER BY id FOR UPDATE
"""
LOCK_AGENTS = """
    SELECT user_id FROM routing_agent WHERE user_id = ANY(%s) AND is_active
    ORDER BY user_id FOR UPDATE
"""
STILL_READY = """
    SELECT p.agent_id, s.id, p.started_at FROM routing_presence p
    JOIN routing_session s ON s.agent_id = p.agent_id AND s.ended_at IS NULL
    WHERE p.agent_id = ANY(%s) AND p.ended_at IS NULL AND p.state = 'ready'
"""
# The reservation, the agent's new state and the caller's, in one statement.
RESERVE = """
    WITH made AS (
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::uuid[],
            %s::timestamptz[], %s::timestamptz[], %s::int[], %s::int[], %s::numeric[], %s::int[],
            %s::numeric[]) AS m(entry_id, agent_id, session_id, leg, made_at, expires_at, among,
            level, waited_s, credit_s, idle_s)
    ), over AS (
        UPDATE routing_presence p SET ended_at = m.made_at FROM made m
        WHERE p.agent_id = m.agent_id AND p.ended_at IS NULL
        RETURNING p.agent_id, m.entry_id, m.made_at
    ), state AS (
        INSERT INTO routing_presence (agent_id, state, entry_id, started_at)
        SELECT agent_id, 'reserved', entry_id, made_at FROM over
    ), caller AS (
        UPDATE routing_queueentry e SET state = 'offered' FROM made m WHERE e.id = m.entry_id
    )
    INSERT INTO routing_reservation (entry_id, agent_id, session_id, leg, made_at, expires_at,
        among, level, waited_s, credit_s, idle_s, "end") SELECT m.*, '' FROM made m
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
    sql.do(ONE_AT_A_TIME, [])
    (waits,) = sql.row(COUNT, []) or (0,)
    ready = look_for_agents(at)
    if not ready or not waits:
        return Round(waits, len(ready), 0)
    reserved = _reserve(look_for_callers(ready), ready, at=at)
    return Round(waits - reserved, len(ready) - reserved, reserved)


def look_for_agents(at: datetime) -> list[Ready]:
    """Who is ready and whom a call would reach, with what each knows."""
    return _ready(sql.rows(READY, {"oldest": at - presence.lease()}))


def look_for_callers(ready: list[Ready]) -> list[Waiting]:
    """Whoever waits and could be matched with one of `ready`."""
    counts = Counter(skill for agent in ready for skill in agent.levels)
    values = {"skills": list(counts), "counts": list(counts.values())}
    return [Waiting(*row) for row in sql.rows(WAITING, values)]


def _ready(rows: list[tuple[int, datetime, int, int]]) -> list[Ready]:
    levels: dict[int, dict[int, int]] = {}
    since: dict[int, datetime] = {}
    for agent, started, skill, level in rows:
        levels.setdefault(agent, {})[skill] = level
        since[agent] = started
    return [Ready(agent, since[agent], levels[agent]) for agent in levels]


def _reserve(callers: list[Waiting], agents: list[Ready], *, at: datetime) -> int:
    """Match, and write what still holds when its rows are locked: entries first, then agents."""
    matches = match(callers, agents)
    if not matches:
        return 0
    still = {entry for (entry,) in sql.rows(LOCK_CALLERS, [[m.entry_id for m in matches]])}
    active = [agent for (agent,) in sql.rows(LOCK_AGENTS, [[m.agent_id for m in matches]])]
    there = {agent: (session, since) for agent, session, since in sql.rows(STILL_READY, [active])}
    made = [m for m in matches if m.entry_id in still and m.agent_id in there]
    if not made:
        return 0
    waiting, ready = {w.entry_id: w for w in callers}, {r.agent_id: r for r in agents}
    rows = [_row(m, waiting[m.entry_id], ready[m.agent_id], *there[m.agent_id], at) for m in made]
    sql.do(RESERVE, [list(column) for column in zip(*rows, strict=True)])
    news.desk_changed(*(m.agent_id for m in made))
    return len(made)


def _row(
    m: Match, caller: Waiting, agent: Ready, session_id: int, since: datetime, at: datetime
) -> tuple[object, ...]:
    """What `RESERVE` writes of a match, with the reason for the choice."""
    made_at = max(at, since)  # who became ready while this round waited for its turn
    return (
        *(m.entry_id, m.agent_id, session_id, uuid4(), made_at, made_at + TO_RING),
        *(m.among, m.level, _seconds(at - caller.entered_at)),
        *(int(caller.credit.total_seconds()), _seconds(at - agent.idle_since)),
    )


def _seconds(spent: timedelta) -> Decimal:
    return Decimal(max(0, round(spent.total_seconds() * 1000))).scaleb(-3)
