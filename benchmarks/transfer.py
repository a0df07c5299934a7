"""`transfer`: instructions executed a second from 8 processes, against pgbench on the same rows.

The peer is a pgbench script that locks both accounts and then writes journal, postings and
instruction state in one transaction under the same triggers; it decides nothing. Both run on a
database of their own in the durable embedded cluster, in turns.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.database import Database, database  # noqa: E402
from config.postgres import APP  # noqa: E402

GOAL = 0.4
PROCESSES, ROUNDS, SECONDS = 8, 3, 4.0
ACCOUNTS = 1_000
WARM_UP = 50  # executions before the clock runs
HISTORY = 10_000  # journals of other days: a ledger is never empty
EACH = 6_125  # instructions that wait for each process and client; no multiple of ACCOUNTS
PEER_OFFSET = PROCESSES * EACH

SETUP = f"""
INSERT INTO banking_customer (number, name, vip, mobile, born_on, language, email, id_box,
        id_lookup, id_last4, id_key_version, is_test)
    SELECT lpad(n::text, 10, '0'), 'bench', 'ordinary', '', '1980-01-01', 'zh', '', '', sha256(
        n::text::bytea), '0000', 1, false FROM generate_series(1, {ACCOUNTS}) n;
INSERT INTO banking_account (id, number, kind, customer_id, currency, status, nickname, leads,
        opened_on, balance, held)
    SELECT n, n, 'demand', c.id, 'CNY', 'active', '', false, '2024-01-01', 0, 0
    FROM generate_series(1, {ACCOUNTS}) n JOIN banking_customer c ON c.number = lpad(
        n::text, 10, '0');
INSERT INTO banking_account (id, number, kind, currency, status, nickname, leads, opened_on,
        balance, held)
    VALUES (0, 'cash', 'internal', 'CNY', 'active', '', false, '2024-01-01', 0, 0);
BEGIN;
WITH j AS (INSERT INTO banking_journal (kind, at, booked_on, summary)
    VALUES ('deposit', now(), current_date, '') RETURNING id)
INSERT INTO banking_posting (journal_id, account_id, amount)
    SELECT j.id, n, 1000000 FROM j, generate_series(1, {ACCOUNTS}) n
    UNION ALL SELECT j.id, 0, -1000000 * {ACCOUNTS} FROM j;
COMMIT;
BEGIN;
WITH j AS (INSERT INTO banking_journal (kind, at, booked_on, summary)
    SELECT 'transfer', now(), current_date - 1, '' FROM generate_series(1, {HISTORY})
    RETURNING id)
INSERT INTO banking_posting (journal_id, account_id, amount)
    SELECT j.id, 1 + (j.id + leg) % {ACCOUNTS}, 1 - 2 * leg FROM j, generate_series(0, 1) leg
    ORDER BY j.id;
COMMIT;
INSERT INTO banking_transferlimit (channel, valid_from, single, daily)
    VALUES ('phone', '2024-01-01', 50000, 1000000);
INSERT INTO banking_instruction (key, digest, kind, channel, customer_id, payer_id, payee_id,
        payee_tail, amount, fee, counted, details, call_ref, state, drafted_at, receipt, refusal,
        refusal_values)
    SELECT lpad(to_hex(n), 32, '0')::uuid, '', 'transfer', 'phone', a.customer_id, a.id,
        1 + (n * 7 + 3) % {ACCOUNTS}, '0000', 1.00, 0, true, '{{}}', '',
        'read_back', now(), '', '', '{{}}'
    FROM generate_series(0, {2 * PEER_OFFSET - 1}) n JOIN banking_account a
        ON a.id = 1 + n % {ACCOUNTS} WHERE a.id <> 1 + (n * 7 + 3) % {ACCOUNTS};
UPDATE banking_instruction SET state = 'confirmed', confirmed_at = now();
ANALYZE;
"""

PEER = f"""
\\set i :i + 1
\\set n {PEER_OFFSET} + :client_id * {EACH} + :i
\\set payer 1 + (:n % {ACCOUNTS})
\\set payee 1 + ((:n * 7 + 3) % {ACCOUNTS})
BEGIN;
SELECT id FROM banking_account WHERE id IN (:payer, :payee) ORDER BY id FOR UPDATE;
INSERT INTO banking_journal (kind, at, booked_on, summary, instruction_id)
    VALUES ('transfer', now(), current_date, '', lpad(to_hex((:n)::int), 32, '0')::uuid)
    RETURNING id, number \\gset j_
INSERT INTO banking_posting (journal_id, account_id, amount)
    VALUES (:j_id, :payer, -1.00), (:j_id, :payee, 1.00);
UPDATE banking_instruction SET state = 'executed', executed_at = now(),
    booked_on = current_date, receipt = lpad((:j_number)::text, 12, '0')
    WHERE key = lpad(to_hex((:n)::int), 32, '0')::uuid;
COMMIT;
"""


def main() -> None:
    with database("transfer") as base:
        compare(base)


def compare(base: Database) -> None:
    with base.connect() as owner:
        owner.execute(SETUP)
    workers = [
        subprocess.Popen(
            [sys.executable, __file__, "--worker", str(index)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for index in range(PROCESSES)
    ]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    ours, peers, done = [], [], 0
    for _ in range(ROUNDS):
        rate, done = run_peer(base, done)
        peers.append(rate)
        ours.append(run_ours(workers))
    for worker in workers:
        worker.stdin.close()
        worker.wait(timeout=10)
    ratio = median(ours) / median(peers)
    print(f"bench transfer ratio={ratio:.2f} goal=>={GOAL}")
    print(
        f"  execute() {median(ours):,.0f}/s from {PROCESSES} processes, pgbench (prepared) "
        f"{median(peers):,.0f}/s with {PROCESSES} clients; medians of {ROUNDS} rounds of "
        f"{SECONDS:.0f} s: ours {listed(ours)}, peer {listed(peers)}"
    )


def listed(rates: list[float]) -> str:
    return ", ".join(f"{rate:,.0f}" for rate in rates)


def run_ours(workers: list[subprocess.Popen]) -> float:
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    return sum(float(worker.stdout.readline()) for worker in workers)


def run_peer(base: Database, done: int) -> tuple[float, int]:
    """Transactions a second, and how many each client may have used up by now."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(PEER)
        script.flush()
        printed = subprocess.run(
            [
                str(base.cluster._program("pgbench")),
                *("-n", "-M", "prepared", "-c", str(PROCESSES), "-j", str(PROCESSES)),
                *("-T", str(round(SECONDS)), "-D", f"i={done}", "-f", script.name),
                *("-h", str(base.cluster.sockets), "-U", APP, base.name),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    if printed.returncode or "number of failed transactions: 0" not in printed.stdout:
        raise SystemExit(printed.stdout + printed.stderr)
    rate = float(printed.stdout.split("tps = ")[1].split()[0])
    return rate, done + EACH // ROUNDS


def work(index: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from uuid import UUID

    from banking import orders
    from calendars import clock

    number = index * EACH
    for _ in range(WARM_UP):  # a worker lives for days; pgbench prepares in a moment
        orders.execute(key=UUID(int=number), at=clock.now())
        number += 1
    print("ready", flush=True)
    while sys.stdin.readline():
        start, count = time.perf_counter(), 0
        while (passed := time.perf_counter() - start) < SECONDS:
            orders.execute(key=UUID(int=number), at=clock.now())
            number, count = number + 1, count + 1
        print(count / passed, flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        work(int(sys.argv[2]))
    else:
        main()
