"""kill -9 of the worker with callers queued and talking; each worker is a process of its own."""

import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

import pytest

from calendars.clock import SHANGHAI
from routing.models import QueueEntry
from telephony.models import Call
from tests.telephony.talks import asks_for_a_person, talk
from tests.telephony.test_killed import Hand, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def opens_at() -> datetime:
    """The workers go by the machine's clock, and so does who is signed in."""
    return datetime.now(SHANGHAI)


@pytest.fixture
async def employ(unmanned) -> AsyncIterator[Callable[[], Awaitable[Hand]]]:
    """Start a worker; while one leads, the next stands by."""
    hands: list[Hand] = []

    async def employ() -> Hand:
        hands.append(await Hand.hire(drain_s=0))
        await hands[-1].says("leading", "standing by", within_s=60)
        return hands[-1]

    yield employ
    for hand in hands:
        await hand.dismissed()


@pytest.fixture
def bank(unmanned):
    return unmanned


async def test_queued_and_talking_callers_go_on_with_who_stands_by(employ, dial, bank, lin):
    first = await employ()
    await first.leads()
    second = await employ()
    agent = await (await bank.seat(lin)).is_ready()
    talks, waits = await dial(), await dial(caller="13900139000")
    await talk(talks, agent)
    await asks_for_a_person(waits)
    await waits.hears("agent.wait_hint")
    await until(bank, lambda: Call.objects.filter(language_chosen=True).count() == 2)
    entered_at = await bank.query(entered)

    await first.killed()
    await second.leads()
    await waits.hears("system.recovered")
    await waits.hears_next("agent.next")  # nobody else waits, and she has not been sent back
    assert bank.machine.switch.channels[talks.call].partner.uuid == agent.phone.call
    assert await bank.query(entered) == entered_at

    await agent.hangs_up()
    await talks.hears_next("goodbye")
    await talks.is_hung_up()
    await agent.wraps_up()
    await agent.answers()
    await waits.phone.hears("bridged")


def entered() -> list:
    return list(QueueEntry.objects.order_by("pk").values_list("entered_at", "credited_at"))


async def test_killed_while_it_rings_and_the_phone_is_answered(employ, dial, bank, lin):
    first = await employ()
    await first.leads()
    agent = await (await bank.seat(lin)).is_ready()
    phone = await dial()
    await asks_for_a_person(phone)
    await agent.is_rung()
    await first.killed()
    await agent.phone.answer()
    await (await employ()).leads()
    await agent.notices("bridged")
    await phone.phone.hears("bridged")


async def test_told_to_go_it_leaves_both_to_who_stands_by(employ, dial, bank, lin):
    first = await employ()
    await first.leads()
    second = await employ()
    agent = await (await bank.seat(lin)).is_ready()
    talks, waits = await dial(), await dial(caller="13900139000")
    await talk(talks, agent)
    await asks_for_a_person(waits)
    await waits.hears("agent.wait_hint")
    first.sent(signal.SIGTERM)
    assert await first.gone() == 0
    await second.leads()
    await waits.hears("system.wait")
    await waits.hears("system.recovered")
    await waits.hears_next("agent.next")
    await agent.hangs_up()
    await talks.hears_next("goodbye")
    await talks.is_hung_up()
    await agent.wraps_up()
    await agent.answers()
    await waits.phone.hears("bridged")
