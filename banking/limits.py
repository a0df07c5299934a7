"""How much a customer may send by a channel: at once, and in a day of the bank."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import LiteralString

from banking import sql
from banking.errors import DailyLimitExceeded, SingleLimitExceeded
from banking.models.orders import Channel

# Yuan that may leave at once, in the day, and that left today. The customer's own row beats the
# default; of each the newest that has begun. Places: customer, channel, day.
ALLOWANCE: LiteralString = """
    SELECT coalesce(own.single, 0) AS single, coalesce(own.daily, 0) AS daily,
        coalesce(done.total, 0) AS used
    FROM (SELECT sum(amount) AS total FROM banking_instruction
          WHERE customer_id = %(customer)s AND booked_on = %(day)s
          AND state = 'executed' AND counted) done
    LEFT JOIN LATERAL (
        SELECT single, daily FROM banking_transferlimit
        WHERE (customer_id = %(customer)s OR customer_id IS NULL)
        AND channel = %(channel)s AND valid_from <= %(day)s
        ORDER BY customer_id NULLS LAST, valid_from DESC LIMIT 1) own ON true
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Yuan. A channel without a limit row allows nothing."""

    single: Decimal
    daily: Decimal
    used: Decimal  # executed on the day, by any channel; own accounts don't count

    @property
    def left(self) -> Decimal:
        return max(self.daily - self.used, Decimal("0.00"))

    def check(self, amount: Decimal) -> None:
        """Raises SingleLimitExceeded, DailyLimitExceeded."""
        if amount > self.single:
            raise SingleLimitExceeded(limit=self.single)
        if amount > self.left:
            raise DailyLimitExceeded(left=self.left)


def allowance(customer_id: int, channel: str, *, day: date) -> Allowance:
    """What is left today. Exact only while the customer is locked (`instructions.lock`)."""
    found = sql.row(
        ALLOWANCE,
        {"customer": customer_id, "channel": Channel(channel).priced_as.value, "day": day},
    )
    assert found is not None
    return Allowance(*found)
