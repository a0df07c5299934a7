"""A published rate as callers, agents and articles meet it."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from django.db.models import QuerySet

from banking.models import DepositRate, LoanRate
from banking.models.deposits import Product
from calendars.clock import SHANGHAI
from telephony import wording
from telephony.spoken import grammar

Row = DepositRate | LoanRate


@dataclass(frozen=True, slots=True)
class Rate:
    """Of one day. `figure` is how articles quote it: rate:time.1y, loan:lpr_1y."""

    figure: str
    valid_from: date

    @classmethod
    def of(cls, row: Row) -> "Rate":
        if isinstance(row, LoanRate):
            return cls(f"loan:{row.series}", row.valid_from)
        return cls(f"rate:{row.product}.{row.term}".rstrip("."), row.valid_from)

    def row(self) -> Row:
        return self._place().get(valid_from=self.valid_from)

    def stood(self) -> tuple[datetime, datetime | None]:
        """[from, to): from the first minute of its day to that of the next one in its place."""
        later = self._place().filter(valid_from__gt=self.valid_from).order_by("valid_from")
        ends = later.values_list("valid_from", flat=True).first()
        return _midnight(self.valid_from), _midnight(ends) if ends else None

    @property
    def prompts(self) -> tuple[str, ...]:
        """In which it is said by telephone, with its term and its per cent."""
        if self._kind == "loan":
            return (f"rates.loan.{self._which}",)
        product, _term = self._deposit()
        told = f"rates.deposit.{product}"
        return (told,) if product == Product.DEMAND else (told, "deposit.term", "save.readback")

    @property
    def service(self) -> str:
        """Of the desk, in whose table it stands."""
        return "loan-rates" if self._kind == "loan" else "deposit-rates"

    def said(self) -> str:
        """A pattern of the words in which it is said, in any language."""
        percent = self.row().percent
        term = "" if self._kind == "loan" else self._deposit()[1]
        found = [_said(lang, term, percent) for lang in wording.prompts().languages]
        return "|".join(dict.fromkeys(found))

    @property
    def _kind(self) -> str:
        return self.figure.partition(":")[0]

    @property
    def _which(self) -> str:
        return self.figure.partition(":")[2]

    def _deposit(self) -> tuple[str, str]:
        product, _dot, term = self._which.partition(".")
        return product, term

    def _place(self) -> QuerySet[DepositRate] | QuerySet[LoanRate]:
        if self._kind == "loan":
            return LoanRate.objects.filter(series=self._which)
        product, term = self._deposit()
        return DepositRate.objects.filter(product=product, term=term)


def _said(lang: str, term: str, percent: Decimal) -> str:
    """百分之一点五 is not the beginning of 百分之一点五五."""
    parts = [grammar.text(lang, grammar.say_term(lang, term))] if term else []
    parts.append(grammar.text(lang, grammar.say_percent(lang, percent)))
    return ".*".join(re.escape(part) for part in parts) + "([。，,. ]|$)"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
