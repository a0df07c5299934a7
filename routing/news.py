"""What pages watch: the floor as a whole, and each agent's own desk.

Both are read anew on every event (`live.topics`); their versions say nothing, so they are 0.
"""

from typing import Any

from django.db import connection

from live import topics

FLOOR = "floor"
AGENT = "agent.{agent}"
WAKE = "routing_wake"  # NOTIFY: the dispatcher has something to decide


def look(agent: str = "") -> tuple[int, Any]:
    """Who listens reads what it shows by its own queries."""
    return 0, None


def floor_changed() -> None:
    """Tell boards and the floor, when this transaction commits."""
    topics.announce(FLOOR, 0)


def desk_changed(agent_id: int) -> None:
    """Tell an agent's page and the floor, when this transaction commits."""
    topics.announce(AGENT.format(agent=agent_id), 0)
    topics.announce(FLOOR, 0)


def wake_dispatcher() -> None:
    """A caller waits or an agent is ready: decide, when this transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [WAKE])
