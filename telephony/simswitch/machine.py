"""Drives the switch under asyncio: time, settling, and what tests may ask of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from telephony.esl.server_wire import Command
from telephony.simswitch.clock import Stopped, Ticking
from telephony.simswitch.esl_session import EslSession
from telephony.simswitch.switch import Switch

log = logging.getLogger(__name__)

PATIENCE_S = 10.0  # real seconds that a driver may think before a test is told who does


class Unsettled(Exception):
    """Somebody still makes up its mind; the text says about which call."""


class Running(Exception):
    """The clock runs by itself and can't be moved."""


class Machine:
    """One switch and the clock that moves it."""

    def __init__(self, switch: Switch) -> None:
        self.switch = switch
        self.told_withheld: Callable[[str], None] = lambda match: None
        self._alarm: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()
        self._moving = asyncio.Lock()
        self._match: str | None = None
        self._withheld: EslSession | None = None

    def kick(self) -> None:
        """Run what can run, then have the clock wake us for the next timer."""
        self.switch.run()
        self._changed.set()
        clock = self.switch.clock
        if self._alarm:
            self._alarm.cancel()
            self._alarm = None
        if isinstance(clock, Ticking) and (wait := clock.wait()) is not None:
            self._alarm = asyncio.get_running_loop().call_later(wait, self.kick)

    # -- settling --------------------------------------------------------------------------

    def thinking(self) -> list[str]:
        """The calls whose driver is to move next; none while a command is withheld."""
        if self._withheld:
            return []
        return [channel.uuid for channel in self.switch.thinking()]

    async def settle(self, patience_s: float = PATIENCE_S) -> None:
        """Wait until nothing is to do before the clock moves. Raises Unsettled."""
        until = asyncio.get_running_loop().time() + patience_s
        while True:
            self._changed.clear()
            self.kick()
            self._changed.clear()
            if not (calls := self.thinking()):
                return
            left = until - asyncio.get_running_loop().time()
            try:
                async with asyncio.timeout(max(0.0, left)):
                    await self._changed.wait()
            except TimeoutError:
                raise Unsettled(
                    f"after {patience_s:g} s of real time nobody drives call {calls[0]}"
                ) from None

    async def step(
        self, limit_s: float, *, wait: bool = True, patience_s: float = PATIENCE_S
    ) -> bool:
        """Once settled, move to the next timer within `limit_s`; whether there was one.

        What drivers make of it is waited for before the next step. Raises Unsettled.
        """
        clock = self._stopped()
        async with self._moving:
            if wait:
                await self.settle(patience_s)
            at = clock.next_at()
            if at is None or at > clock.now() + limit_s:
                return False
            clock.move(at)
            self.kick()
            return True

    async def advance(
        self, seconds: float, *, wait: bool = True, patience_s: float = PATIENCE_S
    ) -> None:
        """Move on by so much, timer by timer; without `wait`, whatever the drivers think."""
        clock = self._stopped()
        async with self._moving:
            until = clock.now() + seconds
            while True:
                if wait:
                    await self.settle(patience_s)
                at = clock.next_at()
                if at is None or at > until:
                    break
                clock.move(at)
                self.kick()
            clock.move(until)
            self.kick()
            if wait:
                await self.settle(patience_s)

    def _stopped(self) -> Stopped:
        if not isinstance(self.switch.clock, Stopped):
            raise Running("the clock runs by itself: start with --clock virtual to move it")
        return self.switch.clock

    # -- withholding -----------------------------------------------------------------------

    def withhold(self, match: str) -> None:
        """Keep back the next command that holds `match`, and all that its client sends after."""
        self._match = match

    def withholds(self, session: EslSession, command: Command) -> bool:
        """Whether to keep a command back: asked by each client before each command."""
        if session is self._withheld:
            return True
        if self._match is None or self._withheld:
            return False
        if self._match not in "\n".join([command.line, *command.headers.values(), command.body]):
            return False
        match, self._match, self._withheld = self._match, None, session
        self.told_withheld(match)
        self._changed.set()
        return True

    def release(self) -> bool:
        """Let it pass; False when nothing was withheld."""
        session, self._withheld, self._match = self._withheld, None, None
        if session is None:
            return False
        session.release()
        self.kick()
        return True

    def gone(self, session: EslSession) -> None:
        """A client left: what it was withheld is dropped with it."""
        if session is self._withheld:
            self._withheld = None
        self.kick()
