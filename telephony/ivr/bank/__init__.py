"""`banking.core` as a flow speaks to it: awaited, for one call, at the present time."""

from telephony.ivr.bank.access import BankAccess
from telephony.ivr.bank.accounts import BankAccounts
from telephony.ivr.bank.asking import Run
from telephony.ivr.bank.bills import BankBills
from telephony.ivr.bank.contacts import BankContacts
from telephony.ivr.bank.deposits import BankDeposits
from telephony.ivr.bank.identity import BankIdentity
from telephony.ivr.bank.information import BankInformation
from telephony.ivr.bank.interbank import BankInterbank
from telephony.ivr.bank.loans import BankLoans
from telephony.ivr.bank.losses import BankLosses
from telephony.ivr.bank.orders import BankOrders
from telephony.ivr.bank.statements import BankStatements

__all__ = ["Bank", "Run"]


class Bank(
    BankIdentity,
    BankAccess,
    BankAccounts,
    BankStatements,
    BankOrders,
    BankLosses,
    BankBills,
    BankDeposits,
    BankLoans,
    BankContacts,
    BankInterbank,
    BankInformation,
):
    """One caller's bank."""
