"""The schedule of a loan as it stands: what of it is owed, and what a payment does to it.

Whoever changes it holds the lock of the loan's account; reading takes none.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import cast

from banking import schedules
from banking.ledger import ZERO
from banking.loans import terms
from banking.models import Account, LendingTerm, Loan, ScheduleLine
from banking.requests import Keeps
from banking.schedules import Line, Method, Owed


def lines_of(loan: Loan, *, day: date) -> list[ScheduleLine]:
    """The schedule in force, its penalties reckoned to `day` (not saved)."""
    lines = list(loan.lines.filter(replaced_at=None).order_by("number"))
    if any(line.due_on < day and line.paid_on is None for line in lines):
        term = terms.of(loan)
        for line in lines:
            if line.due_on < day and line.paid_on is None:
                _reckon(line, loan.percent, term, day=day)
    return lines


def owed(line: ScheduleLine) -> Owed:
    """What of an instalment is unpaid, as its penalty was last reckoned."""
    return Owed(
        penalty=line.penalty - line.penalty_paid,
        interest=line.interest - line.interest_paid,
        principal=line.principal - line.principal_paid,
    )


def due(lines: Sequence[ScheduleLine], *, day: date) -> Owed:
    """What has come due up to `day`, and is unpaid."""
    return sum((owed(line) for line in lines if line.due_on <= day), Owed())


def undue(lines: Sequence[ScheduleLine], *, day: date) -> Decimal:
    """Yuan of principal that come due after `day`."""
    return sum((line.principal for line in lines if line.due_on > day), ZERO)


def bears_since(loan: Loan, lines: Sequence[ScheduleLine], *, day: date) -> date:
    """From when on interest runs that no instalment up to `day` holds."""
    return max((line.due_on for line in lines if line.due_on <= day), default=loan.lent_on)


def allot(
    amount: Decimal, lines: Sequence[ScheduleLine], *, day: date
) -> list[tuple[ScheduleLine, Owed]]:
    """What of a payment counts for which instalment that is due, the oldest first."""
    shares = []
    for line in lines:
        if line.due_on <= day and amount:
            share = schedules.spread(amount, owed(line))
            if share.total:
                shares.append((line, share))
                amount -= share.total
    return shares


def book(shares: Sequence[tuple[ScheduleLine, Owed]], *, day: date) -> None:
    """Write down what was paid of which instalment."""
    for line, share in shares:
        line.penalty_paid += share.penalty
        line.interest_paid += share.interest
        line.principal_paid += share.principal
        if not owed(line).total:
            line.paid_on = day
        line.save()


def store(loan: Loan, lines: Sequence[Line]) -> None:
    """Put instalments ahead."""
    ScheduleLine.objects.bulk_create(
        ScheduleLine(
            loan=loan,
            number=line.number,
            due_on=line.due_on,
            principal=line.principal,
            interest=line.interest,
        )
        for line in lines
    )


def replace(
    loan: Loan, lines: Sequence[ScheduleLine], rest: Sequence[Line], *, day: date, at: datetime
) -> None:
    """What comes due after `day` is `rest` from now on; what it replaces stays, marked."""
    ahead = [line.pk for line in lines if line.due_on > day]
    ScheduleLine.objects.filter(pk__in=ahead).update(replaced_at=at)
    store(loan, rest)


def replan(
    loan: Loan,
    lines: Sequence[ScheduleLine],
    balance: Decimal,
    keeps: Keeps,
    *,
    day: date,
    at: datetime,
) -> None:
    """What comes due after `day` anew, for `balance` at the loan's rate of now.

    It keeps the instalment, and ends sooner; or it keeps the term, and each instalment changes.
    """
    ahead = [line for line in lines if line.due_on > day]
    method = cast(Method, loan.method)
    if keeps == "term":
        loan.same = schedules.regular(method, balance, loan.percent, len(ahead))
        loan.save(update_fields=["same"])
    rest = schedules.plan(
        method,
        balance,
        loan.percent,
        since=bears_since(loan, lines, day=day),
        dates=[line.due_on for line in ahead],
        same=loan.same,
        first=ahead[0].number,
    )
    replace(loan, lines, rest, day=day, at=at)


def refresh(loan: Loan, *, late: date) -> None:
    """After a payment: since when the loan is overdue, if it is; paid off, it is closed.

    What was due by `late` and is unpaid is overdue.
    """
    unpaid = loan.lines.filter(replaced_at=None, paid_on=None)
    if not unpaid.exists():
        Account.objects.filter(pk=loan.pk).update(status=Account.Status.CLOSED)
    oldest = unpaid.filter(due_on__lte=late).order_by("due_on").first()
    since = oldest.due_on if oldest else None
    if since != loan.overdue_since:
        loan.overdue_since = since
        loan.save(update_fields=["overdue_since"])


def _reckon(line: ScheduleLine, percent: Decimal, term: LendingTerm, *, day: date) -> None:
    """Bring an overdue instalment's penalty up to `day`; once it runs, no day is free."""
    unpaid = owed(line)
    accrued = schedules.penalty(
        unpaid.interest + unpaid.principal,
        percent,
        extra=term.penalty,
        since=line.penalty_to or line.due_on,
        until=day,
        grace=0 if line.penalty_to else term.grace_days,
    )
    if accrued:
        line.penalty += accrued
        line.penalty_to = day
