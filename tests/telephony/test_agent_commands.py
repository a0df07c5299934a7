"""What an agent does with her caller: hold, retrieve, send to the IVR for a password, transfer."""

import asyncio
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from banking import core
from banking.models import Instruction
from calendars import clock
from routing.models import QueueEntry
from telephony import commands
from telephony.deeds import Deed
from telephony.models import Call, Command, Step
from telephony.worker.orders import Orders
from telephony.worker.waiting import TOGETHER_S
from tests import cast
from tests.telephony.talks import deeds, talk
from tests.telephony.test_commands import answered

pytestmark = pytest.mark.django_db(transaction=True)
Verb = Command.Verb


async def orders(bank, agent, verb: Verb, argument: str = "") -> Command:
    """The agent asks, and it is carried out."""
    call = await bank.query(Call.objects.get, ended_at=None)
    wish = await bank.query(
        commands.ask, call.pk, verb, argument=argument, by=agent.user, at=clock.now()
    )
    done = await answered(bank, wish)
    assert done.answer == Command.Answer.DONE
    return done


@pytest.fixture
async def agent(bank, lin):
    return await (await bank.seat(lin)).is_ready()


async def partner(bank, phone) -> str:
    """Whom her leg is joined with, once the switch has settled."""
    await bank.machine.settle()
    other = bank.machine.switch.channels[phone.call].partner
    return other.uuid if other else ""


# -- hold --------------------------------------------------------------------------------------


async def test_on_hold_she_hears_music_and_the_agent_a_tone(dial, bank, agent):
    phone = await dial()
    await talk(phone, agent)
    leg = agent.phone.call
    await orders(bank, agent, Verb.HOLD)
    await phone.phone.hears("calm-1")
    await agent.notices("playing")
    assert await partner(bank, phone) == ""
    assert await agent.state() == "held"
    await phone.phone.advance(90)  # it goes round and round
    await orders(bank, agent, Verb.RETRIEVE)
    await phone.phone.hears("bridged")
    assert await partner(bank, phone) == leg
    assert await agent.state() == "talking"
    await agent.hangs_up()
    await phone.hears("goodbye")
    await bank.settled()
    assert await deeds(bank) == [
        *(Deed.QUEUED, Deed.ANSWERED, Deed.HELD, Deed.RETRIEVED, Deed.AGENT_LEFT)
    ]


@pytest.mark.parametrize("gone", [True, False])
async def test_an_order_waits_no_longer_than_it_may_for_two_to_be_joined(dial, bank, agent, gone):
    """The leg is gone, or never is joined: the order goes on, and meets what is there."""
    phone = await dial()
    await talk(phone, agent)
    waiting = bank.worker.driver.calls[phone.call].waiting
    await waiting.together()  # they are
    waiting.leg = uuid4() if gone else UUID(phone.call)  # no leg of an agent's
    began = asyncio.get_running_loop().time()
    await waiting.together()
    waited = asyncio.get_running_loop().time() - began
    assert waited < TOGETHER_S if gone else waited >= TOGETHER_S
    waiting.leg = UUID(agent.phone.call)


async def test_orders_are_carried_out_in_the_order_given(dial, bank, agent):
    phone = await dial()
    await talk(phone, agent)
    call = await bank.query(Call.objects.get)
    at = clock.now()
    wishes = [
        await bank.query(commands.ask, call.pk, verb, by=agent.user, at=at)
        for verb in (Verb.HOLD, Verb.RETRIEVE, Verb.RETRIEVE, Verb.HOLD)
    ]
    answers = [(await answered(bank, wish)).answer for wish in wishes]
    assert answers == ["", "", Command.Answer.NOT_NOW, ""]
    assert await agent.state() == "held"


async def test_who_is_held_and_hangs_up_lets_her_agent_go(dial, bank, agent):
    phone = await dial()
    await talk(phone, agent)
    await orders(bank, agent, Verb.HOLD)
    await phone.hangs_up()
    await agent.notices("hangup")
    await agent.wraps_up()


async def test_an_agent_who_hangs_up_on_whom_she_holds(dial, bank, agent):
    phone = await dial()
    await talk(phone, agent)
    await orders(bank, agent, Verb.HOLD)
    await agent.hangs_up()
    await phone.hears("goodbye")
    await phone.is_hung_up()


async def test_held_through_a_take_over(dial, bank, agent):
    phone = await dial()
    await talk(phone, agent)
    leg = agent.phone.call
    await orders(bank, agent, Verb.HOLD)
    await phone.phone.hears("calm-1")
    await bank.stop_work()
    await bank.work()
    assert await partner(bank, phone) == ""
    await orders(bank, agent, Verb.RETRIEVE)
    await phone.phone.hears("bridged")
    assert await partner(bank, phone) == leg


async def test_whose_line_is_lost_while_she_holds_a_caller(dial, bank, agent):
    phone = await dial()
    await talk(phone, agent)
    await orders(bank, agent, Verb.HOLD)
    await phone.phone.hears("calm-1")
    await agent.loses_her_phone()
    await phone.hears("agent.reconnecting")
    await agent.has_her_phone()
    await agent.answers()
    await phone.phone.hears("bridged")


# -- to the IVR --------------------------------------------------------------------------------


async def test_she_gives_her_password_and_the_agent_hears_nothing_of_it(dial, bank, agent, wang):
    phone = await dial()
    await talk(phone, agent)
    leg = agent.phone.call
    await orders(bank, agent, Verb.TO_IVR, "identify")
    await phone.hears("agent.to_ivr")
    await phone.hears("identify.card")
    await phone.keys(wang.pan.reveal() + "#")
    await phone.hears("identify.pin")
    await phone.keys(wang.query_pin + "#")
    await phone.hears("agent.back")
    await phone.phone.hears("bridged")
    assert await partner(bank, phone) == leg
    noticed = [heard async for heard in noticed_by(agent)]
    assert not [heard for heard in noticed if heard.event == "dtmf"]
    assert not [f for heard in noticed for f in heard.files if "identify" in f]
    call = await bank.query(Call.objects.get)
    assert (call.customer_id, call.card_tail) == (wang.id, wang.card.last4)
    assert await deeds(bank) == [
        *(Deed.QUEUED, Deed.ANSWERED, Deed.TO_IVR, Deed.IDENTIFIED, Deed.PROVED)
    ]


async def noticed_by(agent):
    """Everything that her phone noticed so far."""
    await agent.phone.settle()
    while agent.phone._heard:
        yield agent.phone._heard.popleft()


async def test_who_is_known_is_asked_for_the_transaction_password_alone(dial, bank, agent, wang):
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("0")
    await agent.answers()
    await phone.phone.hears("bridged")
    await orders(bank, agent, Verb.TO_IVR, "transaction_pin")
    await phone.hears("order.pin")
    await phone.keys("135790#")
    await phone.hears("order.pin_wrong", left=2)
    await phone.keys(wang.transaction_pin + "#")
    await phone.hears("agent.back")
    await phone.phone.hears("bridged")
    assert (await deeds(bank))[-3:] == [Deed.TO_IVR, Deed.PIN_REFUSED, Deed.PROVED]
    assert not await bank.query(Step.objects.filter(keys__contains="135790").exists)


AMOUNT = Decimal(480)


# -- an order that her agent drafted ---------------------------------------------------------------


async def drafted(bank, who, payee, amount=AMOUNT) -> str:
    """As the agent's page does it; the key."""
    call = await bank.query(Call.objects.get, ended_at=None)
    key = uuid4()
    await bank.query(
        core.default().draft,
        key,
        cast.transfer(who, payee, amount),
        call_ref=str(call.uuid),
        at=clock.now(),
        channel="agent",
    )
    return str(key)


async def test_she_confirms_in_the_ivr_what_her_agent_drafted(dial, bank, agent, wang, chen):
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("0")
    await agent.answers()
    await phone.phone.hears("bridged")
    key = await drafted(bank, wang, chen)
    await orders(bank, agent, Verb.TO_IVR, key)
    await phone.hears("transfer.readback", tail=chen.account_tail, amount=AMOUNT, fee=Decimal(0))
    await phone.hears("confirm.ask")
    await phone.keys("1")
    await phone.hears("order.pin")
    await phone.keys(wang.transaction_pin + "#")
    await phone.hears("transfer.done", tail=chen.account_tail, amount=AMOUNT)
    await phone.hears("agent.back")
    await phone.phone.hears("bridged")
    order = await bank.query(Instruction.objects.get, key=key)
    assert (order.state, order.channel, order.told_at is not None) == ("executed", "agent", True)
    assert (await deeds(bank))[-4:] == [Deed.CONFIRMED, Deed.TRANSFERRED, Deed.TOLD, Deed.PROVED]


async def test_what_she_declines_is_void(dial, bank, agent, wang, chen):
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("0")
    await agent.answers()
    await phone.phone.hears("bridged")
    key = await drafted(bank, wang, chen)
    await orders(bank, agent, Verb.TO_IVR, key)
    await phone.hears("confirm.ask")
    await phone.keys("2")
    await phone.hears("order.cancelled")
    await phone.phone.hears("bridged")
    assert (await deeds(bank))[-2:] == [Deed.CANCELLED, Deed.NOT_PROVED]
    assert (await bank.query(Instruction.objects.get, key=key)).state == "void"


async def test_what_she_never_heard_is_void_when_she_hangs_up(dial, bank, agent, wang, chen):
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("0")
    await agent.answers()
    await phone.phone.hears("bridged")
    key = await drafted(bank, wang, chen)
    await phone.hangs_up()
    await bank.settled()
    assert (await bank.query(Instruction.objects.get, key=key)).state == "void"


async def test_a_command_that_fails_keeps_no_other_from_being_done(dial, bank, agent, monkeypatch):
    phone = await dial()
    await talk(phone, agent)

    async def breaks(*_arguments) -> None:
        raise LookupError("a fault of ours")

    monkeypatch.setattr(Orders, "_hold", breaks)
    call = await bank.query(Call.objects.get)
    wish = await bank.query(commands.ask, call.pk, Verb.HOLD, by=agent.user, at=clock.now())
    assert (await answered(bank, wish)).answer == Command.Answer.NOT_NOW
    await orders(bank, agent, Verb.TO_IVR, "transaction_pin")


async def test_nobody_confirms_what_was_drafted_for_another(dial, bank, agent, wang, chen):
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("0")
    await agent.answers()
    await phone.phone.hears("bridged")
    key = await drafted(bank, chen, wang, 20)
    await orders(bank, agent, Verb.TO_IVR, key)
    await phone.hears("agent.back")
    assert (await deeds(bank))[-1] == Deed.NOT_PROVED
    assert (await bank.query(Instruction.objects.get, key=key)).state == "read_back"
    await bank.query(core.default().void, UUID(key), at=clock.now())


@pytest.mark.parametrize("key", ["*", "0#", ""])
async def test_who_gives_no_password_is_back_with_her_agent(dial, bank, agent, wang, key):
    phone = await dial()
    await talk(phone, agent)
    await orders(bank, agent, Verb.TO_IVR, "identify")
    await phone.hears("identify.card")
    if key:
        await phone.keys(key)
    await phone.hears("agent.back")
    await phone.phone.hears("bridged")
    assert Deed.NOT_PROVED in await deeds(bank)


async def test_three_wrong_passwords_do_not_cost_her_the_agent(dial, bank, agent, wang):
    phone = await dial()
    await talk(phone, agent)
    await orders(bank, agent, Verb.TO_IVR, "identify")
    await phone.hears("identify.card")
    await phone.keys(wang.pan.reveal() + "#")
    for left in (2, 1):
        await phone.hears("identify.pin")
        await phone.keys("111222#")
        await phone.hears("identify.pin_wrong", left=left)
    await phone.hears("identify.pin")
    await phone.keys("111222#")
    await phone.hears("agent.back")
    await phone.phone.hears("bridged")
    assert (await deeds(bank))[-1] == Deed.NOT_PROVED


async def test_she_hangs_up_over_the_password(dial, bank, agent, wang):
    phone = await dial()
    await talk(phone, agent)
    await orders(bank, agent, Verb.TO_IVR, "identify")
    await phone.hears("identify.card")
    await phone.hangs_up()
    await agent.notices("hangup")
    await agent.wraps_up()


async def test_the_agent_hangs_up_while_she_keys(dial, bank, agent, wang):
    phone = await dial()
    await talk(phone, agent)
    await orders(bank, agent, Verb.TO_IVR, "identify")
    await phone.hears("identify.card")
    await agent.hangs_up()
    await phone.keys("*")
    await phone.hears("goodbye")
    await phone.is_hung_up()


@pytest.mark.parametrize(
    ("verb", "argument"),
    [
        *((Verb.HOLD, ""), (Verb.RETRIEVE, ""), (Verb.TRANSFER, "general")),
        (Verb.TO_IVR, "transaction_pin"),
    ],
)
async def test_while_she_keys_her_agent_can_only_wait_or_go(
    dial, bank, agent, wang, verb, argument
):
    phone = await dial()
    await talk(phone, agent)
    await orders(bank, agent, Verb.TO_IVR, "identify")
    await phone.hears("identify.card")
    call = await bank.query(Call.objects.get)
    wish = await bank.query(
        commands.ask, call.pk, verb, argument=argument, by=agent.user, at=clock.now()
    )
    assert (await answered(bank, wish)).answer == Command.Answer.NOT_NOW
    await phone.keys(wang.pan.reveal() + "#")
    await phone.hears("identify.pin")
    await phone.keys(wang.query_pin + "#")
    await phone.phone.hears("bridged")


async def test_the_agents_line_is_lost_while_she_keys(dial, bank, agent, wang):
    phone = await dial()
    await talk(phone, agent)
    await orders(bank, agent, Verb.TO_IVR, "identify")
    await phone.hears("identify.card")
    await agent.loses_her_phone()
    await agent.has_her_phone()
    await agent.is_rung()
    await agent.phone.answer()
    await agent.is_in("talking")
    await phone.keys(wang.pan.reveal() + "#")
    await phone.hears("identify.pin")
    await phone.keys(wang.query_pin + "#")
    await phone.hears("agent.back")
    await phone.phone.hears("bridged")


async def test_what_cannot_be_proved_is_refused(dial, bank, agent):
    phone = await dial()
    await talk(phone, agent)
    call = await bank.query(Call.objects.get)
    wish = await bank.query(
        commands.ask, call.pk, Verb.TO_IVR, argument="blood", by=agent.user, at=clock.now()
    )
    assert (await answered(bank, wish)).answer == Command.Answer.NOT_NOW
    assert await partner(bank, phone) == agent.phone.call


# -- transfer ----------------------------------------------------------------------------------


async def test_she_is_transferred_to_another_queue(dial, bank, agent, zhou):
    other = await (await bank.seat(zhou)).is_ready()
    phone = await dial()
    await talk(phone, agent)
    await orders(bank, agent, Verb.TRANSFER, "card")
    await phone.hears("agent.forwarded")
    await agent.notices("hangup")
    assert await agent.state() == "wrap_up"
    await other.answers()
    await phone.phone.hears("bridged")
    first, second = await bank.query(lambda: list(QueueEntry.objects.order_by("pk")))
    assert (first.outcome, first.answered_by_id) == ("answered", agent.user.pk)
    assert (second.after_id, second.answered_by_id) == (first.pk, zhou.pk)
    assert await deeds(bank) == [Deed.QUEUED, Deed.ANSWERED, Deed.FORWARDED, Deed.ANSWERED]


@pytest.mark.parametrize("queue", ["card", "nowhere"])
async def test_where_nobody_is_she_is_not_sent(dial, bank, agent, queue):
    phone = await dial()
    await talk(phone, agent)
    call = await bank.query(Call.objects.get)
    wish = await bank.query(
        commands.ask, call.pk, Verb.TRANSFER, argument=queue, by=agent.user, at=clock.now()
    )
    assert (await answered(bank, wish)).answer == Command.Answer.NO_QUEUE
    assert await partner(bank, phone) == agent.phone.call


async def test_hang_up_lets_the_agent_go_and_the_caller_hears_a_farewell(dial, bank, agent):
    phone = await dial()
    await talk(phone, agent)
    await orders(bank, agent, Verb.HANG_UP)
    await phone.hears("goodbye")
    await phone.is_hung_up()
    await agent.wraps_up()
