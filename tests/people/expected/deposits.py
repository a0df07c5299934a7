from people.roles import Role
from tests.people.expected import crud
from tests.people.expected.banking import KEEPERS, PRICES, READERS

NIGHTS = frozenset({Role.SUPERVISOR, Role.BACK_OFFICE, Role.AUDITOR})

PAGES = {
    **crud("banking", "deposit", look=READERS),
    **crud("banking", "notice", look=READERS),
    **crud("banking", "depositrate", look=PRICES, add=KEEPERS),
    **crud("banking", "depositterms", look=PRICES, add=KEEPERS),
    **crud("banking", "interesttax", look=PRICES, add=KEEPERS),
    **crud("banking", "night", look=NIGHTS),
}
