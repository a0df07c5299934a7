"""Topics: what a page can watch. Events carry a version; the data is read anew each time.

A service announces inside its transaction, a consumer listens first and then looks, so that
nothing falls between. `live.consumers.TopicConsumer` does the consumer's part.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.db import connection, transaction

from live.layer import PostgresChannelLayer, statement

NOTIFY_ALL = "SELECT pg_notify(c, p) FROM unnest(%s::text[], %s::text[]) AS told(c, p)"

Look = Callable[..., tuple[int, Any]]


class UnknownTopic(LookupError):
    """No app registered a snapshot for this topic."""


class Behind(Exception):
    """The snapshot is older than the event that asked for it: a reader that lags, or a bug."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A topic as it stands: `data` is JSON, `version` never falls."""

    topic: str
    version: int
    data: Any


_looks: dict[str, tuple[re.Pattern[str], Look]] = {}


def register(pattern: str, look: Look) -> None:
    """Name the function that reads a topic: ``register("call.{id}", look)``, ``look(id="7")``.

    `look` is synchronous, reads the database and returns (version, data).
    """
    parts = re.split(r"\{(\w+)\}", pattern)
    expression = "".join(
        f"(?P<{part}>[A-Za-z0-9_-]+)" if odd else re.escape(part)
        for odd, part in ((i % 2, part) for i, part in enumerate(parts))
    )
    if pattern in _looks:
        raise ValueError(f"The topic {pattern} is registered already.")
    _looks[pattern] = re.compile(expression), look


def announce(topic: str, version: int) -> None:
    """Tell whoever watches `topic` that it changed, if and when this transaction commits."""
    announce_all([topic], version)


def announce_all(topics: Sequence[str], version: int, *, waking: Sequence[str] = ()) -> None:
    """Several in one statement, and with them a bare NOTIFY on each channel of `waking`."""
    events = {
        topic: {"type": "topic.changed", "topic": topic, "version": version} for topic in topics
    }
    for topic in topics:
        _look_for(topic)
    layer = get_channel_layer()
    told = [(channel, "") for channel in waking]
    if isinstance(layer, PostgresChannelLayer):
        # An event of a topic is never too long for NOTIFY: its statement says channel, payload.
        told += [tuple(statement(f"={topic}", event)[1]) for topic, event in events.items()]
    elif layer is not None:
        for topic, event in events.items():
            transaction.on_commit(partial(async_to_sync(layer.group_send), topic, event))
    if told:
        with connection.cursor() as cursor:
            cursor.execute(NOTIFY_ALL, [[c for c, _ in told], [p for _, p in told]])


async def snapshot(topic: str, *, at_least: int = 0) -> Snapshot:
    """The topic as it stands now. Raises UnknownTopic; Behind if older than `at_least`."""
    look, places = _look_for(topic)
    version, data = await database_sync_to_async(look)(**places)
    if version < at_least:
        raise Behind(f"{topic} reads {version} after {at_least} was announced")
    return Snapshot(topic, version, data)


def _look_for(topic: str) -> tuple[Look, dict[str, str]]:
    for pattern, look in _looks.values():
        if match := pattern.fullmatch(topic):
            return look, match.groupdict()
    raise UnknownTopic(topic)
