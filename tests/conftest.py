"""The suite's database: migrated and emptied as owner, used as ``bankline_app``."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg.conninfo import make_conninfo

from config.postgres import APP, OWNER
from tests import database

# No test is a stop-watch: on a busy machine any example may take long.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


@contextmanager
def as_role(role: str) -> Iterator[None]:
    from django.db import connection

    connection.close()
    before, connection.settings_dict["USER"] = connection.settings_dict["USER"], role
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["USER"] = before


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """A database of this process alone: helpers and CI may test side by side."""
    from django.db import connection

    connection.settings_dict["TEST"]["NAME"] = f"test_bankline_{os.getpid()}"


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker, django_db_modify_db_settings: None
) -> Iterator[None]:
    from django.conf import settings
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    with django_db_blocker.unblock():
        with as_role(OWNER), template() as name:
            connection.settings_dict["TEST"]["TEMPLATE"] = name
            made = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
        assert connection.settings_dict["USER"] == APP
        # What listens or locks for itself must meet the same database.
        direct = make_conninfo(
            settings.DATABASE_DIRECT_URL, dbname=connection.settings_dict["NAME"]
        )
        settings.DATABASE_DIRECT_URL = direct
        yield
        database.cleaner(database.superusers()).close()
        # Threads that Channels and asgiref keep hold connections to the end.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND usename = current_user"
                " AND pid <> pg_backend_pid()"
            )
        with as_role(OWNER):
            teardown_databases(made, verbosity=0)


ROOT = Path(__file__).resolve().parent.parent


def migrations() -> str:
    """What a migrated database comes from: our migrations, what they import, the packages."""
    imported = [ROOT / "banking" / "guards.py", ROOT / "config" / "first_tables.py"]
    made_of = [*ROOT.glob("*/migrations/*.py"), *imported, ROOT / "uv.lock"]
    digest = hashlib.sha256()
    for file in sorted(made_of):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def template() -> Iterator[str]:
    """The name of a migrated database to copy, made where these migrations have none yet.

    The first process of a run migrates, for some seconds; the others wait for it, and copy.
    """
    from django.db import connection

    name = f"bankline_template_{migrations()}"
    settings = connection.get_connection_params() | {"dbname": "postgres"}
    for other in ("cursor_factory", "context"):
        settings.pop(other, None)
    with psycopg.connect(**settings, autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(hashtext('bankline_template'))")
        found = server.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'bankline\\_template\\_%'"
        )
        there = {one for (one,) in found}
        if name not in there:
            for stale in there:
                server.execute(f'DROP DATABASE "{stale}"')
            _migrate(f"{name}_draft")
            server.execute(f'ALTER DATABASE "{name}_draft" RENAME TO "{name}"')
        yield name


def _migrate(name: str) -> None:
    from django.db import connection

    real, test = connection.settings_dict["NAME"], connection.settings_dict["TEST"]["NAME"]
    connection.settings_dict["TEST"]["NAME"] = name
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()
    connection.settings_dict |= {"NAME": real}
    connection.settings_dict["TEST"]["NAME"] = test


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, so that processes side by side end together."""
    items.sort(key=lambda item: "tests/machines/" not in item.nodeid)


@pytest.fixture(autouse=True)
def _language_of_nobody() -> None:
    """A request leaves its reader's language behind in the thread."""
    from django.utils import translation

    translation.deactivate()


@pytest.fixture(scope="session", autouse=True)
def _emptied_by_who_may() -> None:
    from django.test import TransactionTestCase

    TransactionTestCase._fixture_teardown = lambda self: database.empty()
    # A new one knows no table, no trigger and no plan yet.
    TransactionTestCase._should_reload_connections = lambda self: False


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_listed_once() -> None:
    """Each of Django's test clients has middleware of its own, which would list them anew."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    listed: dict[str, object] = {}
    list_them = WhiteNoiseMiddleware.add_files_from_finders

    def once(self: WhiteNoiseMiddleware) -> None:
        if not listed:
            list_them(self)
            listed.update(self.files)
        self.files = listed

    WhiteNoiseMiddleware.add_files_from_finders = once
