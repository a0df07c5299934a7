"""Connections beside Django's own: raw SQL as the application, and as the tables' owner."""

from collections.abc import Iterator

import psycopg
import pytest

from config.postgres import OWNER


def _connect(**changes: object) -> psycopg.Connection:
    from django.db import connection

    params = connection.get_connection_params()
    for name in ("cursor_factory", "context"):
        params.pop(name, None)
    return psycopg.connect(**(params | changes), autocommit=True)


@pytest.fixture
def app(django_db_setup: None) -> Iterator[psycopg.Connection]:
    """A session of `bankline_app` that knows none of our services."""
    with _connect() as session:
        yield session


@pytest.fixture
def owner(django_db_setup: None) -> Iterator[psycopg.Connection]:
    with _connect(user=OWNER) as session:
        yield session
