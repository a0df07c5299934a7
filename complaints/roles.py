"""Who takes complaints in, who handles, answers and reviews them, who keeps their terms."""

from people.roles import Permissions, Role, may

_TERMS = may("complaints", "category", "clockrule", do="view")
_SEE = may("complaints", "complaint", do="view") | _TERMS
_HANDLE = _SEE | may("complaints", "complaint", do="change reply review")
_KEEP = _TERMS | may("complaints", "category", do="add change") | {"complaints.add_clockrule"}

ROLES: dict[Role, Permissions] = {
    Role.AGENT: may("complaints", "complaint", do="add"),
    Role.SUPERVISOR: _HANDLE | may("complaints", "complaint", do="add"),
    Role.COMPLAINT_HANDLER: _HANDLE | may("complaints", "category", do="add change"),
    Role.BRANCH_USER: may("complaints", "complaint", do="view reply"),
    Role.QC: _SEE,
    Role.ADMINISTRATOR: _KEEP,
}
