"""What needs the supervisor first: each trouble on both sides of its limit, and their order."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desktop.floor import attention
from desktop.floor.attention import Trouble
from reporting.kpi import Kpi
from reporting.targets import Goal, Rule, Targets, Verdict
from routing.floor import Desk, Line, Name, Pulse
from routing.states import State
from tests.cast import NOON

TARGETS = Targets(
    {
        Kpi.WAIT: Goal(at_most=Decimal(20), breach_above=Decimal(60)),
        Kpi.TALK: Goal(at_most=Decimal(600), breach_above=Decimal(600)),
        Kpi.HOLD: Goal(at_most=Decimal(120)),
        Kpi.WRAP_UP: Goal(at_most=Decimal(60)),
    },
    Rule(),
)
WORKS = Pulse("node1", 1.0, 12, 0, 0, ok=True)
LOAN = Name("loan", "个贷", "Personal loans")


def ago(seconds: float):
    return NOON - timedelta(seconds=seconds)


def desk(state: State, seconds: float = 10, number: int = 1, **more) -> Desk:
    usual = Desk(
        agent_id=number,
        number=f"100{number}",
        name="林晓",
        state=state,
        reason=None,
        since=ago(seconds),
        queue=None,
        has_page=True,
        has_phone=True,
        limit_s=None,
    )
    return replace(usual, **more)


def line(waits_s: float | None, waiting: int = 1) -> Line:
    return Line(
        queue=LOAN,
        waiting=waiting if waits_s is not None else 0,
        since=None if waits_s is None else ago(waits_s),
        longest_wait_s=int(waits_s or 0),
        ready=0,
        signed_in=3,
        threshold_s=20,
        target_pct=80,
        is_open=True,
    )


def found(lines=(), desks=(), pulse=WORKS, targets=TARGETS):
    return [
        (item.trouble, item.verdict)
        for item in attention.items(lines, desks, pulse, targets, at=NOON)
    ]


def test_a_calm_floor_needs_nobody():
    calm = [desk(state) for state in State]
    assert found([line(20), line(None)], calm) == []


@pytest.mark.parametrize(
    ("state", "limit_s", "verdict"),
    [
        (State.TALKING, 600, Verdict.BROKEN),
        (State.HELD, 120, Verdict.NEAR),
        (State.WRAP_UP, 60, Verdict.NEAR),
    ],
)
def test_too_long_in_a_state(state, limit_s, verdict):
    assert found(desks=[desk(state, limit_s)]) == []
    assert found(desks=[desk(state, limit_s + 0.1)]) == [(Trouble.STATE, verdict)]


def test_a_pause_is_late_by_its_own_reason():
    rest = Name("break", "小休", "Break")
    assert found(desks=[desk(State.PAUSED, 900, reason=rest, limit_s=900)]) == []
    late = desk(State.PAUSED, 901, reason=rest, limit_s=900)
    assert found(desks=[late]) == [(Trouble.STATE, Verdict.NEAR)]
    assert found(desks=[desk(State.PAUSED, 90_000, reason=rest)]) == []  # no limit


def test_callers_who_wait_too_long():
    assert found([line(20.1)]) == [(Trouble.WAIT, Verdict.NEAR)]
    assert found([line(60.1)]) == [(Trouble.WAIT, Verdict.BROKEN)]


@pytest.mark.parametrize(
    ("state", "verdict"),
    [(State.READY, Verdict.NEAR), (State.RINGING, Verdict.NEAR), (State.TALKING, Verdict.BROKEN)],
)
def test_a_page_without_its_phone(state, verdict):
    assert found(desks=[desk(state, has_phone=False)]) == [(Trouble.PHONE, verdict)]


def test_who_sets_up_is_not_missed_yet_and_who_lost_her_phone_is():
    setting_up = Name("setting_up", "上线准备", "Setting up")
    lost = Name("phone_lost", "话机断线", "Phone lost")
    assert found(desks=[desk(State.PAUSED, has_phone=False, reason=setting_up)]) == []
    assert found(desks=[desk(State.PAUSED, has_phone=False, reason=lost)]) == [
        (Trouble.PHONE, Verdict.NEAR)
    ]


def test_a_call_whose_agent_lost_her_page():
    gone = desk(State.TALKING, has_page=False, has_phone=False)
    assert found(desks=[gone]) == [(Trouble.PAGE, Verdict.BROKEN)]
    assert found(desks=[desk(State.OFFLINE, has_page=False, has_phone=False)]) == []


def test_nothing_rings_for_ever():
    assert found(desks=[desk(State.RINGING, 45)]) == []
    assert found(desks=[desk(State.RESERVED, 45.1)]) == [(Trouble.STUCK, Verdict.BROKEN)]


@pytest.mark.parametrize("age_s", [None, 60.0])
def test_a_dispatcher_that_stands_still_comes_first(age_s):
    dead = Pulse("node1", age_s, 0, 0, 0, ok=False)
    assert found([line(600)], pulse=dead) == [
        (Trouble.DISPATCHER, Verdict.BROKEN),
        (Trouble.WAIT, Verdict.BROKEN),
    ]


def test_broken_before_late_callers_before_agents_the_furthest_first():
    desks = [
        desk(State.WRAP_UP, 600, number=1),  # ten times its limit, amber
        desk(State.TALKING, 700, number=2),
        desk(State.TALKING, 1200, number=3),
        desk(State.HELD, 130, number=4),
    ]
    items = attention.items([line(30), line(70)], desks, WORKS, TARGETS, at=NOON)
    assert [item.desk.agent_id if item.desk else "wait" for item in items] == [
        *("wait", 3, 2),
        *("wait", 1, 4),
    ]


def test_a_bank_without_targets_has_no_limits():
    nothing = Targets({}, Rule())
    assert found([line(600)], [desk(State.TALKING, 9000)], targets=nothing) == []
