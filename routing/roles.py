"""Who takes calls, who watches those who do, who says which skill and queue there is."""

from people.roles import Permissions, Role, may

_PLAN = ("skill", "queue", "agent", "agentskill", "pausereason", "waitingcredit")
_SET_UP = may("routing", *_PLAN, do="view")
_PAST = may(
    "routing",
    "presence",
    "session",
    "queueentry",
    "reservation",
    "dispatcher",
    "repair",
    do="view",
)
_TAKE = {"routing.take_calls"}
_WATCH = {"routing.watch_floor"}
_ARRANGE = may("routing", *_PLAN, do="add change") | may("routing", "agentskill", do="delete")

ROLES: dict[Role, Permissions] = {
    Role.AGENT: _TAKE,
    Role.SUPERVISOR: _SET_UP | _PAST | _TAKE | _WATCH | _ARRANGE,
    Role.QC: _PAST,
    Role.PLANNER: _SET_UP | _PAST | _WATCH,
    Role.ADMINISTRATOR: _SET_UP | _ARRANGE,
}
