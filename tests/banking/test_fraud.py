"""Each order is judged before it is read back, by rules in force; the decision is kept."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from banking import customers, orders
from banking.errors import FraudSuspected, KeyReused, PersonNeeded, RuleChanged, RuleDrafted
from banking.fraud import judging, keeping
from banking.fraud.rules import (
    Action,
    Age,
    Burst,
    Caller,
    CallerNumber,
    Habit,
    NewPayee,
    WatchList,
)
from banking.models import FraudDecision, FraudRule, Instruction, TransferLimit
from banking.models.orders import Channel
from banking.requests import OwnTransfer
from tests import cast
from tests.banking.guarded import drafted, executed, in_force, wording
from tests.banking.together import together
from tests.cast import NOON, Person

pytestmark = pytest.mark.django_db(transaction=True)

ALWAYS = Age(age=0)
DAY = timedelta(days=1)


@pytest.fixture
def wang() -> Person:
    return cast.wang(opening=100_000)


@pytest.fixture
def chen() -> Person:
    return cast.chen()


def decision() -> FraudDecision:
    return FraudDecision.objects.get()


# -- what becomes of an order ------------------------------------------------------------------


def test_without_a_rule_in_force_nothing_is_judged(wang, chen):
    assert drafted(wang, chen).details == {}
    assert not FraudDecision.objects.exists()


def test_what_passes_is_decided_too_and_names_no_rule(wang, chen):
    in_force(WatchList(), Action.REFUSE)
    order = drafted(wang, chen)
    assert (decision().key, decision().action, decision().rule) == (order.key, "allow", None)
    assert order.details == {}


def test_no_rule_lets_pass(wang):
    """Found by tests/machines/test_bank.py: it would decide, and a pass names no rule."""
    rule = keeping.draft("passes", wording(ALWAYS, Action.WARN), by=None)
    with pytest.raises(DatabaseError, match="fraud_rule_does_something"), transaction.atomic():
        FraudRule.objects.filter(pk=rule.pk).update(action=Action.ALLOW)


def test_a_warning_is_the_order_s_caution(wang, chen):
    rule = in_force(ALWAYS, Action.WARN)
    order = drafted(wang, chen)
    assert order.details["caution"] == {"action": "warn", "kind": "age"}
    assert not judging.is_held(order)
    assert decision().rule == rule
    assert decision().hits == [{"rule": rule.pk, "action": "warn", "seen": {"age": 46}}]
    assert decision().facts["payee"]["paid_before"] is False


def test_a_refused_one_is_no_order_and_the_decision_is_kept(wang, chen):
    rule = in_force(ALWAYS, Action.REFUSE)
    with pytest.raises(FraudSuspected):
        drafted(wang, chen)
    assert not Instruction.objects.exists()
    assert decision().rule == rule
    assert (decision().customer_id, decision().amount) == (wang.id, 1500)


def test_what_wants_a_person_goes_to_one_and_she_who_has_her_warns_her(wang, chen):
    in_force(ALWAYS, Action.AGENT)
    with pytest.raises(PersonNeeded):
        drafted(wang, chen)
    limits_at_the_desk()
    order = drafted(wang, chen, channel=Channel.AGENT)
    assert order.details["caution"]["action"] == "warn"


def limits_at_the_desk() -> None:
    TransferLimit.objects.create(
        channel=Channel.AGENT, valid_from=cast.LONG_AGO, single=50_000, daily=100_000
    )


def test_between_her_own_accounts_nobody_is_judged(wang):
    in_force(ALWAYS, Action.REFUSE)
    other = customers.open_account(wang.customer, number="755700000000991", on=cast.LONG_AGO)
    request = OwnTransfer(payer_id=wang.account.pk, payee_id=other.pk, amount=Decimal(100))
    orders.draft(key=uuid4(), request=request, channel=Channel.PHONE, at=NOON)
    assert not FraudDecision.objects.exists()


@pytest.mark.parametrize("action", [Action.WARN, Action.REFUSE])
def test_the_same_key_is_answered_as_it_was(wang, chen, action):
    rule = in_force(ALWAYS, action)
    key, answers = uuid4(), []
    for _again in range(2):
        try:
            answers.append(drafted(wang, chen, key=key).details)
        except FraudSuspected:
            answers.append("refused")
        with transaction.atomic():
            if rule.valid_until is None:
                rule = keeping.end(rule.pk, at=NOON + DAY)
        in_force(ALWAYS, Action.HOLD)
    assert answers[0] == answers[1]
    assert FraudDecision.objects.count() == 1
    with pytest.raises(KeyReused):
        drafted(wang, chen, 1501, key=key)


def test_two_drafts_with_one_key_at_once_are_one_decision(wang, chen):
    in_force(ALWAYS, Action.WARN)
    key = uuid4()
    one, two = together(*[lambda: drafted(wang, chen, key=key)] * 2)
    assert one.key == two.key == key
    assert FraudDecision.objects.count() == Instruction.objects.count() == 1


# -- by what it is judged ----------------------------------------------------------------------


def test_a_payee_is_new_until_she_was_paid(wang, chen):
    in_force(NewPayee(), Action.WARN)
    assert "caution" in drafted(wang, chen).details  # drafted is not paid
    executed(wang, chen)
    later = drafted(wang, chen, at=NOON + DAY)
    assert "caution" not in later.details
    assert "caution" in drafted(wang, cast.chen(), at=NOON + DAY).details


def test_a_payee_registered_lately_is_new_though_she_was_paid(wang, chen):
    executed(wang, chen)
    in_force(NewPayee(days=7), Action.WARN)
    on = (NOON - 3 * DAY).date()
    customers.register_payee(wang.customer, chen.account, name=chen.customer.name, on=on)
    assert "caution" in drafted(wang, chen, at=NOON + DAY).details
    assert "caution" not in drafted(wang, chen, at=NOON + 5 * DAY).details


def test_what_she_confirmed_counts_for_a_burst_and_what_she_cancelled_does_not(wang, chen):
    in_force(Burst(minutes=10, orders=3), Action.WARN)
    drafted(wang, chen)
    executed(wang, chen, at=NOON + timedelta(minutes=1))
    assert "caution" not in drafted(wang, chen, at=NOON + timedelta(minutes=2)).details
    executed(wang, chen, at=NOON + timedelta(minutes=3))
    assert "caution" in drafted(wang, chen, at=NOON + timedelta(minutes=4)).details
    assert "caution" not in drafted(wang, chen, at=NOON + timedelta(minutes=14)).details


def test_her_habit_is_hers_alone(wang, chen):
    rich = cast.wang(opening=100_000)
    for ago in (3, 2, 1):
        executed(rich, chen, 200, at=NOON - ago * DAY)
        executed(wang, chen, 9000, at=NOON - ago * DAY)
    in_force(Habit(times=Decimal(5)), Action.WARN)
    assert "caution" in drafted(rich, chen, "1000.01").details
    assert "caution" not in drafted(wang, chen, "1000.01").details


def test_the_number_she_calls_from(wang, chen):
    in_force(CallerNumber(), Action.WARN)
    seen = {}
    for phone in (wang.customer.mobile, "+86" + wang.customer.mobile, "075525198888", "", None):
        order = drafted(wang, chen, phone=phone)
        seen[phone] = (
            FraudDecision.objects.get(key=order.key).facts["caller"],
            "caution" in order.details,
        )
    assert list(seen.values()) == [
        (Caller.OWN, False),
        (Caller.OWN, False),
        (Caller.STRANGE, True),
        (Caller.WITHHELD, True),
        (Caller.NONE, False),
    ]


def test_judging_costs_few_queries(wang, chen):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            drafted(wang, chen, phone="13900000000")
        return len(captured)

    without = queries()
    for threshold in (NewPayee(), Burst(minutes=9, orders=3), Habit(times=Decimal(3)), WatchList()):
        in_force(threshold, Action.WARN)
    assert queries() - without <= 5  # and two statements that Django does not see


# -- the rules ---------------------------------------------------------------------------------


def test_a_rule_holds_within_its_time(wang, chen):
    in_force(ALWAYS, Action.WARN, valid_from=NOON + DAY, valid_until=NOON + 2 * DAY)
    assert [
        "caution" in drafted(wang, chen, at=NOON + days * DAY).details for days in (0, 1, 2)
    ] == [False, True, False]


def test_a_new_version_ends_the_one_before_when_it_begins(wang, chen):
    first = in_force(ALWAYS, Action.REFUSE)
    draft = keeping.draft(first.code, wording(ALWAYS, Action.WARN, valid_from=NOON + DAY), by=None)
    assert draft.version == 2
    with transaction.atomic():
        keeping.activate(draft.pk, seen=keeping.content(draft), by=None, at=NOON)
    with pytest.raises(FraudSuspected):
        drafted(wang, chen)
    assert drafted(wang, chen, at=NOON + DAY).details["caution"]["action"] == "warn"


def test_one_draft_a_rule_and_what_was_approved_is_what_takes_effect(wang):
    draft = keeping.draft("night", wording(ALWAYS, Action.WARN), by=None)
    with pytest.raises(RuleDrafted):
        keeping.draft("night", wording(ALWAYS, Action.HOLD), by=None)
    seen = keeping.content(draft)
    FraudRule.objects.filter(pk=draft.pk).update(action="refuse")
    with pytest.raises(RuleChanged), transaction.atomic():
        keeping.activate(draft.pk, seen=seen, by=None, at=NOON)


@pytest.mark.parametrize("change", [{"action": "warn"}, {"thresholds": {}}, {"state": "draft"}])
def test_nobody_changes_a_rule_in_force(change):
    rule = in_force(ALWAYS, Action.REFUSE)
    with pytest.raises(DatabaseError), transaction.atomic():
        FraudRule.objects.filter(pk=rule.pk).update(**change)


def test_a_draft_may_change_and_go(wang):
    """The control: the same update passes while it is a draft."""
    rule = keeping.draft("night", wording(ALWAYS, Action.REFUSE), by=None)
    assert FraudRule.objects.filter(pk=rule.pk).update(action="warn") == 1
    keeping.drop(rule.pk)
    assert not FraudRule.objects.exists()


def test_decisions_are_never_changed(wang, chen):
    in_force(ALWAYS, Action.WARN)
    drafted(wang, chen)
    for change in (lambda found: found.update(action="allow"), lambda found: found.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change(FraudDecision.objects.all())
