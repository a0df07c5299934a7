"""What a customer asks of her money: one frozen class a kind of instruction, values only.

Whoever asks (a flow, an agent's page, the settlement desk) builds one and hands it to
`banking.core.Core.draft`; the instruction's key is bound to every value in it. `payer_id` is the
account that is debited, amounts are Decimal yuan.
"""

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import ClassVar, Literal

# 实时, 普通 (two hours later), 次日: as the payer chooses (PBOC 2016, 银发〔2016〕261号).
Speed = Literal["now", "ordinary", "next_day"]
# Where money goes by sessions nothing arrives in real time: the next one, or one of the next day's.
SessionSpeed = Literal["ordinary", "next_day"]

# Of a loan: what is due, a part of the rest early, or all of it.
What = Literal["due", "part", "settle"]
# After an early part: as much each month for fewer months, or less for as many.
Keeps = Literal["instalment", "term"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Base of them all. `kind` is the instruction's."""

    kind: ClassVar[str]

    payer_id: int
    amount: Decimal

    def content(self) -> str:
        """All its values in one line, the same for the same request."""
        values = (
            f"{value:.2f}" if isinstance(value, Decimal) else str(value)
            for value in (getattr(self, field.name) for field in fields(self))
        )
        return "|".join((self.kind, *values))


@dataclass(frozen=True, slots=True, kw_only=True)
class InBankTransfer(Request):
    """行内转账, to another customer of the bank."""

    kind: ClassVar[str] = "transfer"

    payee_id: int  # an account
    speed: Speed = "now"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTransfer(Request):
    """Between two demand accounts of her own: no limit and no certificate is asked."""

    kind: ClassVar[str] = "own"

    payee_id: int  # an account


@dataclass(frozen=True, slots=True, kw_only=True)
class InterbankTransfer(Request):
    """同城跨行, by a session of the city's exchange; to a payee registered at a branch."""

    kind: ClassVar[str] = "interbank"

    payee_id: int  # a registered payee at another bank, no account of ours
    speed: SessionSpeed = "ordinary"
    remark: str = ""  # with one it goes by the settlement desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Remittance(Request):
    """异地汇款; small-value batch or large-value real time, by amount and hour."""

    kind: ClassVar[str] = "remittance"

    payee_id: int  # a registered payee at another bank, no account of ours
    speed: Speed = "now"
    remark: str = ""  # with one it goes by the settlement desk


@dataclass(frozen=True, slots=True, kw_only=True)
class BillPayment(Request):
    """To a biller for one of its contracts: a whole bill, a part of it, or a top-up."""

    kind: ClassVar[str] = "bill"

    biller: str  # its code
    contract: str  # the number by which the biller knows her


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDeposit(Request):
    """Out of a demand account into a deposit of its own: 整存整取, 零存整取, 存本取息, 通知存款."""

    kind: ClassVar[str] = "save"

    product: Literal["time", "instalment", "drawing", "notice"]
    term: str  # 3m, 6m, 1y, 2y, 3y, 5y; 1d, 7d of a notice deposit
    renews: bool = False  # rolled over at maturity


@dataclass(frozen=True, slots=True, kw_only=True)
class PayInstalment(Request):
    """This month's, or last month's missed instalment of a 零存整取."""

    kind: ClassVar[str] = "instalment"

    payee_id: int  # the deposit's account


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption(Request):
    """转回活期: out of a deposit, all or a part, by its rules. `payer_id`: its account."""

    kind: ClassVar[str] = "redeem"

    payee_id: int  # a demand account of hers


@dataclass(frozen=True, slots=True, kw_only=True)
class Repayment(Request):
    """Of a loan. `amount` counts for what is due, or is the principal paid early, or is all."""

    kind: ClassVar[str] = "repayment"

    payee_id: int  # the loan's account
    what: What
    keeps: Keeps = "instalment"
