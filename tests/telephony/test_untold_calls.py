"""She hangs up and calls again: what became of her last order is the first that she hears."""

from decimal import Decimal

import pytest

from banking import core, instructions
from banking.models import Instruction
from telephony.deeds import Deed
from tests import cast
from tests.cast import NOON
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
