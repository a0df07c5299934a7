"""The fraud guard's desk: drafts tried on last month, rules and held orders by two, the lists."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import translation

from banking import bound, instructions, orders
from banking.errors import (
    BoundAlready,
    CaseClosed,
    CaseTaken,
    NoDryRun,
    NoFinding,
    NoMobile,
    NotHeld,
    RuleChanged,
    RuleOver,
    WatchedAlready,
    WatchInvalid,
    WatchOver,
)
from banking.fraud import cases, facts, keeping, rehearsal, two_eyes, watching
from banking.fraud.rules import Action, Age, Burst, Caller, CallerNumber, NewPayee, WatchList
from banking.models import (
    Account,
    FraudCase,
    FraudDecision,
    FraudRule,
    HeldOrder,
    Instruction,
    WatchEntry,
)
from banking.models.orders import State
from banking.secret import Secret
from people import approvals, staff
from people.approvals import AlreadyDecided, OwnRequest
from people.models import User
from people.roles import Role
from tests import cast
from tests.banking.guarded import drafted, executed, in_force, wording
from tests.banking.together import together
from tests.cast import NOON, Person

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
ALWAYS = Age(age=0)
WHY = "三起同类案件"


@pytest.fixture
def wang() -> Person:
    return cast.wang(opening=100_000)


@pytest.fixture
def chen() -> Person:
    return cast.chen()


@pytest.fixture
def he(db) -> User:
    return staff.hire(number="2001", name="何静", branch=None, roles=[Role.BACK_OFFICE])


@pytest.fixture
def fang(db) -> User:
    return staff.hire(number="2002", name="方敏", branch=None, roles=[Role.SUPERVISOR])


def rows() -> list[int]:
    return [model.objects.count() for model in (Instruction, FraudDecision, FraudRule, Account)]


# -- a rule by two -----------------------------------------------------------------------------


def test_one_asks_and_another_puts_it_into_force(wang, chen, he, fang):
    draft = keeping.draft("always", wording(ALWAYS, Action.WARN), by=he)
    asked = two_eyes.ask_begin(draft, by=he, reason=WHY, at=NOON)
    with pytest.raises(OwnRequest):
        approvals.approve(asked.pk, by=he, at=NOON)
    assert "caution" not in drafted(wang, chen).details
    later = NOON + DAY - timedelta(minutes=1)
    approvals.approve(asked.pk, by=fang, at=later)
    rule = FraudRule.objects.get()
    assert (rule.state, rule.drafted_by, rule.activated_by) == ("active", he, fang)
    assert rule.valid_from == later  # not before it was decided
    assert "caution" in drafted(wang, chen, at=later).details


def test_who_decides_sees_what_it_would_have_done(wang, chen, he):
    for amount in (300, 1200):
        executed(wang, chen, amount, at=NOON - DAY)
    draft = keeping.draft("always", wording(ALWAYS, Action.HOLD), by=he)
    asked = two_eyes.ask_begin(draft, by=he, reason=WHY, at=NOON)
    with translation.override("en"):
        words = approvals.of(asked).summary(asked)
    assert "of 2 orders hold for review 2 (1,500.00 yuan); 2 are not caught so today" in words


def test_a_dry_run_older_than_a_day_is_none(he, fang):
    draft = keeping.draft("always", wording(ALWAYS, Action.WARN), by=he)
    asked = two_eyes.ask_begin(draft, by=he, reason=WHY, at=NOON)
    with pytest.raises(approvals.AlreadyDecided):  # it has lapsed, and may be asked for again
        approvals.approve(asked.pk, by=fang, at=NOON + DAY)
    again = two_eyes.ask_begin(draft, by=he, reason=WHY, at=NOON + DAY)
    assert approvals.approve(again.pk, by=fang, at=NOON + DAY).state == "approved"


@pytest.mark.parametrize("which", ["none", "of another content", "of yesterday"])
def test_without_its_dry_run_nothing_is_put_into_force(he, fang, which):
    draft = keeping.draft("always", wording(ALWAYS, Action.WARN), by=he)
    content = keeping.content(draft)
    run = {"rule": content, "at": NOON.isoformat()}
    match which:
        case "none":
            details = content
        case "of another content":
            details = {**content, "dry_run": {**run, "rule": {**content, "action": "hold"}}}
        case _:
            details = {**content, "dry_run": {**run, "at": (NOON - DAY).isoformat()}}
    asked = approvals.ask("fraud-rule", draft, by=he, reason=WHY, at=NOON, details=details)
    with pytest.raises(NoDryRun):
        approvals.approve(asked.pk, by=fang, at=NOON)
    asked.refresh_from_db()
    assert (asked.state, FraudRule.objects.get().state) == ("open", "draft")


def test_a_draft_changed_after_it_was_asked_for_is_not_what_was_approved(he, fang):
    draft = keeping.draft("always", wording(ALWAYS, Action.WARN), by=he)
    asked = two_eyes.ask_begin(draft, by=he, reason=WHY, at=NOON)
    keeping.amend(draft.pk, wording(ALWAYS, Action.REFUSE), by=he)
    with pytest.raises(RuleChanged):
        approvals.approve(asked.pk, by=fang, at=NOON)
    assert FraudRule.objects.get().state == "draft"
    asked.refresh_from_db()
    assert asked.state == "open"


def test_who_drafted_it_does_not_put_it_into_force_even_where_another_asked(he, fang):
    """PostgreSQL says so itself."""
    draft = keeping.draft("always", wording(ALWAYS, Action.WARN), by=he)
    asked = two_eyes.ask_begin(draft, by=fang, reason=WHY, at=NOON)
    with pytest.raises(IntegrityError):
        approvals.approve(asked.pk, by=he, at=NOON)
    assert FraudRule.objects.get().state == "draft"


def test_it_ends_by_the_word_of_two(wang, chen, he, fang):
    rule = in_force(ALWAYS, Action.WARN)
    asked = two_eyes.ask_end(rule, by=he, reason=WHY, at=NOON)
    assert "caution" in drafted(wang, chen).details
    approvals.approve(asked.pk, by=fang, at=NOON + DAY)
    assert "caution" not in drafted(wang, chen, at=NOON + DAY).details
    rule.refresh_from_db()
    with pytest.raises(RuleOver):
        two_eyes.ask_end(rule, by=he, reason=WHY, at=NOON + DAY)


def test_a_draft_is_not_asked_for_twice_and_one_in_force_not_again(he):
    rule = in_force(ALWAYS, Action.WARN)
    with pytest.raises(RuleChanged):
        two_eyes.ask_begin(rule, by=he, reason=WHY, at=NOON)
    draft = keeping.draft(rule.code, wording(ALWAYS, Action.HOLD), by=he)
    two_eyes.ask_begin(draft, by=he, reason=WHY, at=NOON)
    with pytest.raises(approvals.AlreadyAsked):
        two_eyes.ask_begin(draft, by=he, reason=WHY, at=NOON)


# -- a held order by two -----------------------------------------------------------------------


@pytest.fixture
def order(wang, chen) -> Instruction:
    in_force(ALWAYS, Action.HOLD)
    held = executed(wang, chen)
    return Instruction.objects.select_related("customer").get(pk=held.pk)


def test_released_by_two_it_is_paid(order, chen, he, fang):
    asked = two_eyes.ask_held(order, release=True, by=he, reason="已与客户核实", at=NOON)
    assert "*小梅" in approvals.of(asked).summary(asked)
    approvals.approve(asked.pk, by=fang, at=NOON + DAY)
    order.refresh_from_db()
    assert order.state == State.EXECUTED
    assert Account.objects.get(pk=chen.account.pk).balance == 1700


def test_refused_by_two_the_money_is_hers(order, wang, he, fang):
    asked = two_eyes.ask_held(order, release=False, by=he, reason="客户被骗", at=NOON)
    approvals.approve(asked.pk, by=fang, at=NOON + DAY)
    order.refresh_from_db()
    assert (order.state, order.refusal) == (State.REFUSED, "HeldRefused")
    account = Account.objects.get(pk=wang.account.pk)
    assert account.available == account.balance == 100_000


def test_a_no_to_the_request_leaves_it_held(order, he, fang):
    asked = two_eyes.ask_held(order, release=True, by=he, reason="已与客户核实", at=NOON)
    approvals.refuse(asked.pk, by=fang, at=NOON, note="请再打一次电话")
    order.refresh_from_db()
    assert order.state == State.HELD
    two_eyes.ask_held(order, release=False, by=fang, reason="联系不上", at=NOON)


def test_one_answer_at_a_time_is_asked_for(order, he, fang):
    two_eyes.ask_held(order, release=True, by=he, reason="已与客户核实", at=NOON)
    with pytest.raises(approvals.AlreadyAsked):
        two_eyes.ask_held(order, release=False, by=fang, reason="客户被骗", at=NOON)


def test_two_who_decide_at_once_decide_once(order, chen, he, fang):
    third = staff.hire(number="2003", name="孙强", branch=None, roles=[Role.SUPERVISOR])
    asked = two_eyes.ask_held(order, release=True, by=he, reason="已与客户核实", at=NOON)
    outcomes = together(
        lambda: approvals.approve(asked.pk, by=fang, at=NOON),
        lambda: approvals.approve(asked.pk, by=third, at=NOON),
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["AlreadyDecided", "Approval"]
    assert Account.objects.get(pk=chen.account.pk).balance == 1700
    assert AlreadyDecided in {type(one) for one in outcomes}


def test_withdrawn_by_her_meanwhile_nothing_is_decided(order, he, fang):
    asked = two_eyes.ask_held(order, release=True, by=he, reason="已与客户核实", at=NOON)
    instructions.void(key=order.key, at=NOON)
    with pytest.raises(NotHeld):
        approvals.approve(asked.pk, by=fang, at=NOON)
    order.refresh_from_db()
    with pytest.raises(NotHeld):
        two_eyes.ask_held(order, release=False, by=he, reason="客户被骗", at=NOON)


def test_the_queue_is_of_held_orders(order):
    assert HeldOrder.objects.get(state=State.HELD).pk == order.pk


# -- a dry run ---------------------------------------------------------------------------------


def test_a_dry_run_counts_last_month_and_changes_nothing(wang, chen, he):
    other = cast.chen()
    executed(wang, chen, 900, at=NOON - 31 * DAY)  # longer ago
    executed(wang, chen, 1000, at=NOON - 2 * DAY)
    executed(wang, other, 2000, at=NOON - DAY)
    drafted(wang, other, 3000, at=NOON - DAY)  # never confirmed
    draft = keeping.draft("new", wording(NewPayee(), Action.HOLD), by=he)
    before = rows()
    found = rehearsal.rehearse(draft, at=NOON)
    assert rows() == before
    assert (found.seen.orders, found.seen.amount) == (2, 3000)
    # 陈志强 had been paid before the month began; the other had not.
    assert {action: sum_.amount for action, sum_ in found.caught.items()} == {Action.HOLD: 2000}
    assert [sample.order.amount for sample in found.samples] == [2000]
    assert found.whole


def test_it_says_what_the_rules_in_force_would_have_done_anyway(wang, chen, he):
    executed(wang, chen, 1000, at=NOON - DAY)
    executed(wang, chen, 9000, at=NOON - DAY)
    in_force(Age(age=0, above=Decimal(5000)), Action.REFUSE)
    draft = keeping.draft("always", wording(ALWAYS, Action.HOLD), by=he)
    found = rehearsal.rehearse(draft, at=NOON)
    amounts = {action: sum_.amount for action, sum_ in found.caught.items()}
    assert amounts == {Action.HOLD: 1000, Action.REFUSE: 9000}
    assert (found.fresh.orders, found.fresh.amount) == (1, 1000)


def test_it_judges_each_by_what_was_known_then(wang, chen, he):
    for minutes in (0, 5, 60):
        executed(wang, chen, 1000, at=NOON - DAY + timedelta(minutes=minutes))
    draft = keeping.draft("burst", wording(Burst(minutes=10, orders=2), Action.WARN), by=he)
    assert rehearsal.rehearse(draft, at=NOON).caught[Action.WARN].orders == 1


def test_the_number_she_called_from_is_known_of_orders_that_were_judged(wang, chen, he):
    executed(wang, chen, at=NOON - 2 * DAY)
    in_force(WatchList(), Action.REFUSE, at=NOON - 2 * DAY, valid_from=NOON - 2 * DAY)
    order = drafted(wang, chen, at=NOON - DAY, phone="")
    instructions.confirm(key=order.key, at=NOON - DAY)
    orders.execute(key=order.key, at=NOON - DAY)
    draft = keeping.draft("caller", wording(CallerNumber(), Action.WARN), by=he)
    found = rehearsal.rehearse(draft, at=NOON)
    assert (found.seen.orders, found.caught[Action.WARN].orders) == (2, 1)


def test_it_looks_at_so_many_and_says_that_there_were_more(wang, chen, he, monkeypatch):
    for days in (1, 2, 3):
        executed(wang, chen, 100 * days, at=NOON - days * DAY)
    monkeypatch.setattr(rehearsal, "MOST", 2)
    monkeypatch.setattr(rehearsal, "CHUNK", 1)
    draft = keeping.draft("always", wording(ALWAYS, Action.WARN), by=he)
    found = rehearsal.rehearse(draft, at=NOON)
    assert (found.seen.amount, found.whole) == (300, False)  # the newest


# -- the watch list ----------------------------------------------------------------------------

What = watching.What


@pytest.mark.parametrize("what", list(What))
def test_whoever_is_on_the_list_is_found_by_it(wang, chen, he, what):
    number = {
        What.ACCOUNT: chen.account.number,
        What.CARD: chen.pan.reveal(),
        What.PHONE: "0755 25198888",
    }[what]
    in_force(WatchList(), Action.WARN)
    entry = watching.add(what, Secret(number), source="反诈中心", by=he, at=NOON)
    assert number not in entry.masked
    assert "caution" in drafted(wang, chen, phone="075525198888").details
    with pytest.raises(WatchedAlready):
        watching.add(what, Secret(number), source="反诈中心", by=he, at=NOON)
    watching.take_off(entry.pk, by=he, at=NOON)
    assert "caution" not in drafted(wang, chen, phone="075525198888").details
    with pytest.raises(WatchOver):
        watching.take_off(entry.pk, by=he, at=NOON)


@pytest.mark.parametrize(
    ("what", "number"),
    [(What.CARD, "6222024000000001"), (What.ACCOUNT, "12A"), (What.PHONE, "anonymous")],
)
def test_what_is_no_such_number_is_not_added(he, what, number):
    with pytest.raises(WatchInvalid):
        watching.add(what, Secret(number), source="反诈中心", by=he, at=NOON)
    assert not WatchEntry.objects.exists()


def test_what_is_on_the_list_stays_as_it_was_written(he):
    entry = watching.add(What.PHONE, Secret("13911112222"), source="反诈中心", by=he, at=NOON)
    with pytest.raises(DatabaseError), transaction.atomic():
        WatchEntry.objects.filter(pk=entry.pk).update(masked="139****0000")
    assert WatchEntry.objects.filter(pk=entry.pk).update(source="公安机关") == 1  # the control


# -- bound numbers -----------------------------------------------------------------------------


def test_a_bound_number_says_who_calls_while_it_is_hers(wang, he):
    mobile = wang.customer.mobile
    assert bound.customer_of(mobile) is None
    row = bound.bind(wang.id, by=he, at=NOON)
    assert bound.customer_of("+86" + mobile) == wang.customer
    with pytest.raises(BoundAlready):
        bound.bind(wang.id, by=he, at=NOON)
    wang.customer.mobile = "13911112222"
    wang.customer.save()
    assert bound.customer_of(mobile) is None
    bound.bind(wang.id, by=he, at=NOON + DAY)  # the new one ends the old
    row.refresh_from_db()
    assert row.ended_at == NOON + DAY
    assert bound.customer_of("13911112222") == wang.customer


def test_a_customer_without_a_mobile_has_none_to_bind(wang, he):
    wang.customer.mobile = ""
    wang.customer.save()
    with pytest.raises(NoMobile):
        bound.bind(wang.id, by=he, at=NOON)
    assert bound.customer_of("") is None


def test_one_number_is_of_one_customer(wang, chen, he):
    bound.bind(wang.id, by=he, at=NOON)
    chen.customer.mobile = wang.customer.mobile
    chen.customer.save()
    with pytest.raises(BoundAlready):
        bound.bind(chen.id, by=he, at=NOON)


def test_a_bound_number_is_a_fact_for_the_guard(wang, chen, he):
    in_force(WatchList(), Action.REFUSE)
    bound.bind(wang.id, by=he, at=NOON)
    order = drafted(wang, chen, phone=wang.customer.mobile)
    assert FraudDecision.objects.get(key=order.key).facts["caller"] == Caller.BOUND
    asked = facts.Asked(customer_id=wang.id, amount=Decimal(1), at=NOON)
    (known,) = facts.gather([asked], reach=timedelta(0))
    assert (known.payee, known.past, known.caller) == (None, (), Caller.NONE)


# -- cases -------------------------------------------------------------------------------------


def test_a_case_is_taken_once_and_closed_with_a_finding(wang, he, fang):
    case = cases.open_case(wang.id, caller="13800136027", call_ref="call 1", at=NOON)
    again = cases.open_case(wang.id, caller="13800136027", call_ref="call 1", at=NOON + DAY)
    assert again.number == case.number and len(case.number) == 12
    close = {"finding": cases.Finding.FRAUD, "by": he, "at": NOON}
    with pytest.raises(CaseTaken):
        cases.close(case.pk, note="未遂", **close)
    cases.take(case.pk, by=he, at=NOON)
    with pytest.raises(CaseTaken):
        cases.take(case.pk, by=fang, at=NOON)
    with pytest.raises(NoFinding):
        cases.close(case.pk, note=" ", **close)
    cases.close(case.pk, note="未遂", **close)
    with pytest.raises(CaseClosed):
        cases.close(case.pk, note="又", **close)
    assert FraudCase.objects.get().finding == "fraud"


def test_two_who_take_a_case_at_once_take_it_once(wang, he, fang):
    case = cases.open_case(wang.id, caller="", call_ref="", at=NOON)
    outcomes = together(
        lambda: cases.take(case.pk, by=he, at=NOON), lambda: cases.take(case.pk, by=fang, at=NOON)
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["CaseTaken", "FraudCase"]


def test_a_case_goes_one_way(wang, he):
    case = cases.open_case(wang.id, caller="", call_ref="", at=NOON)
    cases.take(case.pk, by=he, at=NOON)
    with pytest.raises(DatabaseError), transaction.atomic():
        FraudCase.objects.filter(pk=case.pk).update(state="open", taken_at=None, taken_by=None)
