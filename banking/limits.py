"""How much a customer may send by a channel: at once, and in a day of the bank.

She lowers her limits herself; they are raised at the counter alone, by two (banking/two_eyes.py).
By telephone she has a password and no certificate: whatever her limit, no more leaves in a day
than a password may move (PBOC 2016; `AccessRule.Name.PASSWORD_CAP`).
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import LiteralString

from django.db import transaction

from banking import access, sql
from banking.errors import (
    AmountInvalid,
    DailyLimitExceeded,
    LimitAboveCap,
    LimitNotHigher,
    LimitNotLower,
    SingleLimitExceeded,
)
from banking.models import AccessRule, Customer, TransferLimit
from banking.models.orders import Channel
from calendars.clock import bank_day

# Where all this is kept, as docs/services.md names it.
ALLOWED_BY = (
    *(str(TransferLimit._meta.get_field(name)) for name in ("single", "daily")),
    f"{AccessRule._meta.label}: {access.Name.PASSWORD_CAP.value}",
)
# Yuan that may leave at once, in the day, and that left today. The customer's own row beats the
# default; of each the newest that has begun. Places: customer, channel, day, cap (CAP).
ALLOWANCE: LiteralString = """
    SELECT least(coalesce(own.single, 0), password.cap) AS single,
        least(coalesce(own.daily, 0), password.cap) AS daily,
        coalesce(done.total, 0) AS used
    FROM (SELECT sum(amount) AS total FROM banking_instruction
          WHERE customer_id = %(customer)s AND booked_on = %(day)s
          AND state = 'executed' AND counted) done
    LEFT JOIN LATERAL (
        SELECT single, daily FROM banking_transferlimit
        WHERE (customer_id = %(customer)s OR customer_id IS NULL)
        AND channel = %(channel)s AND valid_from <= %(day)s
        ORDER BY customer_id NULLS LAST, valid_from DESC LIMIT 1) own ON true
    LEFT JOIN LATERAL (
        SELECT coalesce((SELECT value FROM banking_accessrule
            WHERE name = 'password_cap' AND valid_from <= %(day)s
            ORDER BY valid_from DESC LIMIT 1), %(cap)s) AS cap
        WHERE %(channel)s = 'phone') password ON true
"""
CAP = access.DEFAULTS[access.Name.PASSWORD_CAP]


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
    priced_as = Channel(channel).priced_as.value
    found = sql.row(
        ALLOWANCE, {"customer": customer_id, "channel": priced_as, "day": day, "cap": CAP}
    )
    assert found is not None
    return Allowance(*found)


def check_cap(channel: Channel, daily: Decimal, *, day: date) -> None:
    """Raises LimitAboveCap: by telephone so high a limit would never hold."""
    cap = access.rule(access.Name.PASSWORD_CAP, day=day)
    if channel.priced_as is Channel.PHONE and daily > cap:
        raise LimitAboveCap(cap=Decimal(cap))


@transaction.atomic(durable=True)
def lower(
    customer_id: int, channel: str, *, single: Decimal, daily: Decimal, at: datetime
) -> Allowance:
    """At once, by the customer. Raises LimitNotLower where either would rise or neither falls."""
    day = bank_day(at)
    now = _alone_with(customer_id, channel, day)
    higher = single > now.single or daily > now.daily
    if higher or (single, daily) == (now.single, now.daily):
        raise LimitNotLower(single=now.single, daily=now.daily)
    return _write(customer_id, channel, single=single, daily=daily, day=day)


@transaction.atomic
def set_higher(
    customer_id: int, channel: str, *, single: Decimal, daily: Decimal, at: datetime
) -> Allowance:
    """At once, as two decided at the counter.

    Raises LimitNotHigher, LimitAboveCap, AmountInvalid.
    """
    day = bank_day(at)
    check_cap(Channel(channel), daily, day=day)
    now = _alone_with(customer_id, channel, day)
    if single <= now.single and daily <= now.daily:
        raise LimitNotHigher
    return _write(customer_id, channel, single=single, daily=daily, day=day)


def _alone_with(customer_id: int, channel: str, day: date) -> Allowance:
    """Her allowance, which nobody else changes or uses up before the commit."""
    Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
    return allowance(customer_id, channel, day=day)


def _write(
    customer_id: int, channel: str, *, single: Decimal, daily: Decimal, day: date
) -> Allowance:
    """Raises AmountInvalid: below zero, or a single one above a day's."""
    if not 0 <= single <= daily:
        raise AmountInvalid
    TransferLimit.objects.update_or_create(
        customer_id=customer_id,
        channel=Channel(channel).priced_as,
        valid_from=day,
        defaults={"single": single, "daily": daily},
    )
    return allowance(customer_id, channel, day=day)
