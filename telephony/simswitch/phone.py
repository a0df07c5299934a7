"""A phone on the simulated switch, as tests, the terminal and the browser's relay hold it.

    async with Phone.connect(port, password) as phone:
        await phone.dial("961202", caller="13800138000")
        await phone.hears("welcome")
        await phone.keys("1")

On a virtual clock `hears` moves time while it listens, from one timer to the next and never
before whoever drives the call has made up its mind; nothing sleeps.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")
A_MOMENT_S = 0.05  # real time that a driver gets before it is looked at again
WITHIN_S = 120.0  # switch time in which something expected is to be heard
LONGEST_MESSAGE = 1024 * 1024  # bytes: the list of 5,000 calls fits


class PhoneError(Exception):
    """The switch refused an operation; the text says why."""


class NeverHeard(PhoneError):
    """What was waited for did not come; the text says what came instead."""


class LineLost(PhoneError):
    """The phone socket is gone."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that happened on a call: `playing`, `played`, `bridged`, `hangup`, …"""

    event: str
    call: str
    at: float  # switch time, seconds since the epoch
    what: dict[str, Any] = field(default_factory=dict)

    @property
    def files(self) -> list[str]:
        """What is played, for `playing`; else nothing."""
        return list(self.what.get("files", []))


Wanted = str | Callable[[Heard], bool]


class Phone:
    """One line to the switch. It may hold several calls; most hold one."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._heard: deque[Heard] = deque()
        self._news = asyncio.Event()
        self._lost = False
        self._reading: asyncio.Task[None] | None = None
        self.virtual = False
        self.call = ""  # the last one dialled or invited to

    @classmethod
    @asynccontextmanager
    async def connect(
        cls, port: int, password: str, *, host: str = "127.0.0.1"
    ) -> AsyncIterator[Phone]:
        """A line, open for the block; hung up after it. Raises PhoneError, OSError."""
        reader, writer = await asyncio.open_connection(host, port, limit=LONGEST_MESSAGE)
        phone = cls(reader, writer)
        phone._reading = asyncio.create_task(phone._read())
        try:
            clock = await phone.ask("auth", password=password)
            phone.virtual = clock["clock"] == "virtual"
            yield phone
        finally:
            writer.close()
            await phone._reading

    # -- what a person does ------------------------------------------------------------------

    async def dial(
        self, number: str, caller: str = "", *, test: bool = False, phone: str = ""
    ) -> str:
        """Call a number; the call's uuid. `test` marks a call that counts nowhere."""
        done = await self.ask("dial", number=number, caller=caller, test=test, phone=phone)
        self.call = str(done["call"])
        return self.call

    async def keys(self, digits: str, *, gap_ms: int = 0, call: str = "") -> None:
        """Press keys, one every `gap_ms`; ``w`` waits half a second, ``W`` a whole one."""
        await self.ask("keys", digits=digits, gap_ms=gap_ms, call=call or self.call)

    async def speak(self, seconds: float, *, call: str = "") -> None:
        """Speak for so long, and then be quiet; who never says so speaks all the time."""
        await self.ask("speak", seconds=seconds, call=call or self.call)

    async def hang_up(self, *, call: str = "") -> None:
        await self.ask("hangup", call=call or self.call)

    async def register(self, user: str) -> None:
        """Be the phone that `user/…` rings."""
        await self.ask("register", user=user)

    async def answer(self, *, call: str = "") -> None:
        """Pick up a call that this phone was invited to."""
        await self.ask("answer", call=call or self.call)

    async def reject(self, cause: str = "CALL_REJECTED", *, call: str = "") -> None:
        await self.ask("reject", call=call or self.call, cause=cause)

    async def heard(self) -> AsyncIterator[Heard]:
        """Everything that happens from now on, until the line is lost."""
        while True:
            while self._heard:
                yield self._heard.popleft()
            if self._lost:
                return
            self._news.clear()
            await self._news.wait()

    async def hears(self, wanted: Wanted, *, within_s: float = WITHIN_S) -> Heard:
        """The next event that is `wanted`: its name, part of a file played, or a test of it.

        What comes before is passed over. Raises NeverHeard after `within_s` of switch time.
        """
        passed: list[Heard] = []
        until: float | None = None
        while True:
            while self._heard:
                one = self._heard.popleft()
                if _is(one, wanted):
                    return one
                passed.append(one)
            if self._lost:
                raise LineLost("the phone socket is gone")
            if not self.virtual:
                await self._wait(within_s, wanted, passed)
                continue
            try:
                at = float((await self.ask("clock"))["at"])
                until = at + within_s if until is None else until
                if not self._heard and not await self._move(until - at):
                    raise NeverHeard(_complaint(wanted, passed))
            except PhoneError:  # what was said before it went wrong counts
                if not self._heard:
                    raise

    async def until(self, wanted: Awaitable[T], *, within_s: float = WITHIN_S) -> T:
        """Whatever `wanted` brings, time moving meanwhile. Raises NeverHeard, or what it raises.

        For what is told elsewhere: a command on the event socket, a row in the database.
        """
        task = asyncio.ensure_future(wanted)
        try:
            if not self.virtual:
                async with asyncio.timeout(within_s):
                    return await task
            until = float((await self.ask("clock"))["at"]) + within_s
            while not task.done():
                await self._nudge(until, task)
            return task.result()
        except TimeoutError:
            raise NeverHeard(f"not within {within_s:g} s") from None
        finally:
            task.cancel()

    # -- what a test does --------------------------------------------------------------------

    async def subscribe(self, call: str = "") -> None:
        """Hear what happens on another's call, or on all."""
        await self.ask("subscribe", call=call, all=not call)

    async def calls(self) -> list[dict[str, Any]]:
        """The calls that are up."""
        return list((await self.ask("calls"))["calls"])

    async def settle(self, *, patience_s: float = 10.0) -> None:
        """Wait until nothing is to do before the clock moves."""
        await self.ask("settle", patience_s=patience_s)

    async def advance(self, seconds: float, *, wait: bool = True) -> None:
        """Let switch time pass; without `wait`, whatever the calls' drivers think."""
        await self.ask("advance", seconds=seconds, wait=wait)

    async def withhold(self, match: str) -> None:
        """Have the switch keep back the next command that holds `match`: event `withheld`."""
        await self.ask("withhold", match=match)

    async def release(self) -> bool:
        """Let it pass after all."""
        return bool((await self.ask("release"))["released"])

    async def drop_esl(self) -> int:
        """Cut every connection of the event socket; how many."""
        return int((await self.ask("drop_esl"))["dropped"])

    async def ask(self, op: str, **what: Any) -> dict[str, Any]:
        """One operation and its answer. Raises PhoneError, LineLost."""
        if self._lost:
            raise LineLost("the phone socket is gone")
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        line = json.dumps({"op": op, "id": number, **what}, ensure_ascii=False)
        self._writer.write(line.encode() + b"\n")
        try:
            done: dict[str, Any] = await answer
            return done
        finally:
            self._answers.pop(number, None)

    # -- inside ------------------------------------------------------------------------------

    async def _read(self) -> None:
        try:
            while line := await self._reader.readline():
                self._take(json.loads(line))
        except (ConnectionError, ValueError):
            pass
        finally:
            self._lost = True
            self._news.set()
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(LineLost("the phone socket is gone"))

    def _take(self, message: dict[str, Any]) -> None:
        event = message.pop("event")
        if event in ("done", "refused"):
            answer = self._answers.get(message.get("id", 0))
            if answer and not answer.done():
                if event == "done":
                    answer.set_result(message)
                else:
                    answer.set_exception(PhoneError(message["why"]))
            return
        heard = Heard(event, message.pop("call", ""), message.pop("at", 0.0), message)
        if event == "invited":
            self.call = heard.call
        self._heard.append(heard)
        self._news.set()

    async def _move(self, limit_s: float) -> bool:
        """Let time go on to the next timer; whether anything came of it.

        What a driver does before time moves on has happened, and been read, then.
        """
        await self.ask("settle")
        if self._heard:
            return True
        done = await self.ask("step", limit_s=max(0.0, limit_s))
        return bool(done["moved"] or self._heard)

    async def _nudge(self, until: float, task: asyncio.Future[T]) -> None:
        """Move to the next timer, unless somebody still makes up its mind."""
        at = float((await self.ask("clock"))["at"])
        try:
            done = await self.ask("step", limit_s=max(0.0, until - at), patience_s=A_MOMENT_S)
        except LineLost:
            raise
        except PhoneError:  # a driver thinks: perhaps it is the one who waits
            return
        if not done["moved"]:
            await asyncio.wait([task], timeout=A_MOMENT_S)
            if at >= until and not task.done():
                raise TimeoutError
            if not task.done():
                await self.ask("advance", seconds=min(1.0, max(0.0, until - at)), wait=False)

    async def _wait(self, within_s: float, wanted: Wanted, passed: list[Heard]) -> None:
        self._news.clear()
        try:
            async with asyncio.timeout(within_s):
                await self._news.wait()
        except TimeoutError:
            raise NeverHeard(_complaint(wanted, passed)) from None


def _is(heard: Heard, wanted: Wanted) -> bool:
    if callable(wanted):
        return wanted(heard)
    return heard.event == wanted or any(wanted in file for file in heard.files)


def _complaint(wanted: Wanted, passed: list[Heard]) -> str:
    came = ", ".join(" ".join([one.event, *one.files]) for one in passed[-12:]) or "nothing"
    return f"never heard {wanted!r}; heard {came}"
