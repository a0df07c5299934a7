from people.roles import Role
from tests.people.expected import crud
from tests.people.expected.banking import KEEPERS, PRICES, READERS

PAGES = {
    **crud("banking", "loan", look=READERS),
    **crud("banking", "loanrate", look=PRICES, add=KEEPERS),
    **crud("banking", "lendingterm", look=PRICES, add=KEEPERS),
    **crud("banking", "exchangerate", look=PRICES, add=KEEPERS),
    **crud("banking", "district", look=PRICES, add=KEEPERS),
    **crud("banking", "announcement", look=PRICES, add={Role.MENU_OWNER}),
}
