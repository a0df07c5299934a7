"""What must hold of the whole bank after whatever happened, read from PostgreSQL alone.

Each law is a query that finds who breaks it: no row, no breach. None of them asks a service of
the bank what it thinks.
"""

from typing import Any, LiteralString

from django.db import connection

# What an order took from its payer: its own journal, its fee's and its interest's; not what came
# back later.
_TAKEN: LiteralString = """
    SELECT o.key, o.kind, o.state, o.payer_id, o.amount + o.fee AS promised, coalesce((
        SELECT -sum(p.amount) FROM banking_journal j
        JOIN banking_posting p ON p.journal_id = j.id AND p.account_id = o.payer_id
        LEFT JOIN banking_journal main ON main.id = j.part_of_id
        WHERE (j.instruction_id = o.key OR main.instruction_id = o.key)
        AND j.kind NOT IN ('returned', 'reversal')), 0) AS taken
    FROM banking_instruction o WHERE o.digest IS NOT NULL
"""
_INTERNAL: LiteralString = """
    SELECT a.number AS code, sum(p.amount) AS balance FROM banking_account a
    JOIN banking_posting p ON p.account_id = a.id WHERE a.kind = 'internal' GROUP BY a.number
"""

LAWS: dict[str, LiteralString] = {
    "every journal sums to zero": """
        SELECT j.number, count(p.id), sum(p.amount) FROM banking_journal j
        LEFT JOIN banking_posting p ON p.journal_id = j.id
        GROUP BY j.id HAVING count(p.id) < 2 OR sum(p.amount) <> 0
    """,
    "assets equal liabilities": f"""
        SELECT * FROM (
            SELECT (SELECT coalesce(sum(balance), 0) FROM banking_account) AS customers,
                (SELECT coalesce(sum(balance), 0) FROM ({_INTERNAL}) own) AS bank
        ) sums WHERE customers + bank <> 0
    """,
    "a balance is its postings, and each says what it left behind": """
        SELECT a.number, a.balance, sum(p.amount), max(p.balance) FROM banking_account a
        JOIN (
            SELECT account_id, amount, balance,
                sum(amount) OVER (PARTITION BY account_id ORDER BY id) AS running
            FROM banking_posting
        ) p ON p.account_id = a.id WHERE a.kind <> 'internal'
        GROUP BY a.id HAVING a.balance <> sum(p.amount) OR bool_or(p.balance <> p.running)
    """,
    "nobody has less than nothing": """
        SELECT number, balance, held FROM banking_account
        WHERE kind NOT IN ('loan', 'internal') AND (balance < held OR held < 0)
    """,
    "what is held of an account is its open holds": """
        SELECT a.number, a.held, coalesce(sum(h.amount), 0) FROM banking_account a
        LEFT JOIN banking_hold h ON h.account_id = a.id AND h.released_at IS NULL
        GROUP BY a.id HAVING a.held <> coalesce(sum(h.amount), 0)
    """,
    "what is lost, and for how long, is what its reports say that nobody lifted": """
        SELECT a.number, a.stopped, a.stopped_until FROM banking_account a
        LEFT JOIN LATERAL (
            SELECT count(r.confirmed_at) > 0 AS stopped, max(r.lapses_at) AS until
            FROM banking_lossreport r LEFT JOIN banking_passbook b ON b.id = r.passbook_id
            WHERE r.lifted_at IS NULL AND (r.card_id = a.card_id OR b.account_id = a.id)
        ) said ON true
        WHERE a.stopped <> said.stopped OR a.stopped_until IS DISTINCT FROM said.until
        UNION ALL SELECT c.last4, c.lost_in_writing, c.lost_until FROM banking_card c
        LEFT JOIN LATERAL (
            SELECT count(r.confirmed_at) > 0 AS lost, max(r.lapses_at) AS until
            FROM banking_lossreport r WHERE r.lifted_at IS NULL AND r.card_id = c.id
        ) said ON true
        WHERE c.lost_in_writing <> said.lost OR c.lost_until IS DISTINCT FROM said.until
    """,
    "an order under review has its hold, and no other order has one": """
        SELECT o.key, o.state, h.id FROM banking_instruction o
        FULL JOIN banking_hold h ON h.key = o.key AND h.released_at IS NULL
        WHERE (o.state = 'held') IS DISTINCT FROM (h.id IS NOT NULL) AND o.key IS NOT NULL
        OR h.amount <> o.amount + o.fee
    """,
    "an executed order has one journal of its number, any other none": """
        SELECT o.key, o.state, o.receipt, count(j.id) FROM banking_instruction o
        LEFT JOIN banking_journal j ON j.instruction_id = o.key
        GROUP BY o.key HAVING count(j.id) <> (o.state = 'executed')::int
        OR bool_or(j.number <> o.receipt)
    """,
    "an order took what was read back, once, or nothing": f"""
        SELECT * FROM ({_TAKEN}) o
        WHERE taken <> CASE WHEN state = 'executed' THEN promised ELSE 0 END
    """,
    "what stands in suspense, clearing and with billers has an order's name": """
        SELECT a.number, j.number, p.amount FROM banking_posting p
        JOIN banking_account a ON a.id = p.account_id AND a.kind = 'internal'
        JOIN banking_journal j ON j.id = p.journal_id
        LEFT JOIN banking_journal up ON up.id = j.part_of_id
        LEFT JOIN banking_journal top ON top.id = up.part_of_id
        WHERE a.number IN ('suspense', 'clearing', 'billers')
        AND coalesce(j.instruction_id, up.instruction_id, top.instruction_id) IS NULL
    """,
    "clearing is what is on its way or arrived": f"""
        SELECT * FROM (SELECT
            coalesce((SELECT balance FROM ({_INTERNAL}) own WHERE code = 'clearing'), 0) AS stands,
            coalesce((SELECT sum(amount) FROM banking_settlementorder
                WHERE debited_at IS NOT NULL AND return_journal_id IS NULL), 0) AS explained
        ) sums WHERE stands <> explained
    """,
    "the billers' account is what they were not refused": f"""
        SELECT * FROM (SELECT
            coalesce((SELECT balance FROM ({_INTERNAL}) own WHERE code = 'billers'), 0) AS stands,
            coalesce((SELECT sum(amount) FROM banking_billpayment WHERE state <> 'rejected'), 0)
                AS explained
        ) sums WHERE stands <> explained
    """,
    "every bill paid is with its biller as we have it": """
        SELECT b.order_id, b.state, e.accepted FROM banking_billpayment b
        LEFT JOIN banking_billerentry e ON e.key = b.order_id
        WHERE b.file_id IS NULL AND (b.state = 'paid' AND e.accepted IS NOT TRUE
            OR b.state = 'rejected' AND e.accepted IS TRUE)
    """,
    "an executed bill has its payment, an order to elsewhere its settlement": """
        SELECT o.key, o.kind FROM banking_instruction o
        LEFT JOIN banking_billpayment b ON b.order_id = o.key
        LEFT JOIN banking_settlementorder s ON s.instruction_id = o.key
        WHERE (o.state = 'executed' AND o.kind = 'bill') <> (b.order_id IS NOT NULL)
        OR (o.state = 'executed' AND o.kind IN ('interbank', 'remittance')) <> (s.id IS NOT NULL)
    """,
    "a deposit is closed with its account, and empty": """
        SELECT d.id, a.status, a.balance FROM banking_deposit d
        JOIN banking_account a ON a.id = d.account_id
        WHERE (d.closed_on IS NOT NULL) <> (a.status = 'closed')
        OR (d.closed_on IS NULL) <> (a.balance > 0)
    """,
    "a loan owes what its schedule still asks for": """
        SELECT l.account_id, a.balance, coalesce(sum(s.principal - s.principal_paid), 0)
        FROM banking_loan l JOIN banking_account a ON a.id = l.account_id
        LEFT JOIN banking_scheduleline s ON s.loan_id = l.account_id AND s.replaced_at IS NULL
        GROUP BY l.account_id, a.balance
        HAVING -a.balance <> coalesce(sum(s.principal - s.principal_paid), 0)
    """,
    "a night that ended did or named all that was due": """
        SELECT t.id, t.task, t.eligible, t.posted, t.named FROM banking_nighttask t
        JOIN banking_night n ON n.id = t.night_id
        WHERE n.finished_at IS NOT NULL
        AND (t.finished_at IS NULL OR t.eligible <> t.posted + t.named)
    """,
}

# Of each customer and day: what left, and what may leave as the limit is now.
SPENT: LiteralString = """
    SELECT o.customer_id, o.booked_on, sum(o.amount), l.daily
    FROM banking_instruction o JOIN LATERAL (
        SELECT daily FROM banking_transferlimit
        WHERE (customer_id = o.customer_id OR customer_id IS NULL)
        AND channel = 'phone' AND valid_from <= o.booked_on
        ORDER BY customer_id NULLS LAST, valid_from DESC LIMIT 1) l ON true
    WHERE o.state = 'executed' AND o.counted GROUP BY 1, 2, 4
"""


def broken(cursor: Any = None) -> dict[str, list[tuple[object, ...]]]:
    """The laws that are broken, each with the rows that break it."""
    found = {}
    with cursor or connection.cursor() as asked:
        for law, query in LAWS.items():
            asked.execute(query)
            if rows := asked.fetchall():
                found[law] = rows
    return found
