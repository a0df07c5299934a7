"""The supervisor's page."""

from people.roles import Role

WATCH = frozenset({Role.SUPERVISOR, Role.PLANNER})

PAGES = {
    "floor:floor": WATCH,
    "floor:callback": frozenset({Role.SUPERVISOR}),
}

SOCKETS = {"floor": WATCH}
