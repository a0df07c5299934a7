"""Loans paid out."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from banking import ledger, schedules
from banking.ledger import ZERO, Leg
from banking.loans import schedule, terms
from banking.models import Account, Customer, Journal, Loan
from banking.models.loans import Product, Series
from banking.schedules import Method
from calendars.clock import bank_day
from people.models import Branch


@transaction.atomic(durable=True)
def lend(
    customer: Customer,
    *,
    number: str,
    product: Product,
    principal: Decimal,
    method: Method,
    months: int,
    repay_day: int,
    pays_from: Account,
    percent: Decimal | None = None,
    series: Series | None = None,
    margin: Decimal = ZERO,
    at: datetime,
    branch: Branch | None = None,
) -> Loan:
    """Open the loan's account `number`, plan its schedule and pay it out into `pays_from`.

    Fixed at `percent` a year, or floating: `series` as published on the day, and the margin.
    Raises LoanRate.DoesNotExist where nothing was published yet.
    """
    lent_on = bank_day(at)
    if series is not None:
        percent = terms.published(series, day=lent_on) + margin
    assert percent is not None, "a loan has a rate"
    dates = schedules.due_dates(lent_on, repay_day, months)
    same = schedules.regular(method, principal, percent, months)
    account = Account.objects.create(
        number=number,
        kind=Account.Kind.LOAN,
        customer=customer,
        branch=branch,
        opened_on=lent_on,
    )
    loan = Loan.objects.create(
        account=account,
        product=product,
        principal=principal,
        method=method,
        months=months,
        repay_day=repay_day,
        lent_on=lent_on,
        series=series or "",
        margin=margin,
        percent=percent,
        reprices_on=date(lent_on.year + 1, 1, repay_day) if series else None,
        same=same,
        pays_from=pays_from,
    )
    lines = schedules.plan(method, principal, percent, since=lent_on, dates=dates, same=same)
    schedule.store(loan, lines)
    ledger.lock(account.pk, pays_from.pk)
    legs = [Leg(account.pk, -principal), Leg(pays_from.pk, principal)]
    ledger.post(Journal.Kind.LENT, legs, at=at)
    return loan
