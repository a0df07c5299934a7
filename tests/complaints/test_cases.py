"""A complaint from its receipt to the archive: clocks, duplicates, two people, one path."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from banking.models import OutboundContact
from calendars.clock import SHANGHAI
from complaints import cases, clocks, handling, shipped
from complaints.clocks import Spent
from complaints.errors import NoClock, NothingSaid, NotNow, NotThisBranch, OffAxis, OwnAnswer
from complaints.handling import Matter
from complaints.models import CaseStep, Category, ClockRule, Complaint
from people import staff
from people.models import Branch, User
from people.roles import Role
from telephony.models import Call, CallRecording
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)

NOON = cast.NOON  # Tuesday 2026-11-24
State = Complaint.State


@pytest.fixture(autouse=True)
def terms(transactional_db) -> None:
    shipped.install()


@pytest.fixture
def futian() -> Branch:
    return Branch.objects.create(code="001002", name="福田支行")


@pytest.fixture
def desk() -> User:
    return staff.hire(number="1002", name="何静", branch=None, roles=[Role.COMPLAINT_HANDLER])


@pytest.fixture
def other() -> User:
    return staff.hire(number="1003", name="高洁", branch=None, roles=[Role.COMPLAINT_HANDLER])


@pytest.fixture
def clerk(futian) -> User:
    return staff.hire(number="2101", name="许强", branch=futian, roles=[Role.BRANCH_USER])


def call(caller: str = "13900139000", **known) -> Call:
    return Call.objects.create(
        uuid=uuid4(), node="node1", dialled="961202", caller=caller, started_at=NOON, **known
    )


def told_agent(by: User, *, at: datetime = NOON, **known) -> Complaint:
    row = cases.told_an_agent(call(**known).pk, "柜台排队两小时", key=uuid4(), by=by, at=at)
    return Complaint.objects.get(pk=row.id)


def matter(reason: str = "C01") -> Matter:
    return Matter(*(Category.objects.get(code=code) for code in ("A01", "B01", reason)))


def graded(case: Complaint, by: User, *, at: datetime = NOON, grade="ordinary", reason="C01"):
    return handling.grade(case.pk, matter(reason), grade=grade, by=by, at=at)


def replied(case: Complaint, desk: User, branch: Branch, clerk: User) -> Complaint:
    graded(case, desk)
    handling.assign(case.pk, branch, by=desk, at=NOON)
    return handling.reply(case.pk, "已加开窗口并致歉", by=clerk, at=NOON)


def end_of(day: int, month: int = 12) -> datetime:
    return datetime(2026, month, day, tzinfo=SHANGHAI) + timedelta(days=1)


# -- received ----------------------------------------------------------------------------------


def test_what_an_agent_is_told_is_acknowledged_at_once(desk):
    case = told_agent(desk)
    assert case.number.startswith("261124")
    assert len(case.number) == 12
    assert case.acknowledged_at == NOON
    assert case.acknowledge_due_at == end_of(25, 11)
    assert case.due_at == end_of(9)  # fifteen days after the 24th of November
    assert [step.what for step in case.steps.all()] == ["registered", "acknowledged"]


def test_the_same_key_is_the_same_case(desk):
    key, on = uuid4(), call().pk
    first = cases.told_an_agent(on, "排队太久", key=key, by=desk, at=NOON)
    assert cases.told_an_agent(on, "排队太久", key=key, by=desk, at=NOON) == first
    assert Complaint.objects.count() == 1


def test_nothing_said_is_no_case(desk):
    with pytest.raises(NothingSaid):
        cases.told_an_agent(call().pk, "  ", key=uuid4(), by=desk, at=NOON)


def test_without_a_clock_in_force_none_is_opened(desk):
    ClockRule.objects.all().delete()
    with pytest.raises(NoClock):
        told_agent(desk)


def test_a_later_clock_is_for_complaints_received_from_then_on(desk):
    ClockRule.objects.create(
        valid_from=NOON.date() + timedelta(days=1),
        acknowledge_days=1,
        reply_days=2,
        decide_days=10,
        complex_days=20,
        duplicate_days=30,
    )
    before, after = told_agent(desk), told_agent(desk, at=NOON + timedelta(days=1))
    assert (before.due_at, after.due_at) == (end_of(9), end_of(5))
    assert graded(before, desk, at=NOON + timedelta(days=2), grade="complex").due_at == end_of(24)


# -- graded ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("grade", "due"), [("ordinary", end_of(9)), ("complex", end_of(24))])
def test_the_grade_sets_the_clock(desk, grade, due):
    assert graded(told_agent(desk), desk, grade=grade).due_at == due


def test_each_axis_takes_its_own_categories_that_are_in_use(desk):
    case = told_agent(desk)
    right = matter()
    with pytest.raises(OffAxis):
        wrong = Matter(right.business, right.channel, right.reason)
        handling.grade(case.pk, wrong, grade="ordinary", by=desk, at=NOON)
    Category.objects.filter(code="C01").update(is_active=False)
    with pytest.raises(OffAxis):
        graded(case, desk)
    assert Complaint.objects.get().state == State.REGISTERED


def test_the_same_matter_again_keeps_the_first_clock(desk):
    first = graded(told_agent(desk), desk)
    later = NOON + timedelta(days=10)
    again = graded(told_agent(desk, at=later), desk, at=later)
    assert (again.duplicate_of, again.clock_from, again.due_at) == (first, NOON, first.due_at)
    third = graded(told_agent(desk, at=later), desk, at=later)
    assert third.duplicate_of == first  # not of the second


@pytest.mark.parametrize(
    ("caller", "reason", "days"),
    [("13900139001", "C01", 1), ("13900139000", "C06", 1), ("13900139000", "C01", 31), ("", "", 1)],
)
def test_another_person_matter_or_month_is_another_case(desk, caller, reason, days):
    graded(told_agent(desk, caller="" if not reason else "13900139000"), desk)
    later = NOON + timedelta(days=days)
    case = told_agent(desk, caller=caller, at=later)
    assert graded(case, desk, at=later, reason=reason or "C01").duplicate_of is None


def test_a_customer_is_known_again_from_any_number(desk):
    wang = cast.person("王芳")
    first = graded(told_agent(desk, customer_id=wang.id), desk)
    again = graded(told_agent(desk, caller="02083880000", customer_id=wang.id), desk)
    assert again.duplicate_of == first
    stranger = graded(told_agent(desk), desk)  # her number, but nobody proved that it was she
    assert stranger.duplicate_of is None


# -- answered, reviewed, told ------------------------------------------------------------------


def test_the_whole_way(desk, other, clerk, futian):
    wang = cast.person("王芳")
    case = told_agent(desk, customer_id=wang.id)
    graded(case, desk)
    case = handling.assign(case.pk, futian, by=desk, at=NOON)
    assert case.reply_due_at == end_of(27, 11)  # three working days after Tuesday
    handling.reply(case.pk, "已加开窗口并致歉", by=clerk, at=NOON)
    handling.approve(case.pk, by=other, at=NOON)
    handling.told(case.pk, "电话告知，客户接受", by=desk, at=NOON)
    case = handling.archive(case.pk, by=desk, at=NOON)
    assert case.state == State.ARCHIVED
    steps = list(CaseStep.objects.values_list("what", flat=True))
    assert steps[2:] == ["graded", "assigned", "replied", "reviewed", "told", "archived"]
    contact = OutboundContact.objects.get()  # "did you call me?" has its answer
    assert (contact.customer_id, contact.desk, contact.reason) == (
        wang.id,
        "complaints",
        "complaint",
    )


def test_nobody_reviews_her_own_answer(desk, futian, other):
    case = replied(told_agent(desk), desk, futian, desk)
    with pytest.raises(OwnAnswer):
        handling.approve(case.pk, by=desk, at=NOON)
    with pytest.raises(OwnAnswer):
        handling.send_back(case.pk, "请补充", by=desk, at=NOON)
    assert handling.approve(case.pk, by=other, at=NOON).state == State.REVIEWED


def test_the_database_holds_it_too(desk, futian, other):
    case = replied(told_agent(desk), desk, futian, desk)
    row = Complaint.objects.filter(pk=case.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(state=State.REVIEWED, reviewed_by=desk)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(state=State.REVIEWED)  # reviewed by nobody
    row.update(state=State.REVIEWED, reviewed_by=other)  # the control: by another it passes


def test_an_answer_that_was_sent_back_is_written_again(desk, clerk, futian, other):
    case = replied(told_agent(desk), desk, futian, clerk)
    due = case.reply_due_at
    case = handling.send_back(case.pk, "请说明补偿", by=other, at=NOON)
    assert (case.state, case.reply_due_at) == (State.ASSIGNED, due)
    handling.reply(case.pk, "已补偿交通费", by=clerk, at=NOON)
    assert handling.approve(case.pk, by=other, at=NOON).reply == "已补偿交通费"


def test_a_branch_answers_its_own_cases_alone(desk, futian):
    nanshan = Branch.objects.create(code="001003", name="南山支行")
    stranger = staff.hire(number="2102", name="方明", branch=nanshan, roles=[Role.BRANCH_USER])
    case = told_agent(desk)
    graded(case, desk)
    handling.assign(case.pk, futian, by=desk, at=NOON)
    with pytest.raises(NotThisBranch):
        handling.reply(case.pk, "不是我们的", by=stranger, at=NOON)


@pytest.mark.parametrize(
    "verb",
    [
        lambda pk, by: handling.assign(pk, Branch.objects.get(), by=by, at=NOON),
        lambda pk, by: handling.reply(pk, "答复", by=by, at=NOON),
        lambda pk, by: handling.approve(pk, by=by, at=NOON),
        lambda pk, by: handling.send_back(pk, "补充", by=by, at=NOON),
        lambda pk, by: handling.told(pk, "告知", by=by, at=NOON),
        lambda pk, by: handling.archive(pk, by=by, at=NOON),
    ],
)
def test_no_step_is_left_out(desk, futian, verb):
    case = told_agent(desk)
    with pytest.raises(NotNow):
        verb(case.pk, desk)
    assert Complaint.objects.get().state == State.REGISTERED


def test_no_step_is_taken_twice(desk):
    case = told_agent(desk)
    graded(case, desk)
    with pytest.raises(NotNow):
        graded(case, desk)


def test_the_database_knows_the_path_and_keeps_what_was_said(desk):
    row = Complaint.objects.filter(pk=told_agent(desk).pk)
    for change in ({"state": State.ARCHIVED}, {"words": "表扬"}, {"phone": "1"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            row.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()


def test_a_recording_is_of_one_case(desk):
    recording = CallRecording.objects.create(
        call=call(), kind="message", file="messages/x-1.wav", seconds=Decimal(9), kept_at=NOON
    )
    assert cases.take_in(at=NOON + timedelta(hours=1)) == 0  # the call goes on
    Call.objects.update(ended_at=NOON)
    assert cases.take_in(at=NOON + timedelta(hours=1)) == 1
    assert Complaint.objects.get().recording == recording


# -- clocks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "spent"),
    [(0, 0), (49, 0), (50, 50), (79, 50), (80, 80), (99, 80), (100, 100), (300, 100), (-5, 0)],
)
def test_a_clock_speaks_at_half_at_four_fifths_and_at_its_end(hours, spent):
    due = NOON + timedelta(hours=100)
    assert clocks.spent(NOON, due, NOON + timedelta(hours=hours)) == spent


@given(st.integers(1, 60 * 24 * 40), st.integers(-100, 60 * 24 * 80))
def test_a_clock_never_runs_backwards(length, minute):
    due, at = NOON + timedelta(minutes=length), NOON + timedelta(minutes=minute)
    now, later = clocks.spent(NOON, due, at), clocks.spent(NOON, due, at + timedelta(minutes=1))
    assert now <= later
    assert (now is Spent.OVER) == (at >= due)
