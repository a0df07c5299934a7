"""The settlement desk: who works there, who may look; the REST intake asks for a signature."""

from people.roles import Role
from tests.people.expected import NOBODY, crud
from tests.people.expected.banking import FILES, KEEPERS, PRICES

MAKERS = frozenset({Role.SETTLEMENT_MAKER})
CLERKS = MAKERS | {Role.SETTLEMENT_CHECKER}

PAGES = {
    **{
        f"settlement:{page}": CLERKS
        for page in ("desk", "queue", "banks", "next", "handover", "do")
    },
    "settlement:original": MAKERS,
    "settlement:payout": MAKERS,
    **crud("banking", "deskrule", look=PRICES, add=KEEPERS),
    **crud("banking", "settlementday", look=FILES | {Role.SUPERVISOR}),
    "admin:banking_settlementday_draw_up": FILES - {Role.AUDITOR},
    **crud("banking", "intakeclient", look=KEEPERS | {Role.AUDITOR}),
    "admin:banking_intakeclient_issue": KEEPERS,
    "admin:banking_intakeclient_revoke": KEEPERS,
    "intake:orders": NOBODY,
    "intake:order": NOBODY,
}

ACTIONS = {
    "banking.settlementday:draw_up": FILES - {Role.AUDITOR},
    "banking.intakeclient:issue": KEEPERS,
    "banking.intakeclient:revoke": KEEPERS,
}
