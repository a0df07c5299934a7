"""No session of `bankline_app` switches a trigger off; each attack succeeds with the bar off."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from live.fences import SQLSTATE
from tests import database
from tests.conftest import as_role

pytestmark = pytest.mark.django_db(transaction=True)

FENCED_OFF = "SET bankline.fence = 'telephony:nobody@1'"
WRITE_AS_LEADER = "UPDATE telephony_call SET caller = caller"
MENU = "INSERT INTO telephony_menu (slug, name, name_en) VALUES ('main', '', '') RETURNING id"
HISTORY = "SELECT count(*) FROM telephony_menuevent"
VERSION = """
    INSERT INTO telephony_menuversion (menu_id, number, state, plan_digest)
    VALUES (%s, 1, 'retired', '')
"""
REVIVE = "UPDATE telephony_menuversion SET state = 'draft'"


@contextmanager
def attacker() -> Iterator[psycopg.Connection]:
    """Raw SQL as the application, with every trigger that there is told to be off."""
    params = connection.get_connection_params()
    for name in ("cursor_factory", "context"):
        params.pop(name, None)
    with psycopg.connect(**params, autocommit=True) as session:
        names = "SELECT array_agg(tgname)::text FROM pg_trigger WHERE NOT tgisinternal"
        session.execute(f"SELECT set_config('pgtrigger.ignore', ({names}), false)")
        yield session


def writes_as_a_deposed_leader() -> bool:
    with attacker() as session:
        session.execute(FENCED_OFF)
        try:
            session.execute(WRITE_AS_LEADER)
        except psycopg.DatabaseError as refused:
            assert refused.diag.sqlstate == SQLSTATE
            return False
        return True


def leaves_no_history() -> bool:
    with attacker() as session:
        session.execute(MENU)
        return session.execute(HISTORY).fetchone() == (0,)


def goes_back_in_a_workflow() -> bool:
    with attacker() as session:
        menu = session.execute(MENU).fetchone()
        session.execute(VERSION, menu)
        try:
            session.execute(REVIVE)
        except psycopg.errors.RaiseException:
            return False
        return True


ATTACKS = pytest.mark.parametrize(
    "succeeds", [writes_as_a_deposed_leader, leaves_no_history, goes_back_in_a_workflow]
)


def migrates() -> None:
    with as_role("bankline_owner"):
        call_command("migrate", verbosity=0)


@pytest.fixture
def unbarred() -> Iterator[None]:
    """What django-pgtrigger installs, when it installs its triggers again."""
    with as_role("bankline_owner"):
        call_command("pgtrigger", "install")
    yield
    migrates()
    database.empty()


@ATTACKS
def test_no_trigger_is_switched_off(succeeds):
    assert not succeeds()


@ATTACKS
def test_without_the_bar_each_would_be(unbarred, succeeds):
    assert succeeds()


@ATTACKS
def test_the_next_migrate_bars_it_again(unbarred, succeeds):
    migrates()
    assert not succeeds()
