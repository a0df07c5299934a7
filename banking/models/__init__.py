from banking.models.atms import Atm
from banking.models.customers import (
    Card,
    Customer,
    LossReport,
    Passbook,
    Payee,
    PinEvent,
)
from banking.models.ledger import (
    Account,
    Hold,
    InternalBalance,
    Journal,
    Posting,
)
from banking.models.orders import FeeTier, Instruction, LossTerm, TransferLimit

__all__ = [
    "Account",
    "Atm",
    "Card",
    "Customer",
    "FeeTier",
    "Hold",
    "Instruction",
    "InternalBalance",
    "Journal",
    "LossReport",
    "LossTerm",
    "Passbook",
    "Payee",
    "PinEvent",
    "Posting",
    "TransferLimit",
]
