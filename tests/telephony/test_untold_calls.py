"""She hangs up and calls again: what became of her last order is the first that she hears."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from banking import bill_files, bills, core, instructions, orders, settlement
from banking.billers import Answer
from banking.models import Instruction, SettlementOrder
from banking.requests import BillPayment, InterbankTransfer, Remittance
from telephony.deeds import Deed
from tests import billers, cast
from tests.billers import CABLE
from tests.cast import IN_BEIJING, IN_THE_CITY, NOON
from tests.cores import FarCore
from tests.savers import does, told_to
from tests.telephony.talks import deeds
from tests.telephony.test_transfer_call import AMOUNT, asks_for, balance, confirms

pytestmark = pytest.mark.django_db(transaction=True)
LANGUAGES = pytest.mark.parametrize("language", ["1", "3"], ids=["zh", "en"])


async def gives_her_password(phone, wang, chen, language: str) -> None:
    """From the greeting through a transfer's yes and the transaction password."""
    await phone.logs_in(wang, language=language)
    await asks_for(phone, chen, "1500*5#")
    await confirms(phone, chen)
    await phone.hears("order.pin")
    await phone.keys(wang.transaction_pin + "#")


async def calls_again(dial, bank, wang, language: str):
    """To where her next call is identified."""
    await bank.settled()
    phone = await dial()
    await phone.identifies(wang, language=language)
    return phone


async def hears_of_nothing_more(dial, bank, wang, language: str) -> None:
    phone = await calls_again(dial, bank, wang, language)
    await phone.hears_next("menu.personal.1")
    await phone.hangs_up()


# -- refused -----------------------------------------------------------------------------------


@LANGUAGES
async def test_a_refusal_that_she_did_not_hear_out(dial, bank, wang, chen, language):
    phone = await dial()
    await phone.logs_in(wang, language=language)
    await asks_for(phone, chen, "1500*5#")
    await confirms(phone, chen)
    await phone.hears("order.pin")
    await bank.query(does, cast.transfer(wang, chen, 11_000))  # at a branch, in the meantime
    await bank.query(lambda: Instruction.objects.filter(state="executed").update(told_at=NOON))
    await phone.keys(wang.transaction_pin + "#")
    why = {"available": Decimal("1000.00"), "needed": AMOUNT}
    await phone.hears("refused.insufficient_funds", **why)
    await phone.hangs_up()

    again = await calls_again(dial, bank, wang, language)
    order = await bank.query(Instruction.objects.get, state="refused")
    assert order.told_at is None
    await again.hears_next("untold.refused", amount=AMOUNT)
    await again.hears_next("refused.insufficient_funds", **why)
    await again.hears("menu.personal.1")
    await again.hangs_up()
    await bank.settled()
    order = await bank.query(Instruction.objects.get, state="refused")
    assert order.told_at is not None
    assert Deed.UNTOLD_TOLD in await deeds(bank)
    await hears_of_nothing_more(dial, bank, wang, language)


async def test_a_refusal_that_she_heard_is_not_told_again(dial, bank, wang, chen):
    phone = await dial()
    await phone.logs_in(wang)
    await asks_for(phone, chen, "1500*5#")
    await confirms(phone, chen)
    await phone.hears("order.pin")
    await bank.query(does, cast.transfer(wang, chen, 11_000))
    await bank.query(lambda: Instruction.objects.filter(state="executed").update(told_at=NOON))
    await phone.keys(wang.transaction_pin + "#")
    await phone.hears("menu.transfer.1")
    await phone.hangs_up()
    await hears_of_nothing_more(dial, bank, wang, "1")


# -- in doubt ----------------------------------------------------------------------------------


@pytest.fixture
def far(settings, monkeypatch):
    """The bank's books are elsewhere."""
    settings.BANK_CORE = "tests.cores.FarCore"
    core.default.cache_clear()
    yield lambda broken: monkeypatch.setattr(FarCore, "broken", broken)
    core.default.cache_clear()


@LANGUAGES
async def test_an_order_in_doubt_is_enquired_about_when_she_calls(
    far, dial, bank, wang, chen, language
):
    far("question")
    phone = await dial()
    await gives_her_password(phone, wang, chen, language)
    await phone.hears("order.unknown")
    await phone.hangs_up()

    again = await calls_again(dial, bank, wang, language)  # and still nobody knows
    await again.hears_next("untold.unknown", amount=AMOUNT)
    await again.hears("menu.personal.1")
    await again.hangs_up()
    await bank.settled()
    order = await bank.query(Instruction.objects.get)
    assert (order.state, order.told_at) == ("unknown", None)

    far("")
    third = await calls_again(dial, bank, wang, language)
    await third.hears_next("untold.void")
    await third.hears("menu.personal.1")
    await third.hangs_up()
    await bank.settled()
    order = await bank.query(Instruction.objects.get)
    assert (order.state, order.told_at is not None) == ("void", True)
    assert await balance(bank, wang) == wang.opening
    await hears_of_nothing_more(dial, bank, wang, language)


@LANGUAGES
async def test_an_order_whose_answer_was_lost_was_carried_out(
    far, dial, bank, wang, chen, language
):
    far("answer")
    phone = await dial()
    await gives_her_password(phone, wang, chen, language)
    await phone.hears("order.unknown")
    await phone.hangs_up()

    far("")
    again = await calls_again(dial, bank, wang, language)
    order = await bank.query(Instruction.objects.get)
    told = {"tail": chen.account_tail, "amount": AMOUNT, "receipt": order.receipt}
    await again.hears_next("untold.transfer", **told)
    await again.hears("menu.personal.1")
    assert await balance(bank, wang) == wang.opening - AMOUNT


# -- dropped -----------------------------------------------------------------------------------


@LANGUAGES
async def test_what_was_confirmed_and_not_carried_out_is_told(dial, bank, wang, chen, language):
    """As a worker leaves it that is killed, and finds her gone when it is back."""
    key = await bank.query(told_to, cast.transfer(wang, chen, 300))
    await bank.query(instructions.void, key=key, at=NOON)
    phone = await calls_again(dial, bank, wang, language)
    await phone.hears_next("untold.void")
    await phone.hears("menu.personal.1")
    await phone.hangs_up()
    await hears_of_nothing_more(dial, bank, wang, language)


async def test_what_she_dropped_before_her_yes_needs_no_telling(dial, bank, wang, chen):
    phone = await dial()
    await phone.logs_in(wang)
    await asks_for(phone, chen, "1500*5#")
    await phone.hears("confirm.ask")
    await phone.hangs_up()
    await bank.settled()
    assert (await bank.query(Instruction.objects.get)).state == "void"
    await hears_of_nothing_more(dial, bank, wang, "1")


# -- heard, and then it ended otherwise ----------------------------------------------------------


@LANGUAGES
async def test_one_accepted_for_later_that_could_not_be_debited(dial, bank, wang, chen, language):
    later = replace(cast.transfer(wang, chen, AMOUNT), speed="next_day")
    key = await bank.query(told_to, later)
    order = await bank.query(orders.execute, key=key, at=NOON)
    await bank.query(instructions.told, key=key, at=NOON)
    await hears_of_nothing_more(dial, bank, wang, language)
    await bank.query(does, cast.transfer(wang, chen, 11_000))
    await bank.query(lambda: Instruction.objects.filter(state="executed").update(told_at=NOON))
    assert await bank.query(orders.execute_due, at=order.due_at) == (0, 1)

    phone = await calls_again(dial, bank, wang, language)
    await phone.hears_next("untold.refused", amount=AMOUNT)
    await phone.hears_of("refused.insufficient_funds")
    await phone.hears("menu.personal.1")
    await phone.hangs_up()
    await bank.settled()
    order = await bank.query(Instruction.objects.get, key=key)
    assert order.told_at == NOON and order.turned_at and order.retold_at
    await hears_of_nothing_more(dial, bank, wang, language)


@LANGUAGES
@pytest.mark.parametrize(("city", "kind"), [(IN_THE_CITY, "interbank"), (IN_BEIJING, "remittance")])
async def test_one_that_another_bank_returned(dial, bank, wang, language, city, kind):
    def returned() -> Instruction:
        payee = cast.payee_elsewhere(wang, bank_code=city)
        request = InterbankTransfer if kind == "interbank" else Remittance
        order = does(request(payer_id=wang.account.pk, payee_id=payee.pk, amount=AMOUNT))
        instructions.told(key=order.key, at=NOON)
        with transaction.atomic():
            settling = SettlementOrder.objects.get()
            settlement.sent(settling, at=NOON)
            settlement.bounced(settling, "RJ02", at=NOON)
        return order

    order = await bank.query(returned)
    phone = await calls_again(dial, bank, wang, language)
    await phone.hears_next("enquiry.returned", day=NOON.date(), tail="6789", amount=AMOUNT)
    await phone.hears("order.receipt_again", receipt=order.receipt)
    await phone.hears("menu.personal.1")
    await phone.hangs_up()
    await hears_of_nothing_more(dial, bank, wang, language)


async def test_a_bill_that_its_biller_rejected_in_the_file(dial, bank, wang):
    def rejected() -> Instruction:
        cable = billers.all_kinds()["cable"]
        paid = BillPayment(
            payer_id=wang.account.pk, amount=Decimal(28), biller="CABLE", contract=CABLE
        )
        order = does(paid)
        instructions.told(key=order.key, at=NOON)  # that the day's file takes it along
        assert bill_files.write(cable, NOON.date(), at=NOON + timedelta(days=1))
        bills.settle(key=order.key, answer=Answer("rejected", "户号已销"), at=NOON)
        return order

    order = await bank.query(rejected)
    phone = await calls_again(dial, bank, wang, "1")
    told = {"tail": CABLE[-4:], "amount": Decimal(28), "receipt": order.receipt}
    await phone.hears_next("untold.bill_returned", **told)
    await phone.hears("menu.personal.1")
    await phone.hangs_up()
    await hears_of_nothing_more(dial, bank, wang, "1")
