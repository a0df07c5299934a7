from people.roles import Role
from tests.people.expected import crud

SET = frozenset({Role.SUPERVISOR, Role.PLANNER, Role.ADMINISTRATOR})
SEE = SET | {Role.AGENT, Role.QC, Role.AUDITOR}

PAGES = {
    **crud("reporting", "target", look=SEE, add=SET),
    **crud("reporting", "countingrule", look=SEE, add=SET),
}
