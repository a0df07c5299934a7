"""A receipt number opens one page: call, steps, instruction, journals; and nothing for others."""

from decimal import Decimal

import pytest

from banking import losses
from banking.models import FeeTier, Journal
from banking.models.orders import Channel
from calendars import clock
from people.models import AccessLog
from people.roles import Role
from telephony import records
from tests import cast
from tests.banking.test_admin import as_, text
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
