from people.roles import Role
from tests.people.expected import crud

READERS = frozenset(
    {
        Role.AGENT,
        Role.SUPERVISOR,
        Role.BACK_OFFICE,
        Role.SETTLEMENT_MAKER,
        Role.SETTLEMENT_CHECKER,
        Role.QC,
        Role.COMPLAINT_HANDLER,
        Role.BRANCH_USER,
        Role.AUDITOR,
    }
)
PRICES = READERS | {Role.MENU_OWNER, Role.TRAINER, Role.KB_EDITOR, Role.KB_REVIEWER}
PINS = frozenset({Role.SUPERVISOR, Role.BACK_OFFICE, Role.BRANCH_USER, Role.AUDITOR})
REVEAL = frozenset({Role.AGENT, Role.SUPERVISOR, Role.BACK_OFFICE, Role.COMPLAINT_HANDLER})
KEEPERS = frozenset({Role.BACK_OFFICE})
ATMS = frozenset({Role.AGENT, Role.SUPERVISOR, Role.BACK_OFFICE, Role.BRANCH_USER, Role.AUDITOR})

PAGES = {
    **crud("banking", "customer", look=READERS),
    "admin:banking_customer_find": READERS,
    "admin:banking_customer_reveal": REVEAL,
    **crud("banking", "account", look=READERS),
    **crud("banking", "instruction", look=READERS),
    **crud("banking", "journal", look=READERS),
    **crud("banking", "atm", look=ATMS),
    **crud("banking", "lossreport", look=READERS),
    **crud("banking", "pinevent", look=PINS),
    **crud("banking", "transferlimit", look=READERS, add=KEEPERS),
    **crud("banking", "feetier", look=PRICES, add=KEEPERS),
    **crud("banking", "lossterm", look=PRICES, add=KEEPERS),
}

ACTIONS = {
    "banking.customer:find": READERS,
    "banking.customer:reveal": REVEAL,
}
