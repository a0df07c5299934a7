"""The default core: our own ledger, behind the interface that a bank's core would have.

Each method is one service or one query, in the file of its subject.
"""

from banking.embedded.access import EmbeddedAccess
from banking.embedded.accounts import EmbeddedAccounts
from banking.embedded.bills import EmbeddedBills
from banking.embedded.contacts import EmbeddedContacts
from banking.embedded.deposits import EmbeddedDeposits
from banking.embedded.identity import EmbeddedIdentity
from banking.embedded.information import EmbeddedInformation
from banking.embedded.interbank import EmbeddedInterbank
from banking.embedded.loans import EmbeddedLoans
from banking.embedded.losses import EmbeddedLosses
from banking.embedded.orders import EmbeddedOrders
from banking.embedded.statements import EmbeddedStatements


class EmbeddedCore(
    EmbeddedIdentity,
    EmbeddedAccess,
    EmbeddedAccounts,
    EmbeddedStatements,
    EmbeddedOrders,
    EmbeddedLosses,
    EmbeddedBills,
    EmbeddedDeposits,
    EmbeddedLoans,
    EmbeddedContacts,
    EmbeddedInterbank,
    EmbeddedInformation,
):
    """Implements `banking.core.Core`."""
