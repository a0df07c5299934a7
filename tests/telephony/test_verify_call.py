"""核实银行来电: told which desk called, or her debits are stopped and a case is opened."""

from datetime import timedelta

import pytest

from banking import bound, contacts
from banking.contacts import Desk, Reason
from banking.models import CallerTerm, FraudCase, OutboundContact, PhoneBlock
from telephony.models import Call, Step
from telephony.spoken import catalogue
from tests import cast
from tests.cast import LONG_AGO, NOON

pytestmark = pytest.mark.django_db(transaction=True)

YESTERDAY = NOON - timedelta(days=1)


@pytest.fixture
def told_for_a_week(books) -> None:
    CallerTerm.objects.create(what=CallerTerm.What.CONTACTS, valid_from=LONG_AGO, value=7)


def called(who: cast.Person, at=YESTERDAY, desk=Desk.LENDING, reason=Reason.REPAYMENT) -> None:
    contacts.note(who.id, desk=desk, reason=reason, at=at)


async def to_the_service(phone, language: str = "1") -> None:
    await phone.hears(f"menu.language.{language}")
    await phone.keys(language)
    await phone.hears("menu.root.1")
    await phone.keys("5")
    await phone.hears("menu.complaints.3")
    await phone.keys("3")


async def identifies(phone, who: cast.Person) -> None:
    await phone.hears("identify.card")
    await phone.keys(who.pan.reveal() + "#")
    await phone.hears("identify.pin")
    await phone.keys(who.query_pin + "#")


async def deeds(bank) -> list[str]:
    return await bank.query(
        lambda: list(Step.objects.exclude(deed="").order_by("id").values_list("deed", flat=True))
    )


@pytest.mark.parametrize("language", ["1", "3"])
async def test_after_the_password_she_hears_which_desk_called_when_and_why(
    dial, bank, wang, told_for_a_week, language
):
    await bank.query(called, wang)
    phone = await dial()
    await to_the_service(phone, language)
    await identifies(phone, wang)
    await phone.hears("verify.called", at=YESTERDAY)
    await phone.hears_next("desk.lending")
    await phone.hears_next("contact.repayment")
    await phone.hears("verify.not_that")
    await phone.hangs_up()
    await bank.settled()
    assert (await deeds(bank))[-1] == "call_checked"
    assert (await bank.query(Call.objects.get)).outcome == "served"
    assert not await bank.query(FraudCase.objects.exists)


@pytest.mark.parametrize("language", ["1", "3"])
async def test_nobody_called_and_one_key_stops_and_reports(
    dial, bank, wang, told_for_a_week, language
):
    await bank.query(called, wang, NOON - timedelta(days=7))  # longer ago than is told
    phone = await dial()
    await to_the_service(phone, language)
    await identifies(phone, wang)
    await phone.hears("verify.none")
    await phone.hears("verify.stop")
    await phone.keys("1")
    await phone.hears_of("verify.stopped")
    case = await bank.query(FraudCase.objects.get)
    await phone.hears("order.receipt_again", receipt=case.number)
    await phone.hangs_up()
    await bank.settled()
    assert (case.customer_id, case.caller, case.state) == (wang.id, "13800136027", "open")
    assert await bank.query(PhoneBlock.objects.filter(customer_id=wang.id, ended_at=None).exists)
    assert (await deeds(bank))[-2:] == ["call_checked", "phone_stopped"]


async def test_told_of_a_call_that_was_not_it_she_stops_all_the_same(dial, bank, wang):
    await bank.query(called, wang)
    phone = await dial()
    await to_the_service(phone)
    await identifies(phone, wang)
    await phone.hears("verify.not_that")
    await phone.keys("1")
    await phone.hears_of("verify.stopped")
    await phone.hears("menu.complaints.3")
    assert await bank.query(FraudCase.objects.count) == 1


async def test_who_goes_back_has_stopped_nothing(dial, bank, wang):
    phone = await dial()
    await to_the_service(phone)
    await identifies(phone, wang)
    await phone.hears("verify.stop")
    await phone.keys("*")
    await phone.hears("menu.complaints.3")
    assert not await bank.query(FraudCase.objects.exists)
    assert not await bank.query(PhoneBlock.objects.exists)


async def test_from_her_bound_number_she_needs_no_password(dial, bank, wang):
    await bank.query(called, wang)
    await bank.query(bound.bind, wang.id, by=None, at=NOON)
    phone = await dial(caller=wang.customer.mobile)
    await to_the_service(phone)
    await phone.hears("verify.called", at=YESTERDAY)


@pytest.mark.parametrize("why", ["not bound", "unbound", "another mobile now"])
async def test_a_number_that_is_not_bound_says_nothing(dial, bank, wang, why):
    await bank.query(called, wang)
    if why != "not bound":
        row = await bank.query(bound.bind, wang.id, by=None, at=NOON)
        if why == "unbound":
            await bank.query(bound.unbind, row.pk, at=NOON)
        else:
            wang.customer.mobile = "13911112222"
            await bank.query(wang.customer.save)
    phone = await dial(caller="1380000" + wang.customer.number[-4:])
    await to_the_service(phone)
    await phone.hears("identify.card")


async def test_who_hangs_up_while_she_is_told_was_not_told(dial, bank, wang):
    await bank.query(called, wang)
    phone = await dial()
    await to_the_service(phone)
    await identifies(phone, wang)
    await phone.hears("verify.called", at=YESTERDAY)
    await phone.hangs_up()
    await bank.settled()
    assert "call_checked" not in await deeds(bank)


def test_every_desk_and_reason_has_its_prompt_in_every_language():
    prompts = catalogue.load()
    for language in prompts.languages:
        for desk in OutboundContact.Desk:
            assert prompts.slots(language, f"desk.{desk.value}") == {}
        for reason in OutboundContact.Reason:
            assert prompts.slots(language, f"contact.{reason.value}") == {}
