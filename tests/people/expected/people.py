from people.roles import Role
from tests.people.expected import EVERYBODY, crud

ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
AUDITOR = frozenset({Role.AUDITOR})

PAGES = {
    **crud("people", "user", look=ADMINISTRATOR | AUDITOR, add=ADMINISTRATOR),
    "admin:people_user_issue_password": ADMINISTRATOR,
    "admin:people_user_let_in_again": ADMINISTRATOR,
    **crud("people", "branch", look=EVERYBODY, add=ADMINISTRATOR),
    **crud("people", "accesslog", look=AUDITOR),
    **crud("django_q", "failure", look=ADMINISTRATOR | AUDITOR),
    **crud("django_q", "schedule", look=ADMINISTRATOR | AUDITOR),
}

ACTIONS = {
    "people.user:issue_password": ADMINISTRATOR,
    "people.user:let_in_again": ADMINISTRATOR,
}
