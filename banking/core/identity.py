"""Who is calling, and whether she is."""

from datetime import datetime
from typing import Protocol

from banking.core.views import CardView, CustomerView, Purpose
from banking.secret import Secret


class Identity(Protocol):
    def find_card(
        self, pan: Secret, *, phone: str = "", call_ref: str = "", at: datetime
    ) -> CardView:
        """`phone` is the number that it is keyed from.

        Raises CardInvalid: no card number, or not one of ours; NumberThrottled: too much was
        wrong from this number.
        """

    def find_customer(self, id_number: Secret, *, at: datetime) -> CustomerView | None: ...

    def customer(self, customer_id: int, *, at: datetime) -> CustomerView: ...

    def verify_pin(
        self,
        card_id: int,
        pin: Secret,
        purpose: Purpose,
        *,
        phone: str = "",
        call_ref: str,
        at: datetime,
    ) -> None:
        """Returns if the PIN, or the activation code, is right. Each try is counted.

        Raises PinWrong(left), PinLocked, or their subclasses TransactionPinWrong,
        TransactionPinLocked, CodeWrong, CodeSpent, NumberThrottled.
        """

    def tries_a_call(self, *, at: datetime) -> int:
        """How many wrong query PINs end a call, of whatever cards they are."""
