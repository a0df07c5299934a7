"""The one way from the worker's event loop to the ORM: a fixed pool of threads.

Services are synchronous, one transaction each. A call that hangs up never cancels one: the
await ends, the service goes on to its commit.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from live.fences import is_fenced
from telephony.ivr.signals import Interrupted

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

# SQLSTATE classes that say the server, not the statement, failed: connection, shutdown.
_GONE = ("08", "57P")


class Gateway:
    """`await gateway(service, …)`. `fence` ("name@epoch") rides on each of its connections."""

    def __init__(self, *, threads: int = 8, fence: str = "") -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="db")
        self._fence = fence
        self._opened: list[BaseDatabaseWrapper] = []

    async def __call__(self, service: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one service. Raises what it raises; Interrupted if database or lead are gone."""
        work = partial(self._run, partial(service, *args, **kwargs))
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._pool, work))

    async def close(self) -> None:
        """Wait for the services under way, then close their connections."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._pool.shutdown(wait=True)
        for connection in self._opened:
            connection.close()

    def _run(self, service: Callable[[], T]) -> T:
        connection = self._connection()
        try:
            return service()
        except (DatabaseError, InterfaceError) as error:
            if is_fenced(error) or _server_gone(error):
                connection.close()
                raise Interrupted(str(error)) from error
            raise

    def _connection(self) -> BaseDatabaseWrapper:
        """This thread's connection; it carries the fence from its first statement."""
        connection = connections["default"]
        if connection not in self._opened:
            self._opened.append(connection)
            connection.inc_thread_sharing()  # close() comes from another thread
            if self._fence:
                options = connection.settings_dict.get("OPTIONS", {})
                options = {**options, "options": f"-c bankline.fence={self._fence}"}
                connection.settings_dict = {**connection.settings_dict, "OPTIONS": options}
        connection.close_if_unusable_or_obsolete()
        return connection


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
