"""The guard's rules as arithmetic: each kind at its edges, and which of several decides."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banking.errors import ThresholdInvalid
from banking.fraud import rules
from banking.fraud.rules import (
    Action,
    Age,
    Burst,
    Caller,
    CallerNumber,
    Facts,
    Habit,
    NewPayee,
    Night,
    Paid,
    Past,
    Rule,
    WatchList,
    decide,
)
from calendars.clock import SHANGHAI
from tests.cast import NOON

KNOWN = Paid(paid_before=True, registered_on=None, watched=False)


def facts(**changes) -> Facts:
    plain = {
        "at": NOON,
        "amount": Decimal(1000),
        "born_on": date(1980, 5, 17),
        "payee": KNOWN,
        "past": (),
        "caller": Caller.BOUND,
        "caller_watched": False,
    }
    return Facts(**(plain | changes))


def past(*orders: tuple[int, int]) -> tuple[Past, ...]:
    """(minutes ago, yuan) each."""
    return tuple(Past(NOON - timedelta(minutes=ago), Decimal(yuan)) for ago, yuan in orders)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 24, hour, minute, tzinfo=SHANGHAI)


STRANGER = Paid(paid_before=False, registered_on=None, watched=False)


def registered(days: int, *, paid: bool = False) -> Paid:
    on = NOON.date() - timedelta(days=days)
    return Paid(paid_before=paid, registered_on=on, watched=False)


NIGHT = Night(starts=time(23), ends=time(6), above=Decimal(500))
HABIT = Habit(times=Decimal(5), days=180, least=3)


@pytest.mark.parametrize(
    ("rule", "known", "applies"),
    [
        # Somebody new: never paid, or registered a short while ago.
        (NewPayee(), facts(payee=STRANGER), True),
        (NewPayee(), facts(), False),
        (NewPayee(), facts(payee=None), False),
        (NewPayee(above=Decimal(1000)), facts(payee=STRANGER), False),
        (NewPayee(above=Decimal("999.99")), facts(payee=STRANGER), True),
        (NewPayee(days=7), facts(payee=registered(6, paid=True)), True),
        (NewPayee(days=7), facts(payee=registered(7, paid=True)), False),
        (NewPayee(days=7), facts(payee=registered(7)), True),
        # In a burst this order counts with those before it.
        (Burst(minutes=10, orders=3), facts(past=past((1, 1), (9, 1))), True),
        (Burst(minutes=10, orders=3), facts(past=past((1, 1), (10, 1))), False),
        (Burst(minutes=10, total=Decimal(3000)), facts(past=past((1, 2000))), True),
        (Burst(minutes=10, total=Decimal(3000)), facts(past=past((1, 1999))), False),
        (Burst(minutes=10, orders=9, total=Decimal(3000)), facts(past=past((1, 2000))), True),
        # At night, over midnight.
        (NIGHT, facts(at=at(22, 59)), False),
        (NIGHT, facts(at=at(23)), True),
        (NIGHT, facts(at=at(0)), True),
        (NIGHT, facts(at=at(5, 59)), True),
        (NIGHT, facts(at=at(6)), False),
        (NIGHT, facts(at=at(23), amount=Decimal(500)), False),
        (Night(starts=time(1), ends=time(5)), facts(at=at(0, 59)), False),
        (Night(starts=time(1), ends=time(5)), facts(at=at(1)), True),
        # On her sixty-fifth birthday she is 65.
        (Age(age=65, above=Decimal(999)), facts(born_on=date(1961, 11, 24)), True),
        (Age(age=65, above=Decimal(999)), facts(born_on=date(1961, 11, 25)), False),
        (Age(age=65, above=Decimal(1000)), facts(born_on=date(1951, 1, 1)), False),
        # Five times the median of what she sent.
        (HABIT, facts(past=past((1, 100), (2, 200), (3, 900)), amount=Decimal("1000.01")), True),
        (HABIT, facts(past=past((1, 100), (2, 200), (3, 900)), amount=Decimal(1000)), False),
        (HABIT, facts(past=past((1, 100), (2, 200)), amount=Decimal(50_000)), False),
        (
            HABIT,
            facts(past=past((1, 9), (2, 9), (181 * 1440, 9)), amount=Decimal(50_000)),
            False,
        ),
        # On the list.
        (WatchList(), facts(), False),
        (WatchList(), facts(payee=Paid(paid_before=True, registered_on=None, watched=True)), True),
        (WatchList(), facts(caller_watched=True), True),
        # The caller's number.
        (CallerNumber(), facts(), False),
        (CallerNumber(), facts(caller=Caller.OWN), False),
        (CallerNumber(), facts(caller=Caller.NONE), False),
        (CallerNumber(), facts(caller=Caller.STRANGE), True),
        (CallerNumber(), facts(caller=Caller.WITHHELD), True),
        (CallerNumber(strange=False), facts(caller=Caller.STRANGE), False),
        (CallerNumber(withheld=False), facts(caller=Caller.WITHHELD), False),
        (CallerNumber(above=Decimal(1000)), facts(caller=Caller.WITHHELD), False),
    ],
)
def test_a_rule_at_its_edges(rule, known, applies):
    assert (rule.seen(known) is not None) is applies


@pytest.mark.parametrize(
    ("kind", "values", "wrong"),
    [
        ("burst", {"orders": 3}, "minutes"),
        ("burst", {"minutes": 10}, "orders"),
        ("burst", {"minutes": 0, "orders": 3}, "minutes"),
        ("burst", {"minutes": 10, "orders": "3"}, "orders"),
        ("burst", {"minutes": 10, "orders": True}, "orders"),
        ("burst", {"minutes": 10, "total": "-1"}, "total"),
        ("burst", {"minutes": 10, "total": "NaN"}, "total"),
        ("night", {"starts": "23:00", "ends": "23:00"}, "ends"),
        ("night", {"starts": "25:00", "ends": "06:00"}, "starts"),
        ("age", {}, "age"),
        ("age", {"age": 65, "above": 1000.0}, "above"),
        ("habit", {"times": "0.5"}, "times"),
        ("habit", {"times": "5", "days": 0}, "days"),
        ("watch_list", {"above": "1"}, "above"),
        ("caller_number", {"withheld": False, "strange": False}, "withheld"),
        ("caller_number", {"withheld": "yes"}, "withheld"),
    ],
)
def test_thresholds_that_can_not_be_are_refused_by_name(kind, values, wrong):
    with pytest.raises(ThresholdInvalid) as refusal:
        rules.thresholds(kind, values)
    assert refusal.value.values == {"name": wrong}


@pytest.mark.parametrize(
    "threshold",
    [
        NewPayee(days=7, above=Decimal("99.50")),
        Burst(minutes=30, orders=4),
        Burst(minutes=30, total=Decimal(20_000)),
        NIGHT,
        Age(age=65),
        Habit(times=Decimal("2.5"), least=1),
        WatchList(),
        CallerNumber(strange=False),
    ],
)
def test_thresholds_survive_as_json(threshold):
    assert rules.thresholds(threshold.kind, rules.stored(threshold)) == threshold


def test_the_rules_look_back_as_far_as_the_longest_of_them():
    asked = [Rule(1, Action.WARN, 1, Burst(minutes=30, orders=2)), Rule(2, Action.WARN, 1, HABIT)]
    assert rules.reach(asked) == timedelta(days=180)
    assert rules.reach([]) == timedelta(0)


# -- which decides -----------------------------------------------------------------------------

ALWAYS = Age(age=0)
NEVER = Age(age=200)


def rule(pk: int, action: Action, priority: int = 50, threshold=ALWAYS) -> Rule:
    return Rule(pk, action, priority, threshold)


def test_the_strictest_decides_and_all_that_applied_are_named():
    rules_ = [rule(1, Action.WARN, 1), rule(2, Action.REFUSE, 9), rule(3, Action.HOLD, 1)]
    decision = decide(rules_, facts())
    assert (decision.action, decision.by) == (Action.REFUSE, rules_[1])
    assert [hit.rule.id for hit in decision.hits] == [2, 3, 1]


def test_among_equals_the_first_by_priority_then_the_older():
    rules_ = [rule(3, Action.HOLD, 5), rule(2, Action.HOLD, 5), rule(1, Action.HOLD, 6)]
    decided = decide(rules_, facts()).by
    assert decided and decided.id == 2


def test_where_none_applies_the_order_passes_and_names_none():
    decision = decide([rule(1, Action.REFUSE, threshold=NEVER)], facts())
    assert (decision.action, decision.by, decision.hits) == (Action.ALLOW, None, ())


ACTIONS = [Action.WARN, Action.HOLD, Action.AGENT, Action.REFUSE]
STRICTNESS = [Action.ALLOW, *ACTIONS]
some_rules = st.lists(
    st.builds(
        Rule,
        st.integers(1, 9),
        st.sampled_from(ACTIONS),
        st.integers(1, 3),
        st.sampled_from([ALWAYS, NEVER, Age(age=40), NIGHT]),
    ),
    unique_by=lambda r: r.id,
)


@given(some_rules, st.permutations(range(9)))
def test_the_order_in_which_rules_come_decides_nothing(found, shuffle):
    mixed = [found[place] for place in shuffle if place < len(found)]
    assert decide(mixed, facts()) == decide(found, facts())


@given(some_rules, st.sampled_from(ACTIONS))
def test_another_rule_never_makes_it_milder(found, action):
    before = decide(found, facts()).action
    after = decide([*found, rule(99, action)], facts()).action
    assert STRICTNESS.index(after) == max(STRICTNESS.index(before), STRICTNESS.index(action))


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 5000)), max_size=8),
    st.integers(1, 60),
    st.integers(1, 8),
)
def test_a_burst_counts_what_lies_within_its_minutes(orders, minutes, most):
    known = facts(past=past(*orders))
    within = 1 + sum(ago < minutes for ago, _yuan in orders)
    assert (Burst(minutes=minutes, orders=most).seen(known) is not None) is (within >= most)
