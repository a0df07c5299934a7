"""The whole centre on FreeSWITCH: SIPp asks for a person, an agent takes her at the desk's page.

Her page is Chromium with a microphone; what each of the two hears of the other is measured.
"""

import asyncio
import os
import signal
from contextlib import asynccontextmanager
from urllib.parse import quote

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from playwright.async_api import Page, expect

from calendars import clock
from people.models import User
from routing import shipped as routing_shipped
from routing.models import QueueEntry
from telephony import esl, shipped
from telephony.freeswitch.configuration import AgentPhones
from telephony.models import Step
from tests import cast, ports
from tests.desktop import seats
from tests.freeswitch import audio
from tests.freeswitch import switch as freeswitch
from tests.freeswitch.browser import EAR, VOICE_HZ, browser, hears
from tests.freeswitch.handset import Handset, handset
from tests.freeswitch.sipp import Caller, Result, phone
from tests.freeswitch.web import web
from tests.freeswitch.worker import worker

pytestmark = [
    pytest.mark.freeswitch,
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.django_db(transaction=True),
]

CALLER_HZ = 900
SLOWLY_MS = 20_000  # what the switch and the worker may take for a step


def database() -> str:
    return str(connection.settings_dict["NAME"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def centre(folder, django_db_setup, django_db_blocker):
    """FreeSWITCH and web, which know each other; the address of web."""
    ws_port, event_port = (ports.free() for _ in range(2))
    with django_db_blocker.unblock():
        name = database()
    environment = {
        "SOFTPHONE_URL": f"ws://127.0.0.1:{ws_port}/",
        "FREESWITCH_URL": f"esl://:{quote(freeswitch.PASSWORD)}@127.0.0.1:{event_port}",
    }
    async with web(name, **environment) as url:
        agents = AgentPhones(
            realm=settings.SIP_REALM,
            directory_url=f"{url}/switch/directory/",
            directory_key=settings.DIRECTORY_KEY,
            ws_port=ws_port,
        )
        made = freeswitch.configuration(folder, event_port=event_port, agents=agents)
        audio.write_all(made.prompts)
        running = await freeswitch.start(made)
        yield running, url
        await freeswitch.stop(running)


@pytest.fixture
def agent(transactional_db) -> User:
    cast.bank_terms()
    routing_shipped.install(at=clock.now())
    shipped.install(at=clock.now())
    return seats.hire("1023", "林晓", "general")


def session_of(user: User) -> str:
    """A log-in, without its page."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


@asynccontextmanager
async def desk(folder, url: str, user: User):
    """Her page, signed in, with its phone, ready; by keys."""
    key = await sync_to_async(session_of)(user)
    async with browser(folder) as chromium:
        context = await chromium.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
        await context.add_cookies([{"name": "sessionid", "value": key, "url": url}])
        page = await context.new_page()
        await page.add_init_script(EAR)
        await page.goto(f"{url}/desk/")
        await page.keyboard.press("F6")
        await is_in(page, "paused")
        registered = page.locator("footer [data-phone-state]")
        await expect(registered).to_have_class("st st-ready", timeout=SLOWLY_MS)
        await page.keyboard.press("F6")
        await is_in(page, "ready")
        yield page


async def is_in(page: Page, state: str) -> None:
    await expect(page.locator("#presence")).to_have_attribute(
        "data-state", state, timeout=SLOWLY_MS
    )


async def takes(page: Page, switch, caller: Handset) -> "asyncio.Task[Result]":
    """A caller asks for a person; she picks up, and is heard. The call goes on beside us."""
    asks = Caller("961202", keys=["0"], pauses=[2.0], stays_s=None, media_port=caller.port)
    calling = asyncio.create_task(phone(switch, asks))
    await is_in(page, "ringing")
    await page.keyboard.press("F2")
    await is_in(page, "talking")
    await caller.hears(VOICE_HZ, within_s=10)
    return calling


async def test_an_agent_takes_a_caller_and_both_hear_each_other(centre, folder, agent):
    switch, url = centre
    async with (
        worker(switch, database()) as running,
        desk(folder, url, agent) as page,
        handset() as caller,
    ):
        await running.leads()
        calling = await takes(page, switch, caller)
        speaking = asyncio.create_task(caller.speak(CALLER_HZ, 4))
        await hears(page, CALLER_HZ)
        await speaking

        await page.keyboard.press("F4")
        await is_in(page, "held")
        await caller.hears_no_more(VOICE_HZ, within_s=5)
        await page.keyboard.press("F4")
        await is_in(page, "talking")
        await caller.hears(VOICE_HZ, within_s=10)

        await page.reload()
        await is_in(page, "talking")  # rung again, and taken by the page itself
        await caller.hears(VOICE_HZ, within_s=15)
        speaking = asyncio.create_task(caller.speak(CALLER_HZ, 4))
        await hears(page, CALLER_HZ)  # though nobody has touched this page yet
        await speaking

        await page.keyboard.press("F9")
        await is_in(page, "wrap_up")
        assert (await calling).successful == 1
        await running.ends()
    entry = await QueueEntry.objects.aget()
    assert (entry.outcome, entry.returned) == ("answered", 0)
    assert await Step.objects.filter(prompt="agent.reconnecting").aexists()


async def test_her_network_is_gone_and_comes_back(centre, folder, agent):
    """Her browser stands still: nothing of it reaches the switch, as if a cable were pulled."""
    switch, url = centre
    events = ("CHANNEL_CREATE", "CHANNEL_HANGUP_COMPLETE")
    async with (
        worker(switch, database()) as running,
        desk(folder, url, agent) as page,
        handset() as caller,
        switch.events(*events, filters=[("variable_bankline_leg", "agent")]) as (_, heard),
    ):
        await running.leads()
        calling = await takes(page, switch, caller)

        pids = await processes(page)
        send(signal.SIGSTOP, pids)
        try:
            lost = await event_of(heard, "CHANNEL_HANGUP_COMPLETE")
            assert lost["Hangup-Cause"] == "MEDIA_TIMEOUT"
            await event_of(heard, "CHANNEL_CREATE")  # she is rung again
            await caller.hears_no_more(VOICE_HZ, within_s=5, for_s=0.3)
        finally:
            send(signal.SIGCONT, pids)
        await caller.hears(VOICE_HZ, within_s=15)  # taken by the page itself
        await is_in(page, "talking")

        await page.keyboard.press("F9")
        await is_in(page, "wrap_up")
        assert (await calling).successful == 1
        await running.ends()
    entry = await QueueEntry.objects.aget()
    assert (entry.outcome, entry.returned) == ("answered", 0)


async def event_of(heard: asyncio.Queue, name: str) -> esl.Event:
    async with asyncio.timeout(20):
        while (event := await heard.get()).name != name:
            pass
    return event


async def processes(page: Page) -> list[int]:
    """Those that Chromium is made of."""
    assert page.context.browser
    client = await page.context.browser.new_browser_cdp_session()
    found = await client.send("SystemInfo.getProcessInfo")
    return [process["id"] for process in found["processInfo"]]


def send(number: signal.Signals, pids: list[int]) -> None:
    for pid in pids:
        os.kill(pid, number)
