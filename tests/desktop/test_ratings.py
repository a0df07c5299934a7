"""A caller is asked for her rating at the very moment at which routing ends the talk."""

from threading import Event
from time import monotonic
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection

from calendars import clock
from quality import ratings, shipped
from quality.models import Rating
from routing import offers, presence
from tests.banking.together import together
from tests.desktop.test_desk import ringing, talking, wang  # noqa: F401

BLOCKED = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
PATIENCE_S = 10.0


def both(monkeypatch, call, offer) -> list[object]:
    """The talk ends, and holds the entry and the offer until the question waits for a lock."""
    begun, lock = Event(), presence.lock

    def lock_when_blocked(agent_id: int) -> None:
        begun.set()
        until = monotonic() + PATIENCE_S
        while monotonic() < until:
            with connection.cursor() as cursor:
                cursor.execute(BLOCKED)
                if cursor.fetchone()[0]:
                    break
        lock(agent_id)

    def ask() -> int | None:
        assert begun.wait(PATIENCE_S)
        return ratings.ask(call.uuid, at=clock.now())

    monkeypatch.setattr(presence, "lock", lock_when_blocked)
    return together(lambda: offers.finished(offer.leg, at=clock.now()), ask)


@pytest.fixture
def asked(lin) -> None:
    shipped.install(at=clock.now())


def test_they_wait_for_one_another(monkeypatch, asked, talking):  # noqa: F811
    finished, rating = both(monkeypatch, *talking)
    assert finished is None
    assert Rating.objects.get().pk == rating


def test_without_the_lock_one_of_them_fails(monkeypatch, asked, talking):  # noqa: F811
    no_lock = SimpleNamespace(get=lambda **_: None)
    entries = SimpleNamespace(objects=SimpleNamespace(select_for_update=lambda: no_lock))
    monkeypatch.setattr(ratings, "QueueEntry", entries)
    outcomes = both(monkeypatch, *talking)
    assert any(isinstance(outcome, OperationalError) for outcome in outcomes), outcomes
