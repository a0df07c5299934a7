"""One connection to a switch: frames in, replies to whom they are due, a watch on silence."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from telephony.esl.errors import AuthenticationFailed, CommandFailed, Lost, Overflow, ProtocolError
from telephony.esl.wire import Event, Frame, Parser, command

log = logging.getLogger(__name__)

PROBE = command("api status")


@dataclass(slots=True)
class Counts:
    """What a client saw since it was made, for metrics."""

    events: int = 0
    connections: int = 0  # that got as far as their subscription
    unknown_frames: int = 0  # of a type that we have no use for; passed over
    protocol_errors: int = 0  # each cost a connection
    posts_refused: int = 0  # -ERR to a post(), which nobody awaits
    undelivered: int = 0  # events of a channel whose listener was cut off, or at its end
    handler_errors: int = 0  # exceptions out of on_event and on_lost; logged


class Link(asyncio.Protocol):
    """The protocol of one connection. `lost` resolves to the reason when it is gone.

    A reply belongs to the oldest command without one. A waiter that was cancelled keeps its
    place in that row as a tombstone, so that its reply goes to nobody else.

    After `heartbeat_s` seconds of silence it asks `api status`; after as many more the
    connection is dropped. An `api` command blocks the switch's end meanwhile: what takes
    longer belongs into `bgapi`.
    """

    def __init__(
        self,
        on_event: Callable[[Event], None],
        counts: Counts,
        *,
        parser: Parser,
        heartbeat_s: float,
        pending_limit: int,
    ) -> None:
        loop = asyncio.get_running_loop()
        self.lost: asyncio.Future[Lost] = loop.create_future()
        self._greeting: asyncio.Future[Frame] = loop.create_future()
        self._loop = loop
        self._on_event = on_event
        self._counts = counts
        self._parser = parser
        self._heartbeat_s = heartbeat_s
        self._pending_limit = pending_limit
        self._replies: deque[asyncio.Future[Frame] | None] = deque()  # None: nobody waits
        self._transport: asyncio.Transport | None = None
        self._heard_at = loop.time()
        self._probed = False
        self._watch: asyncio.TimerHandle | None = None

    # -- what the client does ------------------------------------------------------------------

    async def authenticate(self, password: str) -> None:
        """Answer the switch's greeting. Raises AuthenticationFailed or Lost."""
        greeting = await self._greeting
        if greeting.content_type == "text/rude-rejection":
            raise AuthenticationFailed(greeting.text.strip())
        reply = await self.send(command(f"auth {password}"))
        if not reply.ok:
            raise AuthenticationFailed(reply.reply)

    async def settle(self, line: str) -> None:
        """A command that must be accepted. Raises CommandFailed or Lost."""
        reply = await self.send(command(line))
        if not reply.ok:
            raise CommandFailed(f"{line}: {reply.reply}")

    def send(self, data: bytes) -> asyncio.Future[Frame]:
        """Write one whole command; its reply, which may be awaited or left."""
        waiter: asyncio.Future[Frame] = self._loop.create_future()
        self._write(data, waiter)
        return waiter

    def post(self, data: bytes) -> None:
        """Write one whole command whose reply nobody awaits."""
        self._write(data, None)

    def drop(self, reason: str) -> None:
        """Close at once: whoever waits gets Lost(reason)."""
        self._end(reason)
        if self._transport is not None:
            self._transport.abort()

    # -- what the transport does ---------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass of it
        if self.lost.done():  # given up while it was being made
            self._transport.abort()
            return
        self._watch = self._loop.call_later(self._heartbeat_s, self._beat)

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        self._probed = False
        try:
            frames = self._parser.feed(data)
        except ProtocolError as bad:
            for frame in bad.frames:
                self._take(frame)
            self._out_of_step(str(bad))
            return
        for frame in frames:
            self._take(frame)

    def connection_lost(self, exc: Exception | None) -> None:
        cut = f" in the middle of a frame ({self._parser.pending} bytes)"
        why = f": {exc}" if exc else ""
        self._end(f"The switch closed the connection{cut if self._parser.pending else ''}{why}.")

    # -- inside --------------------------------------------------------------------------------

    def _take(self, frame: Frame) -> None:
        if self.lost.done():
            return
        match frame.content_type:
            case "text/event-plain":
                self._counts.events += 1
                self._on_event(Event(frame.body))
            case "command/reply" | "api/response":
                self._reply(frame)
            case "auth/request" | "text/rude-rejection":
                if self._greeting.done():
                    self._out_of_step("The switch greeted twice.")
                else:
                    self._greeting.set_result(frame)
            case "text/disconnect-notice":
                self.drop("The switch said good-bye.")
            case other:
                self._counts.unknown_frames += 1
                log.debug("passed over a frame of type %.80r", other)

    def _reply(self, frame: Frame) -> None:
        if not self._replies:
            self._out_of_step("The switch answered what nobody asked.")
            return
        waiter = self._replies.popleft()
        if waiter is None:
            if not frame.ok:
                self._counts.posts_refused += 1
        elif not waiter.done():
            waiter.set_result(frame)

    def _write(self, data: bytes, waiter: asyncio.Future[Frame] | None) -> None:
        if self.lost.done() or self._transport is None:
            raise Lost(str(self.lost.result()) if self.lost.done() else "Not connected.")
        if len(self._replies) >= self._pending_limit:
            raise Overflow(f"{self._pending_limit} commands wait for the switch's answer.")
        self._replies.append(waiter)
        self._transport.write(data)

    def _beat(self) -> None:
        quiet = self._loop.time() - self._heard_at
        if self._probed:
            self.drop(f"The switch was silent for {quiet:.1f} s.")
            return
        if quiet < self._heartbeat_s:
            self._watch = self._loop.call_later(self._heartbeat_s - quiet, self._beat)
            return
        self._probed = True
        try:
            self.post(PROBE)
        except Overflow:  # so much unanswered, and silence: the probe would tell no more
            log.warning("the switch answers nothing; %d commands wait", len(self._replies))
        self._watch = self._loop.call_later(self._heartbeat_s, self._beat)

    def _out_of_step(self, why: str) -> None:
        self._counts.protocol_errors += 1
        log.warning("dropped the switch's connection: %s", why)
        self.drop(why)

    def _end(self, reason: str) -> None:
        if self.lost.done():
            return
        if self._watch is not None:
            self._watch.cancel()
        self.lost.set_result(Lost(reason))
        for waiter in (self._greeting, *self._replies):
            if waiter is not None and not waiter.done():
                waiter.set_exception(Lost(reason))
                waiter.exception()  # seen: a reply that nobody awaits is no fault to log
        self._replies.clear()
