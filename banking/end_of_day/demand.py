"""活期结息: each quarter, on the 20th of its last month, credited on the 21st.

`banking/interest.py` says the rule for one account (`products`, `demand`); this says it for
thousands at once, in the database's own words, and a test holds the two together.
"""

from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from banking import ledger, sql
from banking.deposits import rates
from banking.end_of_day.work import Tonight
from banking.interest import quarter_settled_on, tax_percent
from banking.models import Account, InterestSettlement
from banking.models.ledger import Internal
from banking.models.nights import NightTask

# Whoever opened later has nothing to settle; one that is settled is passed over.
_DUE = """
    SELECT id FROM banking_account a
    WHERE kind = 'demand' AND status <> 'closed' AND opened_on <= %(day)s AND id > %(after)s
    AND NOT EXISTS (SELECT FROM banking_interestsettlement
        WHERE settled_on = %(day)s AND account_id = a.id)
    ORDER BY id LIMIT %(size)s
"""
_LOCK = """
    SELECT id FROM banking_account WHERE id = ANY(%(ids)s::bigint[]) AND status <> 'closed'
    ORDER BY id FOR NO KEY UPDATE
"""
# Of those locked: another may have settled them while we waited for the lock.
_STILL = """
    SELECT locked.id FROM unnest(%(ids)s::bigint[]) AS locked (id)
    WHERE NOT EXISTS (SELECT FROM banking_interestsettlement
        WHERE settled_on = %(day)s AND account_id = locked.id)
"""
# A statement of its own, after the locks: so it sees all that was booked on the day. One journal
# a batch, of a leg an account and one of the bank's for them all: a day has a million receipt
# numbers, and a quarter's interest of a million accounts would use them up.
# The balance at the start is today's less what was booked since; then day by day.
_SETTLE = """
    WITH moved AS (
        SELECT account_id, booked_on AS day, sum(amount) AS amount FROM banking_posting
        WHERE account_id = ANY(%(ids)s::bigint[]) AND booked_on >= %(since)s
        GROUP BY account_id, booked_on
    ), change AS (
        SELECT a.id AS account_id, %(since)s::date AS day,
            a.balance - coalesce(sum(m.amount), 0) AS amount
        FROM banking_account a LEFT JOIN moved m ON m.account_id = a.id
        WHERE a.id = ANY(%(ids)s::bigint[]) GROUP BY a.id
        UNION ALL SELECT account_id, day, amount FROM moved WHERE day <= %(day)s
    ), held AS (
        SELECT account_id, sum(amount) OVER days AS balance,
            lead(day, 1, %(opens)s::date) OVER days - day AS days
        FROM change WINDOW days AS (PARTITION BY account_id ORDER BY day)
    ), earned AS (
        SELECT account_id, sum(trunc(balance) * days) AS products FROM held GROUP BY account_id
    ), due AS (
        SELECT account_id, products, round(products * %(percent)s / 36000, 2) AS interest
        FROM earned
    ), settled AS MATERIALIZED (
        SELECT account_id, products, interest, round(interest * %(tax_share)s, 2) AS tax FROM due
    ), total AS (
        SELECT sum(interest) AS interest FROM settled HAVING sum(interest) > 0
    ), journal AS (
        INSERT INTO banking_journal (kind, at, booked_on, summary)
        SELECT 'interest', %(at)s, %(opens)s, '' FROM total RETURNING id
    ), bank AS (
        INSERT INTO banking_posting (journal_id, account_id, amount)
        SELECT journal.id, %(bank)s, -total.interest FROM journal, total
    )
    INSERT INTO banking_interestsettlement
        (account_id, settled_on, since, products, percent, interest, tax, journal_id)
    SELECT account_id, %(day)s, %(since)s, products, %(percent)s, interest, tax,
        CASE WHEN interest > 0 THEN journal.id END
    FROM settled LEFT JOIN journal ON true
"""
_CREDIT = """
    SELECT public.banking_post_each(
        array_agg(journal_id), array_agg(account_id), array_agg(interest))
    FROM banking_interestsettlement
    WHERE settled_on = %(day)s AND account_id = ANY(%(ids)s::bigint[]) AND interest > 0
"""
_WITHHOLD = """
    WITH total AS (
        SELECT sum(tax) AS tax, journal_id AS part_of FROM banking_interestsettlement
        WHERE settled_on = %(day)s AND account_id = ANY(%(ids)s::bigint[]) AND tax > 0
        GROUP BY journal_id
    ), journal AS (
        INSERT INTO banking_journal (kind, at, booked_on, summary, part_of_id)
        SELECT 'tax', %(at)s, %(opens)s, '', part_of FROM total RETURNING id
    )
    INSERT INTO banking_posting (journal_id, account_id, amount)
    SELECT journal.id, %(office)s, total.tax FROM journal, total
"""
_DEBIT = """
    SELECT public.banking_post_each(array_agg(journal.id), array_agg(account_id), array_agg(-tax))
    FROM banking_interestsettlement JOIN banking_journal journal
        ON journal.part_of_id = journal_id AND journal.kind = 'tax'
    WHERE settled_on = %(day)s AND account_id = ANY(%(ids)s::bigint[]) AND tax > 0
"""


class DemandInterest:
    """Every demand account, at the demand rate of the settlement day (储蓄管理条例 Art. 27)."""

    task = NightTask.Task.INTEREST

    def due(self, tonight: Tonight, after: int, size: int) -> list[int]:
        if quarter_settled_on(tonight.day) is None:
            return []
        return _ids(_DUE, {"day": tonight.day, "after": after, "size": size})

    def batch(self, tonight: Tonight, accounts: list[int]) -> None:
        since = quarter_settled_on(tonight.day)
        assert since is not None
        ids = _ids(_STILL, {"day": tonight.day, "ids": _ids(_LOCK, {"ids": accounts})})
        if not ids:
            return
        share = tax_percent(since, tonight.opens, rates.tax_periods()) / 100
        values = {
            "ids": ids,
            "since": since,
            "day": tonight.day,
            "opens": tonight.opens,
            "at": tonight.at,
            "percent": rates.demand_percent(tonight.day),
            "tax_share": Decimal(share.numerator) / Decimal(share.denominator),
            "bank": ledger.internal(Internal.INTEREST),
            "office": ledger.internal(Internal.TAX),
        }
        for statement in (_SETTLE, _CREDIT, _WITHHOLD, _DEBIT) if share else (_SETTLE, _CREDIT):
            sql.do(statement, values)

    def eligible(self, tonight: Tonight) -> int:
        if quarter_settled_on(tonight.day) is None:
            return 0
        had = InterestSettlement.objects.filter(settled_on=tonight.day, account_id=OuterRef("pk"))
        return _demand(tonight).filter(~Q(status="closed") | Exists(had)).count()

    def posted(self, tonight: Tonight) -> int:
        return InterestSettlement.objects.filter(settled_on=tonight.day).count()

    def waiting(self, tonight: Tonight) -> QuerySet[Any, int]:
        """None: an account is always able to take what it earned."""
        return Account.objects.none().values_list("pk", flat=True)


def _ids(statement: str, values: dict[str, Any]) -> list[int]:
    return [account_id for (account_id,) in sql.rows(statement, values)]


def _demand(tonight: Tonight) -> QuerySet[Account]:
    return Account.objects.filter(kind=Account.Kind.DEMAND, opened_on__lte=tonight.day)
