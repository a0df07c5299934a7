"""Hold, a password in the IVR, a lost line and a hang-up on FreeSWITCH, without a browser.

The agent's phone answers by itself; what is played to whom is told by the switch's events.
"""

import asyncio
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings as configured

from calendars import clock
from people.models import User
from routing import presence
from routing import shipped as routing_shipped
from routing.models import QueueEntry
from telephony import commands, shipped
from telephony.deeds import Deed
from telephony.models import Call, Command, Step
from telephony.worker.gateway import Gateway
from telephony.worker.work import Worker
from tests import cast
from tests.contracts.real import Process, Real, real
from tests.contracts.rig import PASSWORD
from tests.desktop import seats

pytestmark = [pytest.mark.freeswitch, pytest.mark.django_db(transaction=True)]
SOON_S = 20.0
Verb = Command.Verb


@pytest.fixture(scope="module")
def process(folder):
    process = Process(folder, Path(configured.PROMPTS))
    yield process
    process.stop()


@pytest.fixture
def agent(transactional_db) -> User:
    cast.bank_terms()
    routing_shipped.install(at=clock.now())
    shipped.install(at=clock.now())
    user, at = seats.hire("1023", "林晓", "general"), clock.now()
    session = seats.sits_down(user, at=at)
    presence.heartbeat(session.pk, phone=True, at=at + timedelta(hours=1))
    return user


@pytest.fixture
def wang(agent) -> cast.Person:
    return cast.wang()


class Centre:
    """The switch, and a worker in this loop."""

    def __init__(self, rig: Real) -> None:
        self.rig, self.gateway = rig, Gateway(threads=1)

    async def asks_for_a_person(self):
        caller = await self.rig.dial()
        await self.plays("menu.language.1")
        await caller.keys("0")
        return caller

    async def plays(self, prompt: str) -> None:
        """That a file is begun, to whomever."""
        async with asyncio.timeout(SOON_S):
            while prompt not in (await self.rig.spied.next("PLAYBACK_START"))["Playback-File-Path"]:
                pass

    async def joins(self) -> str:
        """That caller and agent talk; the agent's leg."""
        joined = await self.rig.until(self.rig.spied.next("CHANNEL_BRIDGE"))
        leg = joined["Bridge-B-Unique-ID"]
        await self.rig.until(self.rig.together(leg))
        return leg

    async def orders(self, by: User, verb: Verb, argument: str = "") -> None:
        """Ask it of the worker, and wait until it is carried out."""
        call = await self.gateway(Call.objects.get, ended_at=None)
        wish = await self.gateway(
            commands.ask, call.pk, verb, argument=argument, by=by, at=clock.now()
        )
        async with asyncio.timeout(SOON_S):
            while (await self.gateway(Command.objects.get, pk=wish.pk)).done_at is None:
                pass

    async def is_in(self, user: User, state: str) -> None:
        async with asyncio.timeout(SOON_S):
            while await self.gateway(presence.state_of, user.pk) != state:
                pass

    async def deeds(self) -> list[str]:
        rows = Step.objects.filter(kind="did").order_by("seq").values_list("deed", flat=True)
        return await self.gateway(lambda: list(rows))


@pytest.fixture
async def centre(process, agent, settings):
    settings.FREESWITCH_URL = f"esl://:{quote(PASSWORD)}@127.0.0.1:{process.esl}"
    settings.AGENT_DIAL = f"sofia/phones/answers@127.0.0.1:{process.phones}"
    async with real(process) as rig:
        worker = Worker("node1", drain_s=0)
        leading = asyncio.create_task(worker.lead())
        async with asyncio.timeout(SOON_S):
            await worker.leading.wait()
        centre = Centre(rig)
        yield centre
        await rig.spy.api("hupall")
        call = Call.objects.filter(ended_at=None)
        async with asyncio.timeout(SOON_S):
            while await centre.gateway(call.exists):
                pass
        leading.cancel()
        await asyncio.gather(leading, return_exceptions=True)
        await centre.gateway.close()


async def test_hold_and_back_and_a_farewell(centre, agent):
    caller = await centre.asks_for_a_person()
    leg = await centre.joins()
    await centre.orders(agent, Verb.HOLD)
    await centre.plays("music/calm-1")
    await centre.is_in(agent, "held")
    await centre.orders(agent, Verb.RETRIEVE)
    assert await centre.joins() == leg
    await centre.orders(agent, Verb.HANG_UP)
    await centre.plays("goodbye")
    ended = await centre.rig.until(
        centre.rig.spied.next("CHANNEL_HANGUP_COMPLETE", caller.channel), 15
    )
    assert ended["Hangup-Cause"] == "NORMAL_CLEARING"
    await centre.is_in(agent, "wrap_up")


async def test_held_again_before_the_two_are_joined(centre, agent):
    """Who presses the key twice keeps her caller: joining takes the switch some 40 ms."""
    await centre.asks_for_a_person()
    leg = await centre.joins()
    await centre.orders(agent, Verb.HOLD)
    await centre.is_in(agent, "held")
    await centre.orders(agent, Verb.RETRIEVE)
    await centre.orders(agent, Verb.HOLD)
    await centre.plays("music/calm-1")
    await centre.is_in(agent, "held")
    await centre.orders(agent, Verb.RETRIEVE)
    await centre.is_in(agent, "talking")
    assert await centre.joins() == leg


async def test_let_go_before_the_two_are_joined(centre, agent):
    """The switch would hang her up with the agent's leg."""
    await centre.asks_for_a_person()
    await centre.joins()
    await centre.orders(agent, Verb.HOLD)
    await centre.is_in(agent, "held")
    await centre.orders(agent, Verb.RETRIEVE)
    await centre.orders(agent, Verb.HANG_UP)
    await centre.plays("goodbye")


async def test_a_password_in_the_ivr_and_back(centre, agent, wang):
    caller = await centre.asks_for_a_person()
    leg = await centre.joins()
    await centre.orders(agent, Verb.TO_IVR, "identify")
    await centre.plays("identify.card")
    await caller.keys(wang.pan.reveal() + "#")
    await centre.plays("identify.pin")
    await caller.keys(wang.query_pin + "#")
    assert await centre.joins() == leg
    call = await centre.gateway(Call.objects.get)
    assert call.customer_id == wang.id
    await caller.hang_up()
    await centre.is_in(agent, "wrap_up")
    assert Deed.PROVED in await centre.deeds()
    assert (await centre.gateway(QueueEntry.objects.get)).outcome == "answered"


async def test_a_lost_line_is_rung_again(centre, agent):
    await centre.asks_for_a_person()
    leg = await centre.joins()
    await centre.rig.spy.api(f"uuid_kill {leg} MEDIA_TIMEOUT")
    await centre.plays("agent.reconnecting")
    again = await centre.joins()
    assert again != leg
    await centre.is_in(agent, "talking")
    assert await centre.gateway(QueueEntry.objects.count) == 1
