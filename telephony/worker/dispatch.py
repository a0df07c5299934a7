"""The dispatcher: one loop in the whole bank that decides who is offered whom."""

import asyncio
import logging
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg
from django.conf import settings

from calendars import clock
from routing import pulse, rounds
from telephony.ivr.signals import Interrupted
from telephony.worker.gateway import Gateway

log = logging.getLogger(__name__)

NAME = "dispatcher"
LOCK = "SELECT pg_advisory_lock(hashtext('lead'), hashtext(%s))"
RING = "routing_ring"  # NOTIFY: somebody is to be rung, on whichever node
BEAT_S = 1.0
TICK_S = 1.0  # real seconds; news wakes it, this is for what was missed


@dataclass
class Dispatcher:
    """Stands by until no other worker dispatches; then rounds, until its session is lost."""

    gateway: Gateway
    reserved: Callable[[], None]  # told when somebody is to be rung
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    rounds: int = 0
    _unwritten: int = 0  # of them, since the last beat
    _beats_at: float = 0.0

    async def run(self) -> None:
        """Raises Interrupted when the session that holds the lock is lost."""
        try:
            async with await psycopg.AsyncConnection.connect(
                settings.DATABASE_DIRECT_URL, autocommit=True, application_name=NAME
            ) as session:
                await session.execute(LOCK, [NAME])
                log.info("dispatching")
                while True:
                    if await self._round():
                        self.reserved()
                        await session.execute("SELECT pg_notify(%s, '')", [RING])
                    else:
                        await session.execute("SELECT 1")
                    await self._until_woken()
        except psycopg.OperationalError as lost:
            raise Interrupted("the dispatcher's session is gone") from lost

    async def _round(self) -> bool:
        """Decide once; whether somebody is to be rung."""
        self.wake.clear()
        try:
            return await self._decide()
        except Interrupted:
            raise
        except Exception:  # an edge: the next round finds what this one left
            log.exception("a round failed")
            return False

    async def _decide(self) -> bool:
        began = time.perf_counter()
        seen = await self.gateway(rounds.run, at=clock.now())
        ms = (time.perf_counter() - began) * 1000
        self.rounds += 1
        self._unwritten += 1
        if time.monotonic() >= self._beats_at:
            holder, at = f"{socket.gethostname()}:{os.getpid()}", clock.now()
            await self.gateway(pulse.beat, holder, seen, ms=ms, at=at, rounds=self._unwritten)
            self._beats_at, self._unwritten = time.monotonic() + BEAT_S, 0
        return bool(seen.reserved)

    async def _until_woken(self) -> None:
        try:
            async with asyncio.timeout(TICK_S):
                await self.wake.wait()
        except TimeoutError:
            return
