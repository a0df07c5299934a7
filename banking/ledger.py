"""The ledger's only writer. A transaction is the caller's: these demand one.

Plain SQL where each transfer passes; the laws are triggers of `models/ledger.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection, transaction

from banking import sql
from banking.models import Account, InternalBalance, Journal
from banking.models.ledger import Internal
from calendars.clock import bank_day

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Leg:
    """Yuan into (above zero) or out of an account."""

    account_id: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Movement:
    """A journal of two legs, among many: `amount` yuan, above zero, from `payer` to `payee`."""

    kind: Journal.Kind
    payer: int
    payee: int
    amount: Decimal
    part_of: int | None = None  # the place in the list of the one that it is part of


@dataclass(frozen=True, slots=True)
class Posted:
    """A journal as written; `number` is the receipt number (流水号)."""

    id: int
    number: str


@dataclass(frozen=True, slots=True)
class Funds:
    """What an account has, and whether it may be touched: true while it is locked. Yuan."""

    id: int
    status: str  # Account.Status
    stopped_until: datetime | None
    stopped: bool
    balance: Decimal
    held: Decimal

    @property
    def available(self) -> Decimal:
        return self.balance - self.held

    def is_stopped(self, at: datetime) -> bool:
        return self.stopped or (self.stopped_until is not None and at < self.stopped_until)


_LOCK = """
    SELECT id, status, stopped_until, stopped, balance, held FROM banking_account
    WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE
"""

# In id order, so that whoever did not lock first still meets others in the same order.
_POST = """
    WITH journal AS (
        INSERT INTO banking_journal
            (kind, at, booked_on, summary, instruction_id, part_of_id)
        VALUES (%s, %s, %s, %s, %s, %s) RETURNING id, number
    ), legs AS (
        INSERT INTO banking_posting (journal_id, account_id, amount)
        SELECT journal.id, leg.account_id, leg.amount
        FROM journal, unnest(%s::bigint[], %s::numeric[]) AS leg (account_id, amount)
        ORDER BY leg.account_id
    )
    SELECT id, number FROM journal
"""


def lock(*account_ids: int) -> list[Funds]:
    """The accounts as they are now, in the order asked for; locked in id order: no deadlock.

    Raises Account.DoesNotExist.
    """
    _demand_transaction()
    found = {row[0]: Funds(*row) for row in sql.rows(_LOCK, [list(account_ids)])}
    try:
        return [found[account_id] for account_id in account_ids]
    except KeyError as missing:
        raise Account.DoesNotExist(missing.args[0]) from None


def post(
    kind: Journal.Kind,
    legs: Sequence[Leg],
    *,
    at: datetime,
    summary: str = "",
    order: UUID | None = None,
    part_of: int | None = None,
) -> Posted:
    """Write one journal with its legs; they change the balances. `order`: the instruction's key.

    Raises IntegrityError where a law is broken: at once a balance below what is held or a
    closed account, at the commit legs that don't sum to zero.
    """
    _demand_transaction()
    written = sql.row(
        _POST,
        [
            *(kind.value, at, bank_day(at), summary, order, part_of),
            [leg.account_id for leg in legs],
            [leg.amount for leg in legs],
        ],
    )
    assert written is not None
    return Posted(*written)


_IDS = """
    SELECT nextval(pg_get_serial_sequence('public.banking_journal', 'id'))
    FROM generate_series(1, %s)
"""
_MOVED = """
    unnest(%(ids)s::bigint[], %(payers)s::bigint[], %(payees)s::bigint[], %(amounts)s::numeric[])
        WITH ORDINALITY AS m (id, payer, payee, amount, place)
    CROSS JOIN LATERAL (VALUES (payer, -m.amount), (payee, m.amount)) AS leg (account_id, amount)
    JOIN banking_account account ON account.id = leg.account_id
"""
_JOURNALS = f"""
    WITH journal AS (
        INSERT INTO banking_journal (id, kind, at, booked_on, summary, part_of_id)
        SELECT j.id, j.kind, %(at)s, %(day)s, '', j.part_of
        FROM unnest(%(ids)s::bigint[], %(kinds)s::text[], %(parts)s::bigint[])
            AS j (id, kind, part_of)
        RETURNING id
    )
    INSERT INTO banking_posting (journal_id, account_id, amount)
    SELECT journal.id, leg.account_id, leg.amount
    FROM {_MOVED} JOIN journal ON journal.id = m.id WHERE account.kind = 'internal'
"""  # noqa: S608
_CUSTOMERS = f"""
    SELECT public.banking_post_each(array_agg(m.id ORDER BY place, leg.amount),
        array_agg(leg.account_id ORDER BY place, leg.amount),
        array_agg(leg.amount ORDER BY place, leg.amount))
    FROM {_MOVED} WHERE account.kind <> 'internal'
"""  # noqa: S608


def post_many(movements: Sequence[Movement], *, at: datetime) -> list[int]:
    """Write many journals at once; their ids, in the order given.

    The accounts are locked already (`lock`); of several legs on one the last balance counts.
    Raises what `post` does.
    """
    _demand_transaction()
    if not movements:
        return []
    ids: list[int] = [row[0] for row in sql.rows(_IDS, [len(movements)])]
    values = {
        "ids": ids,
        "kinds": [m.kind.value for m in movements],
        "parts": [None if m.part_of is None else ids[m.part_of] for m in movements],
        "payers": [m.payer for m in movements],
        "payees": [m.payee for m in movements],
        "amounts": [m.amount for m in movements],
        "at": at,
        "day": bank_day(at),
    }
    sql.do(_JOURNALS, values)
    sql.do(_CUSTOMERS, values)
    return ids


def internal(code: Internal) -> int:
    """The id of one of the bank's own accounts, opened when it is first needed."""
    account, _ = Account.objects.get_or_create(
        number=code.value,
        defaults={"kind": Account.Kind.INTERNAL, "opened_on": "2004-01-01"},
    )
    return account.pk


def internal_balance(code: Internal) -> Decimal:
    """Yuan on an internal account: the last snapshot and the postings since."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(last.balance, 0) + coalesce((
                SELECT sum(amount) FROM banking_posting
                WHERE account_id = account.id AND balance IS NULL
                AND id > coalesce(last.upto, 0)), 0)
            FROM banking_account account LEFT JOIN LATERAL (
                SELECT upto, balance FROM banking_internalbalance
                WHERE account_id = account.id ORDER BY upto DESC LIMIT 1) last ON true
            WHERE account.number = %s AND account.kind = 'internal'
            """,
            [code.value],
        )
        row = cursor.fetchone()
    return row[0] if row else ZERO


@transaction.atomic(durable=True)
def take_snapshot(code: Internal, *, at: datetime) -> InternalBalance:
    """Sum an internal account up to now, so that asking stays cheap. Holds up postings briefly."""
    snapshot = InternalBalance(account_id=internal(code), at=at)
    snapshot.upto, snapshot.balance = 0, ZERO  # PostgreSQL counts for itself
    snapshot.save(force_insert=True)
    snapshot.refresh_from_db()
    return snapshot


def _demand_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A posting needs its service's transaction.")
