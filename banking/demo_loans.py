"""The demo bank's published rates, its lending terms, and a few loans in every state."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_UP, Decimal
from random import Random

from django.db import transaction

from banking import customers, ledger
from banking.ledger import Leg
from banking.loans import collection
from banking.loans.lending import lend
from banking.models import Customer, Journal, LendingTerm, Loan, LoanRate
from banking.models.ledger import Internal
from banking.models.loans import Product, Series
from banking.schedules import Method, month_after
from calendars.clock import SHANGHAI, bank_day

# Per cent a year, as 全国银行间同业拆借中心 published them; days on which they stayed are left out.
LPR: dict[str, tuple[str, str]] = {
    "2019-08-20": ("4.25", "4.85"),
    "2019-09-20": ("4.20", "4.85"),
    "2019-11-20": ("4.15", "4.80"),
    "2020-02-20": ("4.05", "4.75"),
    "2020-04-20": ("3.85", "4.65"),
    "2021-12-20": ("3.80", "4.65"),
    "2022-01-20": ("3.70", "4.60"),
    "2022-05-20": ("3.70", "4.45"),
    "2022-08-22": ("3.65", "4.30"),
    "2023-06-20": ("3.55", "4.20"),
    "2023-08-21": ("3.45", "4.20"),
    "2024-02-20": ("3.45", "3.95"),
    "2024-07-22": ("3.35", "3.85"),
    "2024-10-21": ("3.10", "3.60"),
    "2025-05-20": ("3.00", "3.50"),
}
# 住房公积金, first homes: up to five years, above.
FUND: dict[str, tuple[str, str]] = {
    "2015-08-26": ("2.75", "3.25"),
    "2022-10-01": ("2.60", "3.10"),
    "2024-05-18": ("2.35", "2.85"),
    "2025-05-08": ("2.10", "2.60"),
}
# Product → penalty % (银发〔2003〕251号: 30 to 50), days of grace, early fee %, for months, least.
TERMS: dict[Product, tuple[int, int, str, int, int]] = {
    Product.HOME: (50, 3, "1", 12, 10_000),
    Product.CONSUMER: (50, 0, "0", 0, 1_000),
    Product.BUSINESS: (50, 0, "2", 12, 50_000),
}
SINCE = date(2004, 1, 1)


@dataclass(frozen=True, slots=True)
class Plan:
    """A loan of the demo; `ago` months since it was paid out, the last `unpaid` dues open."""

    product: Product
    method: Method
    principal: int
    months: int
    rate: str  # the margin over the LPR of a home loan, else the fixed rate
    ago: int
    unpaid: int = 0


PLAN = (
    Plan(Product.HOME, "annuity", 1_200_000, 360, "0.10", 5),
    Plan(Product.CONSUMER, "annuity", 100_000, 24, "4.35", 5, unpaid=2),
    Plan(Product.BUSINESS, "linear", 500_000, 36, "4.20", 6),
    Plan(Product.HOME, "linear", 860_000, 240, "-0.20", 6),
    Plan(Product.HOME, "annuity", 2_350_000, 300, "0.15", 4, unpaid=1),
    Plan(Product.CONSUMER, "annuity", 50_000, 12, "3.85", 3),
    Plan(Product.CONSUMER, "linear", 36_000, 3, "4.10", 4),
    Plan(Product.BUSINESS, "annuity", 300_000, 24, "4.45", 5, unpaid=3),
)
HUNDRED = Decimal(100)
BORROWERS = 24  # PLAN three times over
TESTED = ("陈慧敏", "李建国", "林立新")  # test customers: so that the test phone has loans to tell


def terms() -> None:
    """Rates as published, and what the bank asks besides."""
    for rates, (short, long) in (
        (LPR, (Series.LPR_1Y, Series.LPR_5Y)),
        (FUND, (Series.FUND_SHORT, Series.FUND_LONG)),
    ):
        LoanRate.objects.bulk_create(
            LoanRate(series=series, valid_from=day, percent=Decimal(percent))
            for day, both in rates.items()
            for series, percent in zip((short, long), both, strict=True)
        )
    for product, (penalty, grace, fee, months, least) in TERMS.items():
        LendingTerm.objects.create(
            product=product,
            valid_from=SINCE,
            penalty=penalty,
            grace_days=grace,
            early_fee=Decimal(fee),
            early_fee_months=months,
            least_part=least,
        )


def build(seed: int, at: datetime) -> None:
    """Loans that were paid out in the last half year, each with an account that repays it.

    The customers must be there. What was due has been debited, but for those that are overdue.
    """
    terms()
    dice = Random(seed)  # noqa: S311  # it is to be the same each time
    tested = list(Customer.objects.filter(is_test=True, name__in=TESTED).order_by("number"))
    others = list(Customer.objects.filter(is_test=False).order_by("number"))
    borrowers = tested + dice.sample(others, min(BORROWERS - len(tested), len(others)))
    today = bank_day(at)
    for index, borrower in enumerate(borrowers):
        plan = PLAN[index % len(PLAN)]
        loan = _lend(borrower, index, plan, dice, today)
        due = list(loan.lines.filter(due_on__lt=today).order_by("number"))
        paid = due[: max(0, len(due) - plan.unpaid)]
        for line in due:
            if line in paid:
                whole = (line.principal + line.interest).quantize(HUNDRED, ROUND_UP)
                customers.deposit(
                    loan.pays_from_id, whole, at=_at(line.due_on, time(9, 20)), summary="现金存入"
                )
            collection.collect(loan.pk, day=line.due_on, at=_at(line.due_on, time(23, 30)))


def _lend(borrower: Customer, index: int, plan: Plan, dice: Random, today: date) -> Loan:
    """Paid out, and spent at once on what it was for."""
    lent_on = month_after(today, -plan.ago).replace(day=dice.randint(1, 28))
    branch = borrower.accounts.order_by("id")[0].branch
    account = customers.open_account(
        borrower, number=f"7557{index:06d}03", on=lent_on, branch=branch, nickname="还款账户"
    )
    floats = plan.product == Product.HOME
    loan = lend(
        borrower,
        number=f"7557{index:06d}88",
        product=plan.product,
        principal=Decimal(plan.principal),
        method=plan.method,
        months=plan.months,
        repay_day=dice.randint(1, 28),
        pays_from=account,
        percent=None if floats else Decimal(plan.rate),
        series=Series.LPR_5Y if floats else None,
        margin=Decimal(plan.rate) if floats else Decimal(0),
        branch=branch,
        at=_at(lent_on, time(10, 30)),
    )
    _spend(account.pk, Decimal(plan.principal), at=_at(lent_on, time(10, 45)))
    return loan


@transaction.atomic(durable=True)
def _spend(account_id: int, amount: Decimal, *, at: datetime) -> None:
    ledger.lock(account_id)
    legs = [Leg(account_id, -amount), Leg(ledger.internal(Internal.CARDS), amount)]
    ledger.post(Journal.Kind.PURCHASE, legs, at=at, summary="贷款用途支付")


def _at(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, SHANGHAI)
