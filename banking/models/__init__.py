from banking.models.access import AccessRule, NicknameWord, PhoneBlock, UnlockRequest, WrongTry
from banking.models.atms import Atm
from banking.models.banks import Bank, ExternalPayee
from banking.models.billers import (
    Biller,
    BillerDay,
    BillerFile,
    BillerReply,
    BillPayment,
)
from banking.models.clearing import (
    ClearingFile,
    ClearingItem,
    ExchangeSession,
    LargeValueHours,
    SmallValueBatch,
    TransferRule,
)
from banking.models.contacts import BoundNumber, CallerTerm, FraudCase, OutboundContact
from banking.models.contracts import Bill, BillerContract, BillerEntry
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
from banking.models.information import (
    Announcement,
    Currency,
    District,
    ExchangeRate,
    Outlet,
)
from banking.models.intake import IntakeClient, IntakeNonce, IntakeOrder
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
from banking.models.outbox import OutboxMessage
from banking.models.settlement import SettlementOrder
from banking.models.settlement_desk import (
    DeskRule,
    DeskStep,
    SettlementDay,
    SettlementDifference,
    SettlementSum,
)

__all__ = [
    "AccessRule",
    "Account",
    "Announcement",
    "Atm",
    "Bank",
    "Bill",
    "BillPayment",
    "Biller",
    "BillerContract",
    "BillerDay",
    "BillerEntry",
    "BillerFile",
    "BillerReply",
    "BoundNumber",
    "CallerTerm",
    "Card",
    "ClearingFile",
    "ClearingItem",
    "Currency",
    "Customer",
    "Deposit",
    "DepositEntry",
    "DepositRate",
    "DepositTerms",
    "DeskRule",
    "DeskStep",
    "District",
    "ExchangeRate",
    "ExchangeSession",
    "ExternalPayee",
    "FeeTier",
    "FraudCase",
    "FraudDecision",
    "FraudRule",
    "HeldOrder",
    "Hold",
    "Instruction",
    "IntakeClient",
    "IntakeNonce",
    "IntakeOrder",
    "InterestSettlement",
    "InterestTax",
    "InternalBalance",
    "Journal",
    "LargeValueHours",
    "LendingTerm",
    "Loan",
    "LoanRate",
    "LossReport",
    "LossTerm",
    "NicknameWord",
    "Night",
    "NightTask",
    "Notice",
    "OutboundContact",
    "OutboxMessage",
    "Outlet",
    "Passbook",
    "Payee",
    "PhoneBlock",
    "PinEvent",
    "Posting",
    "ScheduleLine",
    "SettlementDay",
    "SettlementDifference",
    "SettlementOrder",
    "SettlementSum",
    "SmallValueBatch",
    "TransferLimit",
    "TransferRule",
    "UnlockRequest",
    "Unposted",
    "WatchEntry",
    "WrongTry",
]
