"""The wire between a browser and web, which a test can cut: every socket goes, none comes."""

import asyncio
import socket
import threading
from contextlib import suppress
from types import TracebackType
from urllib.parse import urlsplit

WITHIN_S = 10.0


class Wire:
    """A TCP relay to `address` on a port of its own.

    Chromium's offline mode refuses new requests, but leaves an open WebSocket as it is.
    """

    def __init__(self, address: str) -> None:
        there = urlsplit(address)
        assert there.hostname
        assert there.port
        self._there = (there.hostname, there.port)
        self._port = 0
        self._ends: set[asyncio.StreamWriter] = set()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def cut(self) -> None:
        """Whatever is open breaks off in the middle; whoever tries anew is refused."""
        self._run(self._cut())

    def mend(self) -> None:
        """At the same port as before."""
        self._run(self._listen())

    def __enter__(self) -> "Wire":
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._run(self._listen())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._run(self._cut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WITHIN_S)
        self._loop.close()

    def _run(self, what) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(WITHIN_S)

    async def _listen(self) -> None:
        here = socket.create_server(("127.0.0.1", self._port))
        self._port = here.getsockname()[1]
        self._server = await asyncio.start_server(self._relay, sock=here)

    async def _cut(self) -> None:
        self._server.close()
        for end in [*self._ends]:
            end.transport.abort()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        beyond, onward = await asyncio.open_connection(*self._there)
        ends = {writer, onward}
        self._ends |= ends
        await asyncio.gather(_pass(reader, onward), _pass(beyond, writer))
        self._ends -= ends


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One way, until it ends; then the other end hears so."""
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
