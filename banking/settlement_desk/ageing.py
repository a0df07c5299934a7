"""How long something has been open, in bands of whole days of the bank. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from banking.ledger import ZERO
from calendars.clock import bank_day

FEW_DAYS = 3


class Band(TextChoices):
    TODAY = "today", pgettext_lazy("open since", "today")
    ONE = "one", pgettext_lazy("open since", "1 day")
    FEW = "few", pgettext_lazy("open since", "2–3 days")
    MORE = "more", pgettext_lazy("open since", "more than 3 days")


@dataclass(frozen=True, slots=True)
class Aged:
    """What is in one band: how many, and how much in yuan."""

    band: Band
    count: int
    total: Decimal


def band(since: datetime, *, day: date) -> Band:
    """As of the end of `day`, by midnights that passed: 23:59 is a day old a minute later."""
    days = (day - bank_day(since)).days
    if days <= 0:
        return Band.TODAY
    if days == 1:
        return Band.ONE
    return Band.FEW if days <= FEW_DAYS else Band.MORE


def by_band(found: Iterable[tuple[datetime, Decimal]], *, day: date) -> list[Aged]:
    """Every band, the youngest first, from pairs of since when and yuan."""
    sums = dict.fromkeys(Band, (0, ZERO))
    for since, amount in found:
        count, total = sums[one := band(since, day=day)]
        sums[one] = (count + 1, total + amount)
    return [Aged(one, count, total) for one, (count, total) in sums.items()]
