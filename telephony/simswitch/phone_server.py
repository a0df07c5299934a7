"""The phone socket: JSON lines, on which people dial, press keys, and hear what happens.

docs/switch-wire.md lists the operations and the events. Each operation is answered by a `done`
or a `refused`, with the operation's `id` when it had one.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from telephony.simswitch.causes import NORMAL_CLEARING, Q850
from telephony.simswitch.channel import KEYS, Channel
from telephony.simswitch.clock import Stopped, Ticking
from telephony.simswitch.esl_server import EslServer
from telephony.simswitch.machine import PATIENCE_S, Machine, Running, Unsettled
from telephony.simswitch.switch import Full

log = logging.getLogger(__name__)

LONGEST_LINE = 16 * 1024  # bytes
MOST_KEYS_AT_ONCE = 200
MOST_UNREAD = 8 * 1024 * 1024
LOST = "NORMAL_TEMPORARY_FAILURE"  # what a browser's phone says when its page is left
PAUSES_S = {"w": 0.5, "W": 1.0}  # as in FreeSWITCH's dial strings

Message = dict[str, Any]


class Refused(Exception):
    """An operation that can't be done; the text says why."""


class PhoneServer:
    """Everybody who holds a phone."""

    def __init__(self, machine: Machine, esl: EslServer, password: str) -> None:
        self.machine, self.esl, self.password = machine, esl, password
        self.lines: set[PhoneLine] = set()
        self._server: asyncio.Server | None = None
        machine.told_withheld = self._tell_withheld

    async def start(self, port: int) -> int:
        """Listen on 127.0.0.1; the port taken. Raises OSError."""
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", port, limit=LONGEST_LINE
        )
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        for line in list(self.lines):
            line.close()

    def hear(self, owner: PhoneLine, channel: Channel, message: Message) -> None:
        """Pass on what a call's phone notices, to its owner and to who subscribed."""
        for line in self.lines:
            if line is owner or line.follows_all or channel.uuid in line.followed:
                line.send(message)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = PhoneLine(self, writer)
        self.lines.add(line)
        try:
            await line.serve(reader)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self.lines.discard(line)
            line.hang_up_all()
            line.close()
            self.machine.kick()

    def _tell_withheld(self, match: str) -> None:
        for line in self.lines:
            line.send({"event": "withheld", "match": match})


class PhoneLine:
    """One connection: a person's phone, an agent's, or a test with many."""

    def __init__(self, server: PhoneServer, writer: asyncio.StreamWriter) -> None:
        self._server, self._writer = server, writer
        self._switch = server.machine.switch
        self._authenticated = False
        self._calls: dict[str, Channel] = {}
        self._names: dict[str, str] = {}  # call → what its phone is called
        self._users: set[str] = set()
        self._busy_until: dict[str, float] = {}  # call → when its last key is pressed
        self.followed: set[str] = set()
        self.follows_all = False

    # -- the other end of a channel ----------------------------------------------------------

    def heard(self, channel: Channel, event: str, **what: Any) -> None:
        """Phone: something that a person on that phone would notice."""
        self._calls[channel.uuid] = channel
        if event == "ringing" and not channel.inbound:
            event = "invited"
            what = {
                "user": channel.profile.destination,
                "caller": channel.profile.caller_number,
            }
        message = {"event": event, "call": channel.uuid, "at": round(self._switch.now(), 6), **what}
        if name := self._names.get(channel.uuid):
            message["phone"] = name
        self._server.hear(self, channel, message)
        if event == "hangup":
            self._calls.pop(channel.uuid, None)
            self._names.pop(channel.uuid, None)
            self._busy_until.pop(channel.uuid, None)

    # -- the line --------------------------------------------------------------------------

    async def serve(self, reader: asyncio.StreamReader) -> None:
        """Read operations until the other side leaves."""
        while True:
            try:
                text = await reader.readuntil(b"\n")
            except asyncio.IncompleteReadError:
                return
            except asyncio.LimitOverrunError:
                self.send(
                    {"event": "refused", "why": f"a line is longer than {LONGEST_LINE} bytes"}
                )
                return
            if not text.strip():
                continue
            if not await self._answer(text):
                return

    async def _answer(self, text: bytes) -> bool:
        """Do one operation and say so; False when the line is to be closed."""
        asked: Any = None
        try:
            asked = json.loads(text)
            if not isinstance(asked, dict):
                raise Refused("an operation is a JSON object")  # noqa: TRY301
            done = await self._do(asked)
        except (ValueError, RecursionError):
            self.send({"event": "refused", "why": "this line is no JSON"})
            return self._authenticated
        except (Refused, Unsettled, Running) as why:
            self.send(_answered("refused", asked, why=str(why)))
            return self._authenticated
        self.send(_answered("done", asked, **done))
        self._server.machine.kick()
        return True

    async def _do(self, asked: Message) -> Message:
        op = asked.get("op")
        if not self._authenticated:
            return self._auth(asked)
        do = _OPERATIONS.get(op) if isinstance(op, str) else None
        if do is None:
            raise Refused(f"no such operation: {str(op)[:40]}")
        return await do(self, asked)

    def send(self, message: Message) -> None:
        """Write a message; whoever does not read is cut off."""
        transport = self._writer.transport
        if not self._authenticated and message["event"] != "refused":
            return
        if transport.is_closing():
            return
        self._writer.write(json.dumps(message, ensure_ascii=False).encode() + b"\n")
        if transport.get_write_buffer_size() > MOST_UNREAD:
            log.warning("a phone does not read: cut off")
            transport.abort()

    def close(self) -> None:
        for user in self._users:
            if self._switch.phones.get(user) is self:
                del self._switch.phones[user]
        self._writer.close()

    def hang_up_all(self) -> None:
        """The phone is gone, and its calls with it: an agent's is lost, not hung up."""
        for channel in list(self._calls.values()):
            channel.hang_up(NORMAL_CLEARING if channel.inbound else LOST, by="phone")

    # -- operations ------------------------------------------------------------------------

    def _auth(self, asked: Message) -> Message:
        password = asked.get("password")
        right = isinstance(password, str) and hmac.compare_digest(
            password.encode(), self._server.password.encode()
        )
        if asked.get("op") != "auth" or not right:
            raise Refused("the first line is an auth with the right password")
        self._authenticated = True
        return self._clock_now()

    def _clock_now(self) -> Message:
        clock = self._switch.clock
        return {
            "clock": "virtual" if isinstance(clock, Stopped) else "real",
            "rate": clock.rate if isinstance(clock, Ticking) else 0,
            "at": round(clock.now(), 6),
        }

    async def _clock(self, asked: Message) -> Message:
        return self._clock_now()

    async def _dial(self, asked: Message) -> Message:
        number, caller = _text(asked, "number"), _text(asked, "caller", "")
        name = _text(asked, "phone", "")
        test = _flag(asked, "test")
        uuid = self._switch.new_uuid()
        self._names[uuid] = name
        try:
            channel = self._switch.dial(self, number, caller, test=test, uuid=uuid)
        except Full:
            del self._names[uuid]
            raise Refused("the switch carries as many calls as it may") from None
        return {"call": channel.uuid}

    async def _keys(self, asked: Message) -> Message:
        channel = self._call(asked)
        digits = _text(asked, "digits")
        gap_s = _seconds(asked, "gap_ms", 0, 10_000) / 1000
        if len(digits) > MOST_KEYS_AT_ONCE or not set(digits) <= KEYS | PAUSES_S.keys():
            raise Refused(f"keys are at most {MOST_KEYS_AT_ONCE} of 0-9 A-D * # and pauses w W")
        now = self._switch.now()
        at = max(now, self._busy_until.get(channel.uuid, now))
        for digit in digits:
            if digit in PAUSES_S:
                at += PAUSES_S[digit]
            else:
                self._press(channel, digit, at)
                at += gap_s
        self._busy_until[channel.uuid] = at
        return {}

    def _press(self, channel: Channel, digit: str, at: float) -> None:
        if at <= self._switch.now():
            channel.key(digit)
        else:
            self._switch.clock.set(at, lambda: channel.key(digit))

    async def _speak(self, asked: Message) -> Message:
        """For so many seconds, nought included; then she is quiet."""
        channel = self._call(asked)
        channel.quiet(since=self._switch.now() + _seconds(asked, "seconds", 0, 600))
        return {}

    async def _hangup(self, asked: Message) -> Message:
        self._call(asked).hang_up(_cause(asked, "NORMAL_CLEARING"), by="phone")
        return {}

    async def _register(self, asked: Message) -> Message:
        user = _text(asked, "user")
        before = self._switch.phones.get(user)
        if isinstance(before, PhoneLine) and before is not self:
            before.send({"event": "superseded", "user": user})
        self._switch.phones[user] = self
        self._users.add(user)
        return {}

    async def _pick_up(self, asked: Message) -> Message:
        channel = self._call(asked)
        if channel.inbound:
            raise Refused("only a call to this phone can be answered")
        channel.answer()
        channel.wake()
        return {}

    async def _reject(self, asked: Message) -> Message:
        channel = self._call(asked)
        if channel.inbound or channel.answered:
            raise Refused("only a ringing call to this phone can be rejected")
        channel.hang_up(_cause(asked, "CALL_REJECTED"), by="phone")
        return {}

    async def _subscribe(self, asked: Message) -> Message:
        if _flag(asked, "all"):
            self.follows_all = True
        else:
            self.followed.add(_text(asked, "call"))
        return {}

    async def _calls_now(self, asked: Message) -> Message:
        return {
            "calls": [
                {
                    "call": channel.uuid,
                    "number": channel.profile.destination,
                    "caller": channel.profile.caller_number,
                    "inbound": channel.inbound,
                    "answered": channel.answered,
                    "doing": channel.stack[-1] if channel.stack else "",
                    "bridged": channel.partner.uuid if channel.partner else "",
                }
                for channel in self._switch.channels.values()
            ]
        }

    async def _settle(self, asked: Message) -> Message:
        await self._server.machine.settle(_patience(asked))
        return self._clock_now()

    async def _step(self, asked: Message) -> Message:
        limit_s = _seconds(asked, "limit_s", 86_400, 31_536_000)
        moved = await self._server.machine.step(
            limit_s, wait=_flag(asked, "wait", default=True), patience_s=_patience(asked)
        )
        return {"moved": moved, **self._clock_now()}

    async def _advance(self, asked: Message) -> Message:
        await self._server.machine.advance(
            _seconds(asked, "seconds", 0, 31_536_000),
            wait=_flag(asked, "wait", default=True),
            patience_s=_patience(asked),
        )
        return self._clock_now()

    async def _withhold(self, asked: Message) -> Message:
        self._server.machine.withhold(_text(asked, "match"))
        return {}

    async def _release(self, asked: Message) -> Message:
        return {"released": self._server.machine.release()}

    async def _drop_esl(self, asked: Message) -> Message:
        return {"dropped": self._server.esl.drop()}

    def _call(self, asked: Message) -> Channel:
        """The call that is meant; left out, the line's only one."""
        uuid = _text(asked, "call", "")
        if not uuid and len(self._calls) == 1:
            return next(iter(self._calls.values()))
        channel = self._switch.find(uuid)
        if channel is None:
            raise Refused("no such call")
        return channel


Operation = Callable[[PhoneLine, Message], Awaitable[Message]]
_OPERATIONS: dict[str, Operation] = {
    "advance": PhoneLine._advance,
    "answer": PhoneLine._pick_up,
    "calls": PhoneLine._calls_now,
    "clock": PhoneLine._clock,
    "dial": PhoneLine._dial,
    "drop_esl": PhoneLine._drop_esl,
    "hangup": PhoneLine._hangup,
    "keys": PhoneLine._keys,
    "register": PhoneLine._register,
    "reject": PhoneLine._reject,
    "release": PhoneLine._release,
    "settle": PhoneLine._settle,
    "speak": PhoneLine._speak,
    "step": PhoneLine._step,
    "subscribe": PhoneLine._subscribe,
    "withhold": PhoneLine._withhold,
}


def _answered(event: str, asked: Any, **what: Any) -> Message:
    answer: Message = {"event": event, **what}
    if isinstance(asked, dict):
        answer |= {key: asked[key] for key in ("op", "id") if key in asked}
    return answer


def _text(asked: Message, name: str, default: str | None = None) -> str:
    value = asked.get(name, default)
    if not isinstance(value, str) or len(value) > 256 or not value.isprintable():
        raise Refused(f"{name} is to be a text of at most 256 printable characters")
    return value


def _flag(asked: Message, name: str, *, default: bool = False) -> bool:
    value = asked.get(name, default)
    if not isinstance(value, bool):
        raise Refused(f"{name} is to be true or false")
    return value


def _seconds(asked: Message, name: str, default: float, most: float) -> float:
    value = asked.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise Refused(f"{name} is to be a number from 0 to {most}")
    return float(value)


def _patience(asked: Message) -> float:
    return _seconds(asked, "patience_s", PATIENCE_S, 300)


def _cause(asked: Message, default: str) -> str:
    cause = _text(asked, "cause", default)
    if cause not in Q850:
        raise Refused(f"no such cause: {cause[:40]}")
    return cause
