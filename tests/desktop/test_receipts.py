"""A receipt number opens one page: call, steps, instruction, journals; and nothing for others."""

from datetime import timedelta
from decimal import Decimal

import pytest

from banking import families, losses, phone_debits, two_eyes, unlocking
from banking.models import FeeTier, Journal
from banking.models.orders import Channel
from calendars import clock
from people import approvals, staff
from people.models import AccessLog
from people.roles import Role
from telephony import records
from tests import cast, clerks
from tests.banking.test_access import lock_out
from tests.banking.test_admin import as_, text
from tests.banking.test_families import FAMILY, paid_out
from tests.cast import NOON
from tests.telephony.recorded import Recorded, transfer_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(db):
    wang, chen = cast.wang(is_test=False), cast.chen(is_test=False)
    FeeTier.objects.create(
        kind="transfer", channel="phone", valid_from="2026-01-01", above=0, flat=2
    )
    return transfer_call(wang, chen)[1]


def test_the_number_opens_the_call_the_order_and_the_books(paid):
    page = text(as_(Role.BACK_OFFICE, "zh-hans").get(f"/receipt/{paid.receipt}/"))
    for words in (paid.receipt, "行内转账", "卡号与查询密码通过", "手续费", "合计"):
        assert words in page
    assert AccessLog.objects.get().reason == f"打开流水号 {paid.receipt}"


def test_the_number_of_its_fee_opens_the_same_page(paid):
    fee = Journal.objects.get(kind=Journal.Kind.FEE)
    page = text(as_(Role.AGENT, "en").get(f"/receipt/{fee.number}/"))
    assert paid.receipt in page


def test_typed_with_spaces_it_is_found(paid):
    typed = f"{paid.receipt[:4]} {paid.receipt[4:8]}-{paid.receipt[8:]}"
    answer = as_(Role.AGENT).get("/receipt/", {"number": typed})
    assert answer["Location"] == f"/receipt/{paid.receipt}/"


def test_a_loss_report_has_its_page(db):
    wang = cast.wang(is_test=False)
    report = losses.report(
        wang.pan, wang.id_number, channel=Channel.PHONE, call_ref="", at=clock.now()
    )
    assert "挂失" in text(as_(Role.AGENT, "zh-hans").get(f"/receipt/{report.number}/"))


def test_a_call_back_has_its_page_and_a_number_of_its_own(paid):
    call = Recorded()
    call.identifies(cast.old_liu(is_test=False))
    number = records.request_callback(call.row.pk, phone="13700004444", at=call.at)
    assert number not in {paid.receipt, *Journal.objects.values_list("number", flat=True)}
    page = text(as_(Role.AGENT, "zh-hans").get(f"/receipt/{number}/"))
    assert number in page and "回电" in page and "刘桂英" not in page
    assert records.request_callback(call.row.pk, phone="13700005555", at=call.at) == number


@pytest.mark.parametrize("typed", ["1", "000000000000", "abc"])
def test_what_is_no_receipt_is_said_and_stays_typed(db, typed):
    page = as_(Role.AGENT, "zh-hans").get("/receipt/", {"number": typed}).content.decode()
    assert f"没有流水号 {typed}" in page and f'value="{typed}"' in page


def test_who_sees_no_instruction_sees_no_receipt(paid):
    assert as_(Role.TRAINER).get(f"/receipt/{paid.receipt}/").status_code == 403
    assert not AccessLog.objects.exists()


def test_who_sees_no_calls_sees_the_money_alone(paid):
    page = text(as_(Role.SETTLEMENT_MAKER, "zh-hans").get(f"/receipt/{paid.receipt}/"))
    assert "无权查看通话" in page and f"{Decimal(paid.amount):,.2f}" in page


@pytest.fixture
def back(transactional_db):
    """Given back, its fee too, and paid out of suspense: six journals, three deep."""
    clerks.desk_rule()
    return paid_out(cast.wang(opening=300_000, is_test=False)).instruction


@pytest.mark.django_db(transaction=True)
def test_all_that_undid_it_is_on_its_page_and_opens_the_same(back):
    client, journals = as_(Role.BACK_OFFICE), families.of_order(back)
    for number in journals.values_list("number", flat=True):
        answer = client.get(f"/receipt/{number}/")
        page = text(answer)
        assert [one["row"].kind for one in answer.context["journals"]] == FAMILY
        assert answer.context["order"] == back
        assert f"{back.customer.number}" in page
        assert AccessLog.objects.filter(reason=f"opened receipt {number}").count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_let_it_out_of_suspense_is_named(back):
    page = text(as_(Role.SUPERVISOR).get(f"/receipt/{back.receipt}/"))
    assert page.count("Pay out what is under suspense") == 2
    assert page.count("马超 D") == 2


def at_the_counter(number: str, name: str):
    return staff.hire(number=number, name=name, branch=None, roles=[Role.BRANCH_USER])


@pytest.mark.django_db(transaction=True)
def test_who_unlocked_what_she_asked_by_telephone_is_named(transactional_db):
    wang = cast.wang(is_test=False)
    lock_out(wang)
    request = unlocking.request(wang.card.pk, call_ref="", at=NOON)
    asked = two_eyes.ask_unlock(
        wang.card.pk, by=at_the_counter("3001", "周敏"), reason="本人", at=NOON
    )
    approvals.approve(asked.pk, by=at_the_counter("3002", "何静"), at=NOON)
    page = text(as_(Role.BACK_OFFICE).get(f"/receipt/{request.number}/"))
    assert "周敏 3001 → 何静 3002" in page


@pytest.mark.django_db(transaction=True)
def test_who_lifted_a_stop_is_named_with_that_stop_alone(transactional_db):
    wang, first, second = (
        cast.wang(is_test=False),
        at_the_counter("3001", "周敏"),
        at_the_counter("3002", "何静"),
    )
    stops = []
    for day in range(2):
        at = NOON + timedelta(days=day)
        stops.append(phone_debits.stop(wang.id, channel=Channel.PHONE, call_ref="", at=at))
        asked = two_eyes.ask_phone_on(wang.customer, by=first, reason=f"第{day}天", at=at)
        approvals.approve(asked.pk, by=second, at=at)
    client = as_(Role.BACK_OFFICE)
    for stop in stops:
        answer = client.get(f"/receipt/{stop.number}/")
        assert text(answer).count("周敏 3001 → 何静 3002") == 1
        (found,) = answer.context["approvals"]
        assert found[0].asked_at == stop.begun_at


@pytest.mark.django_db(transaction=True)
def test_of_money_that_nobody_ordered_whoever_it_names_is_on_record(transactional_db):
    wang = cast.wang(is_test=False)
    deposit = Journal.objects.get(kind=Journal.Kind.DEPOSIT)
    assert wang.customer.number in text(as_(Role.BACK_OFFICE).get(f"/receipt/{deposit.number}/"))
    assert AccessLog.objects.get().subject == f"banking.customer:{wang.id}"
