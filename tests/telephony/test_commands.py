"""What pages ask of a call: done in order, once, by whoever leads, and never when it is stale."""

import asyncio
from datetime import timedelta

import pytest

from calendars import clock
from people.models import User
from telephony import commands
from telephony.models import Call, Command
from tests.telephony.conftest import SOON_S

pytestmark = pytest.mark.django_db(transaction=True)
Verb = Command.Verb


@pytest.fixture
def clerk(books) -> User:
    return User.objects.create_user(username="2001", name="李静")


async def a_call(phone) -> Call:
    """Her call, as far as its main menu."""
    await phone.hears("menu.language.1")
    await phone.keys("1")
    await phone.hears("menu.root.1")
    return await phone.bank.query(Call.objects.get, ended_at=None)


async def ask(bank, call: Call, verb: Verb, by: User) -> Command:
    return await bank.query(commands.ask, call.pk, verb, by=by, at=clock.now())


async def answered(bank, command: Command) -> Command:
    """The command once it is answered, while the clock stands."""
    async with asyncio.timeout(SOON_S):
        while True:
            found = await bank.query(Command.objects.get, pk=command.pk)
            if found.done_at:
                return found


async def test_a_page_hangs_up_and_the_record_says_the_bank_did(dial, bank, clerk):
    phone = await dial()
    call = await a_call(phone)
    done = await answered(bank, await ask(bank, call, Verb.HANG_UP, clerk))
    await phone.is_hung_up()
    await bank.settled()
    call = await bank.query(Call.objects.get)
    assert call.ended_by == Call.EndedBy.BANK
    assert call.end_cause == "NORMAL_CLEARING"
    assert done.answer == ""
    assert done.leased_epoch == bank.worker.driver.lead.epoch


@pytest.mark.parametrize("verb", [Verb.HOLD, Verb.RETRIEVE, Verb.TRANSFER, Verb.TO_IVR])
async def test_without_an_agent_nobody_is_held_or_sent_anywhere(dial, bank, clerk, verb):
    phone = await dial()
    call = await a_call(phone)
    done = await answered(bank, await ask(bank, call, verb, clerk))
    assert done.answer == Command.Answer.NO_AGENT
    await phone.keys("5")
    await phone.hears("menu.complaints.2")  # she did not notice


async def test_a_stale_wish_is_not_carried_out(dial, bank, clerk):
    phone = await dial()
    call = await a_call(phone)
    await bank.worker.driver.batch.flush()
    await bank.stop_work()
    command = await ask(bank, call, Verb.HANG_UP, clerk)
    await phone.phone.advance(commands.GOOD_FOR.total_seconds() + 1, wait=False)
    await bank.work()
    assert (await answered(bank, command)).answer == Command.Answer.TOO_LATE
    await phone.hears("system.recovered")  # she was not cut off


async def test_what_was_asked_while_nobody_led_is_done_by_who_leads_next(dial, bank, clerk):
    phone = await dial()
    call = await a_call(phone)
    await bank.stop_work()
    command = await ask(bank, call, Verb.HANG_UP, clerk)
    await bank.work()
    assert (await answered(bank, command)).leased_epoch == bank.worker.driver.lead.epoch
    await phone.is_hung_up()


async def test_a_wish_that_its_worker_took_with_it_is_done_once_after_the_take_over(
    dial, bank, clerk
):
    """Leased, not answered: the next epoch leases it again, this one's own leases it keeps."""
    phone = await dial()
    call = await a_call(phone)
    await bank.worker.driver.batch.flush()
    epoch = bank.worker.driver.lead.epoch
    await bank.stop_work()
    command = await ask(bank, call, Verb.HANG_UP, clerk)
    (wish,) = await bank.query(commands.lease, "node1", epoch)
    assert wish.id == command.pk
    assert await bank.query(commands.lease, "node1", epoch) == []  # within an epoch, once
    await bank.work()
    done = await answered(bank, command)
    await phone.is_hung_up()
    assert done.leased_epoch == epoch + 1
    assert await bank.query(commands.lease, "node1", epoch + 2) == []  # answered: never again


async def test_without_its_lease_a_wish_would_be_done_again(dial, bank, clerk):
    """The control of the test above."""
    phone = await dial()
    call = await a_call(phone)
    await bank.stop_work()
    await ask(bank, call, Verb.HOLD, clerk)
    assert len(await bank.query(commands.lease, "node1", 7)) == 1
    assert len(await bank.query(commands.lease, "node1", 7)) == 0
    await bank.query(Command.objects.update, leased_epoch=None)
    assert len(await bank.query(commands.lease, "node1", 7)) == 1


async def test_an_answer_is_given_once(dial, bank, clerk):
    phone = await dial()
    call = await a_call(phone)
    await bank.stop_work()
    command = await ask(bank, call, Verb.HOLD, clerk)
    at = clock.now()
    said, late = Command.Answer.DONE, Command.Answer.TOO_LATE
    await bank.query(commands.answer, command.pk, said, at=at)
    await bank.query(commands.answer, command.pk, late, at=at + timedelta(seconds=5))
    found = await bank.query(Command.objects.get)
    assert (found.answer, found.done_at) == ("", at)


async def test_nothing_is_asked_of_a_call_that_is_over(dial, bank, clerk):
    phone = await dial()
    call = await a_call(phone)
    await phone.hangs_up()
    await bank.settled()
    with pytest.raises(commands.CallOver):
        await ask(bank, call, Verb.HANG_UP, clerk)


async def test_a_call_that_ends_before_its_wish_is_done(dial, bank, clerk):
    phone = await dial()
    call = await a_call(phone)
    await bank.stop_work()
    command = await ask(bank, call, Verb.HANG_UP, clerk)
    await phone.hangs_up()
    await bank.work()
    done = await answered(bank, command)
    assert done.answer == Command.Answer.CALL_OVER
    await bank.settled()
    assert (await bank.query(Call.objects.get)).end_estimated


async def test_another_nodes_commands_are_left_to_it(dial, bank, clerk):
    phone = await dial()
    call = await a_call(phone)
    await bank.stop_work()
    await ask(bank, call, Verb.HANG_UP, clerk)
    assert await bank.query(commands.lease, "node2", 9) == []
