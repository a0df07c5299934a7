"""A whole flow that no agent may hear: she is handed to the IVR for it, and comes back to her."""

import pytest

from banking import pins
from banking.access import DEFAULTS, Name
from banking.models import Card
from banking.models.customers import Purpose
from banking.secret import Secret
from calendars import clock
from telephony import commands
from telephony.deeds import Deed
from telephony.ivr import registry
from telephony.models import Call, Command, Step
from tests.telephony.talks import deeds
from tests.telephony.test_agent_commands import noticed_by, orders, partner
from tests.telephony.test_commands import answered

pytestmark = pytest.mark.django_db(transaction=True)
Verb = Command.Verb

NEW = "590318"
QUERY, TRANSACTION = "change-query-password", "change-transaction-password"


@pytest.fixture
async def agent(bank, lin):
    return await (await bank.seat(lin)).is_ready()


@pytest.fixture(params=["1", "3"], ids=["zh", "en"])
def language(request) -> str:
    """The key that she chooses it by."""
    return request.param


async def comes_to(agent, phone, who, language: str = "1") -> str:
    """Identified, and with the agent: the agent's leg."""
    await phone.logs_in(who, language=language)
    await phone.keys("0")
    await agent.answers()
    await phone.phone.hears("bridged")
    phone.forgets()
    return agent.phone.call


async def keys_twice(phone, prompt: str, pin: str) -> None:
    await phone.hears(prompt)
    await phone.keys(pin + "#")
    await phone.hears("password.again")
    await phone.keys(pin + "#")


def works(who, pin: str, purpose: Purpose) -> bool:
    return pins.is_right(Card.objects.get(pk=who.card.pk), Secret(pin), purpose)


async def test_she_changes_her_query_password_and_is_back(dial, bank, agent, wang, language):
    phone = await dial()
    leg = await comes_to(agent, phone, wang, language)
    await orders(bank, agent, Verb.TO_IVR, QUERY)
    await phone.hears("agent.to_ivr")
    await keys_twice(phone, "password.new_query", "111111")
    await phone.hears("password.weak_repeats")
    await keys_twice(phone, "password.new_query", NEW)
    await phone.hears("password.done_query")
    await phone.hears("agent.back")
    await phone.phone.hears("bridged")
    assert await partner(bank, phone) == leg
    assert await bank.query(works, wang, NEW, Purpose.QUERY)
    assert (await deeds(bank))[-3:] == [Deed.TO_IVR, Deed.PIN_CHANGED, Deed.PROVED]
    assert not [heard async for heard in noticed_by(agent) if heard.event == "dtmf"]
    assert not await bank.query(Step.objects.filter(keys__contains=NEW).exists)


async def test_she_changes_her_transaction_password_and_is_back(dial, bank, agent, wang, language):
    phone = await dial()
    leg = await comes_to(agent, phone, wang, language)
    await orders(bank, agent, Verb.TO_IVR, TRANSACTION)
    await phone.hears("password.old_first")
    await phone.hears("order.pin")
    await phone.keys("135790#")
    await phone.hears("order.pin_wrong", left=2)
    await phone.keys(wang.transaction_pin + "#")
    await keys_twice(phone, "password.new_transaction", NEW)
    await phone.hears("password.done_transaction")
    await phone.phone.hears("bridged")
    assert await partner(bank, phone) == leg
    assert await bank.query(works, wang, NEW, Purpose.TRANSACTION)
    assert (await deeds(bank))[-4:] == [
        *(Deed.TO_IVR, Deed.PIN_REFUSED, Deed.PIN_CHANGED, Deed.PROVED)
    ]


async def test_who_is_unknown_proves_herself_first(dial, bank, agent, wang):
    phone = await dial()
    await phone.hears("menu.language.1")
    await phone.keys("1", "0")
    await agent.answers()
    await phone.phone.hears("bridged")
    phone.forgets()
    await orders(bank, agent, Verb.TO_IVR, QUERY)
    await phone.hears("identify.card")
    await phone.keys(wang.pan.reveal() + "#")
    await phone.hears("identify.pin")
    await phone.keys(wang.query_pin + "#")
    await keys_twice(phone, "password.new_query", NEW)
    await phone.phone.hears("bridged")
    assert await bank.query(works, wang, NEW, Purpose.QUERY)


@pytest.mark.parametrize("key", ["*", "0#", ""])
async def test_who_gives_it_up_is_back_with_her_agent(dial, bank, agent, wang, key):
    """Alone she would be hung up on, where she keys nothing; her agent is still there."""
    phone = await dial()
    leg = await comes_to(agent, phone, wang)
    await orders(bank, agent, Verb.TO_IVR, QUERY)
    await phone.hears("password.new_query")
    if key:
        await phone.keys(key)
    await phone.hears("agent.back")
    await phone.phone.hears("bridged")
    assert await partner(bank, phone) == leg
    assert (await deeds(bank))[-1] == Deed.NOT_PROVED
    assert await bank.query(works, wang, wang.query_pin, Purpose.QUERY)


async def test_a_locked_password_is_told_and_she_is_back(dial, bank, agent, wang):
    phone = await dial()
    await comes_to(agent, phone, wang)
    await orders(bank, agent, Verb.TO_IVR, TRANSACTION)
    for _try in range(DEFAULTS[Name.IN_ALL]):
        await phone.hears("order.pin")
        await phone.keys("135790#")
    await phone.hears("order.pin_locked")
    await phone.hears("agent.back")
    await phone.phone.hears("bridged")
    assert (await deeds(bank))[-2:] == [Deed.PIN_LOCKED, Deed.NOT_PROVED]


async def test_she_hangs_up_over_the_new_password(dial, bank, agent, wang):
    phone = await dial()
    await comes_to(agent, phone, wang)
    await orders(bank, agent, Verb.TO_IVR, QUERY)
    await phone.hears("password.new_query")
    await phone.keys(NEW + "#")
    await phone.hears("password.again")
    await phone.hangs_up()
    await agent.notices("hangup")
    await agent.wraps_up()
    assert await bank.query(works, wang, wang.query_pin, Purpose.QUERY)


async def test_only_what_no_agent_may_hear_is_handed_over(dial, bank, agent, wang):
    phone = await dial()
    leg = await comes_to(agent, phone, wang)
    call = await bank.query(Call.objects.get)
    for name in sorted(registry.names()):
        if registry.find(name).unheard:
            continue
        wish = await bank.query(
            commands.ask, call.pk, Verb.TO_IVR, argument=name, by=agent.user, at=clock.now()
        )
        assert (await answered(bank, wish)).answer == Command.Answer.NOT_NOW, name
    assert await partner(bank, phone) == leg


async def test_alone_and_without_a_word_the_call_ends(dial, bank, wang):
    """No agent takes a password (domain.md §1)."""
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("5")
    await phone.hears("menu.settings.2")
    await phone.keys("2")
    await phone.hears("password.new_query")
    await phone.is_hung_up()
