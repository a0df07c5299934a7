"""An agent's simulated phone: the socket is the phone, and it goes when the socket does."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from channels.testing import WebsocketCommunicator

from people import staff
from people.models import User
from people.roles import Role
from routing import presence
from routing.models import Agent, Session
from telephony import esl
from telephony.softphone.consumers import SoftphoneConsumer
from tests import cast
from tests.contracts import audio
from tests.contracts.rig import PASSWORD
from tests.contracts.simulated import Process

pytestmark = pytest.mark.django_db(transaction=True)
SOON_S = 10.0
HOLD = "endless_playback(silence_stream://-1)"


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    folder = tmp_path_factory.mktemp("switch")
    audio.write_all(folder / "prompts")
    running = Process(folder, folder / "prompts", "--clock", "real")
    yield running
    running.stop()


@pytest.fixture
def simulated(process: Process, settings) -> None:
    settings.PHONE_URL = f"phone://:{PASSWORD}@127.0.0.1:{process.phone_port}"


@pytest.fixture
def agent(transactional_db) -> User:
    user = staff.hire(number="1001", name="林晓", branch=None, roles=[Role.AGENT])
    Agent.objects.create(user=user)
    return user


@pytest.fixture
def session(agent: User) -> Session:
    return presence.sign_in(agent, tab=uuid4(), at=cast.NOON)


@pytest_asyncio.fixture
async def switch(process: Process) -> AsyncIterator[esl.Client]:
    """A client of the event socket, which calls agents as a worker does."""
    connected, heard = asyncio.Event(), asyncio.Queue[esl.Event]()

    async def on_connected() -> None:
        connected.set()

    client = esl.Client(
        "127.0.0.1",
        process.esl_port,
        PASSWORD,
        events=["CHANNEL_ANSWER", "DTMF"],
        on_connected=on_connected,
        on_event=heard.put_nowait,
    )
    client.heard = heard
    running = asyncio.create_task(client.run())
    await asyncio.wait_for(connected.wait(), SOON_S)
    yield client
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def ends(switch: esl.Client, leg: str) -> str:
    """The cause of a leg's end."""
    async with asyncio.timeout(SOON_S):
        while True:
            event = await switch.heard.get()
            if event.name == "CHANNEL_HANGUP_COMPLETE" and event["Unique-ID"] == leg:
                return str(event["Hangup-Cause"])


class Page:
    """The browser's end of the socket."""

    def __init__(self, user: User, language: str) -> None:
        path = f"/ws/softphone/?language={language}"
        self.socket = WebsocketCommunicator(SoftphoneConsumer.as_asgi(), path)
        self.socket.scope["user"] = user

    async def does(self, do: str, **what) -> None:
        await self.socket.send_json_to({"do": do, **what})

    async def hears(self, event: str) -> dict:
        said = await self.socket.receive_json_from(timeout=SOON_S)
        assert said["event"] == event, said
        return said

    async def is_closed(self) -> None:
        assert (await self.socket.receive_output(timeout=SOON_S))["type"] == "websocket.close"


@asynccontextmanager
async def page(user: User, language: str = "en") -> AsyncIterator[Page]:
    opened = Page(user, language)
    accepted, _ = await opened.socket.connect(timeout=SOON_S)
    assert accepted
    yield opened
    await opened.socket.disconnect(timeout=SOON_S)


def calling(switch: esl.Client, leg: str) -> "asyncio.Task[str]":
    return asyncio.create_task(
        switch.bgapi(f"originate {{origination_uuid={leg},bankline=1}}user/1001 &{HOLD}")
    )


@asynccontextmanager
async def talking(switch: esl.Client, user: User) -> AsyncIterator[tuple[Page, str]]:
    leg = str(uuid4())
    async with page(user) as phone:
        await phone.hears("registered")
        called = calling(switch, leg)
        assert await phone.hears("ringing") == {"event": "ringing", "leg": leg}
        await phone.does("answer")
        assert await phone.hears("answered") == {"event": "answered", "leg": leg}
        assert await asyncio.wait_for(called, SOON_S) == f"+OK {leg}\n"
        yield phone, leg


# -- a call --------------------------------------------------------------------------------------


async def test_she_answers_and_hangs_up(simulated, session, agent, switch):
    async with talking(switch, agent) as (phone, leg):
        await phone.does("hang_up")
        assert await phone.hears("ended") == {"event": "ended", "leg": leg, "cause": "hung-up"}
        assert await ends(switch, leg) == "NORMAL_CLEARING"


async def test_the_switch_ends_the_call_and_her_phone_rings_again(
    simulated, session, agent, switch
):
    async with talking(switch, agent) as (phone, leg):
        assert await switch.api(f"uuid_kill {leg}") == "+OK\n"
        assert (await phone.hears("ended"))["cause"] == "over"
        again = str(uuid4())
        called = calling(switch, again)
        assert (await phone.hears("ringing"))["leg"] == again
        await switch.api(f"uuid_kill {again} ORIGINATOR_CANCEL")
        assert (await phone.hears("ended"))["leg"] == again
        assert await called == "-ERR ORIGINATOR_CANCEL\n"


async def test_she_declines(simulated, session, agent, switch):
    async with page(agent) as phone:
        await phone.hears("registered")
        called = calling(switch, str(uuid4()))
        await phone.hears("ringing")
        await phone.does("hang_up")
        assert (await phone.hears("ended"))["cause"] == "hung-up"
        assert await called == "-ERR USER_BUSY\n"


async def test_a_second_call_finds_her_busy(simulated, session, agent, switch):
    async with talking(switch, agent):
        assert await calling(switch, str(uuid4())) == "-ERR USER_BUSY\n"


async def test_her_keys_arrive(simulated, session, agent, switch):
    async with talking(switch, agent) as (phone, leg):
        await phone.does("key", keys="5#")
        keyed = await asyncio.wait_for(
            switch.execute(leg, "play_and_get_digits", "0 8 1 5000 # '' '' got '' 5000"), SOON_S
        )
        assert keyed["variable_got"] == "5"


async def test_a_page_that_closes_loses_its_call(simulated, session, agent, switch):
    async with talking(switch, agent) as (_, leg):
        pass
    assert await ends(switch, leg) == "NORMAL_TEMPORARY_FAILURE"
    assert await calling(switch, str(uuid4())) == "-ERR USER_NOT_REGISTERED\n"


async def test_a_page_that_closes_while_it_rings_is_no_answer(simulated, session, agent, switch):
    async with page(agent) as phone:
        await phone.hears("registered")
        called = calling(switch, str(uuid4()))
        await phone.hears("ringing")
    assert await called == "-ERR NORMAL_TEMPORARY_FAILURE\n"


async def test_registering_is_noted(simulated, session, agent, switch):
    async with page(agent) as phone:
        await phone.hears("registered")
        await session.arefresh_from_db()
        assert session.phone_at is not None


# -- two windows ---------------------------------------------------------------------------------


async def test_the_newer_window_has_the_phone(simulated, session, agent, switch):
    async with talking(switch, agent) as (older, leg), page(agent, "zh-hans") as newer:
        await newer.hears("registered")
        over = await older.hears("failed")
        assert over["why"] == "superseded"
        assert "another window" in over["text"]
        await older.is_closed()
        assert await ends(switch, leg) == "NORMAL_TEMPORARY_FAILURE"

        again = str(uuid4())
        called = calling(switch, again)
        assert (await newer.hears("ringing"))["leg"] == again
        await newer.does("answer")
        assert await called == f"+OK {again}\n"


# -- what can't be -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "This bank runs on a real FreeSWITCH"), ("zh-hans", "本行使用真实的 FreeSWITCH")],
)
async def test_a_real_switch_has_no_simulated_phones(session, agent, settings, language, text):
    settings.PHONE_URL = ""
    async with page(agent, language) as phone:
        failed = await phone.hears("failed")
        assert failed["why"] == "switch"
        assert text in failed["text"]
        await phone.is_closed()


async def test_a_switch_that_is_down(session, agent, settings, unused_tcp_port):
    settings.PHONE_URL = f"phone://:{PASSWORD}@127.0.0.1:{unused_tcp_port}"
    async with page(agent) as phone:
        failed = await phone.hears("failed")
        assert (failed["why"], "does not answer" in failed["text"]) == ("switch", True)


async def test_a_switch_that_goes_away(session, agent, settings, tmp_path: Path):
    audio.write_all(tmp_path / "prompts")
    process = Process(tmp_path, tmp_path / "prompts", "--clock", "real")
    settings.PHONE_URL = f"phone://:{PASSWORD}@127.0.0.1:{process.phone_port}"
    async with page(agent) as phone:
        await phone.hears("registered")
        await asyncio.to_thread(process.stop)
        assert (await phone.hears("failed"))["why"] == "switch"
        await phone.is_closed()


async def test_who_is_not_signed_in_has_no_phone(simulated, agent, switch):
    async with page(agent) as phone:
        failed = await phone.hears("failed")
        assert (failed["why"], "not signed in" in failed["text"]) == ("refused", True)
        await phone.is_closed()
    assert await calling(switch, str(uuid4())) == "-ERR USER_NOT_REGISTERED\n"


NONSENSE = [
    "{",
    "[]",
    '{"do": "dial", "number": "961202"}',
    '{"do": "key", "keys": ""}',
    '{"do": "key", "keys": "w"}',
    '{"do": "key", "keys": "' + "1" * 33 + '"}',
    '{"do": "key", "keys": 1}',
]


async def test_what_it_does_not_understand_it_refuses_and_goes_on(
    simulated, session, agent, switch
):
    async with talking(switch, agent) as (phone, leg):
        for said in NONSENSE:
            await phone.socket.send_to(said)
            assert "does not understand" in (await phone.hears("refused"))["text"], said
        assert await switch.api(f"uuid_exists {leg}") == "true"


async def test_without_a_call_there_is_nothing_to_do(simulated, session, agent):
    async with page(agent) as phone:
        await phone.hears("registered")
        for do in ("answer", "hang_up", "key"):
            await phone.does(do, keys="1")
            assert "over already" in (await phone.hears("refused"))["text"], do
