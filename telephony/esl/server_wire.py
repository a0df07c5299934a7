"""The other end of the event socket as bytes: what a switch reads and writes, with no I/O.

For a simulated switch, and for tests that wire the two pure ends together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from telephony.esl.errors import ProtocolError
from telephony.esl.wire import MAX_BODY, MAX_HEADER, read_headers

AUTH_REQUEST = b"Content-Type: auth/request\n\n"
# What switch_url_encode() leaves alone beside letters, digits and `_.-~`. It also leaves a %XX
# that is in a value already, so that a reader can't tell it from an encoded byte; we encode
# every % and read back what was meant.
_SAFE = "!$'()*,/"


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a client. Its text stays out of repr(): it may hold a PIN or a password."""

    line: str = field(repr=False)  # such as "sendmsg 4f…"
    headers: Mapping[str, str] = field(repr=False)  # by lower-case name, without the line
    body: str = field(repr=False)
    block: bytes = field(default=b"", repr=False)  # the header lines as they came

    def values(self, name: str) -> list[str]:
        """Every value of a header that may be repeated, such as `application` of an xferext."""
        lines = (line.partition(":") for line in self.block.decode("utf-8", "replace").split("\n"))
        return [value.strip() for found, _, value in lines if found.strip().lower() == name]

    @property
    def verb(self) -> str:
        """The first word, in lower case: FreeSWITCH ignores its case."""
        return self.line.partition(" ")[0].lower()

    @property
    def rest(self) -> str:
        """What follows the first word."""
        return self.line.partition(" ")[2].strip()


class ServerParser:
    """Bytes in, commands out, however the bytes were cut; lines may end in CR LF.

    As FreeSWITCH does it skips empty lines before a command and hangs up on a Content-Length
    that is negative or too large; unlike it, also on one that is no number.
    """

    def __init__(self, *, max_header: int = MAX_HEADER, max_body: int = MAX_BODY) -> None:
        self._max_header = max_header
        self._max_body = max_body
        self._buffer = bytearray()
        self._searched = 0  # of the buffer: no blank line starts before here
        self._head: bytes | None = None  # a command whose body is still coming
        self._length = 0  # of that body

    def feed(self, data: bytes) -> list[Command]:
        """The commands that `data` completes, in order. Raises ProtocolError: hang up."""
        self._buffer += data
        commands: list[Command] = []
        while (command := self._next()) is not None:
            commands.append(command)
        return commands

    def _next(self) -> Command | None:
        if self._head is None:
            self._head = self._next_head()
            if self._head is None:
                return None
            self._length = self._measure(self._head)
        if len(self._buffer) < self._length:
            return None
        body = bytes(self._buffer[: self._length])
        del self._buffer[: self._length]
        line, _, rest = self._head.partition(b"\n")
        self._head = None
        return Command(
            line.decode("utf-8", "replace"),
            read_headers(rest) if rest else {},
            body.decode("utf-8", "replace"),
            rest,
        )

    def _next_head(self) -> bytes | None:
        """The next header block, its lines ended by LF alone."""
        buffer = self._buffer
        if buffer.startswith((b"\r", b"\n")):
            del buffer[: len(buffer) - len(buffer.lstrip(b"\r\n"))]
            self._searched = 0
        ends = [
            (at, len(mark))
            for mark in (b"\n\n", b"\n\r\n")
            if (at := buffer.find(mark, self._searched)) >= 0
        ]
        if min(ends, default=(len(buffer), 0))[0] > self._max_header:
            raise ProtocolError(f"A command is longer than {self._max_header} bytes.")
        if not ends:
            self._searched = max(len(buffer) - 2, 0)
            return None
        end, mark = min(ends)
        head = bytes(buffer[:end]).replace(b"\r", b"")
        del buffer[: end + mark]
        self._searched = 0
        return head

    def _measure(self, head: bytes) -> int:
        length = read_headers(head.partition(b"\n")[2]).get("content-length", "0")
        if not (length.isascii() and length.isdigit() and len(length) < 20):
            raise ProtocolError("Content-Length is not a number of bytes.")
        if int(length) > self._max_body:
            raise ProtocolError(f"A body is longer than {self._max_body} bytes.")
        return int(length)


def encode_reply(text: str, **headers: str) -> bytes:
    """A command/reply, such as encode_reply("+OK accepted"); `Job_UUID="…"` adds Job-UUID."""
    lines = [f"{name.replace('_', '-')}: {_flat(value)}\n" for name, value in headers.items()]
    return f"Content-Type: command/reply\nReply-Text: {_flat(text)}\n{''.join(lines)}\n".encode()


def encode_api_response(text: str) -> bytes:
    """The answer to an `api` command; the switch never sends an empty one."""
    body = (text or "-ERR no reply\n").encode("utf-8", "replace")
    return b"Content-Type: api/response\nContent-Length: %d\n\n%b" % (len(body), body)


def encode_disconnect(text: str = "Disconnected, goodbye.\n") -> bytes:
    """The notice before the switch closes the connection."""
    body = text.encode("utf-8", "replace")
    return b"Content-Type: text/disconnect-notice\nContent-Length: %d\n\n%b" % (len(body), body)


def encode_event(headers: Mapping[str, str] | Iterable[tuple[str, str]], body: str = "") -> bytes:
    """A text/event-plain frame. Values are percent-encoded; names are trusted to be plain."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    lines = [f"{name}: {_quoted(value)}\n" for name, value in pairs]
    tail = body.encode("utf-8", "replace")
    if tail:
        lines.append(f"Content-Length: {len(tail)}\n")
    event = "".join(lines).encode() + b"\n" + tail
    return b"Content-Length: %d\nContent-Type: text/event-plain\n\n%b" % (len(event), event)


def _quoted(value: str) -> str:
    return quote(value, safe=_SAFE, errors="replace") if value else "_undef_"


def _flat(text: str) -> str:
    """`text` on one line: a reply is not encoded, and often repeats what the client sent."""
    flat = text.replace("\r", " ").replace("\n", " ")
    return flat.encode("utf-8", "replace").decode()
