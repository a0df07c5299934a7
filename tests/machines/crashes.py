"""Something in the way of a transaction, and what kills the session that waits for it there."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Any, LiteralString

import psycopg
from django.db import OperationalError, connection

from config.postgres import OWNER
from tests.banking.together import together


def killed_at(lock: LiteralString, step: Callable[[], object]) -> bool:
    """Run `step` beside `lock`; whether it waited there, and its session was killed for it.

    Raises what the step raises otherwise.
    """
    done = Event()

    def work() -> object:
        try:
            return step()
        finally:
            done.set()

    with blocked(lock) as kill:
        outcome, killed = together(work, lambda: kill(done))
    if isinstance(killed, Exception):
        raise killed
    if isinstance(outcome, Exception) and not (killed and isinstance(outcome, OperationalError)):
        raise outcome
    return bool(killed)


@contextmanager
def blocked(
    lock: LiteralString, params: Sequence[Any] = ()
) -> Iterator[Callable[[Event], int | None]]:
    """`lock` is held meanwhile. What is yielded kills who waits for it, until `done` is set; it
    returns whom it killed."""
    settings = connection.get_connection_params()
    for name in ("cursor_factory", "context"):
        settings.pop(name, None)
    with (
        psycopg.connect(**(settings | {"user": OWNER})) as blocker,
        psycopg.connect(**settings, autocommit=True) as app,
    ):
        blocker.execute(lock, params)

        def kill(done: Event) -> int | None:
            try:
                if victim := _waiting_for(blocker.info.backend_pid, app, done):
                    app.execute("SELECT pg_terminate_backend(%s, 5000)", [victim])  # and gone
                return victim
            finally:
                blocker.rollback()

        yield kill


def _waiting_for(blocker: int, watch: psycopg.Connection[Any], done: Event) -> int | None:
    """The session that waits for session `blocker`; None if it was done without waiting."""
    while not done.is_set():
        row = watch.execute(
            "SELECT pid FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))", [blocker]
        ).fetchone()
        if row:
            pid: int = row[0]
            return pid
    return None
