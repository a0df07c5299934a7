"""Who drives a node: one PostgreSQL session holds its lock, and says so by an epoch."""

import logging
import os
import socket
from collections.abc import AsyncIterator
from types import TracebackType

import psycopg
from django.conf import settings

from calendars import clock
from live import fences
from routing import news
from telephony.ivr.signals import Interrupted
from telephony.worker.dispatch import RING
from telephony.worker.gateway import Gateway

log = logging.getLogger(__name__)
COMMANDS = "telephony_commands"  # NOTIFY wakes the worker; the rows say what to do


class Lead:
    """``async with Lead(node) as lead``: waits as standby, then leads as `lead.fence`.

    The session that holds the lock also listens, so a lost listener is a lost lead.
    """

    def __init__(self, node: str) -> None:
        self.node = node
        self.epoch = 0
        self._session: psycopg.AsyncConnection[tuple[object, ...]] | None = None

    @property
    def name(self) -> str:
        return f"telephony:{self.node}"

    @property
    def fence(self) -> str:
        return f"{self.name}@{self.epoch}"

    async def __aenter__(self) -> "Lead":
        self._session = await psycopg.AsyncConnection.connect(
            settings.DATABASE_DIRECT_URL,
            autocommit=True,
            application_name=self.name,
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=3,
        )
        try:
            lock = "SELECT pg_try_advisory_lock(hashtext('lead'), hashtext(%s))"
            got = await (await self._session.execute(lock, [self.name])).fetchone()
            if got != (True,):
                log.info("standing by for %s", self.name)
                lock = "SELECT pg_advisory_lock(hashtext('lead'), hashtext(%s))"
                await self._session.execute(lock, [self.name])
            for channel in (COMMANDS, news.WAKE, RING):
                await self._session.execute(f"LISTEN {channel}")
            holder = f"{socket.gethostname()}:{os.getpid()}"
            gateway = Gateway(threads=1)
            self.epoch = await gateway(fences.take, self.name, holder=holder, at=clock.now())
            await gateway.close()
        except BaseException:
            await self._session.close()
            raise
        log.info("leading %s", self.fence)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def backend_pid(self) -> int:
        """The process of PostgreSQL that holds the lock."""
        assert self._session is not None
        return self._session.info.backend_pid

    async def wakes(self) -> AsyncIterator[str]:
        """The channel of each NOTIFY.

        Raises Interrupted when the session, and so the lead, is lost.
        """
        assert self._session is not None
        try:
            async for told in self._session.notifies():
                yield told.channel
        except psycopg.OperationalError as lost:
            raise Interrupted("the lock's session is gone") from lost
        raise Interrupted("the lock's session ended")
