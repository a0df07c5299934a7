"""What she tells the bank to do with money, from read-back to told."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from banking.core.views import Channel, OrderView
from banking.requests import Request


class Orders(Protocol):
    def draft(
        self,
        key: UUID,
        request: Request,
        *,
        call_ref: str,
        at: datetime,
        channel: Channel = "phone",
        phone: str | None = None,
    ) -> OrderView:
        """The order to read back: what it comes to, its fee and its caution. Nothing moves.

        `phone` is the number she calls from, "" where it is withheld. Raises what its operation
        refuses already (`banking/operations.py`), FraudSuspected, PersonNeeded, KeyReused, Voided.
        """

    def confirm(self, key: UUID, *, at: datetime) -> OrderView:
        """After the yes and the transaction PIN. Raises Voided, UnknownInstruction."""

    def execute(self, key: UUID, *, at: datetime) -> OrderView:
        """Once; asked again, the first answer: executed, or accepted for later.

        Raises NotConfirmed, Voided, OutcomeUnknown, UnknownInstruction, CoreUnavailable, or the
        recorded OrderRefused.
        """

    def told(self, key: UUID, *, at: datetime) -> OrderView:
        """What became of it was heard to its end. Raises NotSettled."""

    def void(self, key: UUID, *, at: datetime) -> OrderView:
        """Raises AlreadySettled: then it was executed or refused before."""

    def doubt(self, key: UUID, *, at: datetime) -> OrderView:
        """Execution was asked for and no answer came: confirmed becomes unknown (待查)."""

    def enquire(self, key: UUID, *, at: datetime) -> OrderView:
        """What became of it; resolves unknown, and spends a key never seen."""

    def untold(self, customer_id: int, *, at: datetime) -> tuple[OrderView, ...]:
        """Confirmed orders whose outcome she has not heard, or nobody knows, the oldest first.

        Executed, accepted, refused, unknown, or void though she had confirmed them; and those
        that were refused or given back after she had heard that they were accepted or done.
        """

    def unsettled(self, customer_id: int, *, at: datetime) -> tuple[OrderView, ...]:
        """Orders that were read back or confirmed and nothing after, the oldest first: what a
        recovery must carry out or void."""
