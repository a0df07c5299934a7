"""What of a loan has come due is debited, and a floating rate set anew (`end_of_day/loans.py`).

Under the lock of its accounts, so that a night may be run again, or twice at once: the second
finds what the first left to be paid.
"""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from banking import ledger
from banking.errors import AccountClosed, AccountFrozen
from banking.ledger import ZERO, Leg
from banking.loans import schedule, terms
from banking.models import Journal, Loan
from banking.models.ledger import Internal
from banking.schedules import Owed
from banking.transfers import check_accounts


@transaction.atomic(durable=True)
def collect(loan_id: int, *, day: date, at: datetime) -> Decimal:
    """`debit` by itself."""
    return debit(loan_id, day=day, at=at)


def debit(loan_id: int, *, day: date, at: datetime) -> Decimal:
    """Take what has come due of a loan up to `day`, as far as its account has money; the yuan.

    Needs a transaction. What `day` leaves unpaid is overdue from its end on.
    """
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
    schedule.refresh(loan, late=day)
    return amount


def reprice(loan_id: int, *, day: date, at: datetime) -> bool:
    """Set the rate of a floating loan anew, and the instalments that come due after it.

    Needs a transaction. False where it is not repriced by `day`, or was already.
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
