from people.roles import Role
from tests.people.expected import EVERYBODY, NOBODY, crud

ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
AUDITOR = frozenset({Role.AUDITOR})
APPROVALS = frozenset(
    {
        *(Role.BACK_OFFICE, Role.SUPERVISOR, Role.BRANCH_USER),
        *(Role.SETTLEMENT_MAKER, Role.SETTLEMENT_CHECKER, Role.MENU_OWNER, Role.KB_REVIEWER),
    }
)
PARTS = frozenset({Role.BACK_OFFICE, Role.SUPERVISOR, Role.BRANCH_USER, Role.MENU_OWNER})

PAGES = {
    **crud("people", "user", look=ADMINISTRATOR | AUDITOR, add=ADMINISTRATOR),
    "admin:people_user_issue_password": ADMINISTRATOR,
    "admin:people_user_let_in_again": ADMINISTRATOR,
    **crud("people", "branch", look=EVERYBODY, add=ADMINISTRATOR),
    **crud("people", "accesslog", look=AUDITOR),
    **crud("people", "approval", look=APPROVALS | AUDITOR),
    # Asked of a request that is none, as here, they are refused to everybody.
    "admin:people_approval_approve": NOBODY,
    "admin:people_approval_refuse": NOBODY,
    "admin:people_approval_withdraw": NOBODY,
    **crud("django_q", "failure", look=ADMINISTRATOR | AUDITOR),
    **crud("django_q", "schedule", look=ADMINISTRATOR | AUDITOR),
}

ACTIONS = {
    "people.user:issue_password": ADMINISTRATOR,
    "people.user:let_in_again": ADMINISTRATOR,
    # Of one kind at least; whether of this one is asked of the request itself.
    "people.approval:approve": PARTS | {Role.SETTLEMENT_CHECKER},
    "people.approval:refuse": PARTS | {Role.SETTLEMENT_CHECKER},
    "people.approval:withdraw": PARTS | {Role.SETTLEMENT_MAKER, Role.KB_REVIEWER},
}
