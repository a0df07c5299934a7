"""Who reads ratings, and who says of which queues they are asked."""

from people.roles import Permissions, Role, may

_RULES = may("quality", "askrule", do="view")
_SEE = may("quality", "rating", do="view") | _RULES

ROLES: dict[Role, Permissions] = {
    Role.SUPERVISOR: _SEE | may("quality", "askrule", do="add"),
    Role.QC: _SEE | may("quality", "askrule", do="add"),
    Role.COMPLAINT_HANDLER: _SEE,
    Role.ADMINISTRATOR: _RULES | may("quality", "askrule", do="add"),
}
