"""The ledger's laws against raw SQL of `bankline_app`; each attack succeeds with its guard off."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID, uuid4

import psycopg
import pytest
from django.apps import apps

from banking import holds, instructions, orders
from banking.models import Journal
from banking.models.orders import Channel
from config.postgres import APP
from tests import cast, database
from tests.cast import NOON


@dataclass(frozen=True)
class Scene:
    """What the attacker finds; the names are the places of the attacks' SQL."""

    wang: int
    chen: int
    executed: UUID
    confirmed: UUID
    read_back: UUID
    journal: int
    posting: int
    receipt: str


def staged() -> Scene:
    """A transfer in each state and two holds, through the services."""
    wang, chen = cast.wang(), cast.chen()
    keys = []
    for amount in (1500, 20, 30):
        keys.append(uuid4())
        orders.draft(
            key=keys[-1],
            request=cast.transfer(wang, chen, Decimal(amount)),
            channel=Channel.PHONE,
            at=NOON,
        )
    executed, confirmed, read_back = keys
    for key in (executed, confirmed):
        instructions.confirm(key=key, at=NOON)
    orders.execute(key=executed, at=NOON)
    for reason in ("held", "released"):
        hold = uuid4()
        holds.place(
            key=hold, account_id=wang.account.pk, amount=Decimal(500), reason=reason, at=NOON
        )
    holds.release(key=hold, at=NOON)
    journal = Journal.objects.get(instruction_id=executed)
    return Scene(
        wang=wang.account.pk,
        chen=chen.account.pk,
        executed=executed,
        confirmed=confirmed,
        read_back=read_back,
        journal=journal.pk,
        posting=journal.postings.get(account_id=chen.account.pk).pk,
        receipt=journal.number,
    )


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker) -> Iterator[Scene]:
    """Staged once: an attack that is refused, or rolled back, leaves nothing behind."""
    with django_db_blocker.unblock():
        yield staged()
        database.empty()


# -- guards, and how their owner takes them off ------------------------------------------------


@dataclass(frozen=True)
class Guard:
    off: str
    on: str


def trigger(model: str, name: str) -> Guard:
    found = apps.get_model("banking", model)
    [mine] = [one for one in found._meta.triggers if one.name == name]
    table, known = found._meta.db_table, mine.get_pgid(found)
    return Guard(
        f"ALTER TABLE {table} DISABLE TRIGGER {known}",
        f"ALTER TABLE {table} ENABLE TRIGGER {known}",
    )


def check(model: str, name: str) -> Guard:
    table = apps.get_model("banking", model)._meta.db_table
    return Guard(f"ALTER TABLE {table} DROP CONSTRAINT {name}", "")


def grant(model: str, right: str) -> Guard:
    table = apps.get_model("banking", model)._meta.db_table
    return Guard(f"GRANT {right} ON {table} TO {APP}", f"REVOKE {right} ON {table} FROM {APP}")


def body(function: str, asked: str, instead: str) -> Guard:
    """What a function asks is in its own words."""

    def rewrite(old: str, new: str) -> str:
        known = f"pg_get_functiondef('public.{function}'::regproc)"
        return f"DO $$ BEGIN EXECUTE replace({known}, '{old}', '{new}'); END $$"

    return Guard(rewrite(asked, instead), rewrite(instead, asked))


CONSTRAINTS = """
    SELECT conname, format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
        pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
"""


@contextmanager
def switched_off(owner: psycopg.Connection, guards: tuple[Guard, ...]) -> Iterator[None]:
    constraints = dict(owner.execute(CONSTRAINTS).fetchall())
    for guard in guards:
        owner.execute(guard.off)
    try:
        yield
    finally:
        for guard in guards:
            owner.execute(guard.on or constraints[guard.off.rsplit(" ", 1)[1]])


# -- the attacks -------------------------------------------------------------------------------

JOURNAL = """
    INSERT INTO banking_journal (kind, at, booked_on, summary)
    VALUES ('transfer', now(), '2026-11-24', '') RETURNING id
"""
LEGS = """
    WITH journal AS ({journal}) INSERT INTO banking_posting (journal_id, account_id, amount)
    SELECT journal.id, leg.account, leg.amount FROM journal, (VALUES {legs}) leg (account, amount)
"""
UNEVEN = LEGS.format(journal=JOURNAL, legs="({wang}, -5.00), ({chen}, 6.00)")
EACH = (
    "SELECT banking_post_each(ARRAY[id, id], '{{{{{{wang}},{{chen}}}}}}', '{legs}')"
    " FROM currval('banking_journal_id_seq') id"
)
OUT_OF_SUM = "SELECT sum(amount) <> 0 FROM banking_posting"
IGNORED = "SET pgtrigger.ignore = '{{{all_triggers}}}'"


@dataclass(frozen=True)
class Attack:
    """One transaction of `sql`, refused with `refusal`; with `guards` off, `harm` is true."""

    name: str
    sql: tuple[str, ...]
    refusal: str
    guards: Callable[[], tuple[Guard, ...]]
    harm: str


SAYS_ALL = Guard(  # of a leg; a revoked table takes its columns with it
    grant("posting", "INSERT").off,
    f"{grant('posting', 'INSERT').on}; GRANT INSERT (journal_id, account_id, amount)"
    f" ON banking_posting TO {APP}",
)
ITS_DAY = Guard(  # the day that the trigger reads off the journal
    "ALTER TABLE banking_posting ALTER booked_on DROP NOT NULL",
    "ALTER TABLE banking_posting ALTER booked_on SET NOT NULL",
)
EACH_WITH_ITS_JOURNAL = body("banking_post_each", "IF FOUND", "IF false")
BALANCED = lambda: (trigger("journal", "balanced"),)  # noqa: E731
PATH = lambda: (trigger("instruction", "path"),)  # noqa: E731
AVAILABLE = lambda: (check("account", "available_not_negative"),)  # noqa: E731
BALANCE = lambda: (trigger("account", "balance"),)  # noqa: E731

ATTACKS = [
    Attack(
        "money out of nothing",
        (LEGS.format(journal=JOURNAL, legs="({chen}, 100.00)"),),
        "1 legs that sum to 100.00",
        BALANCED,
        OUT_OF_SUM,
    ),
    Attack("legs that don't match", (UNEVEN,), "2 legs that sum to 1.00", BALANCED, OUT_OF_SUM),
    Attack(
        "a journal without legs",
        (JOURNAL,),
        "0 legs",
        BALANCED,
        "SELECT true FROM banking_journal j WHERE NOT EXISTS"
        " (SELECT FROM banking_posting WHERE journal_id = j.id)",
    ),
    Attack(
        "a temporary table that stands in for the ledger",
        (
            "CREATE TEMP TABLE banking_posting (journal_id bigint, amount numeric)",
            "SET search_path TO pg_temp, public",
            UNEVEN.replace("INTO banking_posting", "INTO public.banking_posting"),
            "INSERT INTO pg_temp.banking_posting"
            " SELECT currval('banking_journal_id_seq'), n FROM (VALUES (1), (-1)) leg (n)",
            "SET search_path TO public",
        ),
        "2 legs that sum to 1.00",
        BALANCED,
        OUT_OF_SUM.replace("banking", "public.banking"),
    ),
    Attack(
        "the trigger library's own switch",
        (IGNORED, UNEVEN),
        "2 legs that sum to 1.00",
        BALANCED,
        OUT_OF_SUM,
    ),
    Attack(
        "the check put off for ever",
        ("SET CONSTRAINTS ALL DEFERRED", UNEVEN),
        "2 legs that sum to 1.00",
        BALANCED,
        OUT_OF_SUM,
    ),
    Attack(
        "legs added to a journal of before",
        (
            "INSERT INTO banking_posting (journal_id, account_id, amount)"
            " VALUES ({journal}, {wang}, -5.00), ({journal}, {chen}, 5.00)",
        ),
        "a posting is written with its journal",
        lambda: (trigger("posting", "apply"), ITS_DAY),
        "SELECT count(*) = 4 FROM banking_posting WHERE journal_id = {journal}",
    ),
    Attack(
        "more than there is",
        (LEGS.format(journal=JOURNAL, legs="({wang}, -9000.00), ({chen}, 9000.00)"),),
        "available_not_negative",
        AVAILABLE,
        "SELECT balance < 0 FROM banking_account WHERE id = {wang}",
    ),
    Attack(
        "what is held",
        (LEGS.format(journal=JOURNAL, legs="({wang}, -8000.01), ({chen}, 8000.01)"),),
        "available_not_negative",
        AVAILABLE,
        "SELECT balance < held FROM banking_account WHERE id = {wang}",
    ),
    Attack(
        "a hold of more than there is",
        (
            "INSERT INTO banking_hold (account_id, key, amount, reason, placed_at)"
            " VALUES ({chen}, gen_random_uuid(), 1700.01, '', now())",
        ),
        "available_not_negative",
        AVAILABLE,
        "SELECT balance < held FROM banking_account WHERE id = {chen}",
    ),
    Attack(
        "a balance written by hand",
        ("UPDATE banking_account SET balance = balance + 1000 WHERE id = {chen}",),
        "a balance changes by a posting",
        BALANCE,
        "SELECT balance = 2700 FROM banking_account WHERE id = {chen}",
    ),
    Attack(
        "a balance written from a trigger of the attacker's",
        (
            "CREATE TEMP TABLE lever (x int)",
            "CREATE FUNCTION pg_temp.pull() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN UPDATE public.banking_account SET balance = balance + 1000"
            " WHERE id = {chen}; RETURN NULL; END'",
            "CREATE TRIGGER pull AFTER INSERT ON lever EXECUTE FUNCTION pg_temp.pull()",
            "INSERT INTO lever VALUES (1)",
        ),
        "a balance changes by a posting",
        BALANCE,
        "SELECT balance = 2700 FROM banking_account WHERE id = {chen}",
    ),
    Attack(
        "a hold that is forgotten",
        ("UPDATE banking_account SET held = 0 WHERE id = {wang}",),
        "a balance changes by a posting",
        BALANCE,
        "SELECT held = 0 FROM banking_account WHERE id = {wang}",
    ),
    Attack(
        "an account that opens rich",
        (
            "INSERT INTO banking_account (number, kind, customer_id, currency, status, nickname,"
            " leads, opened_on, balance, held) SELECT '999', kind, customer_id, currency, status,"
            " '', false, opened_on, 1000, 0 FROM banking_account WHERE id = {chen}",
        ),
        "Cannot insert rows",
        lambda: (trigger("account", "opens_empty"),),
        "SELECT balance = 1000 FROM banking_account WHERE number = '999'",
    ),
    Attack(
        "an account that becomes somebody else's",
        (
            "UPDATE banking_account SET customer_id = (SELECT customer_id FROM banking_account"
            " WHERE id = {chen}) WHERE id = {wang}",
        ),
        "Cannot update rows",
        lambda: (trigger("account", "identity"),),
        "SELECT count(DISTINCT customer_id) = 1 FROM banking_account WHERE kind = 'demand'",
    ),
    Attack(
        "a leg that brings a balance of its own, and moves none",
        (
            LEGS.format(journal=JOURNAL, legs="({wang}, -5.00), ({chen}, 5.00)")
            .replace("account_id, amount)", "account_id, amount, balance)", 1)
            .replace("leg.account, leg.amount", "leg.account, leg.amount, 9.00"),
        ),
        "permission denied",
        lambda: (SAYS_ALL, ITS_DAY),
        "SELECT balance <> 9 FROM banking_account WHERE id = {chen}",
    ),
    Attack(
        "many legs added to a journal of before",
        ("SELECT banking_post_each('{{{journal},{journal}}}', '{{{wang},{chen}}}', '{{-5,5}}')",),
        "a posting is written with its journal",
        lambda: (EACH_WITH_ITS_JOURNAL,),
        "SELECT count(*) = 4 FROM banking_posting WHERE journal_id = {journal}",
    ),
    Attack(
        "many legs that don't match",
        (JOURNAL, EACH.format(legs="{{-5,6}}")),
        "2 legs that sum to 1.00",
        BALANCED,
        OUT_OF_SUM,
    ),
    Attack(
        "more than there is, among many legs",
        (JOURNAL, EACH.format(legs="{{-9000,9000}}")),
        "available_not_negative",
        AVAILABLE,
        "SELECT balance < 0 FROM banking_account WHERE id = {wang}",
    ),
    Attack(
        "a posting that says another amount",
        ("UPDATE banking_posting SET amount = 9000 WHERE id = {posting}",),
        "permission denied",
        lambda: (grant("posting", "UPDATE"), trigger("posting", "append_only")),
        "SELECT amount = 9000 FROM banking_posting WHERE id = {posting}",
    ),
    Attack(
        "a posting that was never there",
        ("DELETE FROM banking_posting WHERE id = {posting}",),
        "permission denied",
        lambda: (grant("posting", "DELETE"), trigger("posting", "append_only")),
        "SELECT count(*) = 0 FROM banking_posting WHERE id = {posting}",
    ),
    Attack(
        "a journal of another day",
        ("UPDATE banking_journal SET booked_on = '2026-11-25' WHERE id = {journal}",),
        "permission denied",
        lambda: (grant("journal", "UPDATE"), trigger("journal", "append_only")),
        "SELECT booked_on = '2026-11-25' FROM banking_journal WHERE id = {journal}",
    ),
    Attack(
        "a confirmed order of another amount",
        ("UPDATE banking_instruction SET amount = 9000 WHERE key = '{confirmed}'",),
        "Cannot update rows",
        lambda: (trigger("instruction", "parameters"),),
        "SELECT amount = 9000 FROM banking_instruction WHERE key = '{confirmed}'",
    ),
    Attack(
        "a confirmed order to somebody else",
        (
            "UPDATE banking_instruction SET payee_id = payer_id, payer_id = payee_id"
            " WHERE key = '{confirmed}'",
        ),
        "Cannot update rows",
        lambda: (trigger("instruction", "parameters"),),
        "SELECT payee_id = {wang} FROM banking_instruction WHERE key = '{confirmed}'",
    ),
    Attack(
        "an order that is born confirmed",
        (
            "INSERT INTO banking_instruction (key, digest, kind, channel, customer_id, payer_id,"
            " payee_id, payee_tail, amount, fee, counted, details, call_ref, state, drafted_at,"
            " receipt, refusal, refusal_values) SELECT gen_random_uuid(), digest, kind, channel,"
            " customer_id, payer_id, payee_id, payee_tail, 7777, fee, true, details, '',"
            " 'confirmed', drafted_at, '', '', '{{}}'"
            " FROM banking_instruction WHERE key = '{confirmed}'",
        ),
        "Cannot insert rows",
        lambda: (trigger("instruction", "begins"),),
        "SELECT count(*) = 1 FROM banking_instruction WHERE amount = 7777",
    ),
    Attack(
        "an order refused before it was confirmed",
        (
            "UPDATE banking_instruction SET state = 'refused', refused_at = now(),"
            " refusal = 'AccountFrozen' WHERE key = '{read_back}'",
        ),
        "Invalid transition",
        PATH,
        "SELECT state = 'refused' FROM banking_instruction WHERE key = '{read_back}'",
    ),
    Attack(
        "the trigger library's switch, on an order's way",
        (
            IGNORED,
            "UPDATE banking_instruction SET state = 'refused', refused_at = now(),"
            " refusal = 'AccountFrozen' WHERE key = '{read_back}'",
        ),
        "Invalid transition",
        PATH,
        "SELECT state = 'refused' FROM banking_instruction WHERE key = '{read_back}'",
    ),
    Attack(
        "an order executed without money moving",
        (
            "UPDATE banking_instruction SET state = 'executed', executed_at = now(),"
            " booked_on = '2026-11-24', receipt = '{receipt}' WHERE key = '{confirmed}'",
        ),
        "executed without a journal",
        lambda: (trigger("instruction", "executed_with_journal"),),
        "SELECT state = 'executed' FROM banking_instruction WHERE key = '{confirmed}'",
    ),
    Attack(
        "money moved for an order that stays confirmed",
        (
            LEGS.format(
                journal=JOURNAL.replace("summary)", "summary, instruction_id)").replace(
                    "'')", "'', '{confirmed}')"
                ),
                legs="({wang}, -20.00), ({chen}, 20.00)",
            ),
        ),
        "without its instruction executed",
        BALANCED,
        "SELECT count(*) = 1 FROM banking_journal WHERE instruction_id = '{confirmed}'",
    ),
    Attack(
        "one key applied twice",
        (
            LEGS.format(
                journal=JOURNAL.replace("summary)", "summary, instruction_id)").replace(
                    "'')", "'', '{executed}')"
                ),
                legs="({wang}, -20.00), ({chen}, 20.00)",
            ),
        ),
        "duplicate key value violates unique constraint",  # its number is the receipt's as well
        lambda: (
            check("journal", "banking_journal_number_key"),
            check("journal", "banking_journal_instruction_id_key"),
        ),
        "SELECT count(*) = 2 FROM banking_journal WHERE instruction_id = '{executed}'",
    ),
    Attack(
        "an execution moved to another day",
        ("UPDATE banking_instruction SET booked_on = '2026-11-25' WHERE key = '{executed}'",),
        "Cannot update rows",
        lambda: (trigger("instruction", "once"),),
        "SELECT booked_on = '2026-11-25' FROM banking_instruction WHERE key = '{executed}'",
    ),
    Attack(
        "an order that nobody gave",
        ("DELETE FROM banking_instruction WHERE key = '{read_back}'",),
        "Cannot delete rows",
        lambda: (trigger("instruction", "kept"),),
        "SELECT count(*) = 0 FROM banking_instruction WHERE key = '{read_back}'",
    ),
    Attack(
        "a hold of another amount",
        ("UPDATE banking_hold SET amount = 1 WHERE reason = 'held'",),
        "Cannot update rows",
        lambda: (trigger("hold", "terms"),),
        "SELECT amount = 1 FROM banking_hold WHERE reason = 'held'",
    ),
    Attack(
        "a hold released twice",
        ("UPDATE banking_hold SET released_at = NULL WHERE reason = 'released'",),
        "Cannot update rows",
        lambda: (trigger("hold", "released_once"),),
        "SELECT released_at IS NULL FROM banking_hold WHERE reason = 'released'",
    ),
    Attack(
        "a hold that was never placed",
        ("DELETE FROM banking_hold WHERE reason = 'held'",),
        "Cannot delete rows",
        lambda: (trigger("hold", "kept"),),
        "SELECT count(*) = 0 FROM banking_hold WHERE reason = 'held'",
    ),
]


def places(scene: Scene) -> dict[str, object]:
    every = ",".join(
        one.get_pgid(model)
        for model in apps.get_models()
        for one in getattr(model._meta, "triggers", [])
    )
    return vars(scene) | {"all_triggers": every}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_raw_sql_breaks_no_law(attack: Attack, scene, app):
    before = books(app)
    with pytest.raises(psycopg.Error, match=attack.refusal), app.transaction():
        for statement in attack.sql:
            app.execute(statement.format(**places(scene)))
    app.execute("DISCARD ALL")
    assert books(app) == before


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_control_with_its_guard_off_the_attack_succeeds(attack: Attack, scene, app, owner):
    with switched_off(owner, attack.guards()), app.transaction(force_rollback=True):
        for statement in attack.sql:
            app.execute(statement.format(**places(scene)))
        app.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing is left to stop the commit
        assert app.execute(attack.harm.format(**vars(scene))).fetchone() == (True,)


def books(app: psycopg.Connection) -> list[object]:
    return [
        app.execute(f"SELECT * FROM banking_{table} ORDER BY 1").fetchall()
        for table in ("account", "journal", "posting", "instruction", "hold")
    ]


@pytest.mark.parametrize("table", ["journal", "posting", "internalbalance", "pinevent", "wrongtry"])
def test_facts_are_not_truncated(table, app):
    with pytest.raises(psycopg.Error, match="permission denied"):
        app.execute(f"TRUNCATE banking_{table} CASCADE")
