"""Cards and passbooks that are lost."""

from datetime import datetime
from typing import Protocol

from banking.core.views import Channel, LossReceipt
from banking.secret import Secret


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
        """Stop the card or passbook of that number at once; no PIN. Raises LossNotFound,
        LossAlready."""
