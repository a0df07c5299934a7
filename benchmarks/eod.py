"""`eod`: a night over a million accounts, against the same rows written bare.

The night settles a quarter's interest on demand accounts and pays or renews maturing deposits, in
batches, under every trigger. The peer then copies the very rows that the night wrote into tables
that have the same columns, indexes and content, but no trigger and no foreign key: one bare
`INSERT … SELECT` a table, and an `UPDATE` of the accounts and of the deposits. It decides nothing.
"""

import argparse
import sys
import time
from datetime import date, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.database import Database, database  # noqa: E402

GOAL = 0.3
ACCOUNTS = 1_000_000
MATURING = 10  # of a hundred accounts are time deposits that mature tonight; half of them renew
DAY = date(2026, 12, 20)
ADDED = {
    "journal": "id",
    "posting": "id",
    "interestsettlement": "id",
    "depositentry": "id",
    "accountevent": "pgh_id",
}
CHANGED = {
    "account": ("balance", "status"),
    "deposit": ("began_on", "matures_on", "percent", "closed_on"),
}

# Each account was opened with 10,000 yuan before the quarter, and 1,000 came in its middle.
SETUP = """
ALTER TABLE banking_account DISABLE TRIGGER USER;
ALTER TABLE banking_journal DISABLE TRIGGER USER;
ALTER TABLE banking_posting DISABLE TRIGGER USER;
INSERT INTO banking_customer (id, number, name, vip, mobile, born_on, language, email, id_box,
        id_lookup, id_last4, id_key_version, is_test)
    SELECT n, lpad(n::text, 10, '0'), 'bench', 'ordinary', '', '1980-01-01', 'zh', '', '',
        sha256(n::text::bytea), '0000', 1, false FROM generate_series(1, {customers}) n;
INSERT INTO banking_account (id, number, kind, customer_id, currency, status, nickname, leads,
        opened_on, balance, held)
    SELECT n, n, CASE WHEN n % 100 < {maturing} THEN 'time' ELSE 'demand' END,
        1 + n % {customers}, 'CNY', 'active', '', false, '2026-01-05', 11000, 0
    FROM generate_series(1, {accounts}) n;
INSERT INTO banking_account (id, number, kind, currency, status, nickname, leads, opened_on,
        balance, held) SELECT {accounts} + row_number() OVER (), code, 'internal', 'CNY', 'active',
        '', false, '2004-01-01', 0, 0 FROM unnest(ARRAY['cash', 'interest', 'tax']) code;
INSERT INTO banking_journal (id, kind, at, booked_on, summary, number, xact)
    SELECT n + {accounts} * nth, 'deposit', day, day, '',
        to_char(day, 'YYMMDD') || lpad((n % 1000000)::text, 6, '0'), 1
    FROM (VALUES (0, date '2026-01-05'), (1, date '2026-11-10')) AS paid (nth, day),
        generate_series(1, {accounts}) n;
INSERT INTO banking_posting (journal_id, account_id, amount, booked_on, balance)
    SELECT n + {accounts} * nth, n, amount, day, 10000 + 1000 * nth
    FROM (VALUES (0, 10000, date '2026-01-05'), (1, 1000, date '2026-11-10'))
        AS paid (nth, amount, day), generate_series(1, {accounts}) n;
SELECT setval('banking_account_id_seq', {accounts} + 10),
    setval('banking_journal_id_seq', 2 * {accounts} + 10);
INSERT INTO banking_deposit (account_id, product, term, percent, basis, began_on, matures_on,
        renews, pays_to_id)
    SELECT n, 'time', '1y', 0.95, 'periods', '2025-12-21', '2026-12-21', n % 2 = 0,
        n - n % 100 + 99
    FROM generate_series(1, {accounts} - 1) n WHERE n % 100 < {maturing};
ALTER TABLE banking_account ENABLE TRIGGER USER;
ALTER TABLE banking_journal ENABLE TRIGGER USER;
ALTER TABLE banking_posting ENABLE TRIGGER USER;
VACUUM ANALYZE banking_account, banking_journal, banking_posting, banking_deposit;
"""


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--accounts", type=int, default=ACCOUNTS)
    with database("eod") as base:
        compare(base, asked.parse_args().accounts)


def compare(base: Database, accounts: int) -> None:
    with base.connect() as owner:
        setup = SETUP.format(accounts=accounts, customers=min(accounts, 100_000), maturing=MATURING)
        for statement in setup.split(";\n"):
            if statement.strip():
                owner.execute(statement)
        copies(owner)
    settle_down(base)
    night_s = run_night()
    settle_down(base)
    with base.connect() as owner:
        bare_s, rows = run_bare(owner)
    ratio = bare_s / night_s
    print(f"bench eod ratio={ratio:.2f} goal=>={GOAL}")
    print(
        f"  {accounts:,} accounts, {rows:,} rows written: the night {rows / night_s:,.0f} rows/s "
        f"in {night_s:.0f} s, bare {rows / bare_s:,.0f} rows/s in {bare_s:.0f} s"
    )


def copies(owner) -> None:
    """The tables as they are before the night."""
    for name in (*ADDED, *CHANGED):
        owner.execute(f"CREATE TABLE bare_{name} (LIKE banking_{name} INCLUDING ALL)")
        owner.execute(
            f"INSERT INTO bare_{name} OVERRIDING SYSTEM VALUE SELECT * FROM banking_{name}"
        )
        owner.execute(f"VACUUM ANALYZE bare_{name}")


def settle_down(base: Database) -> None:
    """What was written before is on disk: neither side pays for it."""
    with base.cluster.connect() as postgres:
        postgres.execute("CHECKPOINT")


def run_night() -> float:
    """Seconds that it takes to close the day, as the command does."""
    import django

    django.setup()
    from banking import demo_deposits
    from banking.end_of_day import closing
    from calendars.clock import SHANGHAI

    demo_deposits.terms()
    at = datetime.combine(DAY + timedelta(days=1), datetime.min.time(), SHANGHAI)
    start = time.perf_counter()
    night = closing.close(DAY, at=at + timedelta(hours=1))
    passed = time.perf_counter() - start
    for task in night.tasks.order_by("id"):
        print(f"  {task.task}: {task.eligible:,} due, {task.posted:,} done", file=sys.stderr)
    return passed


def run_bare(owner) -> tuple[float, int]:
    """Seconds for the same rows, and how many they are: added and changed."""
    start, rows = time.perf_counter(), 0
    owner.execute("BEGIN")
    for name, key in ADDED.items():
        written = owner.execute(
            f"INSERT INTO bare_{name} OVERRIDING SYSTEM VALUE SELECT * FROM banking_{name}"
            f" WHERE {key} > (SELECT coalesce(max({key}), 0) FROM bare_{name})"
        )
        rows += written.rowcount
    for name, columns in CHANGED.items():
        values = ", ".join(f"{column} = now.{column}" for column in columns)
        now, was = (", ".join(f"{row}.{column}" for column in columns) for row in ("now", "was"))
        written = owner.execute(
            f"UPDATE bare_{name} was SET {values} FROM banking_{name} now"
            f" WHERE now.id = was.id AND ({now}) IS DISTINCT FROM ({was})"
        )
        rows += written.rowcount
    owner.execute("COMMIT")
    return time.perf_counter() - start, rows


if __name__ == "__main__":
    main()
