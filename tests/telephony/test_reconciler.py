"""The worker's looks at the live channels: whose they are, and what it does about what differs."""

from uuid import uuid4

import pytest

from calendars import clock
from routing import entries
from routing.entries import Wish
from routing.models import QueueEntry, Repair
from tests.telephony.talks import asks_for_a_person

pytestmark = pytest.mark.django_db(transaction=True)


async def looks_twice(bank) -> None:
    """What differs once was on its way."""
    for _ in range(2):
        await bank.worker.driver.reconciler.look()


async def leg(bank, **variables: str) -> str:
    """A channel of the switch's own making, to the agent's phone."""
    uuid = str(uuid4())
    named = ",".join(f"{name}={value}" for name, value in variables.items())
    dialled = f"{{origination_uuid={uuid},{named}}}user/1003"
    await bank.worker.driver.switch.command(f"bgapi originate {dialled} &park")
    return uuid


async def test_a_leg_that_nobody_waits_for_is_ended(bank, lin):
    agent = await bank.seat(lin)
    await leg(bank, bankline="1", bankline_leg="agent")
    await agent.is_rung()
    await bank.worker.driver.reconciler.look()
    assert len(bank.machine.switch.channels) == 1  # not at the first look
    await bank.worker.driver.reconciler.look()
    assert (await agent.notices("hangup")).what["cause"] == "ORIGINATOR_CANCEL"
    assert (await bank.query(Repair.objects.get)).kind == Repair.Kind.STRAY_LEG


async def test_what_others_call_through_this_switch_is_theirs(bank, lin):
    agent = await bank.seat(lin)
    await leg(bank, somebody="else")
    await agent.is_rung()
    await looks_twice(bank)
    assert len(bank.machine.switch.channels) == 1
    assert not await bank.query(Repair.objects.exists)


async def test_who_waits_without_a_channel_is_not_kept(bank, lin):
    await bank.seat(lin)
    wish = Wish(uuid4(), "node1", "13800136027", "zh")
    await bank.query(entries.enter, wish, "general", at=clock.now())
    await looks_twice(bank)
    assert (await bank.query(QueueEntry.objects.get)).outcome == "abandoned"


async def test_who_is_there_is_left_alone(dial, bank, lin):
    agent = await (await bank.seat(lin)).is_ready()
    phone = await dial()
    await asks_for_a_person(phone)
    await agent.is_rung()
    await looks_twice(bank)
    await agent.phone.answer()
    await agent.notices("bridged")
    await looks_twice(bank)
    assert not await bank.query(Repair.objects.exists)
    assert await agent.state() == "talking"
