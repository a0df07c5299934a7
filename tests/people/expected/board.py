"""Wallboards: the link is the log-in; the supervisor and the administrator give it out."""

from people.roles import Role
from tests.people.expected import EVERYBODY, NOBODY, crud

GIVE = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})

PUBLIC = {"board:board": EVERYBODY}  # who has no link finds nothing

PAGES = {
    **crud("desktop", "board", look=GIVE | {Role.AUDITOR}),
    "admin:desktop_board_create_link": GIVE,
    # Asked of a board that is none, as here, it is refused to everybody.
    "admin:desktop_board_revoke": NOBODY,
}

ACTIONS = {
    "desktop.board:create_link": GIVE,
    "desktop.board:revoke": GIVE,
}

SOCKETS = {"board": NOBODY}  # without a link
