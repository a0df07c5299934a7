"""`/readyz` names the part that is not ready, and no more."""

from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection
from psycopg.conninfo import make_conninfo

from calendars import clock
from config import health, schedules
from live import fences
from live.models import Pulse
from routing.models import Dispatcher
from telephony import records
from telephony.records import Arrival

READY = {"status": "ok", "database": "ok", "worker": "ok", "dispatcher": "ok", "tasks": "ok"}


@pytest.fixture
def leading(transactional_db):
    """A worker's session, as telephony/worker/lead.py has it."""
    url = make_conninfo(settings.DATABASE_URL, dbname=connection.settings_dict["NAME"])
    with psycopg.connect(url, autocommit=True) as session:
        fences.take("telephony:node1", holder="here", at=clock.now())
        session.execute("SELECT pg_advisory_lock(hashtext('lead'), hashtext('telephony:node1'))")
        session.execute("SELECT pg_advisory_lock(hashtext('lead'), hashtext('dispatcher'))")
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
    """The dispatcher's lock alone is no worker's."""
    session.execute("SELECT pg_advisory_unlock(hashtext('lead'), hashtext('telephony:node1'))")


def nobody_drives_another_node(session):
    """Where calls are under way."""
    fences.take("telephony:node2", holder="there", at=clock.now())
    arrival = Arrival(uuid4(), "node2", "961202", "13800001111", clock.now())
    records.open_call(arrival, at=clock.now())


def dispatcher_dead(session):
    Dispatcher.objects.update(beat_at=clock.now() - timedelta(seconds=11))


def tasks_stuck(session):
    Pulse.objects.update(at=clock.now() - timedelta(seconds=151))


@pytest.mark.parametrize(
    ("part", "breaks"),
    [
        ("worker", lead_lost),
        ("worker", nobody_drives_another_node),
        ("dispatcher", dispatcher_dead),
        ("tasks", tasks_stuck),
    ],
)
def test_what_is_not_ready_is_named(all_ready, client, part, breaks):
    breaks(all_ready)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {**READY, "status": "not ready", part: "not ready"}


def test_a_node_out_of_service_is_missed_by_nobody(all_ready, client):
    fences.take("telephony:node2", holder="there", at=clock.now())
    assert client.get("/readyz").json() == READY


def test_the_database_is_away(all_ready, client):
    """As a broken connection shows: every part is asked of it."""

    def lost(*args: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    with connection.execute_wrapper(lost):
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert set(answer.json().values()) == {"not ready"}


def test_the_tasks_pulse_is_arranged_by_every_migrate(transactional_db):
    from django.apps import apps
    from django_q.models import Schedule

    last = [app for app in apps.get_app_configs() if app.models_module][-1]
    schedules.arrange(last)
    schedules.arrange(last)
    assert Schedule.objects.get(name="pulse").func == "config.health.beat"
