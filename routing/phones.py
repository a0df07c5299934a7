"""An agent's phone in the browser: the secret it registers with, and that it did.

A secret lives for one sign-in. Only its hash is kept, as SIP's digest wants it (RFC 2617, HA1):
md5(number:realm:secret). It is worth one phone that can be called and can call nobody.
"""

import hashlib
import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction

from banking.secret import Secret
from routing.errors import NotSignedIn
from routing.models import Session


@transaction.atomic(durable=True)
def issue_secret(session_id: int, *, at: datetime) -> Secret:
    """A new secret for this sign-in's phone; the last one opens nothing any more.

    Her page asks for it, so it lives. Raises NotSignedIn.
    """
    number = (
        Session.objects.filter(pk=session_id, ended_at=None)
        .values_list("agent__user__username", flat=True)
        .first()
    )
    if number is None:
        raise NotSignedIn
    secret = secrets.token_urlsafe(24)
    Session.objects.filter(pk=session_id, ended_at=None).update(
        sip_hash=_ha1(number, secret), phone_at=None, heartbeat_at=at
    )
    return Secret(secret)


def directory_entry(number: str) -> str | None:
    """The hash that the phone of staff number `number` registers by, while she is signed in."""
    return (
        Session.objects.filter(
            ended_at=None,
            agent__is_active=True,
            agent__user__is_active=True,
            agent__user__username=number,
        )
        .exclude(sip_hash="")
        .values_list("sip_hash", flat=True)
        .first()
    )


def is_signed_in(number: str) -> bool:
    """Whether staff number `number` has a desk open, so that her phone may ring."""
    return Session.objects.filter(ended_at=None, agent__user__username=number).exists()


@transaction.atomic(durable=True)
def registered(number: str, *, at: datetime) -> bool:
    """Her phone has just registered. False if she is not signed in."""
    return bool(
        Session.objects.filter(ended_at=None, agent__user__username=number).update(phone_at=at)
    )


def _ha1(number: str, secret: str) -> str:
    text = f"{number}:{settings.SIP_REALM}:{secret}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
