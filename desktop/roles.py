"""Who gives out wallboards, and who may make the demo bank busy."""

from people.roles import Permissions, Role, may

_RUN_TRAFFIC = {"desktop.run_traffic"}
_BOARDS = may("desktop", "board", do="view add change")

ROLES: dict[Role, Permissions] = {
    Role.SUPERVISOR: _RUN_TRAFFIC | _BOARDS,
    Role.ADMINISTRATOR: _RUN_TRAFFIC | _BOARDS,
}
