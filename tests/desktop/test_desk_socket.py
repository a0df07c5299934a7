"""The live end of the agent's page: heartbeats in, news out."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator

from calendars import clock
from desktop.agent.consumers import DeskConsumer
from people import staff
from people.roles import Role
from routing import presence
from routing.models import Session
from routing.states import State
from tests.desktop import seats

pytestmark = pytest.mark.django_db(transaction=True)
TAB = uuid4()
SOON_S = 10
LOOKS = 3  # after which a figure that has not come does not come


def socket_of(user) -> WebsocketCommunicator:
    socket = WebsocketCommunicator(DeskConsumer.as_asgi(), "/ws/desk/")
    socket.scope["user"] = user
    return socket


async def hears(socket, event: str) -> dict:
    """The next word of this kind; what comes before is passed over."""
    async with asyncio.timeout(SOON_S):
        while True:
            said = await socket.receive_json_from(timeout=SOON_S)
            if said.get("event") == event:
                return said


def db(fetch, *args, **kwargs):
    return database_sync_to_async(fetch)(*args, **kwargs)


async def beats(socket, tab=TAB, *, phone: bool) -> str:
    await socket.send_json_to({"tab": str(tab), "phone": phone})
    while (said := await socket.receive_json_from(timeout=10)).get("event") in ("desk", None):
        pass
    return said["event"]


async def sees(socket, queue: str, **figures: int) -> None:
    """These figures of a queue, sooner or later; nothing of her own desk meanwhile."""
    seen = []
    while len(seen) < LOOKS:
        said = await socket.receive_json_from(timeout=SOON_S)
        assert "data" in said, said
        (line,) = [line for line in said["data"]["lines"] if line["slug"] == queue]
        if figures.items() <= line.items():
            return
        seen.append(line)
    raise AssertionError(f"not {figures} but {seen}")


async def test_a_heartbeat_keeps_her_there_and_tells_the_server_s_time(lin):
    session = await db(presence.sign_in, lin, tab=TAB, at=clock.now() - timedelta(seconds=9))
    socket = socket_of(lin)
    assert (await socket.connect())[0]
    said = await hears(socket, "desk")
    assert said["at"].endswith("+08:00")
    assert await beats(socket, phone=True) == "beat"
    fresh = await db(Session.objects.get, pk=session.pk)
    assert fresh.phone_at is not None
    assert fresh.heartbeat_at > session.heartbeat_at
    await db(presence.ready, lin.pk, at=clock.now())
    assert await beats(socket, phone=False) == "beat"
    assert await db(presence.state_of, lin.pk) == State.PAUSED
    await socket.disconnect()


async def test_another_tab_keeps_nothing_alive_and_is_told_so(lin):
    session = await db(presence.sign_in, lin, tab=TAB, at=clock.now() - timedelta(seconds=9))
    socket = socket_of(lin)
    await socket.connect()
    assert await beats(socket, uuid4(), phone=True) == "elsewhere"
    fresh = await db(Session.objects.get, pk=session.pk)
    assert (fresh.heartbeat_at, fresh.phone_at) == (session.heartbeat_at, None)
    await socket.disconnect()


async def test_who_is_not_signed_in_is_told_so(lin):
    socket = socket_of(lin)
    await socket.connect()
    assert await beats(socket, phone=True) == "over"
    await socket.disconnect()


async def test_a_caller_at_her_door_is_news_and_at_another_s_only_figures(lin):
    zhou = await db(seats.hire, "1107", "周敏", "card")
    await db(seats.sits_down, lin, at=clock.now())
    mine, hers = socket_of(lin), socket_of(zhou)
    for socket in (mine, hers):
        await socket.connect()
        await hears(socket, "desk")
    call = await db(seats.calls_in, at=clock.now())
    await db(seats.waits, call, at=clock.now())
    await db(seats.rings, at=clock.now())
    await hears(mine, "desk")
    await sees(hers, "general", waiting=1, ready=0, signed_in=1)
    await sees(hers, "card", waiting=0, signed_in=0)
    for socket in (mine, hers):
        await socket.disconnect()


@pytest.mark.parametrize(
    "text",
    ["{", "[" * 99_999, "[]", "7", '"x"', "{}", '{"tab": "x"}', '{"tab": null, "phone": 1}'],
)
async def test_what_is_no_heartbeat_is_none(lin, text):
    session = await db(presence.sign_in, lin, tab=TAB, at=clock.now() - timedelta(seconds=9))
    socket = socket_of(lin)
    await socket.connect()
    await socket.send_to(text_data=text)
    assert await beats(socket, phone=False) == "beat"  # the socket lives on
    fresh = await db(Session.objects.get, pk=session.pk)
    assert fresh.phone_at is None
    await socket.disconnect()


async def test_who_takes_no_calls_has_no_desk(lin):
    clerk = await db(staff.hire, number="1002", name="何静", branch=None, roles=[Role.BACK_OFFICE])
    assert not (await socket_of(clerk).connect())[0]
