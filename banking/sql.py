"""The few statements that every transfer, round or call passes: prepared once a connection.

Planning them anew would cost PostgreSQL as much as running them. A pooler in between must carry
prepared statements (PgBouncer does since 1.21). Errors are Django's, as with its own cursors.
"""

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

import psycopg
from django.db import connections

Row = tuple[Any, ...]


def rows(statement: LiteralString, params: Sequence[Any] | Mapping[str, Any]) -> list[Row]:
    return _run(statement, params).fetchall()


def row(statement: LiteralString, params: Sequence[Any] | Mapping[str, Any]) -> Row | None:
    return _run(statement, params).fetchone()


def do(statement: LiteralString, params: Sequence[Any] | Mapping[str, Any]) -> None:
    _run(statement, params)


def _run(
    statement: LiteralString, params: Sequence[Any] | Mapping[str, Any]
) -> psycopg.Cursor[Row]:
    django = connections["default"]
    django.ensure_connection()
    django.validate_no_broken_transaction()
    with django.wrap_database_errors:
        # Not Django's cursor: that one puts parameters into the text.
        session: psycopg.Connection[Row] = django.connection
        session.prepare_threshold = 0
        return psycopg.Cursor(session).execute(statement, params)
