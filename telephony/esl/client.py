"""A client that keeps its connection: commands with answers, executions with ends, events.

    client = Client("127.0.0.1", 8021, password, on_event=arrived)
    keeping = asyncio.create_task(client.run())
    done = await client.execute(uuid, "playback", "silence_stream://500")

Everything runs in one event loop and nothing here waits for a handler: events are taken in
the order of the wire, each by exactly one of the execute() or bgapi() that awaits it, the
channel() that listens to its channel, or `on_event`.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import count
from typing import TypeVar

from telephony.esl.channels import Channel
from telephony.esl.errors import CommandFailed, EslError, HungUp, Lost, NoSuchChannel
from telephony.esl.link import Counts, Link
from telephony.esl.wire import MAX_BODY, MAX_HEADER, Event, Frame, Parser, bgapi, command, sendmsg

log = logging.getLogger(__name__)
T = TypeVar("T")

# What execute() and bgapi() rest upon.
NEEDED = ("CHANNEL_EXECUTE_COMPLETE", "CHANNEL_HANGUP_COMPLETE", "BACKGROUND_JOB")
GONE_KEPT = 10_000  # channels whose hang-up is remembered


class Client:
    """One inbound connection to a switch, made again whenever it is lost.

    `events` are the kinds to subscribe beside those that are NEEDED. `filters` are (header,
    value): an event passes that matches one of them. They go before the subscription, else
    events of other calls leak in; a channel whose hang-up they stop leaves its execute()s
    waiting. `on_connected` is awaited after every subscription, with commands working;
    `on_lost` is told each time a connection that got so far is gone.

    Limits: `queue_limit`
    events a channel(), `pending_limit` commands without a reply, `max_header` and `max_body`
    bytes of a frame. `backoff_s`: the first and the longest pause between attempts.
    """

    def __init__(
        self,
        host: str,
        port: int,
        password: str,
        *,
        events: Sequence[str] = (),
        filters: Iterable[tuple[str, str]] = (),
        heartbeat_s: float = 10.0,
        connect_timeout_s: float = 5.0,
        backoff_s: tuple[float, float] = (0.1, 5.0),
        on_event: Callable[[Event], None] | None = None,
        on_connected: Callable[[], Awaitable[None]] | None = None,
        on_lost: Callable[[Lost], None] | None = None,
        queue_limit: int = 1000,
        pending_limit: int = 10_000,
        max_header: int = MAX_HEADER,
        max_body: int = MAX_BODY,
    ) -> None:
        self.counts = Counts()
        self._host, self._port, self._password = host, port, password
        self._events = tuple(dict.fromkeys((*NEEDED, *events)))
        self._filters = tuple(filters)
        if self._filters:
            # A job's result belongs to no channel: every filter on a channel would stop it.
            self._filters += (("Event-Name", "BACKGROUND_JOB"),)
        self._heartbeat_s, self._connect_timeout_s = heartbeat_s, connect_timeout_s
        self._backoff_s = backoff_s
        self._on_event, self._on_connected, self._on_lost = on_event, on_connected, on_lost
        self._queue_limit, self._pending_limit = queue_limit, pending_limit
        self._max_header, self._max_body = max_header, max_body
        self._link: Link | None = None
        # Short, and unlike any other client's: the switch sends our marks back to all of them.
        self._mark, self._marks = secrets.token_hex(5), count(1)
        self._executes: dict[str, asyncio.Future[Event]] = {}  # by Application-UUID
        self._running: dict[str, set[str]] = {}  # channel → its Application-UUIDs
        self._jobs: dict[str, asyncio.Future[str]] = {}  # by Job-UUID
        self._channels: dict[str, Channel] = {}
        self._gone: OrderedDict[str, str] = OrderedDict()  # channel → cause, newest last

    @property
    def connected(self) -> bool:
        """Whether commands are taken now."""
        return self._link is not None

    # -- the connection ------------------------------------------------------------------------

    async def run(self) -> None:
        """Connect and stay connected until cancelled.

        Raises AuthenticationFailed where the switch refuses the password, CommandFailed where
        it refuses a filter or the subscription, and whatever `on_connected` raises but Lost.
        """
        first, longest = self._backoff_s
        pause = first
        while True:
            before = self.counts.connections
            try:
                await self._keep()
            except Lost as lost:
                log.warning("no switch at %s:%d: %s", self._host, self._port, lost)
            if self.counts.connections > before:
                pause = first
            # Half the pause is chance, so that the workers of a switch don't return as one.
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311
            pause = min(pause * 2, longest)

    async def _keep(self) -> None:
        """One connection, from its making to its loss. Raises why it was lost."""
        link = await self._open()
        self._link = link
        self.counts.connections += 1
        try:
            if self._on_connected is not None:
                await self._on_connected()
            raise await asyncio.shield(link.lost)
        finally:
            self._link = None
            link.drop("The client stopped.")
            lost = link.lost.result()
            self._fail_all(lost)
            if self._on_lost is not None:
                self._guarded(self._on_lost, lost)

    async def _open(self) -> Link:
        """A connection that is authenticated and subscribed."""
        loop = asyncio.get_running_loop()
        link = Link(
            self._route,
            self.counts,
            parser=Parser(max_header=self._max_header, max_body=self._max_body),
            heartbeat_s=self._heartbeat_s,
            pending_limit=self._pending_limit,
        )
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                await loop.create_connection(lambda: link, self._host, self._port)
                await link.authenticate(self._password)
                for header, value in self._filters:
                    await link.settle(f"filter {header} {value}")
                await link.settle(f"event plain {' '.join(self._events)}")
        except OSError as refused:  # TimeoutError too
            link.drop("Not connected.")
            raise Lost(str(refused) or "The switch did not answer in time.") from refused
        except BaseException:
            link.drop("Not connected.")
            raise
        return link

    # -- commands ------------------------------------------------------------------------------

    async def command(self, line: str) -> Frame:
        """Send one line; the reply, whatever it says.

        Every verb here raises Lost without a connection, Overflow with too many commands
        unanswered, and Unsendable for text that would break the wire.
        """
        return await self._linked().send(command(line))

    async def api(self, line: str) -> str:
        """The output of an API command, -ERR and all: some say so and mean an answer.

        Raises CommandFailed where this client may not use the command at all.
        """
        frame = await self.command(f"api {line}")
        if frame.content_type != "api/response":
            raise CommandFailed(frame.reply)
        return frame.text

    async def bgapi(self, line: str) -> str:
        """The output of an API command that runs in the background of the switch."""
        job = self._next_mark()
        result: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._jobs[job] = result
        try:
            reply = await self._linked().send(bgapi(line, job))
            if not reply.ok:
                raise CommandFailed(reply.reply)
            return await result
        finally:
            del self._jobs[job]
            _forget(result)

    async def execute(self, uuid: str, app: str, arg: str = "", *, lock: bool = True) -> Event:
        """Run an application on a channel; its CHANNEL_EXECUTE_COMPLETE.

        Raises NoSuchChannel, or HungUp where the channel ends first, in the middle of the
        application too. Cancelling the wait does not stop the application. One that the
        switch can't begin, for want of media, reports no end: give such a wait a time limit.
        """
        link, mark = self._linked(), self._next_mark()
        data = sendmsg(uuid, app, arg, event_uuid=mark, lock=lock)
        if (cause := self._gone.get(uuid)) is not None:
            # Between its hang-up and its end a channel takes messages, and never runs them.
            raise HungUp(cause)
        done: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        self._executes[mark] = done
        self._running.setdefault(uuid, set()).add(mark)
        try:
            reply = await link.send(data)
            if not reply.ok:
                raise _refusal(reply.reply)
            return await done
        finally:
            self._executes.pop(mark, None)
            if (marks := self._running.get(uuid)) is not None:
                marks.discard(mark)
                if not marks:
                    del self._running[uuid]
            _forget(done)

    def post(self, uuid: str, app: str, arg: str = "", *, lock: bool = True) -> None:
        """Run an application on a channel and await nothing; a refusal is only counted."""
        self._linked().post(sendmsg(uuid, app, arg, lock=lock))

    def post_api(self, line: str) -> None:
        """Run an API command and await nothing; a refusal is only counted."""
        self._linked().post(command(f"api {line}"))

    def channel(self, uuid: str) -> Channel:
        """Listen to one channel; a second listener while the first is open is a ValueError."""
        if uuid in self._channels:
            raise ValueError("This channel has a listener.")
        listener = Channel(uuid, limit=self._queue_limit, on_close=self._deaf)
        self._channels[uuid] = listener
        return listener

    # -- events --------------------------------------------------------------------------------

    def _route(self, event: Event) -> None:
        name = event.name
        if name == "CHANNEL_EXECUTE_COMPLETE":
            done = self._executes.pop(event.get("Application-UUID"), None)
            if done is not None:
                self._completed(done, event)
                return
        elif name == "BACKGROUND_JOB":
            result = self._jobs.get(event.get("Job-UUID"))
            if result is not None:
                if not result.done():
                    result.set_result(event.body)
                return
        uuid = event.get("Unique-ID")
        hung_up = name == "CHANNEL_HANGUP_COMPLETE"
        if hung_up:
            self._hung_up(uuid, event.get("Hangup-Cause"))
        listener = self._channels.get(uuid)
        if listener is not None:
            if not listener.put(event):
                self.counts.undelivered += 1
            if hung_up:
                listener.end()
        elif self._on_event is not None:
            self._guarded(self._on_event, event)

    def _completed(self, done: asyncio.Future[Event], event: Event) -> None:
        if event.get("Answer-State") == "hangup":
            # The hang-up ended the application: what it played was not heard out.
            cause = event.get("Hangup-Cause")
            self._remember(event.get("Unique-ID"), cause)
            if not done.done():
                done.set_exception(HungUp(cause, event))
        elif not done.done():
            done.set_result(event)

    def _hung_up(self, uuid: str, cause: str) -> None:
        self._remember(uuid, cause)
        for mark in self._running.pop(uuid, ()):
            done = self._executes.pop(mark, None)
            if done is not None and not done.done():
                done.set_exception(HungUp(cause))

    def _remember(self, uuid: str, cause: str) -> None:
        self._gone[uuid] = cause
        if len(self._gone) > GONE_KEPT:
            self._gone.popitem(last=False)

    def _fail_all(self, lost: Lost) -> None:
        _fail(self._executes.values(), lost)
        _fail(self._jobs.values(), lost)
        for listener in tuple(self._channels.values()):
            listener.end(Lost(str(lost)))
        self._executes.clear()
        self._running.clear()
        self._gone.clear()  # a switch that was started again may know these uuids anew

    # -- inside --------------------------------------------------------------------------------

    def _linked(self) -> Link:
        if self._link is None:
            raise Lost("Not connected.")
        return self._link

    def _next_mark(self) -> str:
        return f"{self._mark}-{next(self._marks)}"

    def _deaf(self, listener: Channel) -> None:
        if self._channels.get(listener.uuid) is listener:
            del self._channels[listener.uuid]

    def _guarded(self, handler: Callable[[T], None], value: T) -> None:
        try:
            handler(value)
        except Exception:  # an edge: one event's fault must not cost every call its connection
            self.counts.handler_errors += 1
            log.exception("a handler of the event socket failed")


def _refusal(reply: str) -> EslError:
    # "invalid session id" in 1.11, "invalid session handle" in other versions.
    if reply.startswith("-ERR invalid session"):
        return NoSuchChannel(reply)
    return CommandFailed(reply)


def _fail(waiters: Iterable[asyncio.Future[T]], lost: Lost) -> None:
    for waiter in waiters:
        if not waiter.done():
            waiter.set_exception(Lost(str(lost)))


def _forget(waiter: asyncio.Future[Event] | asyncio.Future[str]) -> None:
    """Let a waiter go whose exception nobody will see."""
    if not waiter.cancel() and not waiter.cancelled():
        waiter.exception()
