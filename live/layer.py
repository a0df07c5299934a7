"""The channel layer over PostgreSQL's LISTEN and NOTIFY.

What a transaction announces with `pg_notify` is delivered if it commits and never otherwise.
One connection a process and event loop listens, a second one sends; groups are known to the
process whose sockets are in them, so that joining and leaving cost nothing.

NOTIFY may lose messages: a lost connection, a client that does not keep up. Whoever may have
missed one gets `{"type": "layer.resync"}` instead and looks anew; nobody is left with an old
picture. Ordinary names (work queues) are refused: work goes to Django-Q2.
"""

import asyncio
import contextlib
import itertools
import json
import logging
import secrets
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import psycopg
from channels.layers import BaseChannelLayer
from django.conf import settings

log = logging.getLogger(__name__)

CHANNEL = "bankline_live"  # the one name that every process listens to
LIMIT = 7900  # bytes; PostgreSQL takes payloads below 8000
PARCEL_LIFE_S = 60  # how long a payload too big for NOTIFY waits to be fetched
PULSE_S = 20.0  # a listener that hears nothing asks whether the server still lives
FIRST_RETRY_S, LAST_RETRY_S = 0.1, 5.0
RESYNC: dict[str, Any] = {"type": "layer.resync"}

Message = dict[str, Any]

# Either the message itself or the number of the row that holds it; one statement, one commit.
NOTIFY = "SELECT pg_notify(%s, %s)"
PARCEL = """
    WITH old AS (
        DELETE FROM live_parcel WHERE at < clock_timestamp() - make_interval(secs => %s)
    ), sent AS (
        INSERT INTO live_parcel (body, at) VALUES (%s, clock_timestamp()) RETURNING id
    )
    SELECT pg_notify(%s, jsonb_build_object('to', %s::text, 'parcel', id)::text) FROM sent
"""


class Unreachable(Exception):
    """PostgreSQL could not be reached to listen; the socket is refused, the client tries again."""


def statement(to: str, message: Message) -> tuple[str, list[Any]]:
    """The SQL that sends `message` to a group (`=name`) or a channel when it commits."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    payload = f'{{"to":{json.dumps(to)},"message":{body}}}'
    if len(payload.encode()) <= LIMIT:
        return NOTIFY, [CHANNEL, payload]
    return PARCEL, [PARCEL_LIFE_S, body, CHANNEL, to]


@dataclass(eq=False)
class Box:
    """The messages that wait for one socket, and the groups it is in."""

    name: str
    capacity: int
    groups: set[str] = field(default_factory=set)
    messages: deque[Message] = field(default_factory=deque)
    filled: asyncio.Event = field(default_factory=asyncio.Event)
    readers: int = 0
    idle_since: float = 0.0  # loop time at which the last reader left

    def put(self, message: Message) -> None:
        """Queue it. A socket that does not keep up gets one resync for all that waits."""
        if len(self.messages) >= self.capacity:
            log.warning("%s does not keep up: %d messages dropped", self.name, len(self.messages))
            self.messages.clear()
            message = dict(RESYNC)
        if message == RESYNC:  # a fresh look makes what waits superfluous
            self.messages.clear()
        self.messages.append(message)
        self.filled.set()

    async def take(self) -> Message:
        """The next message. Cancelled, it takes none."""
        while not self.messages:
            self.filled.clear()
            await self.filled.wait()
        return self.messages.popleft()


class Station:
    """One event loop's listening and sending connection, with the boxes of its sockets."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.prefix = f"local.{secrets.token_hex(8)}!"
        self.boxes: dict[str, Box] = {}
        self.groups: dict[str, set[Box]] = {}
        self.listening = asyncio.Event()  # set once LISTEN stood for the first time
        self.sender: psycopg.AsyncConnection[Any] | None = None
        self.sending = asyncio.Lock()
        self.numbers = itertools.count(1)
        self.listener: asyncio.Task[None] | None = None
        self.keeper: asyncio.Task[None] | None = None

    # -- listening ----------------------------------------------------------------------

    async def listen(self, limit_s: float = 10.0) -> None:
        """Return when LISTEN stands. Later losses are made good by a resync, not waited for."""
        if self.listener is None or self.listener.done():
            self.listener = asyncio.create_task(self._listen_for_ever(), name="live-listener")
        if self.listening.is_set():
            return
        try:
            async with asyncio.timeout(limit_s):
                await self.listening.wait()
        except TimeoutError:
            raise Unreachable(f"no LISTEN on PostgreSQL within {limit_s:.0f} s") from None

    async def _listen_for_ever(self) -> None:
        wait_s = FIRST_RETRY_S
        while True:
            try:
                async with await self._connect("live-listener") as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    wait_s = FIRST_RETRY_S
                    if self.listening.is_set():
                        log.warning("listening again; every client looks anew")
                        self._resync(self.boxes.values())
                    self.listening.set()
                    await self._deliver_from(connection)
            except (psycopg.Error, OSError) as error:
                log.warning("the listening connection was lost: %s", error)
            except Exception:  # without a listener every page of this process stands still
                log.exception("the listener failed and starts anew")
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, LAST_RETRY_S)

    async def _deliver_from(self, connection: "psycopg.AsyncConnection[Any]") -> None:
        while True:
            async for notice in connection.notifies(timeout=PULSE_S):
                await self._deliver(notice.payload)
            # Silence: a server that vanished without a word is noticed here.
            async with asyncio.timeout(PULSE_S):
                await connection.execute("SELECT 1")
            self._forget_idle()

    async def _deliver(self, payload: str) -> None:
        try:
            envelope = json.loads(payload)
            to = str(envelope["to"])
        except (ValueError, TypeError, KeyError):
            log.warning("not ours on %s: %.100r", CHANNEL, payload)
            return
        boxes = self._boxes_of(to)
        if not boxes:
            return
        message = envelope.get("message")
        if message is None:
            message = await self._fetch(envelope["parcel"])
        if message is None:
            log.warning("a parcel for %s was gone; its clients look anew", to)
            self._resync(boxes)
            return
        for box in boxes:
            box.put(dict(message))  # each receiver owns its copy

    async def _fetch(self, parcel: int) -> Message | None:
        row = await self._execute("SELECT body FROM live_parcel WHERE id = %s", [parcel])
        return json.loads(row[0]) if row else None

    def _boxes_of(self, to: str) -> list[Box]:
        if to.startswith("="):
            return list(self.groups.get(to[1:], ()))
        return [box] if (box := self.boxes.get(to)) else []

    def _resync(self, boxes: Iterable[Box]) -> None:
        for box in boxes:
            box.put(dict(RESYNC))

    # -- sending ------------------------------------------------------------------------

    async def send(self, to: str, message: Message) -> None:
        await self._execute(*statement(to, message))

    async def _execute(self, sql: str, values: list[Any]) -> Any:
        """Run one statement; a connection that died meanwhile is replaced once."""
        async with self.sending:
            for last in (False, True):
                try:
                    if self.sender is None or self.sender.closed:
                        self.sender = await self._connect("live-sender")
                        self._keep()
                    return await (await self.sender.execute(sql, values)).fetchone()
                except psycopg.OperationalError:
                    if self.sender is not None:
                        await self.sender.close()
                        self.sender = None
                    if last:
                        raise
        raise AssertionError("the second try returns or raises")

    def _keep(self) -> None:
        if self.keeper is None or self.keeper.done():
            self.keeper = asyncio.create_task(self._close_sender_at_the_end(), name="live-sender")

    async def _close_sender_at_the_end(self) -> None:
        """Loops end by cancelling their tasks: then this one closes what was opened in them."""
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            if self.sender is not None:
                await self.sender.close()

    async def _connect(self, name: str) -> "psycopg.AsyncConnection[Any]":
        return await psycopg.AsyncConnection.connect(
            self.url,
            autocommit=True,
            application_name=name,
            connect_timeout=5,
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
        )

    # -- boxes --------------------------------------------------------------------------

    def new(self, capacity: int) -> Box:
        return self.box(f"{self.prefix}{next(self.numbers)}", capacity)

    def box(self, name: str, capacity: int) -> Box:
        if not name.startswith(self.prefix):
            raise TypeError(f"{name} is not a channel of this process; work goes to Django-Q2.")
        if name not in self.boxes:
            self.boxes[name] = Box(name, capacity, idle_since=asyncio.get_running_loop().time())
        return self.boxes[name]

    def _forget_idle(self, idle_s: float = 60.0) -> None:
        """A socket that is gone left its groups and reads no more: its box goes too."""
        since = asyncio.get_running_loop().time() - idle_s
        for box in list(self.boxes.values()):
            if not box.groups and not box.readers and box.idle_since <= since:
                del self.boxes[box.name]

    async def close(self) -> None:
        for task in (self.listener, self.keeper):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task


class PostgresChannelLayer(BaseChannelLayer):
    """Groups and process-local channels for Channels' consumers."""

    extensions = ["groups", "flush"]

    def __init__(self, url: str = "", capacity: int = 100, **rest: Any) -> None:
        super().__init__(capacity=capacity, **rest)
        self.url = url
        self._stations: dict[asyncio.AbstractEventLoop, Station] = {}

    @property
    def _station(self) -> Station:
        loop = asyncio.get_running_loop()
        if loop not in self._stations:
            for ended in [loop for loop in self._stations if loop.is_closed()]:
                del self._stations[ended]
            self._stations[loop] = Station(self.url or settings.DATABASE_DIRECT_URL)
        return self._stations[loop]

    async def new_channel(self, prefix: str = "specific") -> str:
        await self._station.listen()
        return self._station.new(self.capacity).name

    async def send(self, channel: str, message: Message) -> None:
        self.require_valid_channel_name(channel)
        if "!" not in channel:
            raise TypeError(f"{channel} is no process's own channel; work goes to Django-Q2.")
        await self._station.send(channel, message)

    async def receive(self, channel: str) -> Message:
        """The next message for `channel`, in the order of commits."""
        self.require_valid_channel_name(channel)
        await self._station.listen()
        box = self._station.box(channel, self.capacity)
        box.readers += 1
        try:
            return await box.take()
        finally:
            box.readers -= 1
            box.idle_since = asyncio.get_running_loop().time()

    async def group_add(self, group: str, channel: str) -> None:
        """From its return on, whatever commits for `group` reaches `channel`."""
        self.require_valid_group_name(group)
        await self._station.listen()
        box = self._station.box(channel, self.capacity)
        box.groups.add(group)
        self._station.groups.setdefault(group, set()).add(box)

    async def group_discard(self, group: str, channel: str) -> None:
        self.require_valid_group_name(group)
        if box := self._station.boxes.get(channel):
            box.groups.discard(group)
            members = self._station.groups.get(group, set())
            members.discard(box)
            if not members:
                self._station.groups.pop(group, None)

    async def group_send(self, group: str, message: Message) -> None:
        self.require_valid_group_name(group)
        await self._station.send(f"={group}", message)

    async def flush(self) -> None:
        """Forget every channel and group of this process; what lies in PostgreSQL too."""
        self._station.boxes.clear()
        self._station.groups.clear()
        await self._station._execute("DELETE FROM live_parcel RETURNING id", [])

    async def close(self) -> None:
        """Close this event loop's connections."""
        if station := self._stations.pop(asyncio.get_running_loop(), None):
            await station.close()
