"""The event socket as bytes: what a client reads and writes, with no I/O.

A frame is a block of `Name: value` lines, a blank line, and as many bytes of body as
Content-Length says. A plain event is such a block again, inside the body, its values
percent-encoded. They are unquoted one at a time, after the lines were told apart, so that a
value with %0A stays a value; and only when asked for, since most of the 137 headers of an
event never are.

Source: mod_event_socket.c and switch_event_serialize() of FreeSWITCH 1.11.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from telephony.esl.errors import ProtocolError, Unsendable

MAX_HEADER = 64 * 1024  # bytes of one header block
MAX_BODY = 16 * 1024 * 1024  # bytes of one body: `show channels as json` of 10,000 calls fits
_DIGITS = 19  # of a Content-Length: beyond 64 bits it is garbage, whatever the limit


@dataclass(frozen=True, slots=True)
class Frame:
    """One message of the switch. Its text stays out of repr(): it may hold a PIN."""

    content_type: str  # "" where the switch named none
    block: bytes = field(repr=False)  # the header lines, without the blank one
    body: bytes = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """The frame's own headers by lower-case name; of two with one name, the first."""
        return read_headers(self.block)

    @property
    def reply(self) -> str:
        """The Reply-Text of a command/reply, such as "+OK accepted"; else ""."""
        return self.headers.get("reply-text", "")

    @property
    def ok(self) -> bool:
        """Whether the switch did not say -ERR, in the reply or in the body."""
        return not (self.reply.startswith("-ERR") or self.body.startswith(b"-ERR"))

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 become U+FFFD."""
        return self.body.decode("utf-8", "replace")


def read_headers(block: bytes) -> dict[str, str]:
    """Header lines as a dict by lower-case name; of two with one name, the first."""
    headers: dict[str, str] = {}
    for line in block.decode("utf-8", "replace").split("\n"):
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    return headers


class Event:
    """A plain event, read lazily: `event["Unique-ID"]` finds one line and unquotes it.

    Names are matched as FreeSWITCH writes them, case and all. Of two headers with one name
    the first counts: the switch writes its own before the channel's variables. An absent
    header is a KeyError; an empty value, `_undef_` on the wire, is "".
    """

    __slots__ = ("_end", "_raw")

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._end = -1  # where the headers end; found when first needed

    def get(self, name: str, default: str = "") -> str:
        """The value of header `name`, or `default` where the event has none."""
        value = self._find(name)
        return default if value is None else value

    def __getitem__(self, name: str) -> str:
        value = self._find(name)
        if value is None:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._find(name) is not None

    @property
    def name(self) -> str:
        """The kind of event, such as CHANNEL_EXECUTE_COMPLETE."""
        return self.get("Event-Name")

    @property
    def body(self) -> str:
        """What follows the event's headers, such as a background job's result."""
        return self._raw[self._headers_end() + 2 :].decode("utf-8", "replace")

    def items(self) -> Iterator[tuple[str, str]]:
        """Every header in the order of the wire, repeated names too."""
        for line in self._raw[: self._headers_end()].split(b"\n"):
            name, colon, value = line.partition(b": ")
            if colon:
                yield name.decode("utf-8", "replace"), _unquote(value)

    def __repr__(self) -> str:
        return f"<Event {self.name} of {len(self._raw)} bytes>"

    def _headers_end(self) -> int:
        if self._end < 0:
            raw = self._raw
            # The switch says Content-Length where there is a body, and looking for that is four
            # times as fast as looking for the blank line in a block full of line breaks.
            if raw.endswith(b"\n\n") and raw.find(b"\nContent-Length:") < 0:
                self._end = len(raw) - 2
            else:
                end = raw.find(b"\n\n")
                self._end = len(raw) if end < 0 else end
        return self._end

    def _find(self, name: str) -> str | None:
        raw, line = self._raw, _line_of(name)
        if raw.startswith(line[1:]):  # the first line has no line break before it
            start = len(line) - 1
        else:
            end = self._end if self._end >= 0 else self._headers_end()
            start = raw.find(line, 0, end)
            if start < 0:
                return None
            start += len(line)
        stop = raw.find(b"\n", start)
        return _unquote(raw[start:] if stop < 0 else raw[start:stop])


@lru_cache(maxsize=1024)
def _line_of(name: str) -> bytes:
    return b"\n" + name.encode("utf-8", "replace") + b": "


def _unquote(value: bytes) -> str:
    if b"%" in value:
        value = unquote_to_bytes(value)
    elif value == b"_undef_":  # switch_event_serialize() has no other way to write ""
        return ""
    return value.decode("utf-8", "replace")


class Parser:
    """Bytes in, frames out, however the bytes were cut.

    Holds one unfinished frame at most: `max_header` + `max_body` bytes. After a
    ProtocolError the stream has lost its beat and the parser refuses more.
    """

    def __init__(self, *, max_header: int = MAX_HEADER, max_body: int = MAX_BODY) -> None:
        self._max_header = max_header
        self._max_body = max_body
        self._buffer = bytearray()
        self._searched = 0  # of the buffer: no blank line starts before here
        self._broken = ""

    @property
    def pending(self) -> int:
        """How many bytes of an unfinished frame are held."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that `data` completes, in order.

        Raises ProtocolError, which carries the frames that were whole before it.
        """
        if self._broken:
            raise ProtocolError(self._broken)
        buffer = self._buffer
        buffer += data
        frames: list[Frame] = []
        try:
            taken = self._take(frames)
        except ProtocolError as bad:
            self._broken = str(bad)
            buffer.clear()
            raise ProtocolError(self._broken, tuple(frames)) from None
        del buffer[:taken]
        return frames

    def _take(self, frames: list[Frame]) -> int:
        """Append every whole frame of the buffer to `frames`; how many bytes they are."""
        buffer, at = self._buffer, 0
        while True:
            while buffer.startswith(b"\n", at):  # a stray line break between frames
                at += 1
            end = buffer.find(b"\n\n", max(at, self._searched))
            if (len(buffer) if end < 0 else end) - at > self._max_header:
                raise ProtocolError(f"A header block is longer than {self._max_header} bytes.")
            if end < 0:
                self._searched = max(len(buffer) - 1 - at, 0)
                return at
            block = bytes(buffer[at:end])
            content_type, length = self._measure(block)
            start, stop = end + 2, end + 2 + length
            if stop > len(buffer):
                self._searched = end - at
                return at
            frames.append(Frame(content_type, block, bytes(buffer[start:stop])))
            at = stop

    def _measure(self, block: bytes) -> tuple[str, int]:
        """Content-Type and Content-Length of a header block."""
        content_type, length = b"", -1
        for line in block.split(b"\n"):
            name, colon, value = line.partition(b":")
            if not colon:
                raise ProtocolError("A header line has no colon.")
            name = name.lower()
            if name == b"content-length":
                digits = value.strip()
                if not digits.isdigit() or len(digits) > _DIGITS:
                    raise ProtocolError("Content-Length is not a number of bytes.")
                if length not in (-1, int(digits)):
                    raise ProtocolError("Two Content-Lengths disagree.")
                length = int(digits)
                if length > self._max_body:
                    raise ProtocolError(f"A body is longer than {self._max_body} bytes.")
            elif name == b"content-type" and not content_type:
                content_type = value.strip()
        return content_type.decode("utf-8", "replace"), max(length, 0)


def command(line: str) -> bytes:
    """A command of one line, such as `filter Unique-ID …`.

    Raises Unsendable: the switch skips an empty line and never answers it, and a line break
    would begin a second command.
    """
    return _clean(line, "A command") + b"\n\n"


def bgapi(line: str, job_uuid: str) -> bytes:
    """`line` as a background job whose result comes in a BACKGROUND_JOB event with `job_uuid`."""
    return b"bgapi %b\nJob-UUID: %b\n\n" % (
        _clean(line, "A background job"),
        _clean(job_uuid, "A Job-UUID"),
    )


def sendmsg(
    uuid: str, application: str, argument: str = "", *, event_uuid: str = "", lock: bool = True
) -> bytes:
    """Execute `application` on the channel `uuid`.

    The argument goes into the body: the switch reads headers a byte at a time. `event_uuid`
    returns as Application-UUID of the CHANNEL_EXECUTE_COMPLETE. With `lock` (event-lock) the
    application waits for the one before it; without, it runs nested inside that one.

    The switch expands ${…} in arguments: what a caller or a customer typed must not hold any.
    """
    head = b"sendmsg %b\ncall-command: execute\nexecute-app-name: %b\n" % (
        _clean(uuid, "A channel's uuid"),
        _clean(application, "An application's name"),
    )
    if event_uuid:
        head += b"Event-UUID: " + _clean(event_uuid, "An Event-UUID") + b"\n"
    if lock:
        head += b"event-lock: true\n"
    if not argument:
        return head + b"\n"
    # The body is counted, so a line break would be harmless here; but it would reach channel
    # variables and SIP headers, and a NUL would cut the argument short.
    body = _clean(argument, "An application's argument")
    return b"%bcontent-type: text/plain\ncontent-length: %d\n\n%b" % (head, len(body), body)


def _clean(text: str, what: str) -> bytes:
    """`text` as bytes that stay on their line. The refusal names no content: it may be secret."""
    if not text or text.isspace():
        raise Unsendable(f"{what} must not be empty.")
    if "\n" in text or "\r" in text or "\0" in text:
        raise Unsendable(f"{what} must not hold line breaks or NUL.")
    try:
        return text.encode()
    except UnicodeEncodeError:  # `from None`: that error quotes the text
        raise Unsendable(f"{what} must be writable as UTF-8.") from None
