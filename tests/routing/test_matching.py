"""The decision, at random: what must hold of every match, whoever waits and whoever is ready."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing import rounds
from routing.matching import Match, Ready, Waiting, match
from routing.models import AgentSkill, Queue, QueueEntry
from tests.cast import NOON
from tests.routing.conftest import after

SKILLS = range(1, 4)
CREDITS = (0, 30, 60, 90)  # seconds
seconds = st.integers(0, 300)


@st.composite
def callers(draw: st.DrawFn) -> list[Waiting]:
    return [
        Waiting(n, draw(st.sampled_from(SKILLS)), after(draw(seconds)), _credit(draw))
        for n in range(draw(st.integers(0, 12)))
    ]


@st.composite
def agents(draw: st.DrawFn) -> list[Ready]:
    levels = st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 9), max_size=3)
    return [
        Ready(100 + n, after(draw(seconds)), draw(levels)) for n in range(draw(st.integers(0, 8)))
    ]


def _credit(draw: st.DrawFn) -> timedelta:
    return timedelta(seconds=draw(st.sampled_from(CREDITS)))


def turn(caller: Waiting) -> tuple:
    return (caller.entered_at - caller.credit, caller.entry_id)


# -- examples ----------------------------------------------------------------------------------


def test_the_best_level_then_the_longest_idle():
    idle = [Ready(1, after(0), {1: 5}), Ready(2, after(9), {1: 8}), Ready(3, after(4), {1: 8})]
    [found] = match([Waiting(7, 1, NOON)], idle)
    assert found == Match(entry_id=7, agent_id=3, level=8, among=3)


def test_nobody_waits_or_nobody_is_ready_or_nobody_knows_it():
    caller, agent = Waiting(1, 1, NOON), Ready(9, NOON, {2: 9})
    assert match([], [agent]) == match([caller], []) == match([caller], [agent]) == []


@pytest.mark.parametrize(("gap", "first"), [(89.9, "vip"), (90, "plain"), (90.1, "plain")])
def test_a_credit_is_worth_its_seconds_to_the_instant(gap, first):
    """Who came exactly `credit` before the VIP still goes first: her row is older."""
    plain = Waiting(1, 1, NOON)
    vip = Waiting(2, 1, after(gap), timedelta(seconds=90))
    [found] = match([vip, plain], [Ready(9, NOON, {1: 1})])
    assert found.entry_id == {"vip": 2, "plain": 1}[first]


# -- what holds of all -------------------------------------------------------------------------


@given(callers(), agents())
def test_nobody_is_matched_twice_and_everybody_can_do_what_she_is_matched_for(waiting, ready):
    found = match(waiting, ready)
    assert len({m.entry_id for m in found}) == len({m.agent_id for m in found}) == len(found)
    skill = {w.entry_id: w.skill for w in waiting}
    levels = {r.agent_id: r.levels for r in ready}
    assert all(m.level == levels[m.agent_id][skill[m.entry_id]] for m in found)


@given(callers(), agents())
def test_no_able_agent_is_idle_beside_a_waiting_caller(waiting, ready):
    found = match(waiting, ready)
    idle = [r for r in ready if r.agent_id not in {m.agent_id for m in found}]
    for caller in waiting:
        if caller.entry_id not in {m.entry_id for m in found}:
            assert not any(caller.skill in agent.levels for agent in idle)


@given(callers(), agents())
def test_nobody_who_waits_is_overtaken_past_the_credit(waiting, ready):
    """Of the same skill, only who came within her credit after a caller goes before her."""
    found = {m.entry_id for m in match(waiting, ready)}
    for waits in waiting:
        for goes in waiting:
            if waits.entry_id not in found and goes.entry_id in found and goes.skill == waits.skill:
                assert turn(goes) < turn(waits)
                assert goes.entered_at - waits.entered_at <= goes.credit - waits.credit


@given(callers(), agents(), st.randoms(use_true_random=False))
def test_the_order_in_which_they_are_listed_does_not_matter(waiting, ready, dice):
    once = match(waiting, ready)
    dice.shuffle(waiting)
    dice.shuffle(ready)
    assert match(waiting, ready) == once


@given(callers(), agents(), st.sampled_from(CREDITS))
def test_a_credit_is_the_same_as_having_come_so_much_earlier(waiting, ready, credit):
    given_credit = [
        Waiting(w.entry_id, w.skill, w.entered_at, timedelta(seconds=credit)) for w in waiting
    ]
    came_earlier = [
        Waiting(w.entry_id, w.skill, w.entered_at - timedelta(seconds=credit)) for w in waiting
    ]
    assert match(given_credit, ready) == match(came_earlier, ready)


@given(callers(), agents())
def test_for_each_she_is_the_best_of_those_who_were_left(waiting, ready):
    left = {r.agent_id: r for r in ready}
    skill = {w.entry_id: w.skill for w in waiting}
    for m in match(waiting, ready):
        able = [a for a in left.values() if skill[m.entry_id] in a.levels]
        rank = {a.agent_id: (-a.levels[skill[m.entry_id]], a.idle_since) for a in able}
        assert m.among == len(able)
        assert rank[m.agent_id] == min(rank.values())
        del left[m.agent_id]


# -- in the database ---------------------------------------------------------------------------


@pytest.fixture
def three(seat) -> list[int]:
    return [seat(f"坐席{n}").is_ready(after(n)).pk for n in range(3)]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    waiting=st.lists(
        st.tuples(st.integers(0, 2), seconds, st.sampled_from(CREDITS)), min_size=1, max_size=12
    ),
    levels=st.lists(
        st.dictionaries(st.integers(0, 2), st.integers(1, 9), min_size=1), min_size=3, max_size=3
    ),
)
def test_the_few_callers_that_a_round_reads_give_the_matches_of_all(three, waiting, levels):
    """`rounds.WAITING` reads as many of a skill as there are agents for it, no more."""
    queues = list(Queue.objects.order_by("pk")[:3])
    with transaction.atomic():
        everybody = [
            QueueEntry(
                call_ref=uuid4(),
                node="node1",
                queue=queues[queue],
                entered_at=after(entered),
                credited_at=after(entered - credit),
            )
            for queue, entered, credit in waiting
        ]
        QueueEntry.objects.bulk_create(everybody)
        AgentSkill.objects.all().delete()
        AgentSkill.objects.bulk_create(
            AgentSkill(agent_id=pk, skill=queues[queue].skill, level=level)
            for pk, known in zip(three, levels, strict=True)
            for queue, level in known.items()
        )
        ready = rounds.look_for_agents(after(5))
        some = rounds.look_for_callers(ready)
        transaction.set_rollback(True)
    everybody_waits = [
        Waiting(e.pk, e.queue.skill_id, e.entered_at, e.entered_at - e.credited_at)
        for e in everybody
    ]
    assert [r.agent_id for r in sorted(ready, key=lambda r: r.agent_id)] == three
    assert match(some, ready) == match(everybody_waits, ready)
    assert len(some) <= 9
