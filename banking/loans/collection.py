"""Every night: what of the loans has come due is debited, and floating rates are set anew.

Each loan in a transaction of its own, under the lock of its accounts, so that a night may be run
again, or twice at once: the second finds what the first left to be paid.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from banking import ledger
from banking.errors import AccountClosed, AccountFrozen
from banking.ledger import ZERO, Leg
from banking.loans import schedule, terms
from banking.models import Journal, Loan, ScheduleLine
from banking.models.ledger import Internal
from banking.schedules import Owed
from banking.transfers import check_accounts


@dataclass(frozen=True, slots=True)
class Night:
    """What a run did. Yuan; `overdue` are the accounts of the loans that stay unpaid."""

    debited: int  # loans
    amount: Decimal
    repriced: int
    overdue: tuple[int, ...]


def run(*, day: date, at: datetime) -> Night:
    """Debit what has come due up to `day`, then reprice what is repriced by then."""
    paid = {loan_id: collect(loan_id, day=day, at=at) for loan_id in _due(day)}
    repriced = [loan_id for loan_id in _to_reprice(day) if reprice(loan_id, day=day, at=at)]
    return Night(
        debited=sum(amount > 0 for amount in paid.values()),
        amount=sum(paid.values(), ZERO),
        repriced=len(repriced),
        overdue=tuple(_due(day)),
    )


@transaction.atomic(durable=True)
def collect(loan_id: int, *, day: date, at: datetime) -> Decimal:
    """Debit what is due of a loan, as far as its account has money; the yuan that were taken."""
    payer, _loan = ledger.lock(Loan.objects.get(pk=loan_id).pays_from_id, loan_id)
    loan = Loan.objects.get(pk=loan_id)
    lines = schedule.lines_of(loan, day=day)
    try:
        check_accounts(payer, at=at)
    except (AccountFrozen, AccountClosed):
        amount = ZERO
    else:
        amount = max(min(payer.available, schedule.due(lines, day=day).total), ZERO)
    shares = schedule.allot(amount, lines, day=day)
    _post(loan, sum((share for _, share in shares), Owed()), at=at)
    schedule.book(shares, day=day)
    # What the day itself leaves unpaid is overdue from its end on.
    schedule.refresh(loan, late=day)
    return amount


@transaction.atomic(durable=True)
def reprice(loan_id: int, *, day: date, at: datetime) -> bool:
    """Set the rate of a floating loan anew, and the instalments that come due after it.

    False where another run did so first.
    """
    ledger.lock(loan_id)
    loan = Loan.objects.get(pk=loan_id)
    if loan.reprices_on is None or loan.reprices_on > day:
        return False
    loan.percent = terms.published(loan.series, day=loan.reprices_on) + loan.margin
    loan.reprices_on = loan.reprices_on.replace(year=loan.reprices_on.year + 1)
    loan.save(update_fields=["percent", "reprices_on"])
    lines = schedule.lines_of(loan, day=day)
    if left := schedule.undue(lines, day=day):
        schedule.replan(loan, lines, left, "term", day=day, at=at)
    return True


def _post(loan: Loan, pays: Owed, *, at: datetime) -> None:
    """The principal into the loan; interest and penalty are earned."""
    repaid, earned = None, pays.interest + pays.penalty
    if pays.principal:
        legs = [Leg(loan.pays_from_id, -pays.principal), Leg(loan.pk, pays.principal)]
        repaid = ledger.post(Journal.Kind.REPAID, legs, at=at).id
    if earned:
        legs = [Leg(loan.pays_from_id, -earned), Leg(ledger.internal(Internal.LENDING), earned)]
        ledger.post(Journal.Kind.INTEREST, legs, at=at, part_of=repaid)


def _due(day: date) -> list[int]:
    """Loans of which something has come due by the end of `day` and is unpaid."""
    unpaid = ScheduleLine.objects.filter(due_on__lte=day, paid_on=None, replaced_at=None)
    return list(unpaid.order_by("loan_id").values_list("loan_id", flat=True).distinct())


def _to_reprice(day: date) -> list[int]:
    found = Loan.objects.filter(reprices_on__lte=day, account__status="active")
    return list(found.order_by("account_id").values_list("account_id", flat=True))
