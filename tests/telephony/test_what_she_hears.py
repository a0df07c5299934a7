"""A whole call as she hears it: no silence but where a key is awaited, and nothing said twice."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from telephony.simswitch.phone import Heard, Phone
from tests.telephony.conftest import PASSWORD
from tests.telephony.test_transfer_call import AMOUNT

pytestmark = pytest.mark.django_db(transaction=True)
LONGEST_SILENCE_S = 2.0  # interface.md, "What the caller hears"


@asynccontextmanager
async def listening(bank) -> AsyncIterator[list[Heard]]:
    """Another phone that hears all; what it heard is in the list after the block."""
    heard: list[Heard] = []
    async with Phone.connect(bank.exchange.phone_port, PASSWORD) as ear:
        await ear.subscribe()
        yield heard
        await ear.ask("clock")  # all that was said before has been read
        heard += ear._heard


def silences(heard: list[Heard], pressed: list[float]) -> list[tuple[float, str]]:
    """Seconds in which nothing was played, and what ended each; until a key is pressed it is
    the caller whom the bank waits for."""
    found, quiet_since = [], None
    for one in heard:
        if one.event == "playing" and quiet_since is not None:
            keyed = max((at for at in pressed if at <= one.at), default=0.0)
            found.append((one.at - max(quiet_since, keyed), one.files[0]))
            quiet_since = None
        elif one.event in ("answered", "played"):
            quiet_since = one.at
    return found


async def answers(phone, question: str, keys: str, **values) -> None:
    """She hears a question out, thinks for half a second, and keys her answer."""
    await phone.hears(question, **values)
    await phone.phone.hears("played")
    await phone.phone.advance(0.5)
    await phone.keys(keys)


async def conversation(phone, wang, chen) -> None:
    """Balance, last five, a transfer to its receipt, back, an agent: nobody interrupts."""
    await answers(phone, "menu.language.3", "1")
    await answers(phone, "menu.hint", "1")
    await answers(phone, "identify.card", wang.pan.reveal() + "#")
    await answers(phone, "identify.pin", wang.query_pin + "#")
    await answers(phone, "menu.personal.5", "1")
    await answers(phone, "menu.accounts.2", "1")
    await phone.hears("balance.same", tail=wang.account_tail, balance=wang.opening)
    await answers(phone, "menu.accounts.2", "2")
    await phone.hears("transactions.end")
    await answers(phone, "menu.accounts.2", "*")
    await answers(phone, "menu.personal.5", "2")
    await answers(phone, "menu.transfer.1", "1")
    await answers(phone, "transfer.payee_card", chen.pan.reveal() + "#")
    await answers(phone, "transfer.payee_card_again", chen.pan.reveal() + "#")
    await answers(phone, "transfer.amount", "1500*5#")
    await answers(phone, "transfer.next_day", "1")
    await answers(phone, "confirm.ask", "1")
    await answers(phone, "order.pin", wang.transaction_pin + "#")
    await phone.hears("transfer.done", tail=chen.account_tail, amount=AMOUNT)
    await answers(phone, "menu.transfer.1", "0")
    await answers(phone, "agent.callback_offer", "1")
    await answers(phone, "agent.callback_number", "1", number="13800136027")
    await phone.is_hung_up()


async def test_no_silence_is_longer_than_two_seconds(dial, bank, wang, chen):
    async with listening(bank) as heard:
        phone = await dial()
        await conversation(phone, wang, chen)
    found = silences(heard, phone.pressed)
    assert len(found) > 15
    assert [silence for silence in found if silence[0] > LONGEST_SILENCE_S] == []


async def test_a_silence_would_be_found(dial, bank, wang):
    """The control: five seconds at a question, for a caller who says nothing."""
    async with listening(bank) as heard:
        phone = await dial()
        await phone.hears("menu.language.1")
        await phone.keys("1")
        await phone.hears("entry.silence")
    assert max(silence for silence, _ in silences(heard, phone.pressed)) > LONGEST_SILENCE_S
