from banking.models.atms import Atm
from banking.models.contacts import BoundNumber, CallerTerm, FraudCase, OutboundContact
from banking.models.customers import (
    Card,
    Customer,
    LossReport,
    Passbook,
    Payee,
    PinEvent,
)
from banking.models.deposits import (
    Deposit,
    DepositEntry,
    DepositRate,
    DepositTerms,
    InterestTax,
    Notice,
)
from banking.models.fraud import FraudDecision, FraudRule, HeldOrder, WatchEntry
from banking.models.information import Currency, District, ExchangeRate
from banking.models.ledger import (
    Account,
    Hold,
    InternalBalance,
    Journal,
    Posting,
)
from banking.models.loans import LendingTerm, Loan, LoanRate, ScheduleLine
from banking.models.nights import InterestSettlement, Night, NightTask, Unposted
from banking.models.orders import FeeTier, Instruction, LossTerm, TransferLimit

__all__ = [
    "Account",
    "Atm",
    "BoundNumber",
    "CallerTerm",
    "Card",
    "Currency",
    "Customer",
    "Deposit",
    "DepositEntry",
    "DepositRate",
    "DepositTerms",
    "District",
    "ExchangeRate",
    "FeeTier",
    "FraudCase",
    "FraudDecision",
    "FraudRule",
    "HeldOrder",
    "Hold",
    "Instruction",
    "InterestSettlement",
    "InterestTax",
    "InternalBalance",
    "Journal",
    "LendingTerm",
    "Loan",
    "LoanRate",
    "LossReport",
    "LossTerm",
    "Night",
    "NightTask",
    "Notice",
    "OutboundContact",
    "Passbook",
    "Payee",
    "PinEvent",
    "Posting",
    "ScheduleLine",
    "TransferLimit",
    "Unposted",
    "WatchEntry",
]
