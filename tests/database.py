"""The rows of the suite's database: emptied after a test, and a set-up that many begin with."""

from collections.abc import Callable
from functools import cache
from threading import Thread

import psycopg
from django.db import DatabaseError, connection, transaction
from psycopg.conninfo import make_conninfo

from people.errors import Refusal

KEPT = {
    *("django_migrations", "django_content_type"),
    *("auth_permission", "auth_group", "auth_group_permissions"),  # the roles
}
EMPTY = """
    CREATE FUNCTION pg_temp.empty() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    {deletes}
    PERFORM setval(format('public.%I', sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL
    AND sequencename NOT IN ({kept}); END $$
"""
AGAIN = """
    CREATE FUNCTION pg_temp.{name}() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
    IF {occupied} THEN RETURN false; END IF;
    {inserts}
    {counts}
    RETURN true; END $$
"""


def meanwhile(act: Callable[[], object], hold: Callable[[], object]) -> object:
    """What comes of `act` in a session of its own: it waits for what `hold` changes here, and
    goes on once that is committed. An error that it ends in is what came of it."""
    ended: list[object] = []

    def run() -> None:
        try:
            ended.append(act())
        except (DatabaseError, Refusal) as error:
            ended.append(error)
        finally:
            connection.close()

    acting = Thread(target=run)
    with transaction.atomic():
        hold()
        acting.start()
        acting.join(timeout=0.5)
        assert ended == []
    acting.join(timeout=10)
    return ended[0]


def empty() -> None:
    """`bankline_app` can't delete facts; a test that commits is cleaned up by who can."""
    if connection.connection is not None:
        if connection.in_atomic_block or not connection.is_usable():
            connection.close()
        else:
            connection.connection.execute("SELECT pg_advisory_unlock_all()")
    try:
        cleaner(superusers()).execute("SELECT pg_temp.empty()")
    except psycopg.OperationalError:  # a test ended every connection
        cleaner.cache_clear()
        cleaner(superusers()).execute("SELECT pg_temp.empty()")


def again(name: str, install: Callable[[], None]) -> None:
    """What `install` writes into an empty database: the first time by itself, then copied.

    `install` must write the same each time. Where something is there already, it runs itself.
    """
    superuser = cleaner(superusers())
    known = "SELECT to_regprocedure(format('pg_temp.%%I()', %s::text)) IS NOT NULL"
    if superuser.execute(known, [name]).fetchone() == (True,):
        if superuser.execute(f"SELECT pg_temp.{name}()").fetchone() == (False,):
            install()
        return
    was_empty = not _filled(superuser)
    install()
    if was_empty:
        _lay_aside(superuser, name)


def superusers() -> str:
    """How to reach the database that this process uses now, as who may empty it."""
    given = connection.get_connection_params()
    return make_conninfo(host=given["host"], dbname=given["dbname"], user="postgres")


@cache
def cleaner(conninfo: str) -> psycopg.Connection:
    """A connection for which no trigger fires.

    It is kept: to read the plan of some two hundred tables takes longer than to empty them.
    """
    superuser = psycopg.connect(conninfo, autocommit=True)
    superuser.execute("SET session_replication_role = replica")
    deletes = "".join(f'DELETE FROM "{table}";' for table in _tables(superuser))
    superuser.execute(EMPTY.format(deletes=deletes, kept=_kept_sequences()))
    return superuser


def _tables(superuser: psycopg.Connection) -> list[str]:
    found = superuser.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return [table for (table,) in found if table not in KEPT]


def _kept_sequences() -> str:
    return ",".join(f"'{name}_id_seq'" for name in KEPT)


def _filled(superuser: psycopg.Connection) -> list[str]:
    tables = _tables(superuser)
    asked = ",".join(f'EXISTS (SELECT FROM "{table}")' for table in tables)
    (found,) = superuser.execute(f"SELECT ARRAY[{asked}]").fetchone()
    return [table for table, is_filled in zip(tables, found, strict=True) if is_filled]


def _lay_aside(superuser: psycopg.Connection, name: str) -> None:
    filled = _filled(superuser)
    inserts = []
    for number, table in enumerate(filled):
        found = superuser.execute(
            "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            " AND attgenerated = ''",
            [f'public."{table}"'],
        )
        (columns,) = found.fetchone()
        laid = f"{name}_{number}"
        superuser.execute(f'CREATE TEMPORARY TABLE {laid} AS SELECT {columns} FROM "{table}"')
        inserts.append(
            f'INSERT INTO "{table}" ({columns}) OVERRIDING SYSTEM VALUE'
            f" SELECT {columns} FROM pg_temp.{laid};"
        )
    counted = superuser.execute(
        "SELECT format('PERFORM setval(''public.%I'', %s);', sequencename, last_value)"
        " FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
        f" AND sequencename NOT IN ({_kept_sequences()})"
    )
    occupied = " OR ".join(f'EXISTS (SELECT FROM "{table}")' for table in filled)
    superuser.execute(
        AGAIN.format(
            name=name,
            occupied=occupied,
            inserts="".join(inserts),
            counts="".join(count for (count,) in counted),
        )
    )
