"""Where a saved call is played: one thread, one connection, one transaction, rolled back.

Services are durable (`atomic(durable=True)`): they refuse to run inside a transaction, whose
end they could not promise. Here nothing is promised to anybody, and that is said to Django as
its own TestCase says it. What PostgreSQL checks at a commit it checks after each service.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from django.db import connection, transaction

T = TypeVar("T")
LOCK_TIMEOUT_S = 2  # nobody's work waits for a rehearsal, nor a rehearsal for long


class Stage:
    """`with Stage() as stage:` everything that `await stage(service, …)` does is undone."""

    def __enter__(self) -> "Stage":
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="rehearsal")
        self._undone = _undone()
        try:
            self._thread.submit(self._undone.__enter__).result()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, *why: object) -> None:
        try:
            self._thread.submit(self._undone.__exit__, None, None, None).result()
        finally:
            self._close()

    def _close(self) -> None:
        self._thread.submit(_leave).result()
        self._thread.shutdown()

    def do(self, service: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run one service and wait for it."""
        return self._thread.submit(_as_committed, partial(service, *args, **kwargs)).result()

    async def __call__(self, service: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """The gateway of a rehearsed call (`telephony.ivr.bank.Run`)."""
        work = partial(_as_committed, partial(service, *args, **kwargs))
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


@contextmanager
def _undone() -> Iterator[None]:
    whole = transaction.atomic()
    whole._from_testcase = True  # type: ignore[attr-defined]  # durable services are let in
    with whole:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_S}s'")
        yield
        transaction.set_rollback(True)


def _leave() -> None:
    connection.close()  # this thread's own


def _as_committed(service: Callable[[], T]) -> T:
    """What a service did, judged by the triggers that a commit would fire."""
    done = service()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return done
