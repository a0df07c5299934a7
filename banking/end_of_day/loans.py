"""贷款扣款: instalments that came due by the end of the day, and rates to be set anew.

Where the account has too little, what it has is taken; the loan is named, and overdue.
"""

from typing import Any

from django.db.models import Q, QuerySet

from banking import ledger
from banking.end_of_day.work import Tonight, name
from banking.loans import collection
from banking.models import Account, Loan, Unposted
from banking.models.nights import NightTask

MOST = 200  # loans a transaction: each is planned and paid line by line


class Instalments:
    task = NightTask.Task.LOANS

    def due(self, tonight: Tonight, after: int, size: int) -> list[int]:
        to_do = _unpaid(tonight) | _to_reprice(tonight)
        found = to_do.filter(account_id__gt=after).order_by("account_id").distinct()
        return list(found.values_list("account_id", flat=True)[: min(size, MOST)])

    def batch(self, tonight: Tonight, accounts: list[int]) -> None:
        loans = list(Loan.objects.filter(pk__in=accounts).order_by("pk"))
        # All at once, in id order, before the first of them moves.
        ledger.lock(*{account for loan in loans for account in (loan.pk, loan.pays_from_id)})
        for loan in loans:
            collection.debit(loan.pk, day=tonight.day, at=tonight.at)
            collection.reprice(loan.pk, day=tonight.day, at=tonight.at)
        left = _unpaid(tonight).filter(pk__in=accounts)
        payers = left.distinct().select_related("pays_from")
        name(tonight, {loan.pk: _why(loan.pays_from, tonight) for loan in payers})

    def eligible(self, tonight: Tonight) -> int:
        """What came due on the day, and what is unpaid of earlier ones."""
        of_the_day = Loan.objects.filter(
            lines__replaced_at=None, lines__due_on=tonight.day, lines__isnull=False
        )
        return (of_the_day | _unpaid(tonight)).distinct().count()

    def posted(self, tonight: Tonight) -> int:
        return self.eligible(tonight) - self.waiting(tonight).count()

    def waiting(self, tonight: Tonight) -> QuerySet[Any, int]:
        return _unpaid(tonight).distinct().values_list("account_id", flat=True)


def _unpaid(tonight: Tonight) -> QuerySet[Loan]:
    return Loan.objects.filter(
        lines__replaced_at=None, lines__paid_on=None, lines__due_on__lte=tonight.day
    )


def _to_reprice(tonight: Tonight) -> QuerySet[Loan]:
    return Loan.objects.filter(
        Q(reprices_on__lte=tonight.day) & ~Q(account__status=Account.Status.CLOSED)
    )


def _why(payer: Account, tonight: Tonight) -> Unposted.Why:
    """What stood between the loan and its money."""
    if payer.status == Account.Status.CLOSED:
        return Unposted.Why.PAYER_CLOSED
    if payer.status == Account.Status.FROZEN or payer.is_stopped(tonight.at):
        return Unposted.Why.FROZEN
    return Unposted.Why.HELD if payer.held else Unposted.Why.SHORT
