"""Who sees the bank's targets, and who sets them."""

from people.roles import Permissions, Role, may

_SEE = may("reporting", "target", "countingrule", do="view")
_SET = may("reporting", "target", "countingrule", do="add")

ROLES: dict[Role, Permissions] = {
    Role.AGENT: _SEE,
    Role.SUPERVISOR: _SEE | _SET,
    Role.PLANNER: _SEE | _SET,
    Role.QC: _SEE,
    Role.ADMINISTRATOR: _SEE | _SET,
}
