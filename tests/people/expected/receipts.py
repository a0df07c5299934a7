"""A receipt's page: for those who see instructions."""

from people.roles import Role

SEES = frozenset(
    {
        *(Role.AGENT, Role.SUPERVISOR, Role.BACK_OFFICE, Role.BRANCH_USER),
        *(Role.SETTLEMENT_MAKER, Role.SETTLEMENT_CHECKER),
        *(Role.QC, Role.COMPLAINT_HANDLER, Role.AUDITOR),
    }
)

PAGES = {"receipts:search": SEES, "receipts:receipt": SEES}
