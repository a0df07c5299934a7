"""Complaints: the desk handles, a branch answers its own, another reviews."""

from people.roles import Role
from tests.people.expected import NOBODY, crud

DESK = frozenset({Role.SUPERVISOR, Role.COMPLAINT_HANDLER})
SEE = DESK | {Role.QC, Role.AUDITOR}
TERMS = SEE | {Role.ADMINISTRATOR}
PAGE = "admin:complaints_complaint"

PAGES = {
    **crud("complaints", "complaint", look=SEE | {Role.BRANCH_USER}),
    # Asked of a case that is none, as here, they are refused to everybody.
    **{
        f"{PAGE}_{verb}": NOBODY
        for verb in ("grade", "assign", "reply", "approve", "send_back", "told", "archive")
    },
    **crud(
        "complaints",
        "category",
        look=TERMS,
        add={Role.COMPLAINT_HANDLER, Role.ADMINISTRATOR},
    ),
    **crud("complaints", "clockrule", look=TERMS, add={Role.ADMINISTRATOR}),
}

ACTIONS = {
    **{
        f"complaints.complaint:{verb}": DESK
        for verb in ("grade", "assign", "approve", "send_back", "told", "archive")
    },
    "complaints.complaint:reply": DESK | {Role.BRANCH_USER},
}
