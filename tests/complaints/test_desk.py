"""The complaints desk in the admin, the agent's dialog, and the page of a case number."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from calendars import clock
from complaints import cases, handling, shipped
from complaints.models import Category, Complaint
from people import staff
from people.models import AccessLog, Branch
from people.roles import Role
from telephony.models import Call
from tests import cast
from tests.telephony.test_admin import YES, as_, text

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/complaints/complaint/"


@pytest.fixture
def case(transactional_db) -> Complaint:
    shipped.install()
    call = Call.objects.create(
        uuid=uuid4(), node="node1", dialled="961202", caller="13900139000", started_at=cast.NOON
    )
    agent = staff.hire(number="1021", name="田甜", branch=None, roles=[Role.AGENT])
    taken = cases.told_an_agent(call.pk, "排队两小时", key=uuid4(), by=agent, at=clock.now())
    return Complaint.objects.get(pk=taken.id)


def page(case: Complaint) -> str:
    return reverse("admin:complaints_complaint_change", args=[case.pk])


def press(client, case: Complaint, verb: str, **typed: object):
    return client.post(
        reverse(f"admin:complaints_complaint_{verb}", args=[case.pk]), {**YES, **typed}
    )


def grading(**changes: object) -> dict[str, object]:
    found = {c.code: c.pk for c in Category.objects.all()}
    typed = {"grade": "ordinary", "channel": found["A01"], "business": found["B01"]}
    return {**typed, "reason": found["C01"], **changes}


def test_what_is_due_first_is_on_top_with_its_clock(case):
    rows = text(as_(Role.COMPLAINT_HANDLER, "zh-hans").get(LIST))
    for words in (case.number, "时限已过 0%", "已登记", "坐席登记", "139****9000"):
        assert words in rows
    Complaint.objects.update(clock_from=clock.now() - timedelta(days=30))
    assert "时限已过 50%" in text(as_(Role.SUPERVISOR, "zh-hans").get(LIST))


def test_the_page_tells_the_case_and_its_opening_is_written_down(case):
    client = as_(Role.COMPLAINT_HANDLER, "zh-hans")
    told = text(client.get(page(case)))
    for words in ("排队两小时", "13900139000", "登记", "告知受理", "级别"):
        assert words in told
    assert AccessLog.objects.filter(user=client.user, field="phone").count() == 1


def test_who_only_reads_sees_the_number_masked_and_no_verb(case):
    html = as_(Role.QC, "zh-hans").get(page(case)).content.decode()
    assert "139****9000" in html
    assert "13900139000" not in html
    assert "/grade/" not in html


def test_the_whole_way_by_its_verbs(case):
    branch = Branch.objects.create(code="001002", name="福田支行")
    handler, other = as_(Role.COMPLAINT_HANDLER), as_(Role.SUPERVISOR)
    press(handler, case, "grade", **grading())
    press(handler, case, "assign", branch=branch.pk)
    press(handler, case, "reply", words="已致歉")
    press(handler, case, "approve")  # her own: refused
    assert Complaint.objects.get().state == "replied"
    press(other, case, "send_back", words="补偿呢")
    press(handler, case, "reply", words="已致歉并补偿")
    press(other, case, "approve")
    press(handler, case, "told", words="电话告知")
    press(handler, case, "archive")
    row = Complaint.objects.get()
    assert (row.state, row.reply) == ("archived", "已致歉并补偿")
    assert row.replied_by == handler.user
    assert row.reviewed_by == other.user


def test_a_wrong_category_is_not_taken(case):
    handler = as_(Role.COMPLAINT_HANDLER)
    press(handler, case, "grade", **grading(channel=Category.objects.get(code="C01").pk))
    assert Complaint.objects.get().state == "registered"


def test_a_branch_sees_and_answers_its_own_alone(case):
    handler, clerk = as_(Role.COMPLAINT_HANDLER), as_(Role.BRANCH_USER, "zh-hans")
    mine = Branch.objects.create(code="001002", name="福田支行")
    clerk.user.branch = mine
    clerk.user.save()
    assert case.number not in text(clerk.get(LIST))
    press(handler, case, "grade", **grading())
    handling.assign(case.pk, mine, by=handler.user, at=clock.now())
    assert case.number in text(clerk.get(LIST))
    assert "排队两小时" in text(clerk.get(page(case)))
    press(clerk, case, "reply", words="已整改")
    assert Complaint.objects.get().replied_by == clerk.user


def test_a_clock_takes_effect_tomorrow_at_the_soonest(case):
    clock_ = dict.fromkeys(
        ("acknowledge_days", "reply_days", "decide_days", "complex_days", "duplicate_days"), 10
    )
    client = as_(Role.ADMINISTRATOR)
    for days, made in ((0, 1), (1, 2)):
        day = clock.bank_day(clock.now()) + timedelta(days=days)
        client.post("/admin/complaints/clockrule/add/", {**clock_, "valid_from": day.isoformat()})
        assert type(case).objects.count() == 1
        assert shipped.ClockRule.objects.count() == made


# -- by its number -----------------------------------------------------------------------------


def test_the_case_number_opens_the_receipt_page(case):
    told = text(as_(Role.COMPLAINT_HANDLER, "zh-hans").get(f"/receipt/{case.number}/"))
    assert case.number in told
    assert "投诉" in told
    html = as_(Role.SUPERVISOR).get(f"/receipt/{case.number}/").content.decode()
    assert page(case) in html
    assert page(case) not in as_(Role.AGENT).get(f"/receipt/{case.number}/").content.decode()
