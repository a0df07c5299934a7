"""An agent in a browser: registers, is called, talks; sound measured in both directions."""

import asyncio
import socket
from uuid import uuid4

import pytest
import pytest_asyncio
from django.conf import settings
from django.db import connection

from people import staff
from people.roles import Role
from routing import phones, presence
from routing.models import Agent, Session
from telephony.freeswitch.configuration import AgentPhones
from telephony.worker.gateway import Gateway
from tests import cast
from tests.freeswitch import switch as freeswitch
from tests.freeswitch.browser import VOICE_HZ, browser, softphone
from tests.freeswitch.handset import handset
from tests.freeswitch.sipp import Caller, phone
from tests.freeswitch.web import web

pytestmark = [
    pytest.mark.freeswitch,
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.django_db(transaction=True),
]

CALLER_HZ = 900
HOLD = "endless_playback(silence_stream://-1)"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def base_url(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        name = str(connection.settings_dict["NAME"])
    async with web(name) as url:
        yield url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def floor_switch(folder, base_url):
    """A FreeSWITCH where agents may register."""
    agents = AgentPhones(
        realm=settings.SIP_REALM,
        directory_url=f"{base_url}/switch/directory/",
        directory_key=settings.DIRECTORY_KEY,
        ws_port=freeswitch.free(socket.SOCK_STREAM),
    )
    running = await freeswitch.start(freeswitch.configuration(folder, agents=agents))
    yield running
    await freeswitch.stop(running)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium(folder):
    async with browser(folder) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def books():
    gateway = Gateway(threads=1)
    yield gateway
    await gateway.close()


@pytest.fixture
def session(transactional_db) -> Session:
    """林晓 1001 has signed in."""
    user = staff.hire(number="1001", name="林晓", branch=None, roles=[Role.AGENT])
    Agent.objects.create(user=user)
    return presence.sign_in(user, tab=uuid4(), at=cast.NOON)


def address(switch) -> str:
    return f"ws://127.0.0.1:{switch.configuration.agents.ws_port}/"


async def answered(heard: asyncio.Queue, direction: str) -> str:
    """The channel that is answered next, inbound or outbound."""
    async with asyncio.timeout(20):
        while True:
            event = await heard.get()
            if event.name == "CHANNEL_ANSWER" and event["Call-Direction"] == direction:
                return event["Unique-ID"]


async def test_an_agent_answers_and_both_hear_each_other(floor_switch, chromium, session, books):
    secret = await books(phones.issue_secret, session.pk, at=cast.NOON)
    leg = str(uuid4())
    events = ("CHANNEL_ANSWER", "CHANNEL_BRIDGE")
    async with (
        floor_switch.events(*events, filters=[("variable_bankline", "1")]) as (client, heard),
        softphone(chromium) as agent,
        handset() as caller,
    ):
        await agent.start("1001", secret.reveal(), address(floor_switch))
        await agent.tells("registered")
        calling = asyncio.create_task(
            phone(floor_switch, Caller("961202", media_port=caller.port, stays_s=None))
        )
        channel = await answered(heard, "inbound")
        assert await client.api(f"sched_del {channel}") == "+OK Deleted: 1\n"
        job = asyncio.create_task(
            client.bgapi(
                f"originate {{origination_uuid={leg},bankline=1,bankline_leg=agent}}"
                f"user/1001 &{HOLD}"
            )
        )
        assert (await agent.tells("ringing"))["leg"] == leg
        await agent.do("window.phone.answer()")
        assert (await agent.tells("answered"))["leg"] == leg
        assert await job == f"+OK {leg}\n"
        assert await client.api(f"uuid_bridge {channel} {leg}") == f"+OK {leg}\n"

        await caller.hears(VOICE_HZ, within_s=15)
        before = await agent.do("window.energy()")
        speaking = asyncio.create_task(caller.speak(CALLER_HZ, 4))
        await agent.page.wait_for_function(
            f"Math.abs(window.pitch() - {CALLER_HZ}) < 30", timeout=10_000, polling=50
        )
        await speaking
        assert await agent.do("window.energy()") > before
        await agent.do("window.phone.hangUp()")
        assert (await agent.tells("ended"))["cause"] == "hung-up"
        await client.api(f"uuid_kill {channel}")
        assert (await calling).successful == 1
