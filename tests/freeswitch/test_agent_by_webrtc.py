"""An agent in a browser: registers, is called, talks; sound measured in both directions."""

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import uuid4

import pytest
import pytest_asyncio
from django.conf import settings
from django.db import connection
from playwright.async_api import Error

from people import staff
from people.roles import Role
from routing import phones, presence
from routing.models import Agent, Session
from telephony import esl
from telephony.freeswitch.configuration import AgentPhones
from telephony.freeswitch.directory import MEDIA_TIMEOUT_MS
from telephony.worker.gateway import Gateway
from tests import cast, ports
from tests.freeswitch import switch as freeswitch
from tests.freeswitch.browser import VOICE_HZ, Softphone, browser, softphone
from tests.freeswitch.handset import Handset, handset
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
    made = freeswitch.configuration(folder, agents=agents_of(base_url))
    running = await freeswitch.start(made)
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
def secret(session) -> str:
    """… and her page has asked for her phone's secret."""
    return phones.issue_secret(session.pk, at=cast.NOON).reveal()


@pytest.fixture
def session(transactional_db) -> Session:
    """林晓 1001 has signed in."""
    user = staff.hire(number="1001", name="林晓", branch=None, roles=[Role.AGENT])
    Agent.objects.create(user=user)
    return presence.sign_in(user, tab=uuid4(), at=cast.NOON)


def agents_of(base_url: str) -> AgentPhones:
    return AgentPhones(
        realm=settings.SIP_REALM,
        directory_url=f"{base_url}/switch/directory/",
        directory_key=settings.DIRECTORY_KEY,
        ws_port=ports.free(),
    )


def address(switch) -> str:
    return f"ws://127.0.0.1:{switch.configuration.agents.ws_port}/"


async def answered(heard: asyncio.Queue, direction: str) -> str:
    """The channel that is answered next, inbound or outbound."""
    async with asyncio.timeout(20):
        while True:
            event = await heard.get()
            if event.name == "CHANNEL_ANSWER" and event["Call-Direction"] == direction:
                return event["Unique-ID"]


@asynccontextmanager
async def talking(switch, agent: Softphone, caller: Handset, secret: str):
    """A caller and an agent in conversation: their channels, a client, and what it hears."""
    leg = str(uuid4())
    events = ("CHANNEL_ANSWER", "CHANNEL_HANGUP_COMPLETE")
    async with switch.events(*events, filters=[("variable_bankline", "1")]) as (client, heard):
        await agent.start("1001", secret, address(switch))
        await agent.tells("registered")
        sip = Caller("961202", media_port=caller.port, stays_s=None)
        calling = asyncio.create_task(phone(switch, sip))
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
        yield Talk(client, heard, channel, leg)
        await client.api(f"uuid_kill {channel}")
        assert (await calling).successful == 1


@dataclass(frozen=True)
class Talk:
    client: esl.Client
    heard: asyncio.Queue
    channel: str
    leg: str

    async def leg_ends(self, within_s: float) -> str:
        """The cause of its end."""
        async with asyncio.timeout(within_s):
            while True:
                event = await self.heard.get()
                if event.name == "CHANNEL_HANGUP_COMPLETE" and event["Unique-ID"] == self.leg:
                    return str(event["Hangup-Cause"])


# -- talking -----------------------------------------------------------------------------------


async def test_both_hear_each_other(floor_switch, chromium, secret):
    async with (
        softphone(chromium) as agent,
        handset() as caller,
        talking(floor_switch, agent, caller, secret) as talk,
    ):
        before = await agent.do("window.energy()")
        speaking = asyncio.create_task(caller.speak(CALLER_HZ, 4))
        await agent.hears(CALLER_HZ)
        level = await agent.tells("level", theirs=4)
        await speaking
        assert await agent.do("window.energy()") > before
        assert level["mine"] in range(5)

        await agent.do("window.phone.hangUp()")
        ended = await agent.tells("ended")
        assert (ended["leg"], ended["cause"]) == (talk.leg, "hung-up")
        assert await talk.leg_ends(within_s=5) == "NORMAL_CLEARING"


async def test_who_is_muted_is_not_heard_and_her_keys_arrive(floor_switch, chromium, secret):
    async with (
        softphone(chromium) as agent,
        handset() as caller,
        talking(floor_switch, agent, caller, secret) as talk,
    ):
        await agent.do("window.phone.mute(true)")
        # For longer than a browser may be silent that has vanished.
        away_s = MEDIA_TIMEOUT_MS / 1000 + 2
        await caller.hears_no_more(VOICE_HZ, within_s=away_s + 3, for_s=away_s)
        await agent.do("window.phone.mute(false)")
        await caller.hears(VOICE_HZ, within_s=4)

        await agent.do("window.phone.sendDigits('5#')")
        await caller.receives("5#", within_s=5)

        await talk.client.api(f"uuid_kill {talk.leg}")
        assert (await agent.tells("ended"))["cause"] == "over"


async def test_a_refusal_in_mid_call_costs_no_call(floor_switch, chromium, session, secret, books):
    async with softphone(chromium) as agent, handset() as caller:
        await agent.page.clock.install()  # its timers are ours from here on
        async with talking(floor_switch, agent, caller, secret) as talk:
            await books(presence.sign_out, session.agent_id, at=cast.NOON)
            await agent.page.clock.fast_forward(45_000)  # it registers anew
            assert (await agent.tells("failed"))["why"] == "unreachable"
            await caller.hears_no_more(VOICE_HZ, within_s=3, for_s=0.3)  # a breath
            await caller.hears(VOICE_HZ, within_s=3)

            await agent.do("window.phone.hangUp()")
            assert (await agent.tells("ended"))["cause"] == "hung-up"
            assert await talk.leg_ends(within_s=5) == "NORMAL_CLEARING"
            await agent.page.clock.fast_forward(2_000)
            assert (await agent.tells("failed"))["why"] == "refused"


async def test_a_page_that_is_left_says_that_its_call_is_lost(floor_switch, chromium, secret):
    async with (
        softphone(chromium) as agent,
        handset() as caller,
        talking(floor_switch, agent, caller, secret) as talk,
    ):
        await agent.page.reload()
        assert await talk.leg_ends(within_s=3) == "NORMAL_TEMPORARY_FAILURE"


async def test_a_browser_that_vanishes_is_noticed(floor_switch, chromium, secret):
    async with (
        softphone(chromium) as agent,
        handset() as caller,
        talking(floor_switch, agent, caller, secret) as talk,
    ):
        with suppress(Error):  # the page dies, and says nothing to anybody
            await agent.page.goto("chrome://crash")
        assert await talk.leg_ends(within_s=14) == "MEDIA_TIMEOUT"


# -- before ------------------------------------------------------------------------------------


async def test_a_ringing_phone_stops_when_the_caller_has_left(floor_switch, chromium, secret):
    leg = str(uuid4())
    async with floor_switch.events() as (client, _), softphone(chromium) as agent:
        await agent.start("1001", secret, address(floor_switch))
        await agent.tells("registered")
        job = asyncio.create_task(
            client.bgapi(f"originate {{origination_uuid={leg}}}user/1001 &{HOLD}")
        )
        await agent.tells("ringing", leg=leg)
        assert await client.api(f"uuid_kill {leg} ORIGINATOR_CANCEL") == "+OK\n"
        assert (await agent.tells("ended", leg=leg))["cause"] == "over"
        assert await job == "-ERR ORIGINATOR_CANCEL\n"


async def test_a_phone_may_answer_the_moment_it_rings(floor_switch, chromium, secret):
    async with floor_switch.events() as (client, _), softphone(chromium) as agent:
        await agent.start("1001", secret, address(floor_switch))
        await agent.tells("registered")
        await agent.do("window.phone.addEventListener('ringing', () => window.phone.answer())")
        assert (await client.bgapi(f"originate user/1001 &{HOLD}")).startswith("+OK ")


async def test_an_agent_declines(floor_switch, chromium, secret):
    async with floor_switch.events() as (client, _), softphone(chromium) as agent:
        await agent.start("1001", secret, address(floor_switch))
        await agent.tells("registered")
        job = asyncio.create_task(client.bgapi(f"originate user/1001 &{HOLD}"))
        await agent.tells("ringing")
        await agent.do("window.phone.hangUp()")
        assert (await agent.tells("ended"))["cause"] == "hung-up"
        assert await job == "-ERR USER_BUSY\n"


async def test_the_newer_window_has_the_phone(floor_switch, chromium, session, secret, books):
    async with (
        floor_switch.events() as (client, _),
        softphone(chromium) as older,
        softphone(chromium) as newer,
    ):
        await older.start("1001", secret, address(floor_switch))
        await older.tells("registered")
        second = await books(phones.issue_secret, session.pk, at=cast.NOON)
        await newer.start("1001", second.reveal(), address(floor_switch))
        await newer.tells("registered")
        job = asyncio.create_task(client.bgapi(f"originate user/1001 &{HOLD}"))
        await newer.tells("ringing")
        await newer.do("window.phone.hangUp()")
        assert await job == "-ERR USER_BUSY\n"
        assert await older.do("window.told") == []


async def test_who_allows_no_microphone_has_no_phone(floor_switch, chromium, secret):
    async with softphone(chromium) as agent:
        await agent.do(
            "() => { navigator.mediaDevices.getUserMedia = async () => { throw new Error() } }"
        )
        await agent.start("1001", secret, address(floor_switch))
        assert (await agent.tells("failed"))["why"] == "microphone"


async def test_a_phone_comes_back_to_a_switch_that_was_restarted(
    folder, base_url, chromium, secret
):
    (folder / "another").mkdir()
    made = freeswitch.configuration(folder / "another", agents=agents_of(base_url))
    switch = await freeswitch.start(made)
    try:
        async with softphone(chromium) as agent:
            await agent.start("1001", secret, address(switch))
            await agent.tells("registered")
            await freeswitch.stop(switch)
            await agent.tells("unregistered")
            switch = await freeswitch.start(made)
            await agent.tells("registered", within_s=20)
            async with switch.events() as (client, _):
                job = asyncio.create_task(client.bgapi(f"originate user/1001 &{HOLD}"))
                await agent.tells("ringing")
                await agent.do("window.phone.stop()")
                assert (await job).startswith("-ERR ")
    finally:
        await freeswitch.stop(switch)


async def test_registering_is_noted(floor_switch, chromium, session, secret, books):
    def phone_at():
        return Session.objects.get(pk=session.pk).phone_at

    assert await books(phone_at) is None
    async with softphone(chromium) as agent:
        await agent.start("1001", secret, address(floor_switch))
        await agent.tells("registered")
    assert await books(phone_at) is not None


async def test_a_wrong_secret_is_refused(floor_switch, chromium, session, secret, books):
    async with softphone(chromium) as agent:
        await agent.start("1001", "not the secret", address(floor_switch))
        assert (await agent.tells("failed"))["why"] == "refused"
        assert not [told for told in await agent.do("window.told") if told["name"] == "registered"]
    assert (await books(Session.objects.get, pk=session.pk)).phone_at is None


async def test_who_has_signed_out_can_not_register_and_is_not_called(
    floor_switch, chromium, session, secret, books
):
    await books(presence.sign_out, session.agent_id, at=cast.NOON)
    async with floor_switch.events() as (client, _), softphone(chromium) as agent:
        await agent.start("1001", secret, address(floor_switch))
        assert (await agent.tells("failed"))["why"] == "refused"
        assert await client.bgapi(f"originate user/1001 &{HOLD}") == "-ERR SUBSCRIBER_ABSENT\n"


async def test_who_is_signed_in_without_a_phone_is_not_registered(floor_switch, secret):
    async with floor_switch.events() as (client, _):
        assert await client.bgapi(f"originate user/1001 &{HOLD}") == "-ERR USER_NOT_REGISTERED\n"


@pytest.mark.parametrize("number", ["961202", "1001", "held", "13900001111"])
async def test_an_agents_phone_can_dial_nothing(floor_switch, chromium, secret, number):
    async with softphone(chromium) as agent:
        said = await agent.do(
            DIALS.format(
                url=address(floor_switch), user="1001", secret=secret, number=f"{number}@bankline"
            )
        )
    assert said == 403


DIALS = """async () => {{
  const {{ default: JsSIP }} = await import("/js/vendor/jssip.js")
  const mediaStream = await navigator.mediaDevices.getUserMedia({{ audio: true }})
  const sockets = [new JsSIP.WebSocketInterface("{url}")]
  const agent = new JsSIP.UA({{ sockets, uri: "sip:{user}@bankline", password: "{secret}" }})
  return new Promise(resolve => {{
    agent.on("registered", () => agent.call("sip:{number}", {{
      mediaStream,
      eventHandlers: {{
        progress: () => resolve("it rings"),
        accepted: () => resolve("answered"),
        failed: ({{ message }}) => resolve(message.status_code),
      }},
    }}))
    agent.start()
  }})
}}"""
