"""One look for all who watch: a topic is read once a change, whoever many sockets show it.

Each process has one `Watch` a topic. It hears the topic's events, looks at most five times a
second (at once when it was quiet), and hands the same text to every socket with the same view.
What happens during a look causes another one, so the last picture is never an old one. It also
looks when nothing is announced, so that pages know that what they show still holds.

A socket that does not keep up misses pictures, never the newest, and holds up nobody.
"""

import asyncio
import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from channels.db import database_sync_to_async
from channels.exceptions import DenyConnection
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from django.conf import settings

from calendars import clock

log = logging.getLogger(__name__)

GAP_S = 0.2  # of real time, from the start of a look to the next one's
BEAT_S = 3.0  # of real time: how old a picture gets when nothing is announced
Look = Callable[[datetime], Any]

_looks: dict[str, Look] = {}
# Looks have a thread and a connection of their own: a slow page must not make boards wait.
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="look")


class UnknownLook(LookupError):
    """No app registered a look for this topic."""


@dataclass(frozen=True, slots=True)
class View:
    """What a socket shows of a topic: `render` makes JSON of what the look found.

    Views with the same topic and key are the same, and cost one rendering a look.
    """

    topic: str
    key: Hashable
    render: Callable[[Any], Any] = field(compare=False)


def register(topic: str, look: Look) -> None:
    """Name the function that reads a topic as it stands at a moment. It runs in a thread."""
    if topic in _looks:
        raise ValueError(f"The topic {topic} has its look already.")
    _looks[topic] = look


def pictures(topic: str, views: list[View], at: datetime) -> dict[View, str]:
    """One look, and its text for each view: what sockets get. Raises UnknownLook."""
    if topic not in _looks:
        raise UnknownLook(topic)
    seen = _looks[topic](at)
    frame = {"topic": topic, "at": at.isoformat(), "rate": settings.CLOCK_RATE}
    return {
        view: json.dumps({**frame, "data": view.render(seen)}, ensure_ascii=False) for view in views
    }


class Outlet:
    """The newest picture on its way to one socket."""

    def __init__(self, send: Callable[[str], Awaitable[None]]) -> None:
        self._send = send
        self._next = ""
        self._filled = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name="live-outlet")

    def offer(self, text: str) -> None:
        """Send this one, instead of one that is not on its way yet."""
        self._next = text
        self._filled.set()

    async def close(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        while True:
            await self._filled.wait()
            self._filled.clear()
            await self._send(self._next)


class Watch:
    """What one process (one event loop) knows of a topic, and for whom."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.outlets: dict[View, set[Outlet]] = {}
        self.latest: Mapping[View, str] = {}
        self.changed = asyncio.Event()
        self.starting = asyncio.Lock()
        self.tasks: list[asyncio.Task[None]] = []
        self.channel = ""

    async def join(self, view: View, outlet: Outlet) -> None:
        """The picture at once if there is one; it is kept up to date from here on."""
        async with self.starting:
            if not self.tasks:
                await self._start()
            self.outlets.setdefault(view, set()).add(outlet)
        if text := self.latest.get(view):
            outlet.offer(text)
        else:
            self.changed.set()

    async def leave(self, view: View, outlet: Outlet) -> None:
        async with self.starting:
            sockets = self.outlets.get(view, set())
            sockets.discard(outlet)
            if not sockets:
                self.outlets.pop(view, None)
            if not self.outlets:
                await self._stop()

    async def _start(self) -> None:
        """Listen first, then look: no gap."""
        layer = get_channel_layer()
        assert layer is not None  # config/settings.py names one
        self.channel = await layer.new_channel()
        await layer.group_add(self.topic, self.channel)
        self.changed.set()
        self.tasks = [
            asyncio.create_task(self._listen(layer), name=f"live-events-{self.topic}"),
            asyncio.create_task(self._keep_looking(), name=f"live-looks-{self.topic}"),
        ]

    async def _stop(self) -> None:
        for task in self.tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self.tasks, self.latest = [], {}
        if (layer := get_channel_layer()) is not None:
            await layer.group_discard(self.topic, self.channel)

    async def _listen(self, layer: Any) -> None:
        """Whatever comes, a change or that something may have been missed: look."""
        while True:
            try:
                await layer.receive(self.channel)
            except Exception:  # the beat goes on looking meanwhile
                log.exception("no events of %s", self.topic)
                await asyncio.sleep(BEAT_S)
            self.changed.set()

    async def _keep_looking(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT_S):
                    await self.changed.wait()
            asked = self.changed.is_set()
            self.changed.clear()  # what comes from here on is answered by the next look
            began = loop.time()
            try:
                self.latest = await self._look()
            except Exception:  # the database is away: pages say how old their data is
                log.exception("no look at %s", self.topic)
                self.changed.set()
                await asyncio.sleep(BEAT_S)
                continue
            for view, text in self.latest.items():
                for outlet in self.outlets.get(view, ()):
                    outlet.offer(text)
            took = loop.time() - began
            # Never busy for more than half the time; a beat makes no event wait for a gap.
            await asyncio.sleep(max(GAP_S - took, took) if asked else took)

    async def _look(self) -> dict[View, str]:
        look = database_sync_to_async(pictures, thread_sensitive=False, executor=_thread)
        return await look(self.topic, list(self.outlets), clock.now())


_watches: dict[tuple[asyncio.AbstractEventLoop, str], Watch] = {}


def watch(topic: str) -> Watch:
    """This event loop's one watch of the topic."""
    key = asyncio.get_running_loop(), topic
    if key not in _watches:
        for ended in [known for known in _watches if known[0].is_closed()]:
            del _watches[ended]
        _watches[key] = Watch(topic)
    return _watches[key]


class SharedConsumer(ABC, AsyncWebsocketConsumer):
    """A socket that shows what many others show as well.

    A page subclasses it and says in `view` what this socket may see.
    """

    shown: View
    outlet: Outlet | None = None

    @abstractmethod
    async def view(self) -> View | None:
        """What this socket shows. Raise DenyConnection, or return None, to refuse it."""

    async def connect(self) -> None:
        view = await self.view()
        if view is None:
            raise DenyConnection
        await self.accept()
        self.shown, self.outlet = view, Outlet(self.send)
        await watch(view.topic).join(view, self.outlet)

    async def layer_resync(self, event: dict[str, Any]) -> None:
        """Its watch looks anew; a page that hears more than pictures does so too."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Left with the socket, whether the page went or the server is stopping."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.outlet is not None:
                await watch(self.shown.topic).leave(self.shown, self.outlet)
                await self.outlet.close()
