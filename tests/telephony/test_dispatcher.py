"""One dispatcher in the whole bank: another takes over, and its pulse can be read."""

import asyncio

import psycopg
import pytest
from django.conf import settings

from calendars import clock
from routing import floor
from routing.models import Dispatcher as Row
from telephony.ivr.signals import Interrupted
from telephony.worker.dispatch import NAME, Dispatcher
from telephony.worker.gateway import Gateway
from tests.telephony.conftest import SOON_S
from tests.telephony.talks import asks_for_a_person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def gateway():
    gateway = Gateway(threads=2)
    yield gateway
    await gateway.close()


async def decides(dispatcher: Dispatcher) -> None:
    """It runs a round that was asked for from now on."""
    before = dispatcher.rounds
    dispatcher.wake.set()
    async with asyncio.timeout(SOON_S):
        while dispatcher.rounds == before:
            await asyncio.to_thread(bool)


async def waits_for_the_lock() -> None:
    """Until a session stands by."""
    async with await psycopg.AsyncConnection.connect(
        settings.DATABASE_DIRECT_URL, autocommit=True
    ) as session:
        async with asyncio.timeout(SOON_S):
            while not await (await session.execute(WAITS, [NAME])).fetchone():
                pass


WAITS = """
    SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = %s AND wait_event = 'advisory'
"""


async def test_one_decides_and_the_next_takes_over(gateway):
    first, second = (Dispatcher(gateway, lambda: None) for _ in range(2))
    leads = asyncio.create_task(first.run())
    await decides(first)
    stands_by = asyncio.create_task(second.run())
    await waits_for_the_lock()
    await decides(first)
    assert second.rounds == 0
    leads.cancel()
    await asyncio.gather(leads, return_exceptions=True)
    await decides(second)
    stands_by.cancel()
    await asyncio.gather(stands_by, return_exceptions=True)


async def test_without_the_lock_both_would_decide(gateway, monkeypatch):
    """The control of the test above."""
    monkeypatch.setattr("telephony.worker.dispatch.LOCK", "SELECT %s::text")
    both = [Dispatcher(gateway, lambda: None) for _ in range(2)]
    tasks = [asyncio.create_task(one.run()) for one in both]
    for one in both:
        await decides(one)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_lost_session_is_a_lost_lead(gateway):
    dispatcher = Dispatcher(gateway, lambda: None)
    leads = asyncio.create_task(dispatcher.run())
    await decides(dispatcher)
    async with await psycopg.AsyncConnection.connect(
        settings.DATABASE_DIRECT_URL, autocommit=True
    ) as session:
        await session.execute(END, [NAME])
    dispatcher.wake.set()
    with pytest.raises(Interrupted):
        await leads


END = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = %s
"""


async def test_it_says_that_it_lives(dial, bank, lin):
    await bank.seat(lin)
    phone = await dial()
    await asks_for_a_person(phone)
    await decides(bank.worker.driver.dispatcher)
    row = await bank.query(Row.objects.get)
    assert row.rounds
    assert (await bank.query(floor.pulse, clock.now())).ok


async def test_an_agent_who_is_ready_wakes_it_through_the_database(dial, bank, lin, monkeypatch):
    """NOTIFY alone: with no tick at all she is rung."""
    monkeypatch.setattr("telephony.worker.dispatch.TICK_S", 3600.0)
    monkeypatch.setattr("telephony.worker.agents.TICK_S", 3600.0)
    agent = await bank.seat(lin)
    await decides(bank.worker.driver.dispatcher)  # and sleeps without a tick from here on
    phone = await dial()
    await asks_for_a_person(phone)
    await agent.is_ready()
    await agent.answers()
    await phone.phone.hears("bridged")
