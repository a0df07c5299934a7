"""The dated rows that price a loan."""

from datetime import date
from decimal import Decimal

from banking.models import LendingTerm, Loan, LoanRate
from banking.models.loans import Series


def published(series: Series | str, *, day: date) -> Decimal:
    """Per cent a year of a series on a day. Raises LoanRate.DoesNotExist."""
    rows = LoanRate.objects.filter(series=series, valid_from__lte=day)
    return rows.latest("valid_from").percent


def of(loan: Loan) -> LendingTerm:
    """What was in force when the loan was signed. Raises LendingTerm.DoesNotExist."""
    rows = LendingTerm.objects.filter(product=loan.product, valid_from__lte=loan.lent_on)
    return rows.latest("valid_from")
