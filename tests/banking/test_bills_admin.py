"""The pages of billers and bills: what they show, and the one verb."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from banking import bill_days, bill_files, demo_bills, instructions, orders
from banking.models import Biller, BillerContract, BillerDay, BillerFile, BillPayment
from banking.models.orders import Channel
from banking.requests import BillPayment as Request
from calendars import clock
from people import staff
from people.models import AccessLog, Approval
from people.roles import Role
from tests import billers, cast
from tests.billers import CABLE, GAS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office(client):
    """A clerk of the back office at her desk."""
    client.force_login(
        staff.hire(number="2001", name="何静", branch=None, roles=[Role.BACK_OFFICE])
    )
    client.cookies["django_language"] = "zh-hans"
    return client


@pytest.fixture
def day():
    """A bill that is being checked, and one that went with a file."""
    at = clock.now()
    known, wang = billers.all_kinds(), cast.wang()
    BillerContract.objects.filter(number=GAS).update(answer="silent")
    for code, number, yuan in (("GAS", GAS, "55.20"), ("CABLE", CABLE, "28")):
        key = uuid4()
        request = Request(
            payer_id=wang.account.pk, biller=code, contract=number, amount=Decimal(yuan)
        )
        orders.draft(key=key, request=request, channel=Channel.PHONE, at=at)
        instructions.confirm(key=key, at=at)
        orders.execute(key=key, at=at)
    bill_files.write(known["cable"], clock.bank_day(at), at=at)
    for biller in ("cable", "gas"):
        bill_days.reconcile(known[biller], clock.bank_day(at), at=at)
    return known


def page(office, name: str, *args) -> str:
    answer = office.get(reverse(f"admin:banking_{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_lists(office, day):
    assert "****0123" in page(office, "billpayment_changelist")
    assert GAS not in page(office, "billpayment_changelist")
    assert "尚未回盘" in page(office, "billerfile_changelist")
    assert "待查" in page(office, "billerday_changelist")
    assert "鹏城水务" in page(office, "biller_changelist")
    assert "133.75" in page(office, "billercontract_changelist")


def test_a_payment_has_one_page(office, day):
    payment = BillPayment.objects.get(biller__code="GAS")
    shown = page(office, "billpayment_change", payment.pk)
    for words in ("鹏城燃气", "待查", payment.order.receipt, "55.20", "登记查证结果"):
        assert words in shown
    assert GAS not in shown
    assert AccessLog.objects.filter(what="view").count() == 1


def test_other_pages_open(office, day):
    page(office, "billerfile_change", BillerFile.objects.get().pk)
    page(office, "billerday_change", BillerDay.objects.first().pk)
    page(office, "biller_change", day["gas"].pk)
    page(office, "billercontract_change", BillerContract.objects.first().pk)


def test_what_the_biller_told_waits_for_a_colleague(office, day):
    payment = BillPayment.objects.get(biller__code="GAS")
    url = reverse("admin:banking_billpayment_say_outcome", args=[payment.pk])
    office.post(url, {"_form_submitted": "True", "outcome": "rejected", "word": "燃气公司陈工"})
    asked = Approval.objects.get()
    assert (asked.kind, asked.details["outcome"]) == ("bill.outcome", "rejected")
    payment.refresh_from_db()
    assert payment.state == BillPayment.State.ASKED


def test_a_biller_is_kept_by_hand(office, day):
    fields = {
        "code": "CITYTV",
        "name": "城视",
        "kind": "cable",
        "is_active": "on",
        "least_digits": "8",
        "most_digits": "7",
        "prefixes": "",
        "check_digit": "none",
        "top_ups": "30,50",
        "interface": "no.such.Class",
        "timeout_s": "2",
        "file_at": "00:30",
    }
    url = reverse("admin:banking_biller_add")
    wrong = office.post(url, fields).content.decode()
    assert "没有这个程序类。" in wrong
    assert "不能小于最少位数。" in wrong
    right = fields | {
        "most_digits": "10",
        "interface": "banking.billers.embedded.EmbeddedBiller",
    }
    assert office.post(url, right).status_code == 302


def test_the_demo_has_something_to_show():
    for number in range(8):
        cast.person(f"客户{number}", is_test=False)
    demo_bills.build(7, clock.now())
    assert Biller.objects.count() == len(demo_bills.BILLERS)
    assert BillPayment.objects.filter(state="paid").count() >= 5
    assert BillerDay.objects.exists()
