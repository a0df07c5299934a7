from datetime import date, datetime, timedelta

from banking.core import InstalmentView, LoanView, OwedView
from banking.loans import quotes, schedule
from banking.models import Account, Loan, ScheduleLine
from banking.schedules import Owed
from calendars.clock import bank_day


class EmbeddedLoans:
    def loans(self, customer_id: int, *, at: datetime) -> tuple[LoanView, ...]:
        hers = Loan.objects.filter(account__customer_id=customer_id)
        still_open = hers.exclude(account__status=Account.Status.CLOSED)
        rows = still_open.select_related("account", "pays_from__card")
        return tuple(_loan(loan) for loan in rows.order_by("lent_on", "account_id"))

    def next_instalment(self, loan_id: int, *, at: datetime) -> InstalmentView | None:
        ahead = ScheduleLine.objects.filter(
            loan_id=loan_id, replaced_at=None, due_on__gt=bank_day(at)
        )
        line = ahead.order_by("number").first()
        if line is None:
            return None
        amount = line.principal + line.interest
        return InstalmentView(line.due_on, line.principal, line.interest, amount)

    def loan_due(self, loan_id: int, *, at: datetime) -> OwedView:
        day = bank_day(at)
        lines = schedule.lines_of(Loan.objects.get(pk=loan_id), day=day)
        return _owed(schedule.due(lines, day=day), lines, day)

    def loan_overdue(self, loan_id: int, *, at: datetime) -> OwedView:
        day = bank_day(at)
        lines = schedule.lines_of(Loan.objects.get(pk=loan_id), day=day)
        yesterday = day - timedelta(days=1)
        return _owed(schedule.due(lines, day=yesterday), lines, yesterday)

    def loan_settlement(self, loan_id: int, *, at: datetime) -> OwedView:
        day = bank_day(at)
        loan = Loan.objects.get(pk=loan_id)
        lines = schedule.lines_of(loan, day=day)
        return _owed(quotes.settlement(loan, lines, day=day), lines, day)


def _loan(row: Loan) -> LoanView:
    return LoanView(
        id=row.pk,
        tail=row.account.tail,
        product=row.product,
        left=-row.account.balance,
        percent=row.percent,
        months_left=row.lines.filter(replaced_at=None, paid_on=None).count(),
        pays_from_id=row.pays_from_id,
        pays_from_tail=row.pays_from.tail,
    )


def _owed(owed: Owed, lines: list[ScheduleLine], day: date) -> OwedView:
    """`lines` up to `day` are those it may stem from."""
    due = (line.due_on for line in lines if line.due_on <= day and line.paid_on is None)
    return OwedView(
        amount=owed.total - owed.costs,
        principal=owed.principal,
        interest=owed.interest,
        penalty=owed.penalty,
        fee=owed.costs,
        since=min(due, default=None),
    )
