from people.roles import Role
from tests.people.expected import crud

PLANS = frozenset({Role.SUPERVISOR, Role.PLANNER, Role.ADMINISTRATOR, Role.AUDITOR})
PAST = frozenset({Role.SUPERVISOR, Role.QC, Role.PLANNER, Role.AUDITOR})
ARRANGE = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})

PAGES = {
    **crud("routing", "agent", look=PLANS, add=ARRANGE),
    **crud("routing", "skill", look=PLANS, add=ARRANGE),
    **crud("routing", "queue", look=PLANS, add=ARRANGE),
    **crud("routing", "pausereason", look=PLANS, add=ARRANGE),
    **crud("routing", "waitingcredit", look=PLANS, add=ARRANGE),
    **crud("routing", "queueentry", look=PAST),
    **crud("routing", "reservation", look=PAST),
    **crud("routing", "presence", look=PAST),
    **crud("routing", "session", look=PAST),
    **crud("routing", "dispatcher", look=PAST),
    **crud("routing", "repair", look=PAST),
}
