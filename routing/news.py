"""What pages watch: the floor as a whole, and each agent's own desk.

Both are read anew on every event (`live.topics`); their versions say nothing, so they are 0.
"""

from typing import Any

from live import topics

FLOOR = "floor"
AGENT = "agent.{agent}"
WAKE = "routing_wake"  # NOTIFY: the dispatcher has something to decide


def look(agent: str = "") -> tuple[int, Any]:
    """Who listens reads what it shows by its own queries."""
    return 0, None


def floor_changed(*, wake: bool = False) -> None:
    """Tell boards and the floor, when this transaction commits; `wake`: the dispatcher as well."""
    desk_changed(wake=wake)


def desk_changed(*agents: int, wake: bool = False) -> None:
    """Tell these agents' pages and the floor, when this transaction commits.

    `wake`: and the dispatcher, because a caller waits or an agent is ready.
    """
    desks = [AGENT.format(agent=agent) for agent in agents]
    topics.announce_all([*desks, FLOOR], 0, waking=[WAKE] if wake else [])
