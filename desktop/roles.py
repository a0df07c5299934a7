"""Who may make the demo bank busy."""

from people.roles import Permissions, Role

_RUN_TRAFFIC = {"desktop.run_traffic"}

ROLES: dict[Role, Permissions] = {
    Role.SUPERVISOR: _RUN_TRAFFIC,
    Role.ADMINISTRATOR: _RUN_TRAFFIC,
}
