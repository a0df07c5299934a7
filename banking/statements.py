"""What went in and out of an account in a period: page by page, or as a letter (对账单).

In the order of the days that it was booked on. A night that closed late is written after what
happened meanwhile and booked before it: so neither a posting's id nor the balance that it left
behind says what the account had on a day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, LiteralString

from django.db import transaction

from banking import outbox, sql
from banking.access import Name, rule
from banking.errors import PeriodInvalid, PeriodTooLong
from banking.ledger import ZERO
from banking.models import Account, OutboxMessage
from calendars.clock import SHANGHAI, bank_day

LONG_AGO, AT_LAST = date.min, date.max - timedelta(days=1)  # whatever an account ever had
EVERY = 2**31  # entries: all of a period
# From the newest backwards: an account of twenty years is read no further than the page and its
# last day. The balance is today's less what was booked later: those sums need the index alone.
_PAGE: LiteralString = """
    WITH mark AS (
        SELECT posting.booked_on AS day, journal.at, posting.id
        FROM banking_posting posting JOIN banking_journal journal ON journal.id = journal_id
        WHERE posting.id = %(before)s::bigint AND posting.account_id = %(account)s
        UNION ALL SELECT %(last)s::date + 1, '-infinity', 0 WHERE %(before)s::bigint IS NULL
    ), page AS (
        SELECT posting.id, journal.at, posting.booked_on, journal.kind, posting.amount,
            journal.summary, journal.number
        FROM mark, banking_posting posting JOIN banking_journal journal ON journal.id = journal_id
        WHERE posting.account_id = %(account)s
        AND posting.booked_on BETWEEN %(first)s AND %(last)s AND posting.booked_on <= mark.day
        AND (posting.booked_on, journal.at, posting.id) < (mark.day, mark.at, mark.id)
        ORDER BY posting.booked_on DESC FETCH FIRST (%(n)s::bigint) ROWS WITH TIES
    ), start AS MATERIALIZED (  -- once, not for each entry
        SELECT account.balance - coalesce((
                SELECT sum(amount) FROM banking_posting
                WHERE account_id = account.id AND booked_on > mark.day), 0) - coalesce((
                SELECT sum(amount)
                FROM banking_posting posting JOIN banking_journal journal
                    ON journal.id = journal_id
                WHERE account_id = account.id AND posting.booked_on = mark.day
                AND (journal.at, posting.id) >= (mark.at, mark.id)), 0) AS balance
        FROM banking_account account, mark WHERE account.id = %(account)s
    )
    SELECT page.id, at, booked_on, kind, amount,
        start.balance - coalesce(sum(amount) OVER later, 0), summary, number
    FROM page, start
    WINDOW later AS (ORDER BY booked_on DESC, at DESC, page.id DESC
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ORDER BY booked_on DESC, at DESC, page.id DESC LIMIT %(n)s
"""
_BEFORE: LiteralString = """
    SELECT sum(amount) FROM banking_posting
    WHERE account_id = %(account)s AND booked_on < %(first)s
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
    return _page(account_id, Period(LONG_AGO, AT_LAST), n=n)


def entries(
    account_id: int, period: Period, *, before: int | None, n: int, at: datetime
) -> list[Entry]:
    """The newest `n` first, of those older than the entry `before`.

    Raises PeriodInvalid, PeriodTooLong.
    """
    period.check(at=at)
    return _page(account_id, period, before=before, n=n)


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
    moved = _page(account_id, period, n=EVERY)[::-1]
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


def _page(account_id: int, period: Period, *, n: int, before: int | None = None) -> list[Entry]:
    values = {"account": account_id, "first": period.first, "last": period.last}
    return [Entry(*row) for row in sql.rows(_PAGE, {**values, "before": before, "n": n})]


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
