"""日终 of the loans: what came due is debited once, and what could not be is named."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from banking import customers, ledger
from banking.end_of_day import closing
from banking.loans import collection
from banking.models import Account, Journal, Loan, LoanRate, NightTask, Unposted
from banking.models.ledger import Internal
from banking.models.loans import Series
from calendars.clock import SHANGHAI
from tests import cast
from tests.banking.together import together
from tests.borrowers import night
from tests.savers import published_rates

pytestmark = pytest.mark.django_db(transaction=True)

EACH = Decimal("10228.96")
DUE = date(2026, 10, 20)


@pytest.fixture(autouse=True)
def _rates(transactional_db) -> None:
    published_rates()


@pytest.fixture
def loan() -> Loan:
    """The second of its instalments comes due."""
    loan = cast.loan(cast.wang(opening=0))
    night(9, 20)
    return loan


def close(day: date = DUE) -> NightTask:
    at = datetime.combine(day + timedelta(days=1), time(0, 30), SHANGHAI)
    return closing.close(day, at=at).tasks.get(task="loans")


def counts(task: NightTask) -> tuple[int, int, int]:
    return task.eligible, task.posted, task.named


def balance(account_id: int) -> Decimal:
    return Account.objects.get(pk=account_id).balance


def spend_all(account_id: int, but: Decimal = Decimal(0)) -> None:
    gone = balance(account_id) - but
    with transaction.atomic():
        ledger.lock(account_id)
        legs = [ledger.Leg(account_id, -gone), ledger.Leg(ledger.internal(Internal.CASH), gone)]
        ledger.post(Journal.Kind.WITHDRAWAL, legs, at=cast.NOON)


def test_what_came_due_is_debited_with_the_night(loan):
    before = balance(loan.pays_from_id)
    assert counts(close()) == (1, 1, 0)
    assert balance(loan.pays_from_id) == before - EACH
    assert loan.lines.get(number=2).paid_on == DUE
    assert Journal.objects.filter(kind="repaid").latest("id").booked_on == DUE + timedelta(days=1)


def test_the_same_night_again_takes_nothing(loan):
    close()
    before = balance(loan.pays_from_id)
    assert counts(close()) == (1, 1, 0)
    assert balance(loan.pays_from_id) == before


def test_a_day_on_which_nothing_is_due(loan):
    assert counts(close(date(2026, 10, 19))) == (0, 0, 0)


def test_two_nights_at_once_debit_once(loan):
    before = balance(loan.pays_from_id)
    outcomes = together(close, close)
    assert [counts(task) for task in outcomes] == [(1, 1, 0), (1, 1, 0)]
    assert balance(loan.pays_from_id) == before - EACH


def test_who_has_too_little_is_named_until_she_has_paid(loan):
    spend_all(loan.pays_from_id, but=Decimal(100))
    assert counts(close()) == (1, 0, 1)
    assert Unposted.objects.get(account_id=loan.pk).why == Unposted.Why.SHORT
    assert balance(loan.pays_from_id) == 0
    assert Loan.objects.get().overdue_since == DUE
    customers.deposit(loan.pays_from_id, Decimal(20_000), at=cast.NOON)
    assert counts(close()) == (1, 1, 0)  # made possible since


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"status": "frozen"}, "frozen"),
        ({"stopped_until": datetime(2027, 1, 1, tzinfo=SHANGHAI)}, "frozen"),
    ],
)
def test_a_stopped_account_is_named(loan, change, why):
    Account.objects.filter(pk=loan.pays_from_id).update(**change)
    assert counts(close()) == (1, 0, 1)
    assert Unposted.objects.get(account_id=loan.pk).why == why


def test_a_night_that_dies_has_debited_nobody_by_half(loan, monkeypatch):
    other = cast.loan(cast.chen(opening=0))
    debit, done = collection.debit, []

    def dies(loan_id, **how):
        if done:
            raise ConnectionError
        done.append(loan_id)
        return debit(loan_id, **how)

    monkeypatch.setattr(collection, "debit", dies)
    with pytest.raises(ConnectionError):
        close()
    assert loan.lines.get(number=2).paid_on is None
    monkeypatch.setattr(collection, "debit", debit)
    assert counts(close()) == (2, 2, 0)
    assert {line.paid_on for line in other.lines.filter(number__lte=2)} == {DUE}


def test_the_rate_is_set_anew_with_january(transactional_db):
    loan = cast.loan(
        cast.wang(opening=0), percent=None, series=Series.LPR_5Y, margin=Decimal("0.7"), months=24
    )
    LoanRate.objects.create(series="lpr_5y", valid_from=date(2026, 12, 20), percent=Decimal(3))
    for month in (9, 10, 11, 12):
        night(month, 20)
    assert counts(close(date(2027, 1, 20))) == (1, 1, 0)
    loan.refresh_from_db()
    assert (loan.percent, loan.reprices_on) == (Decimal("3.7"), date(2028, 1, 20))
