from people.roles import Role
from tests.people.expected import EVERYBODY, crud

KEEPERS = frozenset({Role.ADMINISTRATOR, Role.PLANNER})

PAGES = {
    **crud("calendars", "specialday", look=EVERYBODY, add=KEEPERS, delete=KEEPERS),
    **crud("calendars", "openinghours", look=EVERYBODY, add=KEEPERS, delete=KEEPERS),
}
