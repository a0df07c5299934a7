"""A WebSocket client in a page of code (RFC 6455): hundreds of them cost next to nothing."""

import asyncio
import os
from base64 import b64encode
from collections.abc import Mapping

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Refused(Exception):
    """The server's answer was no 101; `status` is its first line."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class Closed(Exception):
    """The connection is over; `code` is the server's, 1006 if it said none."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class Socket:
    """One connection. `text()` gives messages in order and answers pings."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int, path: str, headers: Mapping[str, str] = {}) -> "Socket":
        """Raises OSError, Refused."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        lines = {
            "Host": f"127.0.0.1:{port}",
            "Origin": f"http://127.0.0.1:{port}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Version": "13",
            **headers,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(f"GET {path} HTTP/1.1\r\n{head}\r\n".encode())
        try:
            answer = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as over:
            writer.close()
            raise Refused("") from over
        status = answer.split(b"\r\n", 1)[0].decode()
        if " 101 " not in status:
            writer.close()
            raise Refused(status)
        return cls(reader, writer)

    async def text(self) -> str:
        """The next message. Raises Closed."""
        while True:
            kind, body = await self._frame()
            if kind == TEXT:
                return body.decode()
            if kind == PING:
                self._send(PONG, body)
            if kind == CLOSE:
                self.close()
                raise Closed(int.from_bytes(body[:2], "big") if body else 1005)

    def say(self, text: str) -> None:
        """Send a message, of fewer than 126 bytes."""
        self._send(TEXT, text.encode())

    def close(self) -> None:
        self._writer.close()

    async def _frame(self) -> tuple[int, bytes]:
        try:
            first, second = await self._reader.readexactly(2)
            length = second & 0x7F
            if length >= 126:
                length = int.from_bytes(
                    await self._reader.readexactly(2 if length == 126 else 8), "big"
                )
            return first & 0x0F, await self._reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError) as over:
            self.close()
            raise Closed(1006) from over

    def _send(self, kind: int, body: bytes) -> None:
        """A client's frames are masked; ours are short."""
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(body))
        self._writer.write(bytes([0x80 | kind, 0x80 | len(body)]) + mask + masked)
