"""Few and counted: what is tried again when PostgreSQL, not the bank, said no."""

import logging
from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from banking.errors import CoreUnavailable

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 3
DEADLOCK = {"40P01", "40001"}  # deadlock_detected, serialization_failure
counted: Counter[str] = Counter()  # by kind, since this process began
log = logging.getLogger(__name__)


def keyed(service: Callable[P, R]) -> Callable[P, R]:
    """Retry a service that carries an idempotency key.

    After a deadlock nothing was done; after a lost connection the key finds out. Raises
    CoreUnavailable when PostgreSQL stays away.
    """

    @wraps(service)
    def trying(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return service(*args, **kwargs)
            except (OperationalError, InterfaceError) as error:
                kind = _kind(error)
                if kind is None:
                    raise
                counted[kind] += 1
                log.warning("%s in %s, attempt %d", kind, service.__name__, attempt)
                if kind == "lost":
                    connection.close()
                if attempt == ATTEMPTS:
                    if kind == "lost":
                        raise CoreUnavailable from error
                    raise
        raise AssertionError("unreachable")

    return trying


def _kind(error: DatabaseError | InterfaceError) -> str | None:
    state = getattr(error.__cause__, "sqlstate", None)
    if state in DEADLOCK:
        return "deadlock"
    # Without a state the server never answered; 57P0x: it is going down; 08xxx: the line.
    if state is None or state.startswith(("57P0", "08")):
        return "lost"
    return None
