"""Who gives out wallboards, asks for call-backs on the floor, makes the demo bank busy."""

from people.roles import Permissions, Role, may

_RUN_TRAFFIC = {"desktop.run_traffic"}
_ASK_CALLBACK = {"telephony.add_callbackrequest"}
_BOARDS = may("desktop", "board", do="view add change")

ROLES: dict[Role, Permissions] = {
    Role.SUPERVISOR: _RUN_TRAFFIC | _BOARDS | _ASK_CALLBACK,
    Role.ADMINISTRATOR: _RUN_TRAFFIC | _BOARDS,
}
