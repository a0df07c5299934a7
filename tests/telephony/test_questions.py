"""Every question: silence, too few keys, too many; what she hears, and where it leads."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from banking.models import Account, Instruction
from telephony.models import Call, CallbackRequest
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Question:
    """A question, how she gets there, and an answer that is too short and one that is too long."""

    prompt: str
    reach: Callable[..., Awaitable[None]]
    short: str
    long: str
    ends: str = "agent.callback_offer"  # where three failures lead

    def __str__(self) -> str:
        return self.prompt


async def to_the_card(phone, wang, chen) -> None:
    await phone.hears("menu.language.1")
    await phone.keys("1", "1")


async def to_the_password(phone, wang, chen) -> None:
    await to_the_card(phone, wang, chen)
    await phone.hears("identify.card")
    await phone.keys(wang.pan.reveal() + "#")


async def to_the_payee(phone, wang, chen) -> None:
    await phone.logs_in(wang)
    await phone.keys("2", "1")


async def to_the_payee_again(phone, wang, chen) -> None:
    await to_the_payee(phone, wang, chen)
    await phone.hears("transfer.payee_card")
    await phone.keys(chen.pan.reveal() + "#")


async def to_the_amount(phone, wang, chen) -> None:
    await to_the_payee_again(phone, wang, chen)
    await phone.hears("transfer.payee_card_again")
    await phone.keys(chen.pan.reveal() + "#")


async def to_the_confirmation(phone, wang, chen) -> None:
    await to_the_amount(phone, wang, chen)
    await phone.hears("transfer.amount")
    await phone.keys("100#")
    await phone.hears("transfer.now")
    await phone.keys("1")
    await phone.hears_of("transfer.readback")


async def to_the_transaction_password(phone, wang, chen) -> None:
    await to_the_confirmation(phone, wang, chen)
    await phone.hears("confirm.ask")
    await phone.keys("1")


async def to_the_lost_card(phone, wang, chen) -> None:
    await phone.hears("menu.language.1")
    await phone.keys("1", "5", "2")


async def to_the_id_number(phone, wang, chen) -> None:
    await to_the_lost_card(phone, wang, chen)
    await phone.hears("loss.card_or")
    await phone.keys(wang.pan.reveal() + "#")


async def to_the_call_back(phone, wang, chen) -> None:
    await phone.hears("menu.language.1")
    await phone.keys("0")
    await phone.hears("agent.callback_offer")
    await phone.keys("1")
    await phone.hears("agent.callback_number", number="13800136027")
    await phone.keys("2")


QUESTIONS = [
    Question("identify.card", to_the_card, "622202#", "6" * 20 + "#"),
    Question("identify.pin", to_the_password, "27491#", "2749161#", "goodbye"),
    Question("transfer.payee_card", to_the_payee, "62220#", "6" * 20 + "#"),
    Question("transfer.payee_card_again", to_the_payee_again, "62220#", "6" * 20 + "#"),
    Question("transfer.amount", to_the_amount, "#", "1" * 13 + "#"),
    Question("order.pin", to_the_transaction_password, "83052#", "8305271#", "goodbye"),
    Question("loss.card_or", to_the_lost_card, "62220#", "6" * 20 + "#"),
    Question("loss.id_number", to_the_id_number, "44030419#", "4" * 19 + "#"),
    Question("agent.callback_enter", to_the_call_back, "1380#", "1" * 18 + "#", "goodbye"),
]
EACH = pytest.mark.parametrize("question", QUESTIONS, ids=str)


@EACH
async def test_silence_three_times(dial, bank, wang, chen, question):
    phone = await dial()
    await question.reach(phone, wang, chen)
    for _ in range(2):
        await phone.hears_of(question.prompt)
        await phone.hears("entry.silence")
    await phone.hears("entry.silence")
    await phone.hears(question.ends)
    await nothing_was_done(bank, wang)


@EACH
@pytest.mark.parametrize("which", ["short", "long"])
async def test_an_entry_that_can_t_be_it_is_asked_for_again(
    dial, bank, wang, chen, question, which
):
    phone = await dial()
    await question.reach(phone, wang, chen)
    for _ in range(2):
        await phone.hears_of(question.prompt)
        await phone.keys(getattr(question, which))
        await phone.hears(f"entry.too_{which}")
    await phone.hears_of(question.prompt)
    await phone.keys(getattr(question, which))
    await phone.hears(f"entry.too_{which}")
    await phone.hears(question.ends)
    await nothing_was_done(bank, wang)


@EACH
async def test_without_the_hash_three_seconds_end_an_entry(dial, wang, chen, question):
    phone = await dial()
    await question.reach(phone, wang, chen)
    await phone.hears_of(question.prompt)
    before = phone.bank.exchange.now()
    await phone.keys(question.long.removesuffix("#"))
    await phone.hears("entry.too_long")
    assert 3 <= phone.bank.exchange.now() - before < 3.5


@EACH
async def test_the_star_leads_back(dial, bank, wang, chen, question):
    phone = await dial()
    await question.reach(phone, wang, chen)
    await phone.hears_of(question.prompt)
    await phone.keys("*")
    back_at = {
        "loss.card_or": "menu.complaints.1",
        "loss.id_number": "menu.complaints.1",
        "identify.card": "menu.root.1",
        "identify.pin": "menu.root.1",
        "agent.callback_enter": "menu.language.1",
    }.get(question.prompt, "menu.transfer.1")
    await phone.hears_next(back_at)
    await nothing_was_done(bank, wang)


@EACH
async def test_zero_and_the_hash_ask_for_a_person(dial, bank, wang, chen, question):
    phone = await dial()
    await question.reach(phone, wang, chen)
    await phone.hears_of(question.prompt)
    await phone.keys("0#")
    if question.prompt == "agent.callback_enter":  # that is where she is
        await phone.hears_next("goodbye")
    else:
        await phone.hears_next("agent.callback_offer")
        await phone.keys("*")
        await phone.phone.hears("playing")  # back at a menu, or at who she is
    await nothing_was_done(bank, wang)


async def nothing_was_done(bank, wang: cast.Person) -> None:
    await bank.machine.settle()
    account = await bank.query(Account.objects.get, pk=wang.account.pk)
    assert account.balance == wang.opening
    states = await bank.query(lambda: set(Instruction.objects.values_list("state", flat=True)))
    assert states <= {"void", "read_back"}
    assert not await bank.query(CallbackRequest.objects.exists)


# -- questions of one key ----------------------------------------------------------------------


async def test_silence_after_a_read_back_reads_it_again_then_leads_to_a_person(
    dial, bank, wang, chen
):
    phone = await dial()
    await to_the_confirmation(phone, wang, chen)
    for _ in range(3):
        await phone.hears("confirm.ask")
        await phone.hears_of("transfer.readback")
    await phone.hears("agent.callback_offer")
    await bank.settled()
    assert (await bank.query(Instruction.objects.get)).state == "void"


async def test_a_wrong_key_after_a_read_back_is_no_answer(dial, bank, wang, chen):
    phone = await dial()
    await to_the_confirmation(phone, wang, chen)
    await phone.hears("confirm.ask")
    await phone.keys("7")
    await phone.hears_of("transfer.readback")
    await phone.hears("confirm.ask")
    await phone.keys("*")
    await phone.hears("menu.transfer.1")
    await bank.settled()
    assert (await bank.query(Instruction.objects.get)).state == "void"


async def test_silence_at_the_language_is_mandarin(dial, bank, wang):
    phone = await dial()
    for _ in range(3):
        await phone.hears("menu.language.1")
    heard = await phone.phone.hears("menu.root.1")
    assert all("/zh/" in file for file in heard.files)


async def test_the_fourth_wrong_number_for_a_call_back(dial, bank, wang):
    phone = await dial()
    await to_the_call_back(phone, wang, None)
    for _ in range(3):
        await phone.hears("agent.callback_enter")
        await phone.keys("99999999999#")  # eleven digits that nobody has
        await phone.hears("agent.callback_invalid")
    await phone.hears("goodbye")
    await phone.is_hung_up()
    await bank.settled()
    assert (await bank.query(Call.objects.get)).outcome == Call.Outcome.DROPPED


async def test_back_from_the_offer_of_a_call_back_as_it_says(dial, bank, wang):
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("0")
    await phone.hears("agent.callback_offer")
    await phone.keys("*")
    await phone.hears_next("menu.personal.1")


async def test_a_number_that_is_withheld_is_asked_for(dial, bank, wang):
    phone = await dial(caller="anonymous")
    await phone.hears("menu.language.1")
    await phone.keys("0")
    await phone.hears("agent.callback_offer")
    await phone.keys("1")
    await phone.hears("agent.callback_enter")
    await phone.keys("13800136027#")
    await phone.hears_of("agent.callback_done")
    await phone.is_hung_up()
    assert (await bank.query(CallbackRequest.objects.get)).phone == "13800136027"


@pytest.mark.parametrize("caller", ["x" * 200, "'; DROP TABLE telephony_call; --", "+86 138 0013"])
async def test_a_caller_who_calls_herself_anything(dial, bank, wang, caller):
    phone = await dial(caller=caller)
    await phone.logs_in(wang)
    await bank.settled()
    assert (await bank.query(Call.objects.get)).caller == caller[:32]
