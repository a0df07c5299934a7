"""The fraud guard in the admin: what a clerk fills in, asks for and decides, and what is masked."""

from datetime import time, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from banking import bound, contacts
from banking.fraud import cases, keeping
from banking.fraud.rules import Action, Age, Burst, Night
from banking.models import (
    BoundNumber,
    CallerTerm,
    FraudCase,
    FraudDecision,
    FraudRule,
    HeldOrder,
    Instruction,
    WatchEntry,
)
from calendars import clock
from people.models import AccessLog, Approval
from people.roles import Role
from tests import cast
from tests.banking.guarded import executed, in_force, wording
from tests.banking.test_admin import ASKED, as_, page_of, shown, text

pytestmark = pytest.mark.django_db(transaction=True)

ALWAYS = Age(age=0)
RULES = "/admin/banking/fraudrule/"
FILLED = {
    "code": "burst",
    "title": "短时多笔",
    "kind": "burst",
    "action": "hold",
    "priority": "30",
    "valid_from_0": "2026-12-01",
    "valid_from_1": "00:00",
    "valid_until_0": "",
    "valid_until_1": "",
    "minutes": "30",
    "orders": "5",
    "total": "20000",
    "above": "999",  # not of this kind: not read
}


@pytest.fixture
def wang(db):
    return cast.wang(opening=100_000)


@pytest.fixture
def clerk(db):
    return as_(Role.BACK_OFFICE)


@pytest.fixture
def supervisor(db):
    return as_(Role.SUPERVISOR)


def detail(subject, verb: str) -> str:
    return reverse(f"admin:banking_{subject._meta.model_name}_{verb}", args=[subject.pk])


def approves(client, asked) -> None:
    client.post(reverse("admin:people_approval_approve", args=[asked.pk]), ASKED | {"note": ""})


def asks(client, subject, verb: str, **fields: object):
    return client.post(detail(subject, verb), ASKED | fields)


# -- rules -------------------------------------------------------------------------------------


def test_a_rule_is_drafted_in_the_values_of_its_kind(clerk):
    answer = clerk.post(f"{RULES}add/", FILLED)
    assert answer.status_code == 302, text(answer)
    rule = FraudRule.objects.get()
    assert rule.rule().threshold == Burst(minutes=30, orders=5, total=Decimal(20_000))
    assert (rule.state, rule.version, rule.drafted_by) == ("draft", 1, clerk.user)
    assert "5 orders, or 20,000 yuan, in 30 minutes." in text(clerk.get(RULES))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"minutes": ""}, "This rule needs a value here."),
        ({"orders": "", "total": ""}, "This rule needs a value here."),
        ({"valid_until_0": "2026-11-01", "valid_until_1": "00:00"}, "end after it begins"),
        ({"kind": ""}, "required"),
    ],
)
def test_what_can_not_be_is_refused_where_it_stands(clerk, change, says):
    assert says in text(clerk.post(f"{RULES}add/", FILLED | change))
    assert not FraudRule.objects.exists()


def test_a_draft_is_changed_and_what_is_in_force_is_read(clerk):
    draft = keeping.draft("burst", wording(ALWAYS, Action.WARN), by=None)
    page = clerk.get(page_of(draft)).content.decode()
    assert 'name="action"' in page
    assert clerk.post(page_of(draft), FILLED).status_code == 302
    draft.refresh_from_db()
    assert (draft.action, draft.kind, draft.drafted_by) == ("hold", "burst", clerk.user)
    rule = in_force(Night(starts=time(23), ends=time(6)), Action.WARN)
    page = clerk.get(page_of(rule)).content.decode()
    assert 'name="action"' not in page
    assert clerk.post(page_of(rule), FILLED).status_code == 403


def test_a_second_draft_of_a_code_is_refused_in_the_form(clerk):
    keeping.draft("burst", wording(ALWAYS, Action.WARN), by=None)
    assert "There is a draft of this rule already" in text(clerk.post(f"{RULES}add/", FILLED))


def test_one_asks_another_approves_and_the_next_version_is_drafted(clerk, supervisor):
    clerk.post(f"{RULES}add/", FILLED)
    rule = FraudRule.objects.get()
    asks(clerk, rule, "ask_begin", reason="同类案件增多")
    asked = Approval.objects.get()
    assert asked.reason == "同类案件增多"
    approves(supervisor, asked)
    rule.refresh_from_db()
    assert (rule.state, rule.activated_by) == ("active", supervisor.user)
    asks(clerk, rule, "new_version")
    assert FraudRule.objects.get(version=2).state == "draft"
    asks(clerk, FraudRule.objects.get(version=2), "drop")
    assert FraudRule.objects.get() == rule


def test_the_dry_run_is_answered_in_its_dialog(clerk, wang):
    chen = cast.chen()
    executed(wang, chen, 1234, at=clock.now() - timedelta(days=2))
    draft = keeping.draft("always", wording(ALWAYS, Action.HOLD), by=None)
    answer = asks(clerk, draft, "rehearse")
    words = answer.content.decode()
    assert "1,234.00" in words and "hold for review" in words
    assert "王小梅" not in words  # masked
    assert not Approval.objects.exists()


def test_a_dry_run_that_catches_nothing_says_so(clerk):
    draft = keeping.draft("old", wording(Age(age=99), Action.HOLD), by=None)
    assert "caught none" in asks(clerk, draft, "rehearse").content.decode()


# -- decisions, held orders --------------------------------------------------------------------


def test_a_held_order_says_why_and_is_settled_by_two(clerk, supervisor, wang):
    in_force(ALWAYS, Action.HOLD)
    executed(wang, cast.chen())
    order = Instruction.objects.get()
    queue = "/admin/banking/heldorder/"
    assert [row.pk for row in shown(clerk.get(queue))] == [order.pk]
    page = f"{queue}{order.pk}/change/"
    words = text(clerk.get(page))
    assert "Why it is held" in words and "Customers from 0 years on" in words
    assert AccessLog.objects.filter(reason__contains="held order", user=clerk.user).exists()
    asks(clerk, HeldOrder.objects.get(), "release", reason="已回电核实")
    asked = Approval.objects.get()
    assert "asks to release it: 已回电核实" in text(clerk.get(page))
    approves(supervisor, asked)
    order.refresh_from_db()
    assert order.state == "executed"
    assert shown(clerk.get(queue)) == []
    assert [row.pk for row in shown(clerk.get(queue, {"state": "over"}))] == [order.pk]


def test_a_decision_is_read_in_words_and_opening_it_is_written_down(clerk, wang):
    in_force(ALWAYS, Action.WARN)
    executed(wang, cast.chen())
    row = FraudDecision.objects.get()
    everything = {"when": "all", "action": "caught"}
    listed = text(clerk.get("/admin/banking/frauddecision/", everything))
    assert "warn" in listed and wang.customer.name not in listed
    words = text(clerk.get(page_of(row)))
    assert "The payee was never paid before." in words
    assert AccessLog.objects.filter(user=clerk.user, reason__contains="fraud decision").exists()


# -- the watch list ----------------------------------------------------------------------------


def test_numbers_come_in_by_the_line_and_are_never_shown_again(clerk):
    numbers = f"13911112222\n\nnobody\n{'0755' + '25198888'}\n13911112222"
    answer = clerk.post(
        reverse("admin:banking_watchentry_add_numbers"),
        ASKED | {"what": "phone", "source": "市反诈中心", "numbers": numbers},
    )
    words = answer.content.decode()
    assert "Numbers added: 2." in words
    assert "Line 2: This is no such number." in words
    assert "Line 4: This number is on the watch list already." in words
    listed = text(clerk.get("/admin/banking/watchentry/"))
    assert "139****2222" in listed and "13911112222" not in listed + words
    entry = WatchEntry.objects.get(masked="139****2222")
    asks(clerk, entry, "take_off")
    entry.refresh_from_db()
    assert entry.ended_by == clerk.user


# -- contacts, bound numbers, cases, terms -----------------------------------------------------


def test_calls_to_a_customer_are_listed_and_masked(wang):
    contacts.note(
        wang.id, desk=contacts.Desk.RISK, reason=contacts.Reason.VERIFY_ORDER, at=clock.now()
    )
    agent = as_(Role.AGENT)
    words = text(agent.get("/admin/banking/outboundcontact/"))
    assert "risk control" in words and "check of an order" in words
    assert wang.customer.name not in words


def test_a_branch_binds_a_mobile_and_unbinds_it(wang):
    branch = as_(Role.BRANCH_USER)
    bind = reverse("admin:banking_boundnumber_bind")
    branch.post(bind, ASKED | {"number": wang.customer.number})
    row = BoundNumber.objects.get()
    assert (row.phone, row.bound_by) == (wang.customer.mobile, branch.user)
    words = text(branch.get("/admin/banking/boundnumber/"))
    assert wang.customer.mobile not in words
    asks(branch, row, "unbind")
    assert bound.customer_of(row.phone) is None


def test_a_case_is_taken_and_closed_with_what_was_found(supervisor, wang):
    case = cases.open_case(wang.id, caller="13800136027", call_ref="", at=clock.now())
    words = text(supervisor.get("/admin/banking/fraudcase/"))
    assert case.number in words and "13800136027" not in words
    asks(supervisor, case, "take")
    asks(supervisor, case, "close", finding="fraud", note="未遂")
    found = FraudCase.objects.get()
    assert (found.state, found.taken_by, found.note) == ("closed", supervisor.user, "未遂")


def test_a_term_for_callers_is_a_new_row(clerk, supervisor):
    tomorrow = (clock.bank_day(clock.now()) + timedelta(days=1)).isoformat()
    filled = {"what": "senior", "valid_from": tomorrow, "value": "65", "reason": "制度修订"}
    assert clerk.post("/admin/banking/callerterm/add/", filled).status_code == 302
    approves(supervisor, Approval.objects.get())
    assert CallerTerm.objects.get().value == 65
