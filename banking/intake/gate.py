"""A signed request is let in once: by its signature, its time and its nonce."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from banking.errors import ClockDiffers, Replayed, SignatureRefused
from banking.intake import clients, signing
from banking.intake.signing import Signed
from banking.models import IntakeClient, IntakeNonce
from banking.settlement_desk import steps
from calendars.clock import bank_day


@transaction.atomic(durable=True)
def admit(request: Signed, *, at: datetime) -> IntakeClient:
    """Who sent it; its nonce is used up. Raises SignatureRefused, ClockDiffers, Replayed."""
    client = IntakeClient.objects.filter(key_id=request.key_id, revoked_at=None).first()
    if client is None or not signing.is_right(request, clients.secret_of(client)):
        raise SignatureRefused
    try:
        sent_at = request.at
    except signing.Malformed:
        raise SignatureRefused from None
    if abs(at - sent_at) > _skew(at):
        raise ClockDiffers
    try:
        with transaction.atomic():
            IntakeNonce.objects.create(client=client, nonce=request.nonce, at=at)
    except IntegrityError:
        raise Replayed from None
    return client


@transaction.atomic(durable=True)
def forget(*, at: datetime) -> int:
    """Nonces whose request is refused by its time already; how many."""
    if not IntakeNonce.objects.exists():
        return 0
    # A clock that is ahead lets a request in before its time, and for as long after.
    gone, _ = IntakeNonce.objects.filter(at__lt=at - 2 * _skew(at)).delete()
    return gone


def _skew(at: datetime) -> timedelta:
    return timedelta(seconds=steps.rule(bank_day(at)).skew_s)
