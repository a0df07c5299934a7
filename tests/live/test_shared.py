"""One look for all sockets of a process, and what is done to it."""

import asyncio
import json
import logging
import threading
from dataclasses import dataclass, field

import pytest
from channels.testing import WebsocketCommunicator
from django.db import connection, transaction

from calendars import clock
from live import shared, topics
from live.shared import Outlet, SharedConsumer, View, watch
from tests.live.test_layer import backend, in_thread

pytestmark = pytest.mark.django_db(transaction=True)
SOON_S = 10


@dataclass
class Ward:
    """What is looked at; `hold` makes a look wait in its thread."""

    patients: int = 0
    looks: int = 0
    renderings: int = 0
    broken: bool = False
    hold: threading.Event = field(default_factory=threading.Event)
    looking: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def look(self, at):
        self.looks += 1
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        seen = self.patients
        self.looking.release()
        assert self.hold.wait(SOON_S)
        if self.broken:
            raise RuntimeError("no ward")
        return seen

    def render(self, seen):
        self.renderings += 1
        return {"patients": seen}


ward = Ward()
shared.register("shared-ward", ward.look)
topics.register("shared-ward", lambda: (0, None))


class Board(SharedConsumer):
    async def view(self):
        name = self.scope["name"]
        return name and View("shared-ward", name, ward.render)


@pytest.fixture(autouse=True)
def _an_empty_ward(monkeypatch):
    ward.__init__()
    ward.hold.set()
    monkeypatch.setattr(shared, "BEAT_S", SOON_S)  # nothing but events, unless a test says so


def announce(patients: int) -> None:
    with transaction.atomic():
        ward.patients = patients
        topics.announce("shared-ward", 0)


async def connect(name="all"):
    socket = WebsocketCommunicator(Board.as_asgi(), "/board")
    socket.scope["name"] = name
    accepted, _ = await socket.connect(timeout=SOON_S)
    return socket if accepted else None


async def sees(socket) -> int:
    return (await socket.receive_json_from(SOON_S))["data"]["patients"]


async def until(socket, patients: int) -> None:
    while await sees(socket) != patients:
        pass


async def look_began() -> None:
    assert await asyncio.to_thread(ward.looking.acquire, timeout=SOON_S)


async def test_hundred_sockets_cost_one_look_and_one_rendering_a_change():
    first = await connect()
    assert await sees(first) == 0
    others = [await connect() for _ in range(99)]
    assert {await sees(socket) for socket in others} == {0}
    sockets = [first, *others]
    looks = ward.looks
    await in_thread(announce, 7)
    assert {await sees(socket) for socket in sockets} == {7}
    assert (ward.looks - looks, ward.renderings) == (1, ward.looks)
    for socket in sockets:
        await socket.disconnect()


async def test_who_joins_late_is_shown_what_the_others_see_without_a_look():
    first = await connect()
    assert await sees(first) == 0
    late = await connect()
    assert await sees(late) == 0
    assert ward.looks == 1
    for socket in (first, late):
        await socket.disconnect()


async def test_another_view_costs_a_rendering_of_its_own():
    one, other = await connect("one"), await connect("other")
    assert (await sees(one), await sees(other)) == (0, 0)
    looks, renderings = ward.looks, ward.renderings
    await in_thread(announce, 3)
    await until(one, 3)
    await until(other, 3)
    assert ward.renderings - renderings == 2 * (ward.looks - looks)
    for socket in (one, other):
        await socket.disconnect()


async def test_an_old_picture_and_its_events_make_a_fresh_one():
    socket = await connect()
    assert await sees(socket) == 0
    for patients in (1, 5, 2, 9):
        await in_thread(announce, patients)
    await until(socket, 9)
    view = View("shared-ward", "all", ward.render)
    fresh = await in_thread(shared.pictures, "shared-ward", [view], clock.now())
    assert json.loads(fresh[view])["data"] == {"patients": 9}
    await socket.disconnect()


async def test_a_burst_of_events_is_few_looks():
    socket = await connect()
    assert await sees(socket) == 0
    looks = ward.looks
    for patients in range(1, 51):
        await in_thread(announce, patients)
    await until(socket, 50)
    assert 1 <= ward.looks - looks < 25
    await socket.disconnect()


async def test_what_happens_during_a_look_causes_another():
    socket = await connect()
    assert await sees(socket) == 0
    await look_began()  # the first one
    ward.hold.clear()
    await in_thread(announce, 1)
    await look_began()
    await in_thread(announce, 2)  # the look under way has read 1
    ward.hold.set()
    assert await sees(socket) == 1
    assert await sees(socket) == 2
    await socket.disconnect()


async def test_a_lost_listener_makes_it_look_anew():
    socket = await connect()
    assert await sees(socket) == 0
    ward.patients = 4  # changed while nobody listened
    assert await backend("live-listener", "pg_terminate_backend") >= 1
    assert await sees(socket) == 4
    await socket.disconnect()


async def test_it_looks_when_nothing_is_announced(monkeypatch):
    monkeypatch.setattr(shared, "BEAT_S", 0.01)
    socket = await connect()
    first = await socket.receive_json_from(SOON_S)
    ward.patients = 8  # nobody says so
    await until(socket, 8)
    later = await socket.receive_json_from(SOON_S)
    assert later["at"] > first["at"]
    await socket.disconnect()


async def test_a_look_that_fails_is_told_to_the_log_and_tried_again(monkeypatch, caplog):
    monkeypatch.setattr(shared, "BEAT_S", 0.01)
    ward.broken = True
    with caplog.at_level(logging.ERROR, "live.shared"):
        socket = await connect()
        await look_began()
        await look_began()
        ward.broken = False
        assert await sees(socket) == 0
    assert "no look at shared-ward" in caplog.text
    await socket.disconnect()


async def test_a_socket_that_does_not_keep_up_holds_up_nobody_and_misses_no_newest():
    sent, go = [], asyncio.Event()

    async def slowly(text):
        sent.append(text)
        await go.wait()

    view = View("shared-ward", "all", ward.render)
    slow = Outlet(slowly)
    await watch("shared-ward").join(view, slow)
    quick = await connect()
    await until(quick, 0)
    for patients in (1, 2, 3):
        await in_thread(announce, patients)
        await until(quick, patients)
    assert len(sent) == 1
    go.set()
    async with asyncio.timeout(SOON_S):
        while len(sent) < 2:  # noqa: ASYNC110  # the outlet tells nobody
            await asyncio.sleep(0)
    assert [json.loads(text)["data"]["patients"] for text in sent] == [0, 3]
    await watch("shared-ward").leave(view, slow)
    await slow.close()
    await quick.disconnect()


async def test_nobody_watching_costs_nothing():
    socket = await connect()
    assert await sees(socket) == 0
    assert len(watch("shared-ward").tasks) == 2
    await socket.disconnect()
    assert (watch("shared-ward").tasks, watch("shared-ward").outlets) == ([], {})
    looks = ward.looks
    await in_thread(announce, 1)
    again = await connect()
    assert await sees(again) == 1  # what was kept is not shown again
    assert ward.looks == looks + 1
    await again.disconnect()


async def test_a_refused_socket_watches_nothing():
    assert await connect(name=None) is None
    assert watch("shared-ward").outlets == {}


def test_a_topic_has_one_look():
    with pytest.raises(ValueError, match="already"):
        shared.register("shared-ward", lambda at: None)
    with pytest.raises(shared.UnknownLook):
        shared.pictures("elsewhere", [], clock.now())
