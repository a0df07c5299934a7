"""How many wrong cards and passwords one number may key in an hour (domain.md §1).

A caller's number is a risk signal and never proof, and a whole office may call by one: so it is
held up for a while and never locked, and a person stays a key away. Who withholds hers is held by
the counts of call and card alone.
"""

from datetime import datetime, timedelta

from django.db import transaction

from banking import customers, numbers, sql
from banking.access import Name, rule
from banking.errors import CardInvalid, NumberThrottled
from banking.models import Card, WrongTry
from banking.secret import Secret
from calendars.clock import bank_day

HOUR = timedelta(hours=1)
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('wrong tries'), hashtext(%s))"


def find_card(pan: Secret, *, phone: str, call_ref: str, at: datetime) -> Card:
    """The card that somebody keys who calls from `phone`. Raises CardInvalid, NumberThrottled."""
    # Outside the transaction: a raise would roll the count back.
    found = _find_card(pan, phone, call_ref=call_ref, at=at)
    if isinstance(found, Card):
        return found
    raise found


@transaction.atomic(durable=True)
def _find_card(
    pan: Secret, phone: str, *, call_ref: str, at: datetime
) -> Card | type[NumberThrottled | CardInvalid]:
    if not admits(phone, at=at):
        return NumberThrottled
    try:
        return customers.find_card(pan)
    except CardInvalid:
        note(phone, WrongTry.What.CARD, call_ref=call_ref, at=at)
        return CardInvalid


def admits(phone: str, *, at: datetime) -> bool:
    """Whether somebody may try from this number. Others who do wait for the commit."""
    number = numbers.phone(phone)
    if not number:
        return True
    sql.do(ONE_AT_A_TIME, [number])
    wrong = WrongTry.objects.filter(phone=number, at__gt=at - HOUR).count()
    return not wrong or wrong < rule(Name.NUMBER_HOUR, day=bank_day(at))


def note(phone: str, what: WrongTry.What, *, call_ref: str, at: datetime) -> None:
    """It was wrong. Needs the transaction of `admits`."""
    if number := numbers.phone(phone):
        WrongTry.objects.create(phone=number, what=what, call_ref=call_ref, at=at)
