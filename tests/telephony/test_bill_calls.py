"""缴费 as the caller lives it: every kind, both languages, each way a biller answers."""

from decimal import Decimal

import pytest

from banking import bills
from banking.models import Account, BillerContract, BillPayment, Instruction
from calendars import clock
from telephony.models import Call, Step
from tests import billers, cast
from tests.billers import CABLE, GAS, POWER, WATER

pytestmark = pytest.mark.django_db(transaction=True)

FREE = Decimal("0.00")


@pytest.fixture
def known(books):
    return billers.all_kinds()


async def balance(bank, who: cast.Person) -> Decimal:
    return (await bank.query(Account.objects.get, pk=who.account.pk)).balance


async def logs_in(phone, who: cast.Person, language: str = "1") -> None:
    await phone.hears("menu.language.1")
    await phone.keys(language)
    await phone.hears("menu.root.1")
    await phone.keys("1", who.pan.reveal() + "#", who.query_pin + "#")
    await phone.hears("menu.personal.3")


async def settles(phone, who: cast.Person, tail: str, amount: Decimal) -> None:
    """From the read-back to the password."""
    await phone.hears("bill.readback", tail=tail, amount=amount, fee=FREE)
    await phone.hears("confirm.ask")
    await phone.keys("1")
    await phone.hears("order.pin")
    await phone.keys(who.transaction_pin + "#")


async def answers(bank, number: str, answer: str) -> None:
    await bank.query(BillerContract.objects.filter(number=number).update, answer=answer)


@pytest.mark.parametrize("language", ["1", "3"])
@pytest.mark.parametrize(
    ("key", "kind", "number", "owed", "done"),
    [
        ("3", "electricity", POWER, Decimal("180.00"), "bill.done"),
        ("4", "gas", GAS, Decimal("55.20"), "bill.done"),
        ("5", "cable", CABLE, Decimal("28.00"), "bill.queued"),
    ],
)
async def test_a_bill_is_looked_up_and_paid(
    dial, bank, wang, known, language, key, kind, number, owed, done
):
    phone = await dial()
    await logs_in(phone, wang, language)
    await phone.keys("3", key)
    await phone.hears(f"bills.contract_{kind}")
    await phone.keys(number + "#")
    await phone.hears("bills.owed", tail=number[-4:], amount=owed)
    await settles(phone, wang, number[-4:], owed)
    values = {"amount": owed} if done == "bill.queued" else {"tail": number[-4:], "amount": owed}
    await phone.hears(done, **values)
    order = await bank.query(Instruction.objects.get)
    await phone.hears("order.receipt_again", receipt=order.receipt)
    await phone.hears("menu.bills.2")
    await phone.hangs_up()
    await bank.settled()
    assert await balance(bank, wang) == wang.opening - owed
    assert (await bank.query(Instruction.objects.get)).told_at
    assert (await bank.query(Call.objects.get)).outcome == Call.Outcome.SERVED


@pytest.mark.parametrize("language", ["1", "3"])
async def test_a_part_of_the_water_bill(dial, bank, wang, known, language):
    phone = await dial()
    await logs_in(phone, wang, language)
    await phone.keys("3", "2", WATER + "#")
    await phone.hears("bills.owed", tail=WATER[-4:], amount=Decimal("133.75"))
    await phone.hears("bills.part_2")
    await phone.keys("2")
    await phone.hears("bills.part_amount")
    await phone.keys("200#")
    await phone.hears("bills.more_than_owed", amount=Decimal("133.75"))
    await phone.keys("60*5#")
    await settles(phone, wang, WATER[-4:], Decimal("60.50"))
    await phone.hears("bill.done", tail=WATER[-4:], amount=Decimal("60.50"))
    await phone.hears("menu.bills.2")
    assert await balance(bank, wang) == wang.opening - Decimal("60.50")


async def test_all_of_the_water_bill_for_one_key(dial, bank, wang, known):
    phone = await dial()
    await logs_in(phone, wang)
    await phone.keys("3", "2", WATER + "#", "1")
    await settles(phone, wang, WATER[-4:], Decimal("133.75"))
    await phone.hears("bill.done", tail=WATER[-4:], amount=Decimal("133.75"))


@pytest.mark.parametrize("language", ["1", "3"])
async def test_her_own_mobile_for_one_key(dial, bank, wang, known, language):
    phone = await dial()
    await logs_in(phone, wang, language)
    mobile = wang.customer.mobile
    await phone.keys("3", "1")
    await phone.hears("bills.own_phone", tail=mobile[-4:])
    await phone.keys("1")
    await phone.hears("bills.top_up", tail=mobile[-4:])
    await phone.hears("bills.top_up_entry", amount=Decimal(100), key=3)
    await phone.keys("3")
    await settles(phone, wang, mobile[-4:], Decimal(100))
    await phone.hears("bill.done", tail=mobile[-4:], amount=Decimal(100))
    await phone.hears("menu.bills.1")
    assert (await bank.query(BillPayment.objects.get)).contract == mobile


async def test_another_number_is_keyed_twice(dial, bank, wang, known):
    phone = await dial()
    await logs_in(phone, wang)
    await phone.keys("3", "1", "2")
    await phone.hears("bills.contract_phone")
    await phone.keys("13900000001#", "13900000002#")
    await phone.hears("bills.mismatch")
    await phone.keys("13900000001#", "13900000001#", "1")
    await settles(phone, wang, "0001", Decimal(30))
    await phone.hears("bill.done", tail="0001", amount=Decimal(30))


async def test_a_number_that_no_biller_knows(dial, bank, wang, known):
    phone = await dial()
    await logs_in(phone, wang)
    await phone.keys("3", "4")
    for _ in range(2):
        await phone.keys("88009999#")
        await phone.hears("bills.contract_unknown")
    await phone.keys(GAS + "#")
    await phone.hears("bills.owed", tail=GAS[-4:], amount=Decimal("55.20"))


async def test_nothing_is_owed(dial, bank, wang, known):
    await bank.query(billers.contract, known["gas"], "88000999")
    phone = await dial()
    await logs_in(phone, wang)
    await phone.keys("3", "4", "88000999#")
    await phone.hears("bills.nothing_owed")
    await phone.hears("menu.bills.1")


async def test_a_biller_that_is_away(dial, bank, wang, known):
    await answers(bank, GAS, "down")
    phone = await dial()
    await logs_in(phone, wang)
    await phone.keys("3", "4", GAS + "#")
    await phone.hears("bills.unavailable")
    await phone.hears("menu.bills.1")
    assert not await bank.query(Instruction.objects.exists)


@pytest.mark.parametrize("language", ["1", "3"])
async def test_a_biller_that_rejects(dial, bank, wang, known, language):
    await answers(bank, GAS, "rejects")
    phone = await dial()
    await logs_in(phone, wang, language)
    await phone.keys("3", "4", GAS + "#")
    await settles(phone, wang, GAS[-4:], Decimal("55.20"))
    await phone.hears("bill.returned", amount=Decimal("55.20"))
    await phone.hears("menu.bills.1")
    await phone.hangs_up()
    await bank.settled()
    assert await balance(bank, wang) == wang.opening
    deeds = await bank.query(lambda: set(Step.objects.values_list("deed", flat=True)))
    assert "refused" in deeds
    assert "bill_paid" not in deeds


@pytest.mark.parametrize("language", ["1", "3"])
async def test_what_is_checked_is_told_until_it_is_known(dial, bank, wang, known, language):
    """待查: she hears so, and again when she calls, and at last what came of it."""
    await answers(bank, GAS, "silent")
    phone = await dial()
    await logs_in(phone, wang, language)
    await phone.keys("3", "4", GAS + "#")
    await settles(phone, wang, GAS[-4:], Decimal("55.20"))
    await phone.hears("bill.checked", amount=Decimal("55.20"))
    receipt = (await bank.query(Instruction.objects.get)).receipt
    await phone.hears("menu.bills.1")
    await phone.hangs_up()

    told = {"tail": GAS[-4:], "amount": Decimal("55.20"), "receipt": receipt}
    again = await dial()
    await again.hears("menu.language.1")
    await again.keys(language, "1", wang.pan.reveal() + "#", wang.query_pin + "#")
    await again.hears("untold.bill_checked", **told)
    await again.hears("menu.personal.1")
    await again.hangs_up()
    await bank.settled()

    assert await bank.query(bills.resolve_open, at=clock.now()) == (1, 0)
    third = await dial()
    await third.hears("menu.language.1")
    await third.keys(language, "1", wang.pan.reveal() + "#", wang.query_pin + "#")
    await third.hears("untold.bill", **told)
    await third.hears("menu.personal.1")
    assert (await bank.query(Instruction.objects.get)).told_at


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("takes", "untold.bill"),
        ("rejects", "untold.bill_returned"),
        ("cable", "untold.bill_queued"),
    ],
)
async def test_who_hangs_up_before_the_receipt_hears_it_next_time(
    dial, bank, wang, known, answer, told
):
    cable = answer == "cable"
    key, number, owed = ("5", CABLE, Decimal(28)) if cable else ("4", GAS, Decimal("55.20"))
    if not cable:
        await answers(bank, GAS, answer)
    phone = await dial()
    await logs_in(phone, wang)
    await phone.keys("3", key, number + "#")
    await settles(phone, wang, number[-4:], owed)
    await phone.hears_of("bill.returned" if answer == "rejects" else "bill")
    await phone.hangs_up()
    await bank.settled()
    order = await bank.query(Instruction.objects.get)
    assert (order.state, order.told_at) == ("executed", None)

    again = await dial()
    await again.identifies(wang)
    await again.hears(told, tail=number[-4:], amount=owed, receipt=order.receipt)
    await again.hears("menu.personal.1")


@pytest.mark.parametrize("point", ["number", "owed", "read-back", "question", "password"])
async def test_who_hangs_up_before_the_password_has_paid_nothing(dial, bank, wang, known, point):
    phone = await dial()
    await logs_in(phone, wang)
    await phone.keys("3", "2")
    await phone.hears("bills.contract_water")
    for reached, keys, prompt in (
        ("number", WATER + "#", "bills.part_2"),
        ("owed", "1", "bill.readback"),
        ("read-back", "", "confirm.ask"),
        ("question", "1", "order.pin"),
        ("password", "", ""),
    ):
        if reached == point:
            break
        if keys:
            await phone.keys(keys)
        await phone.hears_of(prompt)
    await phone.hangs_up()
    await bank.settled()
    assert await balance(bank, wang) == wang.opening
    assert not await bank.query(BillPayment.objects.exists)
