"""Whether money may leave by telephone (电话支付): stopped at once, allowed again at a branch.

A customer stops it in an emergency; it stops by itself when she comes back after months without
a call (domain.md §1). What is stopped is every instruction by that channel, drafted or due.
"""

from datetime import datetime
from typing import LiteralString

from django.db import IntegrityError, transaction
from django.db.models import Max

from banking import sql
from banking.access import Name, rule
from banking.errors import (
    OrderRefused,
    PhoneDormant,
    PhoneNotStopped,
    PhoneStopped,
    PhoneStoppedAlready,
)
from banking.models import Customer, PhoneBlock, PinEvent
from banking.models.customers import Purpose
from banking.models.orders import Channel
from calendars.clock import bank_day
from calendars.days import months_after

Why = PhoneBlock.Why
REFUSALS: dict[str, type[OrderRefused]] = {Why.ASKED: PhoneStopped, Why.UNUSED: PhoneDormant}


_STANDING: LiteralString = """
    SELECT why FROM banking_phoneblock WHERE customer_id = %s AND ended_at IS NULL
"""


def check(customer_id: int, channel: str) -> None:
    """Exact while the customer is locked. An agent's orders are of the telephone, too.

    Raises PhoneStopped, PhoneDormant.
    """
    by_phone = Channel(channel).priced_as == Channel.PHONE
    if by_phone and (found := sql.row(_STANDING, [customer_id])):
        raise REFUSALS[found[0]]


def standing(customer_id: int) -> PhoneBlock | None:
    """The stop in force, if there is one."""
    return PhoneBlock.objects.filter(customer_id=customer_id, ended_at=None).first()


@transaction.atomic(durable=True)
def stop(customer_id: int, *, channel: Channel, call_ref: str, at: datetime) -> PhoneBlock:
    """From here on nothing is debited by telephone: what was under way has ended when it returns.

    Raises PhoneStoppedAlready.
    """
    return _begin(customer_id, Why.ASKED, channel=channel, call_ref=call_ref, at=at)


@transaction.atomic
def allow(customer_id: int, *, at: datetime) -> None:
    """Again, as two decided at the counter (banking/two_eyes.py). Raises PhoneNotStopped."""
    _lock(customer_id)
    if not PhoneBlock.objects.filter(customer_id=customer_id, ended_at=None).update(ended_at=at):
        raise PhoneNotStopped


def used(customer_id: int, *, at: datetime) -> None:
    """She proves herself by telephone: after too long without, debits are off until she comes.

    In the caller's transaction, before this use is written down.
    """
    last = _last_use(customer_id)
    if last is None or standing(customer_id):
        return
    day = bank_day(at)
    if day >= months_after(bank_day(last), rule(Name.DORMANT_MONTHS, day=day)):
        try:
            with transaction.atomic():
                _begin(customer_id, Why.UNUSED, channel=Channel.PHONE, call_ref="", at=at)
        except PhoneStoppedAlready:
            return


def _last_use(customer_id: int) -> datetime | None:
    """When she last proved herself, chose a password, or was allowed to debit again."""
    What = PinEvent.What
    tried = PinEvent.objects.filter(
        card__customer_id=customer_id, purpose=Purpose.QUERY, what__in=[What.PASSED, What.SET]
    )
    times = (
        tried.aggregate(at=Max("at"))["at"],
        PhoneBlock.objects.filter(customer_id=customer_id).aggregate(at=Max("ended_at"))["at"],
    )
    return max((at for at in times if at), default=None)


def _begin(
    customer_id: int, why: PhoneBlock.Why, *, channel: Channel, call_ref: str, at: datetime
) -> PhoneBlock:
    _lock(customer_id)
    try:
        with transaction.atomic():
            block = PhoneBlock.objects.create(
                customer_id=customer_id, why=why, channel=channel, call_ref=call_ref, begun_at=at
            )
    except IntegrityError:
        raise PhoneStoppedAlready from None
    block.refresh_from_db(fields=["number"])
    return block


def _lock(customer_id: int) -> None:
    """No order of hers is being carried out from here to the commit (`instructions.lock_all`)."""
    Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
