"""The floor's laws against raw SQL of `bankline_app`; each attack succeeds with its guard off."""

from functools import partial

import psycopg
import pytest
from django.apps import apps

from live import fences
from routing import entries, offers, presence, rounds
from routing.models import Presence, QueueEntry, Reservation
from routing.states import PATH, State
from telephony.ivr.signals import Deposed
from telephony.worker.gateway import Gateway
from tests.banking.conftest import app, owner  # noqa: F401  # raw sessions
from tests.routing.conftest import NODE, after, answered, waits


@pytest.fixture
def scene(seat) -> dict[str, object]:
    """林晓 talks, 周敏 is ready; one caller is served, one waits."""
    lin, zhou = seat("林晓").is_ready(after(0)), seat("周敏", card=5).is_ready(after(0))
    over = waits("card", at=after(0))
    [offer] = answered(1)
    offers.finished(offer.leg, at=after(5))
    presence.wrapped_up(zhou.pk, at=after(6))
    talking = waits(at=after(7))
    answered(8)
    waiting = waits("loan", at=after(9))
    return {
        "lin": lin.pk,
        "zhou": zhou.pk,
        "zhou_session": zhou.session.pk,
        "over": over.pk,
        "talking": talking.pk,
        "waiting": waiting.pk,
        "call": talking.call_ref,
    }


def trigger(model: str, name: str) -> tuple[str, str]:
    found = apps.get_model("routing", model)
    [mine] = [one for one in found._meta.triggers if one.name == name]
    table, known = found._meta.db_table, mine.get_pgid(found)
    return (
        f"ALTER TABLE {table} DISABLE TRIGGER {known}",
        f"ALTER TABLE {table} ENABLE TRIGGER {known}",
    )


CONSTRAINTS = """
    SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
        pg_get_constraintdef(oid)) FROM pg_constraint WHERE conname = %s
    UNION ALL SELECT indexdef FROM pg_indexes WHERE indexname = %s
"""


def check(model: str, name: str) -> tuple[str, str]:
    table = apps.get_model("routing", model)._meta.db_table
    return f"ALTER TABLE {table} DROP CONSTRAINT {name}", name


def unique(name: str) -> tuple[str, str]:
    return f"DROP INDEX {name}", name


NEXT = "INSERT INTO routing_presence (agent_id, state, started_at) VALUES"
PATH_OFF = trigger("presence", "path")
ATTACKS = {
    "two states at once": (
        f"{NEXT} (%(zhou)s, 'paused', now())",
        [
            PATH_OFF,
            check("presence", "a_pause_has_a_reason"),
            unique("one_state_at_a_time"),
            check("presence", "presence_no_overlap"),
        ],
    ),
    "a state in the past": (
        "INSERT INTO routing_presence (agent_id, state, started_at, ended_at) SELECT agent_id,"
        " 'ready', started_at - interval '1 h', started_at + interval '1 s'"
        " FROM routing_presence WHERE agent_id = %(zhou)s AND ended_at IS NULL",
        [PATH_OFF, check("presence", "presence_no_overlap")],
    ),
    "a state that ends before it began": (
        "UPDATE routing_presence SET ended_at = started_at - interval '1 s'"
        " WHERE agent_id = %(zhou)s AND ended_at IS NULL",
        [check("presence", "presence_ends_after_start"), check("presence", "presence_no_overlap")],
    ),
    "a pause without a reason": (
        "WITH now AS (UPDATE routing_presence SET ended_at = started_at"
        " WHERE agent_id = %(zhou)s AND ended_at IS NULL RETURNING started_at)"
        f" {NEXT.replace('VALUES', 'SELECT')} %(zhou)s, 'paused', started_at FROM now",
        [
            PATH_OFF,
            check("presence", "a_pause_has_a_reason"),
            unique("one_state_at_a_time"),
            check("presence", "presence_no_overlap"),
        ],
    ),
    "a talk that nobody reserved": (
        "UPDATE routing_presence SET state = 'talking'"
        " WHERE agent_id = %(zhou)s AND ended_at IS NULL",
        [trigger("presence", "as_written")],
    ),
    "a pause with a caller": (
        "UPDATE routing_presence SET entry_id = %(waiting)s"
        " WHERE agent_id = %(zhou)s AND ended_at IS NULL",
        [trigger("presence", "as_written"), check("presence", "presence_caller_only_in_a_call")],
    ),
    "a longer talk": (
        "UPDATE routing_presence SET ended_at = ended_at + interval '1 us'"
        " WHERE agent_id = %(zhou)s AND state = 'talking'",
        [trigger("presence", "over_is_over"), check("presence", "presence_no_overlap")],
    ),
    "a talk that never was": (
        "DELETE FROM routing_presence WHERE agent_id = %(zhou)s AND state = 'talking'",
        [trigger("presence", "kept")],
    ),
    "two callers for one agent": (
        "INSERT INTO routing_reservation (entry_id, agent_id, session_id, leg, made_at,"
        ' expires_at, "end", among, level, waited_s, credit_s, idle_s) SELECT %(waiting)s,'
        " agent_id, session_id, gen_random_uuid(), now(), now(), '', 1, 1, 0, 0, 0"
        " FROM routing_reservation WHERE agent_id = %(lin)s",
        [unique("one_caller_an_agent")],
    ),
    "two agents for one caller": (
        "INSERT INTO routing_reservation (entry_id, agent_id, session_id, leg, made_at,"
        ' expires_at, "end", among, level, waited_s, credit_s, idle_s) VALUES (%(talking)s,'
        " %(zhou)s, %(zhou_session)s, gen_random_uuid(), now(), now(), '', 1, 1, 0, 0, 0)",
        [unique("one_agent_a_caller")],
    ),
    "an end without a cause": (
        "UPDATE routing_reservation SET ended_at = now() WHERE agent_id = %(lin)s",
        [check("reservation", "reservation_end_has_a_cause")],
    ),
    "an offer that ends before it was made": (
        "UPDATE routing_reservation SET ended_at = made_at - interval '1 s',"
        " \"end\" = 'declined' WHERE agent_id = %(lin)s",
        [check("reservation", "reservation_ends_after_start")],
    ),
    "another reason for the choice": (
        "UPDATE routing_reservation SET level = 9 WHERE agent_id = %(lin)s",
        [trigger("reservation", "as_written")],
    ),
    "an offer that never was": (
        "DELETE FROM routing_reservation WHERE agent_id = %(lin)s",
        [trigger("reservation", "kept")],
    ),
    "one call in two queues": (
        "INSERT INTO routing_queueentry (call_ref, node, queue_id, caller, vip, language,"
        " is_test, entered_at, credited_at, state, outcome, returned) SELECT call_ref, node,"
        " queue_id, '', '', 'zh', false, now(), now(), 'waiting', '', 0"
        " FROM routing_queueentry WHERE id = %(talking)s",
        [unique("one_wish_a_call")],
    ),
    "a better place": (
        "UPDATE routing_queueentry SET credited_at = credited_at - interval '1 h'"
        " WHERE id = %(waiting)s",
        [trigger("queueentry", "as_written")],
    ),
    "an abandoned caller answered after all": (
        "UPDATE routing_queueentry SET outcome = 'abandoned' WHERE id = %(over)s",
        [trigger("queueentry", "over_is_over")],
    ),
    "answered by nobody": (
        "UPDATE routing_queueentry SET state = 'ended', ended_at = now(), outcome = 'answered'"
        " WHERE id = %(waiting)s",
        [check("queueentry", "answered_by_somebody")],
    ),
    "an end without an outcome": (
        "UPDATE routing_queueentry SET state = 'ended', ended_at = now() WHERE id = %(waiting)s",
        [check("queueentry", "an_end_has_an_outcome")],
    ),
    "answered before she asked": (
        "UPDATE routing_queueentry SET answered_at = entered_at - interval '1 s'"
        " WHERE id = %(talking)s",
        [check("queueentry", "answered_after_entry")],
    ),
    "gone before she was answered": (
        "UPDATE routing_queueentry SET state = 'ended', outcome = 'answered',"
        " ended_at = answered_at - interval '1 us' WHERE id = %(talking)s",
        [check("queueentry", "entry_ends_after_all")],
    ),
    "a caller who never was": (
        "DELETE FROM routing_queueentry WHERE id = %(waiting)s",
        [trigger("queueentry", "kept")],
    ),
    "two desks of one agent": (
        "INSERT INTO routing_session (agent_id, tab, started_at, heartbeat_at, sip_hash)"
        " VALUES (%(zhou)s, gen_random_uuid(), now(), now(), '')",
        [unique("one_session_an_agent")],
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused_and_its_guard_is_what_refuses_it(scene, app, owner, attack):  # noqa: F811
    sql, guards = ATTACKS[attack]
    with pytest.raises(psycopg.Error):
        app.execute(sql, scene)
    with owner.transaction(force_rollback=True):
        for off, _ in guards:
            owner.execute(off)
        assert owner.execute(sql, scene).rowcount == 1


def test_the_owner_is_refused_as_well(scene, owner):  # noqa: F811
    for sql, _guards in ATTACKS.values():
        with pytest.raises(psycopg.Error):
            owner.execute(sql, scene)


def test_a_state_follows_as_the_path_allows_and_no_other_way(hire, owner):  # noqa: F811
    """Each pair of states, by raw SQL, beside the table in code."""
    agent = hire("林晓").pk
    reason = owner.execute("SELECT id FROM routing_pausereason LIMIT 1").fetchone()[0]

    def write(state: State, begins: str, ends: str | None) -> None:
        owner.execute(
            "INSERT INTO routing_presence (agent_id, state, reason_id, started_at, ended_at)"
            " VALUES (%s, %s, %s, %s, %s)",
            [agent, state.value, reason if state == State.PAUSED else None, begins, ends],
        )

    off, on = PATH_OFF
    for before in State:
        for then in State:
            with owner.transaction(force_rollback=True):
                owner.execute(off)
                write(before, "2026-11-24 12:00+08", "2026-11-24 12:01+08")
                owner.execute("SET CONSTRAINTS ALL IMMEDIATE")
                owner.execute(on)
                if then in PATH[before]:
                    write(then, "2026-11-24 12:01+08", None)
                else:
                    with (
                        pytest.raises(psycopg.errors.CheckViolation, match="can not follow"),
                        owner.transaction(),
                    ):
                        write(then, "2026-11-24 12:01+08", None)
    with owner.transaction(force_rollback=True):  # the first of all follows being offline
        write(State.PAUSED, "2026-11-24 12:00+08", "2026-11-24 12:01+08")
        with (
            pytest.raises(psycopg.errors.CheckViolation, match="begins when"),
            owner.transaction(),
        ):
            write(State.READY, "2026-11-24 12:01:01+08", None)
    with pytest.raises(psycopg.errors.CheckViolation, match="can not follow"):
        write(State.READY, "2026-11-24 12:00+08", None)


@pytest.fixture
def one_waits(seat) -> None:
    """A caller, and an agent who could have her."""
    seat("林晓").is_ready(after(0))
    waits(at=after(0))


FENCED = ("presence", "queueentry", "reservation")  # what a round writes


async def test_a_fenced_off_dispatcher_offers_nobody(one_waits, owner):  # noqa: F811
    """Its round is refused as a whole; with the triggers off it would reserve."""
    new = Gateway(threads=1)
    take = partial(new, fences.take, "telephony:node1", holder="test", at=after(0))
    old = Gateway(threads=1, fence=f"telephony:node1@{await take()}")
    await take()  # another leads by now
    try:
        with pytest.raises(Deposed):
            await old(rounds.run, at=after(1))
        assert not await new(Reservation.objects.exists)
        fences_of = [trigger(model, "fence") for model in FENCED]
        owner.execute("; ".join(off for off, _on in fences_of))
        try:
            assert (await old(rounds.run, at=after(2))).reserved == 1
        finally:
            owner.execute("; ".join(on for _off, on in fences_of))
    finally:
        await old.close()
        await new.close()


def test_the_history_of_a_day_has_no_gap(scene):
    entries.leave(scene["call"], "abandoned", at=after(30))
    rounds.run(at=after(31))
    offers.to_ring(NODE, at=after(31))
    for agent in (scene["lin"], scene["zhou"]):
        rows = list(Presence.objects.filter(agent=agent).order_by("started_at", "id"))
        assert [a.ended_at for a in rows[:-1]] == [b.started_at for b in rows[1:]]
        assert rows[-1].ended_at is None
    assert not QueueEntry.objects.exclude(ended_at=None).filter(outcome="").exists()
    assert not Reservation.objects.exclude(ended_at=None).filter(end="").exists()
