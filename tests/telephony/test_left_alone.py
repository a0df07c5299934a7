"""The worker dies in the middle of a call and none comes: what she was promised comes true."""

import asyncio
import threading
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import OperationalError

from routing.models import QueueEntry, Reservation
from telephony import records
from telephony.models import Leg
from telephony.simswitch.phone import NeverHeard
from telephony.worker import agents, fallback
from tests.telephony.conftest import SOON_S
from tests.telephony.talks import asks_for_a_person
from tests.telephony.test_agent_commands import Verb, orders

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def sweeps_at_once(monkeypatch) -> None:
    monkeypatch.setattr(fallback, "SWEEP_S", 0.01)


def notices(bank, phone) -> list[float]:
    """When she is to hear the notice, in the switch's time: once, or never."""
    tasks = bank.machine.switch.tasks._tasks.values()
    return [task.timer.at for task in tasks if task.group == phone.call]


async def until(bank, fact: Callable[[], bool]) -> None:
    """Wait, while the switch's clock stands, until what the worker sends has had this effect."""
    async with asyncio.timeout(SOON_S):
        while not fact():
            await bank.worker.driver.switch.api("version")


async def is_promised_the_notice(bank):
    await bank.work(notice_after_s=fallback.AFTER_S)
    phone = await bank.dial()
    await phone.hears("menu.language.1")
    await until(bank, lambda: notices(bank, phone))
    return phone


async def test_nobody_goes_on_and_she_hears_so(unmanned):
    phone = await is_promised_the_notice(unmanned)
    await unmanned.stop_work()
    await phone.hears("nobody.drives", within_s=40)


async def test_a_slow_database_leaves_no_caller_to_the_notice(unmanned, monkeypatch):
    """She is picked up before anything is written of her; the promise holds meanwhile."""
    written, open_call = threading.Event(), records.open_call

    def slowly(*what, **how):
        assert written.wait(SOON_S)
        return open_call(*what, **how)

    monkeypatch.setattr(records, "open_call", slowly)
    await unmanned.work(notice_after_s=fallback.AFTER_S)
    phone = await unmanned.dial()
    [by_the_dialplan] = notices(unmanned, phone)
    await until(unmanned, lambda: notices(unmanned, phone) > [by_the_dialplan])
    await phone.phone.advance(10, wait=False)
    written.set()
    await phone.hears("menu.language.1")


async def test_whose_row_cannot_be_written_hears_the_notice_soon(unmanned, monkeypatch):
    tries = []

    def never(*what, **how):
        tries.append(what)
        raise OperationalError("no answer")

    await unmanned.work(notice_after_s=fallback.AFTER_S)
    monkeypatch.setattr(records, "open_call", never)
    phone = await unmanned.dial()
    soon = notices(unmanned, phone)
    await until(unmanned, lambda: len(tries) == 2 and notices(unmanned, phone) == soon)
    await phone.phone.advance(2, wait=False)
    await phone.hears("nobody.drives")


async def test_without_the_promise_she_would_hear_nothing(unmanned):
    await unmanned.work(notice_after_s=0)
    phone = await unmanned.dial()
    await phone.hears("menu.language.1")
    await unmanned.stop_work()
    with pytest.raises(NeverHeard):
        await phone.hears("nobody.drives", within_s=40)


async def test_a_worker_that_is_back_in_time_goes_on_with_her(unmanned):
    phone = await is_promised_the_notice(unmanned)
    await unmanned.stop_work()
    await phone.phone.advance(20)
    await unmanned.work()
    await phone.hears("system.recovered")
    await phone.hears_next("menu.language.1")
    assert notices(unmanned, phone) == []
    await phone.keys("1")
    await phone.hears("menu.root.1")


async def test_while_the_worker_lives_the_notice_is_put_off(unmanned, monkeypatch):
    monkeypatch.setattr(fallback, "PUT_OFF_S", 0)
    phone = await is_promised_the_notice(unmanned)
    [first] = notices(unmanned, phone)
    await phone.phone.advance(2)
    await until(unmanned, lambda: notices(unmanned, phone) == [first + 2])


async def test_with_an_agent_on_the_line_none_is_promised(unmanned):
    phone = await is_promised_the_notice(unmanned)
    unmanned.worker.driver.calls[phone.call].line.given = True
    await until(unmanned, lambda: notices(unmanned, phone) == [])


async def test_she_who_is_let_go_hears_the_notice_out(unmanned):
    phone = await is_promised_the_notice(unmanned)
    await unmanned.worker.driver._let_go(phone.call)
    await phone.hears("nobody.drives", within_s=1)
    assert notices(unmanned, phone) == []


# -- with an agent -----------------------------------------------------------------------------


async def test_who_waits_and_hears_the_notice_is_rung_for_no_more(unmanned, lin):
    agent = await unmanned.seat(lin)
    await unmanned.work(notice_after_s=fallback.AFTER_S)
    phone = await unmanned.dial()
    await asks_for_a_person(phone)
    await until(unmanned, lambda: notices(unmanned, phone))
    await unmanned.stop_work()
    await phone.hears("nobody.drives", within_s=40)
    await agent.is_ready()
    await unmanned.work()
    await unmanned.settled()
    assert (await unmanned.query(QueueEntry.objects.get)).outcome == "abandoned"
    assert await agent.state() == "ready"


async def test_who_talks_talks_on_without_a_worker(unmanned, lin):
    agent = await unmanned.seat(lin)
    await unmanned.work(notice_after_s=fallback.AFTER_S)
    await agent.is_ready()
    phone = await unmanned.dial()
    await asks_for_a_person(phone)
    await agent.answers()
    await until(unmanned, lambda: not notices(unmanned, phone))
    await unmanned.stop_work()
    await phone.phone.advance(300, wait=False)
    assert unmanned.machine.switch.channels[phone.call].partner.uuid == agent.phone.call


# -- on hold, or left by her agent -------------------------------------------------------------


async def talks(bank, lin, *, notice_after_s: float = fallback.AFTER_S):
    """Somebody talks to 林晓, and no notice is promised."""
    agent = await bank.seat(lin)
    await bank.work(notice_after_s=notice_after_s)
    await agent.is_ready()
    phone = await bank.dial()
    await asks_for_a_person(phone)
    await agent.answers()
    await until(bank, lambda: not notices(bank, phone))
    return phone, agent


async def test_on_hold_she_is_promised_it_and_no_more_when_they_talk_again(unmanned, lin):
    phone, agent = await talks(unmanned, lin)
    await orders(unmanned, agent, Verb.HOLD)
    await until(unmanned, lambda: notices(unmanned, phone))
    await orders(unmanned, agent, Verb.RETRIEVE)
    await until(unmanned, lambda: not notices(unmanned, phone))
    await unmanned.stop_work()
    await phone.phone.advance(300, wait=False)
    assert unmanned.machine.switch.channels[phone.call].partner.uuid == agent.phone.call


async def test_on_hold_she_hears_the_notice_and_her_agent_is_let_go(unmanned, lin):
    phone, agent = await talks(unmanned, lin)
    await orders(unmanned, agent, Verb.HOLD)
    await until(unmanned, lambda: notices(unmanned, phone))
    await unmanned.stop_work()
    await phone.hears("nobody.drives", within_s=40)
    await unmanned.work()
    await agent.is_in("wrap_up")
    assert (await unmanned.query(QueueEntry.objects.get)).outcome == "answered"


async def test_on_hold_she_waits_for_a_worker_that_is_back_in_time(unmanned, lin):
    phone, agent = await talks(unmanned, lin)
    await orders(unmanned, agent, Verb.HOLD)
    await until(unmanned, lambda: notices(unmanned, phone))
    await unmanned.stop_work()
    await phone.phone.advance(20, wait=False)
    await unmanned.work(notice_after_s=fallback.AFTER_S)
    await orders(unmanned, agent, Verb.RETRIEVE)
    await agent.is_in("talking")
    assert notices(unmanned, phone) == []


async def test_held_as_soon_as_she_was_answered_she_has_the_promise_too(unmanned, lin, monkeypatch):
    """Joining took back what she was promised at pick-up: the hold promises anew."""
    monkeypatch.setattr(fallback, "SWEEP_S", 3_600)
    phone, agent = await talks(unmanned, lin)
    await until(unmanned, lambda: not notices(unmanned, phone))
    await orders(unmanned, agent, Verb.HOLD)
    await until(unmanned, lambda: notices(unmanned, phone))


async def test_left_by_her_agent_while_nobody_drives_she_hears_the_notice(unmanned, lin):
    phone, agent = await talks(unmanned, lin)
    await unmanned.stop_work()
    await agent.hangs_up()
    await phone.hears("nobody.drives", within_s=40)


async def test_left_by_her_agent_while_a_worker_leads_she_hears_a_farewell_alone(unmanned, lin):
    phone, agent = await talks(unmanned, lin)
    await agent.hangs_up()
    await phone.hears("goodbye")
    await phone.is_hung_up()
    await agent.wraps_up()


@pytest.mark.parametrize("held", [False, True])
async def test_who_hung_up_while_nobody_drove_is_joined_no_more(unmanned, lin, held):
    phone, agent = await talks(unmanned, lin)
    if held:
        await orders(unmanned, agent, Verb.HOLD)
    await unmanned.stop_work()
    await agent.hangs_up()
    await unmanned.work()
    await phone.hears("goodbye")
    await phone.is_hung_up()
    await agent.is_in("wrap_up")
    reservation = await unmanned.query(Reservation.objects.get)
    assert reservation.end == "answered"
    assert await unmanned.query(Leg.objects.filter(kind="agent").count) == 1  # rung once


async def test_whose_line_was_lost_while_nobody_drove_is_rung_again(unmanned, lin):
    phone, agent = await talks(unmanned, lin)
    await unmanned.stop_work()
    await agent.loses_her_phone()
    await agent.has_her_phone()
    await unmanned.work()
    await phone.hears("agent.reconnecting")
    await agent.answers()
    await phone.phone.hears("bridged")


async def test_the_end_of_another_agents_leg_is_not_hers(unmanned, lin):
    """What an earlier leg said is no word of this one: unknown, so she is rung again."""
    phone, agent = await talks(unmanned, lin)
    await unmanned.stop_work()
    channels = unmanned.machine.switch.channels
    channels[agent.phone.call].set("api_hangup_hook", None)
    channels[phone.call].set(agents.ENDED, f"{uuid4()} NORMAL_CLEARING")
    await agent.hangs_up()
    await unmanned.work()
    await agent.answers()
    await phone.phone.hears("bridged")
