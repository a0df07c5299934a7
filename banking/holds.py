"""Money set aside (冻结金额): still in the balance, not available."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from banking import ledger
from banking.errors import AccountClosed, HoldUnknown, InsufficientFunds, KeyReused
from banking.ledger import Funds
from banking.models import Account, Hold
from banking.retries import keyed


def reserve(*, key: UUID, funds: Funds, amount: Decimal, reason: str, at: datetime) -> None:
    """Set `amount` yuan of a locked account aside, in the caller's transaction.

    Raises InsufficientFunds.
    """
    if funds.available < amount:
        raise InsufficientFunds(available=funds.available, needed=amount)
    Hold.objects.create(key=key, account_id=funds.id, amount=amount, reason=reason, placed_at=at)


def lift(*, key: UUID, at: datetime) -> None:
    """Make it available again, in the caller's transaction. Raises HoldUnknown."""
    hold = Hold.objects.select_for_update().filter(key=key, released_at=None).first()
    if hold is None:
        raise HoldUnknown
    hold.released_at = at
    hold.save(update_fields=["released_at"])


@keyed
@transaction.atomic(durable=True)
def place(*, key: UUID, account_id: int, amount: Decimal, reason: str, at: datetime) -> Hold:
    """Set `amount` yuan aside, once a key. Raises InsufficientFunds, AccountClosed, KeyReused."""
    (account,) = ledger.lock(account_id)
    if found := Hold.objects.filter(key=key).first():
        if (found.account_id, found.amount) != (account_id, amount):
            raise KeyReused
        return found
    if account.status == Account.Status.CLOSED:
        raise AccountClosed
    if account.available < amount:
        raise InsufficientFunds(available=account.available, needed=amount)
    return Hold.objects.create(
        key=key, account_id=account_id, amount=amount, reason=reason, placed_at=at
    )


@keyed
@transaction.atomic(durable=True)
def release(*, key: UUID, at: datetime) -> Hold:
    """Make it available again; released twice is released once. Raises HoldUnknown."""
    try:
        hold = Hold.objects.select_for_update().get(key=key)
    except Hold.DoesNotExist:
        raise HoldUnknown from None
    if hold.released_at is None:
        hold.released_at = at
        hold.save(update_fields=["released_at"])
    return hold
