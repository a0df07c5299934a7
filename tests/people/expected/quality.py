"""Ratings are read; who is asked for one is a dated rule."""

from people.roles import Role
from tests.people.expected import crud

RULES = frozenset({Role.SUPERVISOR, Role.QC, Role.ADMINISTRATOR})

PAGES = {
    **crud(
        "quality",
        "rating",
        look={Role.SUPERVISOR, Role.QC, Role.COMPLAINT_HANDLER, Role.AUDITOR},
    ),
    **crud("quality", "askrule", look=RULES | {Role.COMPLAINT_HANDLER, Role.AUDITOR}, add=RULES),
}
