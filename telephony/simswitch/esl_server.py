"""The event socket: a TCP port on the loopback address, a session a connection."""

from __future__ import annotations

import asyncio
import logging
from typing import cast

from telephony.simswitch.esl_session import EslSession
from telephony.simswitch.machine import Machine

log = logging.getLogger(__name__)

HEARTBEAT_S = 20  # real seconds, whatever the switch's clock does: clients watch for silence
MOST_UNREAD = 32 * 1024 * 1024  # bytes that a client may leave unread before it is cut off


class EslServer:
    """Accepts clients and beats the heart."""

    def __init__(self, machine: Machine, password: str) -> None:
        self.machine, self._password = machine, password
        self.connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._beat: asyncio.TimerHandle | None = None

    async def start(self, port: int) -> int:
        """Listen on 127.0.0.1; the port taken. Raises OSError."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self, self._password), "127.0.0.1", port
        )
        self._heartbeat()
        return int(self._server.sockets[0].getsockname()[1])

    def drop(self) -> int:
        """Cut every connection without a word; how many there were."""
        dropped = list(self.connections)
        for connection in dropped:
            connection.cut()
        return len(dropped)

    async def stop(self) -> None:
        """Say good-bye to every client and stop listening."""
        if self._beat:
            self._beat.cancel()
        if self._server:
            self._server.close()
        for connection in list(self.connections):
            connection.bid_farewell()

    def _heartbeat(self) -> None:
        switch = self.machine.switch
        switch.fire(
            "HEARTBEAT",
            lambda: [
                ("Event-Info", "System Ready"),
                ("Up-Time-Msec", str(int((switch.now() - switch.started) * 1000))),
                ("FreeSWITCH-Version", "1.11-simswitch"),
                ("Session-Count", str(len(switch.channels))),
                ("Session-Since-Startup", str(switch.sessions)),
                ("Heartbeat-Interval", str(HEARTBEAT_S)),
            ],
        )
        self._beat = asyncio.get_running_loop().call_later(HEARTBEAT_S, self._heartbeat)


class Connection(asyncio.Protocol):
    """One client's bytes."""

    def __init__(self, server: EslServer, password: str) -> None:
        self._server, self._password = server, password
        self._transport: asyncio.Transport | None = None
        self._session: EslSession | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._server.connections.add(self)
        machine = self._server.machine
        self._session = EslSession(machine.switch, self._password, self._write, machine.withholds)

    def data_received(self, data: bytes) -> None:
        assert self._session is not None
        self._session.receive(data)
        self._server.machine.kick()
        if self._session.closed and self._transport:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.connections.discard(self)
        if self._session:
            self._session.close()
            self._server.machine.gone(self._session)

    def cut(self) -> None:
        """As if the network broke."""
        if self._transport:
            self._transport.abort()

    def bid_farewell(self) -> None:
        """Close in order."""
        if self._session and self._transport:
            self._session.close()
            self._transport.close()

    def _write(self, data: bytes) -> None:
        assert self._transport is not None
        if self._transport.is_closing():
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > MOST_UNREAD:
            log.warning("a client of the event socket does not read: cut off")
            self._transport.abort()
