"""What went in and out of an account in a period: page by page, or as a letter (对账单)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from banking import outbox
from banking.access import Name, rule
from banking.errors import PeriodInvalid, PeriodTooLong
from banking.ledger import ZERO
from banking.models import Account, OutboxMessage, Posting
from calendars.clock import SHANGHAI, bank_day


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the bank, both included."""

    first: date
    last: date

    def check(self, *, at: datetime) -> None:
        """Raises PeriodInvalid, PeriodTooLong."""
        today = bank_day(at)
        if not self.first <= self.last <= today:
            raise PeriodInvalid
        days = rule(Name.PERIOD_DAYS, day=today)
        if (self.last - self.first).days >= days:
            raise PeriodTooLong(days=days)


def entries(
    account_id: int, period: Period, *, before: int | None, n: int, at: datetime
) -> list[Posting]:
    """The newest `n` first, of those older than the posting `before`.

    Raises PeriodInvalid, PeriodTooLong.
    """
    period.check(at=at)
    found = _of(account_id, period).select_related("journal").order_by("-id")
    return list((found.filter(id__lt=before) if before else found)[:n])


@transaction.atomic(durable=True)
def send(
    account_id: int, period: Period, channel: OutboxMessage.Channel, *, at: datetime
) -> OutboxMessage:
    """The sums as an SMS, or every entry as an e-mail.

    Raises PeriodInvalid, PeriodTooLong, NoAddress.
    """
    period.check(at=at)
    account = Account.objects.select_related("customer", "card").get(pk=account_id)
    assert account.customer is not None  # nobody asks for the bank's own
    moved = list(_of(account_id, period).select_related("journal").order_by("id"))
    opening = _closing(account_id, before=period.first)
    values: dict[str, Any] = {
        "tail": account.tail,
        "first": period.first,
        "last": period.last,
        "count": len(moved),
        "income": sum((one.amount for one in moved if one.amount > 0), ZERO),
        "outgo": -sum((one.amount for one in moved if one.amount < 0), ZERO),
        "opening": opening,
        "closing": moved[-1].balance if moved else opening,
    }
    if channel == OutboxMessage.Channel.EMAIL:
        values["lines"] = _lines(moved)
    template = f"statement.{channel.value}"
    return outbox.send(account.customer, template, at=at, channel=channel, **values)


def _of(account_id: int, period: Period) -> QuerySet[Posting]:
    return Posting.objects.filter(
        account_id=account_id, journal__booked_on__range=(period.first, period.last)
    )


def _closing(account_id: int, *, before: date) -> Decimal:
    """The balance at the end of the day before `before`."""
    earlier = Posting.objects.filter(account_id=account_id, journal__booked_on__lt=before)
    balance = earlier.order_by("-id").values_list("balance", flat=True).first()
    return balance if balance is not None else ZERO


def _lines(moved: Iterable[Posting]) -> str:
    """A line an entry, in columns that any mail program shows."""
    return "\n".join(
        f"{one.journal.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}  {one.journal.number}"
        f"  {one.amount:>+16,.2f}  {one.balance:>16,.2f}  {one.journal.summary}".rstrip()
        for one in moved
    )
