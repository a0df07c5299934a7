"""Whom the bank was warned of: accounts, cards and numbers, kept as keyed HMACs."""

import re
from datetime import datetime

from django.db import IntegrityError, transaction

from banking import numbers, vault
from banking.errors import WatchedAlready, WatchInvalid, WatchOver
from banking.models import WatchEntry
from banking.secret import Secret
from people.models import User

What = WatchEntry.What


@transaction.atomic(durable=True)
def add(what: What, number: Secret, *, source: str, by: User | None, at: datetime) -> WatchEntry:
    """From now on orders to it, or calls from it, meet the rules. Raises WatchInvalid,
    WatchedAlready."""
    bare = _bare(what, number)
    try:
        with transaction.atomic():
            return WatchEntry.objects.create(
                what=what,
                lookup=vault.lookups(bare, what.value)[-1],
                masked=_masked(what, bare.reveal()),
                source=source,
                added_by=by,
                added_at=at,
            )
    except IntegrityError:
        raise WatchedAlready from None


@transaction.atomic(durable=True)
def take_off(pk: int, *, by: User, at: datetime) -> WatchEntry:
    """It was wrong, or is over. Raises WatchOver."""
    entry = WatchEntry.objects.select_for_update(of=("self",)).get(pk=pk)
    if entry.ended_at is not None:
        raise WatchOver
    entry.ended_at, entry.ended_by = at, by
    entry.save(update_fields=["ended_at", "ended_by"])
    return entry


def _bare(what: What, number: Secret) -> Secret:
    text = "".join(number.reveal().split())
    match what:
        case What.CARD:
            fits = numbers.is_card_number(text)
        case What.ACCOUNT:
            fits = re.fullmatch(r"[0-9]{6,32}", text) is not None
        case _:
            text = numbers.phone(text)
            fits = bool(text)
    if not fits:
        raise WatchInvalid
    return Secret(text)


def _masked(what: What, number: str) -> str:
    match what:
        case What.CARD:
            return numbers.masked_card(number[:4], number[-4:])
        case What.ACCOUNT:
            return f"**** {number[-4:]}"
        case _:
            return f"{number[:3]}****{number[-4:]}" if len(number) > 7 else f"**{number[-2:]}"
