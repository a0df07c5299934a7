"""kill -9 of the only worker on FreeSWITCH: what the caller was promised comes true, in time.

The same stories as tests/telephony/test_left_alone.py tells on the simulated switch.
"""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from calendars import clock
from people.models import User
from routing import presence
from routing import shipped as routing_shipped
from routing.models import QueueEntry
from telephony import commands, shipped
from telephony.models import Call, Command, Leg
from telephony.worker.fallback import AFTER_S
from telephony.worker.gateway import Gateway
from tests import cast
from tests.contracts.real import Process, Real, real
from tests.contracts.rig import PASSWORD, Caller
from tests.desktop import seats
from tests.freeswitch import sipp
from tests.freeswitch.handset import handset
from tests.freeswitch.switch import TONES_HZ
from tests.freeswitch.worker import WorkerProcess, employed, worker

pytestmark = [pytest.mark.freeswitch, pytest.mark.django_db(transaction=True)]
SOON_S = 20.0
CALLER_HZ = 700
NOTICE_S = AFTER_S + 4  # the scheduler counts whole seconds, and this machine is shared


def database() -> str:
    return str(connection.settings_dict["NAME"])


@pytest.fixture
def agent(transactional_db) -> User:
    """林晓, ready, with a phone that answers by itself."""
    cast.bank_terms()
    routing_shipped.install(at=clock.now())
    shipped.install(at=clock.now())
    user, at = seats.hire("1023", "林晓", "general"), clock.now()
    session = seats.sits_down(user, at=at)
    presence.heartbeat(session.pk, phone=True, at=at + timedelta(hours=1))
    return user


# -- in a flow -----------------------------------------------------------------------------------


@pytest.mark.asyncio(loop_scope="module")
async def test_in_the_middle_of_a_flow_she_hears_the_notice_with_her_own_ears(bank_switch, agent):
    filters = [("variable_bankline", "1")]
    async with (
        worker(bank_switch, database()) as running,
        bank_switch.events("CHANNEL_EXECUTE", filters=filters) as (client, heard),
        handset() as caller,
    ):
        await running.leads()
        asks = sipp.Caller("961202", stays_s=None, waits_s=90, media_port=caller.port)
        calling = asyncio.create_task(sipp.phone(bank_switch, asks))
        await is_asked(heard, "menu.language.1")
        await caller.speak(CALLER_HZ, 0.2)  # FreeSWITCH takes no key before it had audio
        await caller.key("1")
        await is_asked(heard, "menu.root.1")
        await caller.key("1")
        channel = await is_asked(heard, "identify.card")
        await is_promised_the_notice(client, channel)
        await running.kill()
        await caller.hears(TONES_HZ["drives"], within_s=NOTICE_S)
        result = await calling
    assert (result.successful, result.errors) == (1, "")  # the bank hung up, after the notice


async def is_asked(heard, prompt: str) -> str:
    """That this is said to her; her channel."""
    async with asyncio.timeout(SOON_S):
        while prompt not in (event := await heard.get()).get("Application-Data"):
            pass
    return event["Unique-ID"]


async def is_promised_the_notice(client, channel: str) -> None:
    async with asyncio.timeout(SOON_S):
        while channel not in await client.api("show tasks"):
            pass


# -- with an agent -------------------------------------------------------------------------------


class Centre:
    """The switch, a worker in a process of its own, and a caller who talks to 林晓."""

    def __init__(self, rig: Real, process: Process) -> None:
        self.rig, self.process, self.gateway = rig, process, Gateway(threads=1)

    def employed(self):
        dial = f"sofia/phones/answers@127.0.0.1:{self.process.phones}"
        return employed(
            self.process.prompts, self.process.esl, PASSWORD, database(), AGENT_DIAL=dial
        )

    async def talk(self) -> tuple[Caller, str]:
        """A caller, and the leg of the agent she talks to."""
        caller = await self.rig.dial()
        await self.plays("menu.language.1")
        await caller.keys("0")
        joined = await self.rig.until(self.rig.spied.next("CHANNEL_BRIDGE"), SOON_S)
        leg = joined["Bridge-B-Unique-ID"]
        await self.rig.until(self.rig.together(leg))
        return caller, leg

    async def plays(self, prompt: str, within_s: float = SOON_S) -> None:
        async with asyncio.timeout(within_s):
            while prompt not in (await self.rig.spied.next("PLAYBACK_START"))["Playback-File-Path"]:
                pass

    async def orders(self, by: User, verb: Command.Verb) -> None:
        call = await self.gateway(Call.objects.get, ended_at=None)
        wish = await self.gateway(commands.ask, call.pk, verb, by=by, at=clock.now())
        async with asyncio.timeout(SOON_S):
            while (await self.gateway(Command.objects.get, pk=wish.pk)).done_at is None:
                pass

    async def is_in(self, user: User, state: str) -> None:
        async with asyncio.timeout(SOON_S):
            while await self.gateway(presence.state_of, user.pk) != state:
                pass

    async def hang_up_agent(self, leg: str) -> None:
        assert await self.rig.spy.api(f"uuid_kill {leg} NORMAL_CLEARING") == "+OK\n"


@pytest.fixture(scope="module")
def process(folder):
    process = Process(folder, Path(settings.PROMPTS))
    yield process
    process.stop()


@pytest.fixture
async def centre(process, agent):
    async with real(process) as rig:
        centre = Centre(rig, process)
        yield centre
        await rig.spy.api("hupall")
        await centre.gateway.close()


async def test_a_call_that_is_none_of_the_banks_is_left_alone(centre, agent):
    stranger = await centre.rig.stranger()
    async with centre.employed() as running:
        await running.leads()
        caller = await centre.rig.dial()
        await centre.plays("menu.language.1")
        taken = await centre.gateway(lambda: [str(call.uuid) for call in Call.objects.all()])
        assert taken == [caller.channel]
        assert await centre.rig.spy.api(f"uuid_exists {stranger.channel}") == "true"
        await ends(running, centre)


async def ends(running: WorkerProcess, centre: Centre) -> None:
    """Whatever is up hangs up; every call that is over is written down."""
    await centre.rig.spy.api("hupall")
    async with asyncio.timeout(SOON_S):
        while await centre.gateway(Call.objects.filter(ended_at=None).exists):
            pass
    await running.ends()
    assert not await centre.gateway(QueueEntry.objects.filter(ended_at=None).exists)


async def test_on_hold_she_hears_the_notice(centre, agent):
    async with centre.employed() as running:
        await running.leads()
        caller, _ = await centre.talk()
        await centre.orders(agent, Command.Verb.HOLD)
        await centre.plays("music/calm-1")
        await is_promised_the_notice(centre.rig.spy, caller.channel)
        await running.kill()
        await centre.plays("nobody.drives", within_s=NOTICE_S)
    async with centre.employed() as next_one:
        await next_one.leads()
        await centre.is_in(agent, "wrap_up")  # let go: nobody comes back to her tone
        await ends(next_one, centre)


async def test_left_by_her_agent_she_hears_the_notice(centre, agent):
    async with centre.employed() as running:
        await running.leads()
        _, leg = await centre.talk()
        await running.kill()
        await centre.hang_up_agent(leg)
        await centre.plays("nobody.drives", within_s=NOTICE_S)
    async with centre.employed() as next_one:
        await next_one.leads()
        await centre.is_in(agent, "wrap_up")
        await ends(next_one, centre)


async def test_an_agent_who_hung_up_meanwhile_is_joined_no_more(centre, agent):
    async with centre.employed() as running:
        await running.leads()
        _, leg = await centre.talk()
        await running.kill()
        await centre.hang_up_agent(leg)
    async with centre.employed() as next_one:
        await next_one.leads()
        await centre.plays("goodbye")
        await centre.is_in(agent, "wrap_up")
        await ends(next_one, centre)
    assert await centre.gateway(Leg.objects.filter(kind="agent").count) == 1
    assert (await centre.gateway(QueueEntry.objects.get)).outcome == "answered"
