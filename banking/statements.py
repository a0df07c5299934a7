"""What went in and out of an account in a period: page by page, or as a letter (对账单).

In the order of the days that it was booked on. A night that closed late is written after what
happened meanwhile and booked before it: so neither a posting's id nor the balance that it left
behind says what the account had on a day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, LiteralString

from django.db import transaction

from banking import outbox, sql
from banking.access import Name, rule
from banking.errors import PeriodInvalid, PeriodTooLong
from banking.ledger import ZERO
from banking.models import Account, OutboxMessage
from calendars.clock import SHANGHAI, bank_day

_BOOKED: LiteralString = """
    SELECT posting.id, journal.at, journal.booked_on, journal.kind, posting.amount,
        sum(posting.amount) OVER (ORDER BY journal.booked_on, journal.at, posting.id) AS balance,
        journal.summary, journal.number
    FROM banking_posting posting JOIN banking_journal journal ON journal.id = posting.journal_id
    WHERE posting.account_id = %(account)s
"""
_LAST: LiteralString = f"""
    SELECT * FROM ({_BOOKED}) booked ORDER BY booked_on DESC, at DESC, id DESC LIMIT %(n)s
"""  # noqa: S608
_PERIOD: LiteralString = f"""
    SELECT * FROM ({_BOOKED}) booked WHERE booked_on BETWEEN %(first)s AND %(last)s
    ORDER BY booked_on, at, id
"""  # noqa: S608
_PAGE: LiteralString = f"""
    WITH booked AS ({_BOOKED})
    SELECT * FROM booked WHERE booked_on BETWEEN %(first)s AND %(last)s
    AND (%(before)s::bigint IS NULL OR (booked_on, at, id) <
        (SELECT booked_on, at, id FROM booked WHERE id = %(before)s))
    ORDER BY booked_on DESC, at DESC, id DESC LIMIT %(n)s
"""  # noqa: S608
_BEFORE: LiteralString = """
    SELECT sum(posting.amount)
    FROM banking_posting posting JOIN banking_journal journal ON journal.id = posting.journal_id
    WHERE posting.account_id = %(account)s AND journal.booked_on < %(first)s
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a statement, in yuan; `balance` after it."""

    id: int  # of the posting
    at: datetime
    booked_on: date
    kind: str
    amount: Decimal
    balance: Decimal
    summary: str
    number: str


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


def last(account_id: int, *, n: int) -> list[Entry]:
    """The `n` that were booked last, the newest first."""
    return [Entry(*row) for row in sql.rows(_LAST, {"account": account_id, "n": n})]


def entries(
    account_id: int, period: Period, *, before: int | None, n: int, at: datetime
) -> list[Entry]:
    """The newest `n` first, of those older than the entry `before`.

    Raises PeriodInvalid, PeriodTooLong.
    """
    period.check(at=at)
    values = {**_values(account_id, period), "before": before, "n": n}
    return [Entry(*row) for row in sql.rows(_PAGE, values)]


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
    moved = [Entry(*row) for row in sql.rows(_PERIOD, _values(account_id, period))]
    opening = moved[0].balance - moved[0].amount if moved else _before(account_id, period.first)
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


def _values(account_id: int, period: Period) -> dict[str, Any]:
    return {"account": account_id, "first": period.first, "last": period.last}


def _before(account_id: int, first: date) -> Decimal:
    """The balance at the end of the day before `first`."""
    found = sql.row(_BEFORE, {"account": account_id, "first": first})
    return found[0] or ZERO if found else ZERO


def _lines(moved: Iterable[Entry]) -> str:
    """A line an entry, in columns that any mail program shows."""
    return "\n".join(
        f"{one.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}  {one.number}"
        f"  {one.amount:>+16,.2f}  {one.balance:>16,.2f}  {one.summary}".rstrip()
        for one in moved
    )
