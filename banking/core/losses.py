"""Cards and passbooks that are lost."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from banking.core.views import Channel, LossReceipt
from banking.secret import Secret

Instrument = Literal["card", "passbook"]


@dataclass(frozen=True, slots=True)
class InstrumentView:
    """A card or a passbook of hers. `lost_until` is of a report in force that may still lapse."""

    kind: Instrument
    id: int
    masked: str
    tail: str
    lost: bool
    lost_until: datetime | None


class Losses(Protocol):
    def report_loss(
        self,
        number: Secret,
        id_number: Secret,
        *,
        call_ref: str,
        at: datetime,
        channel: Channel = "phone",
    ) -> LossReceipt:
        """Stop the card or passbook of that number at once; no PIN. The number may be its
        account's. Raises LossNotFound, LossAlready."""

    def instruments(self, customer_id: int, *, at: datetime) -> tuple[InstrumentView, ...]:
        """What she can lose: her cards, then her passbooks."""

    def report_own_loss(
        self,
        customer_id: int,
        kind: Instrument,
        instrument_id: int,
        *,
        call_ref: str,
        at: datetime,
        channel: Channel = "phone",
    ) -> LossReceipt:
        """As `report_loss`, by who has proved who she is: one of `instruments`. Raises the same."""
