"""Unlock requests by telephone (密码解锁): written down for a branch, which sees who she is."""

from datetime import datetime, timedelta

from django.db import transaction

from banking import pins
from banking.access import Name, rule
from banking.errors import NothingLocked, UnlockAskedAlready
from banking.models import Card, UnlockRequest
from banking.models.customers import Purpose
from calendars.clock import bank_day


@transaction.atomic(durable=True)
def request(card_id: int, *, call_ref: str, at: datetime) -> UnlockRequest:
    """Raises NothingLocked, UnlockAskedAlready."""
    card = pins.lock(card_id)
    if not locked(card, at=at):
        raise NothingLocked
    if waiting(card, at=at):
        raise UnlockAskedAlready
    days = rule(Name.REQUEST_DAYS, day=bank_day(at))
    written = UnlockRequest.objects.create(
        card=card, asked_at=at, lapses_at=at + timedelta(days=days), call_ref=call_ref
    )
    written.refresh_from_db(fields=["number"])
    return written


def waiting(card: Card, *, at: datetime) -> UnlockRequest | None:
    """The request that a branch has not followed up yet."""
    open_ones = UnlockRequest.objects.filter(card=card, approval=None, lapses_at__gt=at)
    return open_ones.first()


def locked(card: Card, *, at: datetime) -> list[Purpose]:
    """The PINs of a card that are set and locked."""
    return [
        purpose
        for purpose, mac in (
            (Purpose.QUERY, card.query_mac),
            (Purpose.TRANSACTION, card.transaction_mac),
        )
        if mac is not None and pins.tries_left(card, purpose, at=at) <= 0
    ]
