"""到期: rolled over where she wished it, else paid with its interest to her demand account.

What can't be paid tonight is named, and waits: it earns the demand rate meanwhile.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from banking.deposits import rates
from banking.deposits.earned import Earned, Posted, by_term
from banking.end_of_day import deposits as batches
from banking.end_of_day.deposits import Book
from banking.end_of_day.work import Tonight, name
from banking.errors import ProductNotOffered
from banking.interest import month_after
from banking.models import Deposit, DepositEntry, Unposted
from banking.models.deposits import Product, Term
from banking.models.nights import NightTask

What = DepositEntry.What


class Maturities:
    """Due on the day that opens, before anybody comes to the counter."""

    task = NightTask.Task.MATURITIES

    def due(self, tonight: Tonight, after: int, size: int) -> list[int]:
        return batches.look(_due(tonight), after, size)

    def batch(self, tonight: Tonight, accounts: list[int]) -> None:
        due, funds = batches.lock(_due(tonight), accounts)
        posted, book = Posted.on(tonight.opens), Book()
        rolled, paid = list[Deposit](), list[Deposit]()
        entries = list[tuple[DepositEntry, int | None]]()
        reasons = dict[int, Unposted.Why]()
        renewals = _Renewals(tonight.opens)
        for deposit in due:
            principal = funds[deposit.account_id].balance
            if deposit.renews:
                why = renewals.hindrance(deposit)
            else:
                why = batches.hindrance(deposit, funds)
            if why is not None:
                reasons[deposit.account_id] = why
                continue
            entries_of = deposit.entries.all() if deposit.product != Product.TIME else ()
            found = by_term(deposit, principal, posted, entries_of)
            if deposit.renews:
                place = book.interest(deposit.account_id, found.interest, found.tax)
                what = What.ROLLED
                renewals.renew(deposit)
                rolled.append(deposit)
            else:
                place = book.principal(deposit.account_id, deposit.pays_to_id, principal)
                book.interest(deposit.pays_to_id, found.interest, found.tax, part_of=place)
                what = What.MATURED
                paid.append(deposit)
            entries.append((_entry(deposit, what, principal, found, tonight), place))
        journals = book.post(tonight.at)
        for entry, place in entries:
            entry.journal_id = None if place is None else journals[place]
        DepositEntry.objects.bulk_create(entry for entry, _ in entries)
        batches.begin_again(rolled)
        batches.close(paid, on=tonight.opens)
        name(tonight, reasons)

    def eligible(self, tonight: Tonight) -> int:
        return _due(tonight).count() + self.posted(tonight)

    def posted(self, tonight: Tonight) -> int:
        done = DepositEntry.objects.filter(on=tonight.opens, what__in=(What.ROLLED, What.MATURED))
        return done.count()

    def waiting(self, tonight: Tonight) -> QuerySet[Any, int]:
        return _due(tonight).values_list("account_id", flat=True)


class _Renewals:
    """The rates of the day at which terms begin again, each looked up once."""

    def __init__(self, day: date) -> None:
        self._day = day
        self._percents = dict[str, Decimal | None]()

    def hindrance(self, deposit: Deposit) -> Unposted.Why | None:
        return Unposted.Why.NO_RATE if self._percent(deposit.term) is None else None

    def renew(self, deposit: Deposit) -> None:
        """The next term begins where the last one ended."""
        assert deposit.matures_on is not None
        deposit.percent = self._percent(deposit.term)
        deposit.began_on = deposit.matures_on
        deposit.matures_on = month_after(deposit.began_on, Term(deposit.term).months)

    def _percent(self, term: str) -> Decimal | None:
        if term not in self._percents:
            try:
                found = rates.percent(Product.TIME, Term(term), day=self._day)
            except ProductNotOffered:
                self._percents[term] = None
            else:
                self._percents[term] = found
        return self._percents[term]


def _due(tonight: Tonight) -> QuerySet[Deposit]:
    return Deposit.objects.filter(closed_on=None, matures_on__lte=tonight.opens)


def _entry(
    deposit: Deposit, what: DepositEntry.What, principal: Decimal, found: Earned, tonight: Tonight
) -> DepositEntry:
    return DepositEntry(
        deposit=deposit,
        what=what,
        on=tonight.opens,
        principal=principal,
        interest=found.interest,
        tax=found.tax,
        percent=found.percent,
    )
