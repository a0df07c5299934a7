"""挂失: no password, so nothing delays it; what is stopped then, and what is said."""

from datetime import timedelta
from decimal import Decimal

import pytest

from banking import customers, losses
from banking.models import Account, Card, Instruction, LossReport, LossTerm
from banking.models.orders import Channel
from banking.numbers import id_check_digit
from banking.secret import Secret
from people import staff
from people.roles import Role
from telephony.models import Call, Step
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)


async def to_the_card(phone) -> None:
    """From the greeting by 投诉与挂失 to 紧急挂失, with nobody identified."""
    await phone.hears("menu.language.1")
    await phone.keys("1", "5")
    await phone.hears("menu.complaints.2")
    await phone.keys("2")
    await phone.hears("loss.card_or")


async def reports(phone, number: str, identity: str) -> None:
    """To the question whether she is sure."""
    await to_the_card(phone)
    await phone.keys(number + "#")
    await phone.hears("loss.id_hint")
    await phone.hears("loss.id_number")
    await phone.keys(identity)
    await phone.hears("loss.confirm", tail=number[-4:])
    await phone.hears("confirm.ask")


async def is_told_her_receipt(phone, *, days: int = 5) -> LossReport:
    await phone.bank.machine.settle()
    report = await phone.bank.query(LossReport.objects.get)
    await phone.hears("loss.done", receipt=report.number)
    await phone.hears("order.receipt_again", receipt=report.number)
    await phone.hears("loss.followup", days=days)
    return report


async def test_the_bank_gives_her_more_days(dial, bank, wang):
    await bank.query(
        LossTerm.objects.create, instrument="card", valid_from=cast.NOON.date(), days=15
    )
    phone = await dial()
    await reports(phone, wang.pan.reveal(), wang.id_number.reveal() + "#")
    await phone.keys("1")
    await is_told_her_receipt(phone, days=15)


async def test_a_lost_card_is_stopped_before_she_hears_so(dial, bank, wang):
    phone = await dial()
    await reports(phone, wang.pan.reveal(), wang.id_number.reveal() + "#")
    await phone.keys("1")
    await phone.phone.hears("loss.done")
    card = await bank.query(Card.objects.get, pk=wang.card.pk)
    assert card.lost_until
    await phone.hangs_up()
    await bank.settled()
    call = await bank.query(Call.objects.get)
    assert call.outcome == Call.Outcome.SERVED
    assert call.customer_id is None  # knowing an ID number proves nobody


async def test_the_number_is_told_twice(dial, wang):
    phone = await dial()
    await reports(phone, wang.pan.reveal(), wang.id_number.reveal() + "#")
    await phone.keys("1")
    report = await is_told_her_receipt(phone)
    assert report.card_id == wang.card.pk
    await phone.hears("menu.complaints.2")


@pytest.fixture
def old_x(books) -> cast.Person:
    """A customer whose 身份证号 ends in X."""
    born = cast.date(1980, 5, 17)
    serial = next(n for n in range(1000) if id_check_digit(f"440304{born:%Y%m%d}{n:03d}") == "X")
    identity = Secret(f"440304{born:%Y%m%d}{serial:03d}X")
    customer = customers.register(
        number="1099999999", name="何X", id_number=identity, mobile="13800009999", is_test=True
    )
    card_number = cast.pan("622202409999999999")
    card = customers.issue_card(customer, card_number, on=cast.LONG_AGO)
    account = customers.open_account(
        customer, number="755700000009999", on=cast.LONG_AGO, card=card
    )
    return cast.Person(customer, card, account, card_number, identity, Decimal(0))


@pytest.mark.parametrize("ending", ["*", "*#"], ids=["star", "star and hash"])
async def test_an_id_number_that_ends_in_x(dial, bank, old_x, ending):
    """The star is the X; who presses # after it, as after every number, is not misheard."""
    phone = await dial()
    await reports(phone, old_x.pan.reveal(), old_x.id_number.reveal()[:17] + ending)
    await phone.keys("1")
    assert (await is_told_her_receipt(phone)).card_id == old_x.card.pk


async def test_a_lost_passbook(dial, bank, wang):
    await bank.query(
        customers.open_account,
        wang.customer,
        number="755788880000",
        on=cast.LONG_AGO,
        passbook="755766660000",
    )
    phone = await dial()
    await reports(phone, "755766660000", wang.id_number.reveal() + "#")
    await phone.keys("1")
    report = await is_told_her_receipt(phone)
    assert report.passbook_id
    assert not (await bank.query(Card.objects.get, pk=wang.card.pk)).lost_until


async def test_the_id_number_of_somebody_else(dial, bank, wang, chen):
    phone = await dial()
    await reports(phone, wang.pan.reveal(), chen.id_number.reveal() + "#")
    await phone.keys("1")
    await phone.hears("loss.not_found")
    await phone.hears("menu.complaints.2")
    assert not (await bank.query(Card.objects.get, pk=wang.card.pk)).lost_until


async def test_a_card_that_is_lost_already(dial, bank, wang):
    for told in ("loss.done", "loss.already"):
        phone = await dial()
        await reports(phone, wang.pan.reveal(), wang.id_number.reveal() + "#")
        await phone.keys("1")
        await phone.phone.hears(told)
        await phone.hangs_up()
    assert await bank.query(LossReport.objects.count) == 1


async def test_confirmed_in_writing_it_is_lost_when_the_oral_report_would_have_lapsed(
    dial, bank, wang
):
    def confirmed() -> None:
        then = cast.NOON - timedelta(days=30)
        report = losses.report(
            wang.pan, wang.id_number, channel=Channel.PHONE, call_ref="", at=then
        )
        clerk = staff.hire(number="3001", name="何静", branch=None, roles=[Role.BRANCH_USER])
        losses.confirm(report.pk, form_number="GS1", by=clerk, at=then)

    await bank.query(confirmed)
    phone = await dial()
    await reports(phone, wang.pan.reveal(), wang.id_number.reveal() + "#")
    await phone.keys("1")
    await phone.hears("loss.already")


async def test_who_thinks_better_of_it(dial, bank, wang):
    phone = await dial()
    await reports(phone, wang.pan.reveal(), wang.id_number.reveal() + "#")
    await phone.keys("2")
    await phone.hears("loss.cancelled")
    await phone.hears("menu.complaints.2")
    assert not await bank.query(LossReport.objects.exists)


async def test_who_hangs_up_before_she_is_sure(dial, bank, wang):
    phone = await dial()
    await reports(phone, wang.pan.reveal(), wang.id_number.reveal() + "#")
    await phone.hangs_up()
    await bank.settled()
    assert not await bank.query(LossReport.objects.exists)
    assert (await bank.query(Call.objects.get)).outcome == Call.Outcome.DROPPED


async def test_nothing_leaves_an_account_whose_card_is_lost(dial, bank, wang, chen):
    phone = await dial()
    await phone.logs_in(wang)
    other = await dial(caller="13900139000")
    await reports(other, wang.pan.reveal(), wang.id_number.reveal() + "#")
    await other.keys("1")
    await other.phone.hears("loss.done")

    await phone.keys("2", "1")  # 转账汇款, 行内转账: she was logged in before
    for question in ("transfer.payee_card", "transfer.payee_card_again"):
        await phone.hears(question)
        await phone.keys(chen.pan.reveal() + "#")
    await phone.hears("transfer.amount")
    await phone.keys("100#")
    await phone.hears("transfer.now")
    await phone.keys("1")
    await phone.hears("refused.frozen")
    await phone.hears("menu.transfer.1")
    assert not await bank.query(Instruction.objects.exists)


async def test_lost_between_her_yes_and_her_password_nothing_is_paid(dial, bank, wang, chen):
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("2", "1")
    for question in ("transfer.payee_card", "transfer.payee_card_again"):
        await phone.hears(question)
        await phone.keys(chen.pan.reveal() + "#")
    await phone.hears("transfer.amount")
    await phone.keys("100#")
    await phone.hears("transfer.now")
    await phone.keys("1")
    await phone.hears("confirm.ask")
    await phone.keys("1")
    await phone.hears("order.pin")
    other = await dial(caller="13900139000")
    await reports(other, wang.pan.reveal(), wang.id_number.reveal() + "#")
    await other.keys("1")
    await other.phone.hears("loss.done")
    await phone.keys(wang.transaction_pin + "#")
    await phone.hears("refused.frozen")
    assert (await bank.query(Account.objects.get, pk=wang.account.pk)).balance == wang.opening
    assert (await bank.query(Instruction.objects.get)).state == "refused"


async def test_the_record_shows_the_last_four_of_both_numbers(dial, bank, wang):
    phone = await dial()
    await reports(phone, wang.pan.reveal(), wang.id_number.reveal() + "#")
    await phone.keys("2")
    await phone.hears("loss.cancelled")
    await phone.hangs_up()
    await bank.settled()
    keyed = await bank.query(lambda: list(Step.objects.values_list("keys", flat=True)))
    assert f"***************{wang.account_tail}#" in keyed
    assert f"**************{wang.id_number.reveal()[-4:]}#" in keyed
