"""`/readyz` names the part that is not ready, and no more."""

from datetime import timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from calendars import clock
from config import health, schedules
from live.models import Pulse
from routing.models import Dispatcher

READY = {"status": "ok", "database": "ok", "worker": "ok", "dispatcher": "ok", "tasks": "ok"}


@pytest.fixture
def leading(transactional_db):
    """A worker's session, as telephony/worker/lead.py has it."""
    url = make_conninfo(settings.DATABASE_URL, dbname=connection.settings_dict["NAME"])
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("SELECT pg_advisory_lock(hashtext('lead'), hashtext('telephony:node1'))")
        yield session


@pytest.fixture
def all_ready(leading):
    Dispatcher.objects.create(holder="here", beat_at=clock.now(), round_ms=1)
    health.beat()
    return leading


def test_ready(all_ready, client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, READY)


def lead_lost(session):
    session.execute("SELECT pg_advisory_unlock_all()")


def dispatcher_dead(session):
    Dispatcher.objects.update(beat_at=clock.now() - timedelta(seconds=11))


def tasks_stuck(session):
    Pulse.objects.update(at=clock.now() - timedelta(seconds=151))


@pytest.mark.parametrize(
    ("part", "breaks"),
    [("worker", lead_lost), ("dispatcher", dispatcher_dead), ("tasks", tasks_stuck)],
)
def test_what_is_not_ready_is_named(all_ready, client, part, breaks):
    breaks(all_ready)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {**READY, "status": "not ready", part: "not ready"}


def test_the_tasks_pulse_is_arranged_by_every_migrate(transactional_db):
    from django.apps import apps
    from django_q.models import Schedule

    last = [app for app in apps.get_app_configs() if app.models_module][-1]
    schedules.arrange(last)
    schedules.arrange(last)
    assert Schedule.objects.get(name="pulse").func == "config.health.beat"
