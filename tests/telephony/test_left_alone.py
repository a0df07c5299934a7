"""The worker dies in the middle of a call and none comes: what she was promised comes true."""

import asyncio
from collections.abc import Callable

import pytest

from routing.models import QueueEntry
from telephony.simswitch.phone import NeverHeard
from telephony.worker import fallback
from tests.telephony.conftest import SOON_S
from tests.telephony.talks import asks_for_a_person

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
