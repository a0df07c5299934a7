"""What the demo bank pays on deposits, by three published tables, and who has which deposits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from django.db import transaction

from banking import ledger
from banking.deposits import notices, opening, rates
from banking.interest import month_after
from banking.ledger import Movement
from banking.models import (
    Account,
    Deposit,
    DepositEntry,
    DepositRate,
    DepositTerms,
    InterestTax,
    Journal,
)
from banking.models.deposits import Basis, Product, Term
from banking.models.ledger import Internal
from calendars.clock import SHANGHAI

SHARE = 0.3  # of the customers have a time deposit
SINCE = date(2004, 10, 29)

# Per cent a year. From memory (domain.md marks them M): notice rates of 2004, 零存整取 and
# 存本取息, which follow the short tenors, and the one-day rate of 2025, which [17] does not name.
_TENORS = (Term.M3, Term.M6, Term.Y1, Term.Y2, Term.Y3, Term.Y5)
_YEARS = (Term.Y1, Term.Y3, Term.Y5)
_NOTICES = (Term.D1, Term.D7)
RATES: dict[date, dict[Product, dict[Term, str]]] = {
    date(2004, 10, 29): {  # People's Bank of China
        Product.DEMAND: {Term.NONE: "0.72"},
        Product.TIME: dict(
            zip(_TENORS, ("1.71", "2.07", "2.25", "2.70", "3.24", "3.60"), strict=True)
        ),
        Product.INSTALMENT: dict(zip(_YEARS, ("1.71", "2.07", "2.25"), strict=True)),
        Product.DRAWING: dict(zip(_YEARS, ("1.71", "2.07", "2.25"), strict=True)),
        Product.NOTICE: dict(zip(_NOTICES, ("1.08", "1.62"), strict=True)),
    },
    date(2015, 6, 28): {  # one bank's posted rates
        Product.DEMAND: {Term.NONE: "0.35"},
        Product.TIME: dict(
            zip(_TENORS, ("1.85", "2.05", "2.25", "2.75", "3.25", "3.35"), strict=True)
        ),
        Product.INSTALMENT: dict(zip(_YEARS, ("1.85", "2.05", "2.05"), strict=True)),
        Product.DRAWING: dict(zip(_YEARS, ("1.85", "2.05", "2.05"), strict=True)),
        Product.NOTICE: dict(zip(_NOTICES, ("0.80", "1.35"), strict=True)),
    },
    date(2025, 5, 20): {
        Product.DEMAND: {Term.NONE: "0.05"},
        Product.TIME: dict(
            zip(_TENORS, ("0.65", "0.85", "0.95", "1.05", "1.25", "1.30"), strict=True)
        ),
        Product.INSTALMENT: dict(zip(_YEARS, ("0.65", "0.85", "0.85"), strict=True)),
        Product.DRAWING: dict(zip(_YEARS, ("0.65", "0.85", "0.85"), strict=True)),
        Product.NOTICE: dict(zip(_NOTICES, ("0.10", "0.30"), strict=True)),
    },
}
# Yuan to open with; partial withdrawals a term; months between interest payments.
MINIMUMS: dict[Product, tuple[str, int | None, int | None]] = {
    Product.TIME: ("50", 1, None),
    Product.INSTALMENT: ("5", 0, None),
    Product.DRAWING: ("5000", 0, 1),
    Product.NOTICE: ("50000", None, None),
}
# State Council Orders 272 and 502, 财税〔2008〕132号.
TAXES = {date(1999, 11, 1): "20", date(2007, 8, 15): "5", date(2008, 10, 9): "0"}


def terms() -> None:
    """Rates, minimums and taxes as published; what is there stays."""
    DepositRate.objects.bulk_create(
        (
            DepositRate(product=product, term=term, valid_from=since, percent=Decimal(percent))
            for since, products in RATES.items()
            for product, by_term in products.items()
            for term, percent in by_term.items()
        ),
        ignore_conflicts=True,
    )
    DepositTerms.objects.bulk_create(
        (
            DepositTerms(
                product=product,
                valid_from=SINCE,
                minimum=Decimal(minimum),
                partials=partials,
                every_months=every,
                basis=Basis.PERIODS,
            )
            for product, (minimum, partials, every) in MINIMUMS.items()
        ),
        ignore_conflicts=True,
    )
    InterestTax.objects.bulk_create(
        (
            InterestTax(valid_from=since, percent=Decimal(percent))
            for since, percent in TAXES.items()
        ),
        ignore_conflicts=True,
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """A deposit to be: paid in cash at the counter so many days ago, of the customer `owner`."""

    owner: str
    product: Product
    term: Term
    amount: int
    days_ago: int
    renews: bool = False


TEST_CUSTOMERS = (  # by their numbers (`banking/demo.py`)
    Plan("0100000001", Product.TIME, Term.Y1, 20_000, 160, renews=True),
    Plan("0100000001", Product.INSTALMENT, Term.Y1, 500, 75),
    Plan("0100000002", Product.DRAWING, Term.Y3, 60_000, 20),
    Plan("0100000003", Product.TIME, Term.M6, 50_000, 170),
    Plan("0100000003", Product.NOTICE, Term.D7, 120_000, 40),
    Plan("0100000005", Product.NOTICE, Term.D1, 300_000, 12),
    Plan("0100000005", Product.TIME, Term.Y3, 500_000, 90),
)


def build(seed: int, at: datetime) -> None:
    """The same deposits for the same seed. Customers must be there; nothing has matured yet."""
    terms()
    dice = Random(seed)  # noqa: S311  # it is to be the same each time
    demand = {
        account.customer.number: account
        for account in Account.objects.filter(kind=Account.Kind.DEMAND)
        .select_related("customer")
        .order_by("-id")  # her first account stays
        if account.customer
    }
    plans = list(TEST_CUSTOMERS)
    for owner in sorted(demand):
        if dice.random() < SHARE:
            term = dice.choice((Term.M6, Term.Y1, Term.Y2, Term.Y3))
            amount = dice.randrange(2, 200) * 1000
            renews = dice.random() < 0.6
            plans.append(Plan(owner, Product.TIME, term, amount, dice.randrange(1, 175), renews))
    plans.sort(key=lambda plan: -plan.days_ago)
    deposits = _pay_in(plans, demand, at)
    _pay_on(deposits, at)
    _announce(at)


@transaction.atomic(durable=True)
def _pay_in(plans: Sequence[Plan], demand: dict[str, Account], at: datetime) -> list[Deposit]:
    cash = ledger.internal(Internal.CASH)
    found = []
    for plan in plans:
        payer = demand[plan.owner]
        opened = at.date() - timedelta(days=plan.days_ago)
        account = Account.objects.create(
            number=opening.new_number(opened),
            kind=plan.product.value,
            customer=payer.customer,
            branch=payer.branch,
            opened_on=opened,
        )
        [journal_id] = ledger.post_many(
            [Movement(Journal.Kind.DEPOSIT, cash, account.pk, Decimal(plan.amount))],
            at=_at_ten(opened),
        )
        deposit = opening.enter(
            account,
            plan.product,
            plan.term,
            percent=rates.percent(plan.product, plan.term, day=opened),
            amount=Decimal(plan.amount),
            renews=plan.renews,
            pays_to=payer.pk,
            journal_id=journal_id,
            on=opened,
        )
        found.append(deposit)
    return found


@transaction.atomic(durable=True)
def _pay_on(deposits: Sequence[Deposit], at: datetime) -> None:
    """零存整取: every month so far but the one that runs."""
    cash = ledger.internal(Internal.CASH)
    for deposit in deposits:
        if deposit.monthly is None:
            continue
        month = 1
        while (day := month_after(deposit.began_on, month + 1)) <= at.date():
            day = month_after(deposit.began_on, month)
            paid_in = [Movement(Journal.Kind.DEPOSIT, cash, deposit.account_id, deposit.monthly)]
            [journal_id] = ledger.post_many(paid_in, at=_at_ten(day))
            DepositEntry.objects.create(
                deposit=deposit,
                what=DepositEntry.What.INSTALMENT,
                on=day,
                principal=deposit.monthly,
                percent=deposit.percent,
                journal_id=journal_id,
            )
            month += 1


def _announce(at: datetime) -> None:
    """The largest notice deposit is to be drawn from."""
    of_notice = Deposit.objects.filter(product=Product.NOTICE).select_related("account")
    largest = of_notice.order_by("-account__balance")[0]
    customer_id = largest.account.customer_id
    assert customer_id is not None
    notices.announce(largest.pk, Decimal(100_000), customer_id=customer_id, call_ref="", at=at)


def _at_ten(day: date) -> datetime:
    return datetime.combine(day, time(10), SHANGHAI)
