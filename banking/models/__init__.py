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
from banking.models.fraud import FraudDecision, FraudRule, WatchEntry
from banking.models.information import Currency, District, ExchangeRate
from banking.models.ledger import (
    Account,
    Hold,
    InternalBalance,
    Journal,
    Posting,
)
from banking.models.loans import LendingTerm, Loan, LoanRate, ScheduleLine
from banking.models.orders import FeeTier, Instruction, LossTerm, TransferLimit

__all__ = [
    "Account",
    "Atm",
    "BoundNumber",
    "CallerTerm",
    "Card",
    "Currency",
    "Customer",
    "District",
    "ExchangeRate",
    "FeeTier",
    "FraudCase",
    "FraudDecision",
    "FraudRule",
    "Hold",
    "Instruction",
    "InternalBalance",
    "Journal",
    "LendingTerm",
    "Loan",
    "LoanRate",
    "LossReport",
    "LossTerm",
    "OutboundContact",
    "Passbook",
    "Payee",
    "PinEvent",
    "Posting",
    "ScheduleLine",
    "TransferLimit",
    "WatchEntry",
]
