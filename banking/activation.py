"""Telephone banking is activated (开通) by a one-time code from the counter, shown there once.

A card without a query PIN is not activated. The code is stored as a keyed MAC, holds for some
hours and a few tries (`banking.access`), and ends with the query PIN that is set by it.
"""

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from banking import pins
from banking.access import Name, rule
from banking.errors import CardLost, NotProved
from banking.models import Card, PinEvent
from banking.models.customers import Purpose
from banking.secret import Secret
from calendars.clock import bank_day
from people.approvals import NotYours
from people.models import User

CODE_DIGITS = 8


@transaction.atomic(durable=True)
def issue(card_id: int, *, by: User, at: datetime) -> Secret:
    """A new code for who stands at the counter; an older one, and the query PIN, end with it.

    Raises NotYours, CardLost.
    """
    if not by.has_perm("banking.issue_code"):
        raise NotYours
    card = pins.lock(card_id)
    if card.status != Card.Status.ACTIVE or card.is_lost(at):
        raise CardLost
    code = Secret(f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}")
    pins.seal(card, code, Purpose.ACTIVATION)
    hours = rule(Name.CODE_HOURS, day=bank_day(at))
    card.activation_until, card.query_mac = at + timedelta(hours=hours), None
    card.save(update_fields=["activation_until", "query_mac"])
    pins.record(card, Purpose.ACTIVATION, PinEvent.What.SET, at=at, by=by)
    return code


@transaction.atomic(durable=True)
def activate(card_id: int, pin: Secret, *, call_ref: str, at: datetime) -> None:
    """Set the first query PIN, by who keyed the code in this call; the code is spent.

    Raises NotProved, PinWeak.
    """
    card = pins.lock(card_id)
    valid = card.activation_until is not None and at < card.activation_until
    if not valid or not pins.proved(card, Purpose.ACTIVATION, call_ref=call_ref):
        raise NotProved
    pins.put(card, pin, Purpose.QUERY, at=at, call_ref=call_ref)
    card.activation_mac = card.activation_until = None
    card.save(update_fields=["activation_mac", "activation_until"])
