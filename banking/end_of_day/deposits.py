"""What several works of the night do with deposits: lock a batch of them, look, write together."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import connection
from django.db.models import QuerySet, prefetch_related_objects

from banking import ledger, sql
from banking.ledger import Funds, Movement
from banking.models import Deposit, Journal, Unposted
from banking.models.deposits import Product
from banking.models.ledger import Account, Internal


def look(due: QuerySet[Deposit], after: int, size: int) -> list[int]:
    """The accounts of the next deposits that are due."""
    found = due.filter(account_id__gt=after).order_by("account_id")[:size]
    return list(found.values_list("account_id", flat=True))


def lock(due: QuerySet[Deposit], ids: list[int]) -> tuple[list[Deposit], dict[int, Funds]]:
    """The deposits with these accounts, and the funds of the accounts and of those they pay to.

    As they are once their accounts are locked: one that was drawn meanwhile is left out.
    """
    pairs = Deposit.objects.filter(account_id__in=ids).values_list("account_id", "pays_to_id")
    accounts = sorted({account for pair in pairs for account in pair})
    funds = dict(zip(accounts, ledger.lock(*accounts), strict=True))
    deposits = list(due.filter(account_id__in=ids).order_by("account_id"))
    told = [deposit for deposit in deposits if deposit.product != Product.TIME]
    prefetch_related_objects(told, "entries")  # a 整存整取 earns by its principal alone
    return deposits, funds


def hindrance(deposit: Deposit, funds: dict[int, Funds]) -> Unposted.Why | None:
    """Why its principal can't be paid to her demand account tonight."""
    account, payee = funds[deposit.account_id], funds[deposit.pays_to_id]
    if account.status == Account.Status.FROZEN:
        return Unposted.Why.FROZEN
    if account.held:
        return Unposted.Why.HELD
    if payee.status == Account.Status.CLOSED:
        return Unposted.Why.PAYEE_CLOSED
    return None


class Book:
    """The journals of a batch, gathered and then posted at once."""

    def __init__(self) -> None:
        self._movements: list[Movement] = []
        self._interest = ledger.internal(Internal.INTEREST)
        self._tax = ledger.internal(Internal.TAX)

    def principal(self, payer: int, payee: int, amount: Decimal) -> int:
        return self._add(Movement(Journal.Kind.REDEEMED, payer, payee, amount))

    def interest(
        self, account: int, earned: Decimal, tax: Decimal, *, part_of: int | None = None
    ) -> int | None:
        """Its place in the book; None if there is none. The tax is part of what it is part of."""
        place = None
        if earned:
            place = self._between(Journal.Kind.INTEREST, self._interest, account, earned, part_of)
        if tax:
            cause = place if part_of is None else part_of
            self._between(Journal.Kind.TAX, account, self._tax, tax, cause)
        return place

    def post(self, at: datetime) -> list[int]:
        """The ids of the journals, by place."""
        return ledger.post_many(self._movements, at=at)

    def _between(
        self, kind: Journal.Kind, payer: int, payee: int, amount: Decimal, part_of: int | None
    ) -> int:
        """An amount below zero goes the other way."""
        if amount < 0:
            payer, payee = payee, payer
        return self._add(Movement(kind, payer, payee, abs(amount), part_of))

    def _add(self, movement: Movement) -> int:
        self._movements.append(movement)
        return len(self._movements) - 1


_BEGIN = """
    UPDATE banking_deposit d SET began_on = n.began_on, matures_on = n.matures_on,
        percent = n.percent
    FROM unnest(%(ids)s::bigint[], %(began)s::date[], %(matures)s::date[],
        %(percents)s::numeric[]) AS n (id, began_on, matures_on, percent)
    WHERE d.id = n.id
"""
_CLOSE = """
    WITH closed AS (
        UPDATE banking_deposit SET closed_on = %(on)s WHERE id = ANY(%(ids)s::bigint[])
        RETURNING account_id
    )
    UPDATE banking_account SET status = 'closed' FROM closed
    WHERE banking_account.id = closed.account_id
"""


def begin_again(deposits: Sequence[Deposit]) -> None:
    """Write the new terms of those that were rolled over."""
    sql.do(
        _BEGIN,
        {
            "ids": [d.pk for d in deposits],
            "began": [d.began_on for d in deposits],
            "matures": [d.matures_on for d in deposits],
            "percents": [d.percent for d in deposits],
        },
    )


def close(deposits: Sequence[Deposit], *, on: date) -> None:
    """Of those whose money is gone; their accounts with them.

    What was posted is proved first: each account's history opens a subtransaction, and at its end
    PostgreSQL looks through all that is still to be proved.
    """
    connection.check_constraints()
    sql.do(_CLOSE, {"ids": [d.pk for d in deposits], "on": on})
