"""The one way from the worker's event loop to the ORM: a fixed pool of threads.

Services are synchronous, one transaction each. A call that hangs up never cancels one: the
await ends, the service goes on to its commit.
"""

import asyncio
import logging
import select
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from live.fences import is_fenced
from telephony.ivr.signals import Deposed, Interrupted

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

# SQLSTATE classes that say the server, not the statement, failed: connection, shutdown.
_GONE = ("08", "57P")
CLOSE_S = 2.0  # what a lost lead waits for services under way; later ones meet the fence


class Gateway:
    """`await gateway(service, …)`. `fence` ("name@epoch") rides on each of its connections."""

    def __init__(self, *, threads: int = 8, fence: str = "") -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="db")
        self._fence = fence
        self._opened: list[BaseDatabaseWrapper] = []
        self._under_way: set[asyncio.Future[Any]] = set()
        self._closed = False

    async def __call__(self, service: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one service.

        Raises what it raises; Interrupted if the database is gone, Deposed if the lead is.
        """
        work = partial(self._run, partial(service, *args, **kwargs))
        done = asyncio.get_running_loop().run_in_executor(self._pool, work)
        self._under_way.add(done)
        done.add_done_callback(self._under_way.discard)
        return await asyncio.shield(done)

    async def surely(self, service: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one that may be repeated: again, once, where its connection broke under it."""
        try:
            return await self(service, *args, **kwargs)
        except Deposed:
            raise
        except Interrupted:
            return await self(service, *args, **kwargs)

    async def close(self) -> None:
        """Wait for the services under way, but not for one that waits for a lock itself.

        Each thread closes its connection; a late service is fenced off by who leads next.
        """
        self._closed = True
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=CLOSE_S)
        await asyncio.to_thread(self._close, late=bool(self._under_way))

    def _close(self, *, late: bool) -> None:
        self._pool.shutdown(wait=not late)
        if not late:
            for connection in self._opened:
                connection.close()

    def _run(self, service: Callable[[], T]) -> T:
        connection = self._connection()
        try:
            return service()
        except (DatabaseError, InterfaceError) as error:
            if is_fenced(error):
                raise Deposed(str(error)) from error
            if _server_gone(error):
                connection.close()
                raise Interrupted(str(error)) from error
            raise
        finally:
            if self._closed:
                connection.close()

    def _connection(self) -> BaseDatabaseWrapper:
        """This thread's connection; it carries the fence from its first statement."""
        connection = connections["default"]
        if connection not in self._opened:
            self._opened.append(connection)
            connection.inc_thread_sharing()  # close() comes from another thread
            changed: dict[str, object] = {"CONN_HEALTH_CHECKS": False}  # no SELECT 1 each time
            if self._fence:
                options = connection.settings_dict.get("OPTIONS", {})
                options = {**options, "options": f"-c bankline.fence={self._fence}"}
                changed["OPTIONS"] = options
            connection.settings_dict = {**connection.settings_dict, **changed}
        connection.close_if_unusable_or_obsolete()
        if _said_goodbye(connection):
            connection.close()
        return connection


def _said_goodbye(connection: BaseDatabaseWrapper) -> bool:
    """Whether the server ended this idle connection: it says so, and is asked nothing."""
    if connection.connection is None:
        return False
    if connection.connection.closed:
        return True
    waiting = select.poll()
    waiting.register(connection.connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))


def _server_gone(error: Exception) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        state = getattr(cause, "sqlstate", None)
        if state is None and isinstance(cause, OperationalError | InterfaceError):
            cause = cause.__cause__ or cause
            if getattr(cause, "sqlstate", None) is None:
                return True  # libpq's own words: no answer from a server at all
            continue
        if state and state.startswith(_GONE):
            return True
        cause = cause.__cause__
    return False
