"""A draft on the telephone: a token is keyed after the number, once, and leads to the draft."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from people.errors import Refusal
from people.models import User
from telephony import menus
from telephony.models import Call, TrialToken

DIGITS = 8
GOOD_FOR = timedelta(minutes=15)
MARK = "*"  # between the number and the token: 961202*48213377


class TokenInvalid(Refusal):
    text = _("This token was used, is too old, or never was. Get a new one on the draft's page.")


@transaction.atomic(durable=True)
def issue(version_id: int, *, by: User, at: datetime) -> TrialToken:
    """Raises MenuFixed: what is published is heard by everybody."""
    version = menus.lock_draft(version_id)
    return TrialToken.objects.create(
        code=f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}",
        version=version,
        made_at=at,
        made_by=by,
        expires_at=at + GOOD_FOR,
    )


def check(code: str, *, at: datetime) -> None:
    """That it would lead somewhere. Raises TokenInvalid."""
    if not TrialToken.objects.filter(code=code, used_at=None, expires_at__gt=at).exists():
        raise TokenInvalid


def dialled(destination: str) -> tuple[str, str]:
    """What was dialled, as the bank's number and the token after it ("" as a rule)."""
    number, _mark, code = destination.partition(MARK)
    return number, code


def lock(code: str, *, at: datetime) -> TrialToken | None:
    """The token, alone with it until the commit; None if it leads nowhere. Needs a transaction."""
    found = TrialToken.objects.select_for_update().filter(code=code, used_at=None)
    return found.filter(expires_at__gt=at).first()


def used(token: TrialToken, call: Call, *, at: datetime) -> None:
    """By this call, and by no other any more. Needs the transaction that locked it."""
    token.used_at, token.call = at, call
    token.save(update_fields=["used_at", "call"])
