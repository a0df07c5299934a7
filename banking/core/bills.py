"""What she owes to billers (缴费单位), and what they sell."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

BillKind = Literal["phone", "water", "electricity", "gas", "cable"]


@dataclass(frozen=True, slots=True)
class BillView:
    """A contract with a biller. Where there are `top_ups`, one of these amounts is paid."""

    biller: str  # its code
    contract: str
    tail: str
    owed: Decimal
    part_allowed: bool
    top_ups: tuple[Decimal, ...]


class Bills(Protocol):
    def bill(self, kind: BillKind, contract: str, *, at: datetime) -> BillView:
        """Raises ContractUnknown, BillerUnavailable."""

    def own_phone_bill(self, customer_id: int, *, at: datetime) -> BillView | None:
        """Of the mobile that the bank knows her by; None where no biller has it."""
