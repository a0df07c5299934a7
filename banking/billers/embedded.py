"""A biller whose books the bank keeps: contracts, bills and payments are rows of ours."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, F, Sum

from banking.billers import Answer, NoAnswer, Owed, Payment, Statement
from banking.ledger import ZERO
from banking.models import Biller
from banking.models.contracts import Bill, BillerContract, BillerEntry

NO_CONTRACT = "户号不存在"
TOO_MUCH = "金额超过欠费"
REFUSED = "缴费单位拒收"
NEVER_CAME = "缴费单位未收到"

Behaviour = BillerContract.Answer


class EmbeddedBiller:
    """Answers at once, unless the contract's row says otherwise."""

    def __init__(self, biller: Biller) -> None:
        self._biller = biller

    def look_up(self, contract: str, *, at: datetime) -> Owed | None:
        """Top-ups are sold for every number of the operator, with a contract or without."""
        if self._behaviour(contract) == Behaviour.DOWN:
            raise NoAnswer
        if self._biller.top_ups:
            return Owed(ZERO)
        return owed(self._biller, contract)

    def pay(self, payment: Payment, *, at: datetime) -> Answer:
        behaviour = self._behaviour(payment.contract)
        if behaviour in {Behaviour.LOST, Behaviour.DOWN}:
            raise NoAnswer
        entry = self._enter(payment, behaviour, at)
        if behaviour == Behaviour.SILENT:
            raise NoAnswer
        return _answer(entry)

    def enquire(self, payment: Payment, *, at: datetime) -> Answer:
        if self._behaviour(payment.contract) == Behaviour.DOWN:
            raise NoAnswer
        spent = BillerEntry(
            **self._entry(payment, at), accepted=False, reason=NEVER_CAME
        )  # unless the payment came
        BillerEntry.objects.bulk_create([spent], ignore_conflicts=True)
        return _answer(BillerEntry.objects.get(key=payment.key))

    def statement(self, day: date, *, at: datetime) -> Statement | None:
        taken = BillerEntry.objects.filter(biller=self._biller, day=day, accepted=True)
        sums = taken.aggregate(count=Count("key"), amount=Sum("amount"))
        return Statement(sums["count"], sums["amount"] or ZERO)

    @transaction.atomic(durable=True)
    def _enter(self, payment: Payment, behaviour: str, at: datetime) -> BillerEntry:
        """The contract is locked: two payments never share a bill's rest."""
        contract = (
            BillerContract.objects.select_for_update()
            .filter(biller=self._biller, number=payment.contract)
            .first()
        )
        if found := BillerEntry.objects.filter(key=payment.key).first():
            return found
        reason = self._refusal(contract, payment.amount, behaviour)
        if not reason and contract and not self._biller.top_ups:
            _pay_oldest_first(contract, payment.amount)
        return BillerEntry.objects.create(
            **self._entry(payment, at), accepted=not reason, reason=reason
        )

    def _refusal(self, contract: BillerContract | None, amount: Decimal, behaviour: str) -> str:
        if behaviour == Behaviour.REJECTS:
            return REFUSED
        if self._biller.top_ups:
            return ""
        if contract is None:
            return NO_CONTRACT
        due = owed(self._biller, contract.number)
        assert due is not None
        return TOO_MUCH if amount > due.amount else ""

    def _entry(self, payment: Payment, at: datetime) -> dict[str, object]:
        return {
            "key": payment.key,
            "biller": self._biller,
            "contract": payment.contract,
            "amount": payment.amount,
            "day": payment.day,
            "at": at,
        }

    def _behaviour(self, contract: str) -> str:
        found = BillerContract.objects.filter(biller=self._biller, number=contract)
        return found.values_list("answer", flat=True).first() or Behaviour.TAKES


def owed(biller: Biller, number: str) -> Owed | None:
    """By the bills that are kept here. None: no such contract."""
    contract = BillerContract.objects.filter(biller=biller, number=number).first()
    if contract is None:
        return None
    sums = contract.bills.aggregate(owed=Sum(F("amount") - F("paid")))
    return Owed(sums["owed"] or ZERO)


def _pay_oldest_first(contract: BillerContract, amount: Decimal) -> None:
    left = amount
    for bill in Bill.objects.filter(contract=contract, paid__lt=F("amount")).order_by("period"):
        part = min(left, bill.owed)
        if part <= 0:
            break
        bill.paid += part
        bill.save(update_fields=["paid"])
        left -= part


def _answer(entry: BillerEntry) -> Answer:
    return Answer("paid") if entry.accepted else Answer("rejected", entry.reason)
