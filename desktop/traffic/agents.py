"""A simulated agent: signs in, answers after a few seconds, talks, writes up, is ready again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar
from uuid import uuid4

from calendars import clock
from desktop.traffic.dice import TALK_S, WRAP_UP_S, Dice
from people.errors import Refusal
from people.models import User
from routing import presence
from routing.errors import InACall, UnknownReason, WrongState
from routing.models import Session
from telephony.simswitch.phone import Heard, Phone, PhoneError

T = TypeVar("T")
Run = Callable[..., Awaitable[Any]]

log = logging.getLogger(__name__)

BREAK, BREAK_S, BREAKS = "break", 400.0, 0.03  # after one call in thirty she takes a break
# Of real time, when she is told to go: how long she tries, and how long the worker is given to
# see that her call is over before she tries again.
LEAVES_S, A_MOMENT_S = 3.0, 0.1


class Agent:
    """One seat, on a phone of its own."""

    def __init__(self, user: User, phone: Phone, run: Run, dice: Dice, rate: float) -> None:
        self.user = user
        self._phone, self._run, self._dice, self._rate = phone, run, dice, rate
        self._tasks: set[asyncio.Task[None]] = set()
        self._calls: set[str] = set()  # that ring her or that she holds
        self._talk: asyncio.Task[None] | None = None
        self._away = self._leaves = False

    async def work(self) -> None:
        """Until cancelled: then she signs out. Raises Refusal, PhoneError, OSError."""
        session: Session = await self._run(presence.sign_in, self.user, tab=uuid4(), at=clock.now())
        try:
            await self._phone.register(self.user.username)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._beat(session.pk))
                tasks.create_task(self._listen())
        finally:
            await asyncio.shield(asyncio.ensure_future(self._leave()))

    async def _leave(self) -> None:
        """Her call ends, is written up, and she is gone."""
        self._leaves = True
        for task in self._tasks:
            task.cancel()
        hearing = asyncio.create_task(self._listen())
        try:
            async with asyncio.timeout(LEAVES_S):
                for call in self._calls.copy():
                    await self._drop(call)
                await self._sign_out()
        except Refusal:  # she is out already
            pass
        except TimeoutError:
            log.warning("%s is still in a call: her lease ends it", self.user.username)
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)

    async def _drop(self, call: str) -> None:
        """Whether she holds it or it rings her; whom she has not answered, somebody else will."""
        for ends in (self._phone.reject, self._phone.hang_up):
            with suppress(PhoneError):
                await ends(call=call)

    async def _sign_out(self) -> None:
        """After her wrap-up, in which the wish for a break keeps the next caller away."""
        while True:
            with suppress(InACall):
                await self._run(presence.sign_out, self.user.pk, at=clock.now())
                return
            with suppress(UnknownReason):  # the bank knows no break
                await self._run(presence.pause, self.user.pk, BREAK, at=clock.now())
            try:
                await self._run(presence.wrapped_up, self.user.pk, at=clock.now())
            except WrongState:  # the worker has not seen the end of her call yet
                await asyncio.sleep(A_MOMENT_S)

    async def _beat(self, session_id: int) -> None:
        """Her page says that it lives; who was paused by the system says that she is there."""
        while await self._run(presence.heartbeat, session_id, phone=True, at=clock.now()):
            if not self._away:
                with suppress(Refusal):  # in a call, in wrap-up, or ready already
                    await self._run(presence.ready, self.user.pk, at=clock.now())
            await asyncio.sleep(presence.HEARTBEAT_S)

    async def _listen(self) -> None:
        async for heard in self._phone.heard():
            self._hear(heard)
        raise PhoneError("the switch is gone")

    def _hear(self, heard: Heard) -> None:
        match heard.event:
            case "invited":
                self._calls.add(heard.call)
                self._later(self._drop(heard.call) if self._leaves else self._answer(heard.call))
            case "bridged" if self._talk is None and not self._leaves:
                self._talk = self._later(self._talk_and_end(heard.call))
            case "hangup":
                self._calls.discard(heard.call)
                if self._talk and not self._leaves:
                    self._talk.cancel()
                    self._talk = None
                    self._later(self._write_up())

    async def _answer(self, call: str) -> None:
        await self._pause(self._dice.between(1, 5))
        with suppress(PhoneError):  # the caller was quicker
            await self._phone.answer(call=call)

    async def _talk_and_end(self, call: str) -> None:
        await self._pause(self._dice.lognormal(TALK_S))
        with suppress(PhoneError):
            await self._phone.hang_up(call=call)

    async def _write_up(self) -> None:
        await self._pause(self._dice.lognormal(WRAP_UP_S))
        with suppress(Refusal):  # the call was rung again and ended meanwhile
            await self._run(presence.wrapped_up, self.user.pk, at=clock.now())
        if self._dice.happens(BREAKS):
            self._away = True
            with suppress(Refusal):
                await self._run(presence.pause, self.user.pk, BREAK, at=clock.now())
            await self._pause(BREAK_S)
            self._away = False

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._rate)

    def _later(self, work: Any) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
