"""存本取息: the interest that is due to her demand account; the last comes with the principal."""

from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet

from banking import interest, sql
from banking.deposits import rates
from banking.end_of_day import deposits as batches
from banking.end_of_day.deposits import Book
from banking.end_of_day.work import Tonight, name
from banking.interest import month_after, whole_months
from banking.models import Account, Deposit, DepositEntry, Unposted
from banking.models.deposits import Term
from banking.models.nights import NightTask

_NEXT = """
    UPDATE banking_deposit d SET pays_next_on = n.pays_next_on
    FROM unnest(%(ids)s::bigint[], %(days)s::date[]) AS n (id, pays_next_on) WHERE d.id = n.id
"""


class Payouts:
    """Due on the day that opens. One a night for each deposit, should some have been missed."""

    task = NightTask.Task.PAYOUTS

    def due(self, tonight: Tonight, after: int, size: int) -> list[int]:
        return batches.look(_due(tonight), after, size)

    def batch(self, tonight: Tonight, accounts: list[int]) -> None:
        due, funds = batches.lock(_due(tonight), accounts)
        taxes, book = rates.tax_periods(), Book()
        entries = list[tuple[DepositEntry, int | None]]()
        reasons = dict[int, Unposted.Why]()
        for deposit in due:
            if funds[deposit.pays_to_id].status == Account.Status.CLOSED:
                reasons[deposit.account_id] = Unposted.Why.PAYEE_CLOSED
                continue
            assert deposit.pays_next_on and deposit.every_months and deposit.percent is not None
            since = month_after(deposit.pays_next_on, -deposit.every_months)
            earned = _payment(deposit, funds[deposit.account_id].balance)
            tax = interest.tax(earned, since=since, until=deposit.pays_next_on, periods=taxes)
            place = book.interest(deposit.pays_to_id, earned, tax)
            entry = DepositEntry(
                deposit=deposit,
                what=DepositEntry.What.PAID_OUT,
                on=tonight.opens,
                principal=0,
                interest=earned,
                tax=tax,
                percent=deposit.percent,
            )
            entries.append((entry, place))
        journals = book.post(tonight.at)
        for entry, place in entries:
            entry.journal_id = None if place is None else journals[place]
        DepositEntry.objects.bulk_create(entry for entry, _ in entries)
        _set_next([entry.deposit for entry, _ in entries])
        name(tonight, reasons)

    def eligible(self, tonight: Tonight) -> int:
        paid = DepositEntry.objects.filter(
            on=tonight.opens, what=DepositEntry.What.PAID_OUT
        ).values("deposit_id")
        return Deposit.objects.filter(Q(pk__in=paid) | Q(pk__in=_due(tonight).values("pk"))).count()

    def posted(self, tonight: Tonight) -> int:
        return DepositEntry.objects.filter(
            on=tonight.opens, what=DepositEntry.What.PAID_OUT
        ).count()

    def waiting(self, tonight: Tonight) -> QuerySet[Any, int]:
        return _due(tonight).values_list("account_id", flat=True)


def _due(tonight: Tonight) -> QuerySet[Deposit]:
    """Not yet paid tonight, and not at maturity, which brings the rest."""
    return (
        Deposit.objects.filter(closed_on=None, pays_next_on__lte=tonight.opens)
        .filter(pays_next_on__lt=F("matures_on"))
        .exclude(entries__on=tonight.opens, entries__what=DepositEntry.What.PAID_OUT)
    )


def _payment(deposit: Deposit, principal: Decimal) -> Decimal:
    assert deposit.pays_next_on and deposit.every_months and deposit.percent is not None
    months = Term(deposit.term).months
    return interest.drawing_payment(
        principal,
        months=months,
        percent=deposit.percent,
        payments=months // deposit.every_months,
        nth=whole_months(deposit.began_on, deposit.pays_next_on) // deposit.every_months,
    )


def _set_next(paid: list[Deposit]) -> None:
    """By the months since it began, so that the end of a short month shifts none."""
    days = []
    for deposit in paid:
        assert deposit.pays_next_on and deposit.every_months
        months = whole_months(deposit.began_on, deposit.pays_next_on) + deposit.every_months
        days.append(month_after(deposit.began_on, months))
    sql.do(_NEXT, {"ids": [deposit.pk for deposit in paid], "days": days})
