"""Agents' legs in a call's record: rung, answered, ended. The caller's is written with her call."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from telephony.models import Call, Leg


@transaction.atomic(durable=True)
def rung(call_ref: UUID, leg: UUID, *, number: str, at: datetime) -> None:
    """An agent's phone is called; again under the same name changes nothing."""
    call = Call.objects.filter(uuid=call_ref, ended_at=None).first()
    if call is not None:
        Leg.objects.get_or_create(
            uuid=leg,
            defaults={
                "call": call,
                "kind": Leg.Kind.AGENT,
                "address": number,
                "started_at": at,
            },
        )


@transaction.atomic(durable=True)
def answered(leg: UUID, *, at: datetime) -> None:
    """She picked up."""
    Leg.objects.filter(uuid=leg, answered_at=None).update(answered_at=Greatest(F("started_at"), at))


@transaction.atomic(durable=True)
def ended(leg: UUID, *, cause: str, at: datetime) -> None:
    """Her leg is over."""
    ended_at = Greatest(F("started_at"), at)
    Leg.objects.filter(uuid=leg, ended_at=None).update(ended_at=ended_at, cause=cause)
