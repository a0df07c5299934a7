"""A biller that takes its payments by one file a day, and answers with a file of rejects.

Its contracts and bills are kept here as it delivers them; `banking/bill_files.py` sends and
takes in.
"""

from datetime import date, datetime

from banking.billers import Answer, Owed, Payment, Statement
from banking.billers.embedded import owed
from banking.ledger import ZERO
from banking.models import Biller, BillerReply


class FiledBiller:
    """Nothing is asked of it at once: a payment waits for the day's file."""

    def __init__(self, biller: Biller) -> None:
        self._biller = biller

    def look_up(self, contract: str, *, at: datetime) -> Owed | None:
        return Owed(ZERO) if self._biller.top_ups else owed(self._biller, contract)

    def pay(self, payment: Payment, *, at: datetime) -> Answer:
        return Answer("queued")

    def enquire(self, payment: Payment, *, at: datetime) -> Answer:
        """Nobody was asked: whatever is still open goes with the file as well."""
        return Answer("queued")

    def statement(self, day: date, *, at: datetime) -> Statement | None:
        reply = BillerReply.objects.filter(file__biller=self._biller, file__day=day).first()
        return Statement(reply.paid_count, reply.paid_amount) if reply else None
