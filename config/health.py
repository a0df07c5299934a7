"""`/healthz`: this web process lives. `/readyz`: the system does its work, part by part."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from calendars import clock
from live.models import Pulse
from routing.models import Dispatcher

STALE_S = {"dispatcher": 10, "tasks": 150}  # of real time; tasks beat once a minute
TASKS = "tasks"

# Nodes that were ever led: whether a worker leads there now, for its session holds the node's
# advisory lock (telephony/worker/lead.py), and whether calls are under way there.
NODES = """
    SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND classid::bigint = hashtext('lead')::bigint & 4294967295
            AND objid::bigint = hashtext(name)::bigint & 4294967295),
        EXISTS (SELECT FROM telephony_call
            WHERE 'telephony:' || node = name AND ended_at IS NULL)
    FROM live_fence WHERE name LIKE 'telephony:%'
"""


def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every part is ready, else 503; says no more than which part is not."""
    at = clock.now()
    parts = {name: _state(check, at) for name, check in CHECKS.items()}
    ready = all(state == "ok" for state in parts.values())
    return JsonResponse(
        {"status": "ok" if ready else "not ready", **parts}, status=200 if ready else 503
    )


def beat() -> None:
    """The tasks' pulse: Django-Q2 runs this each minute, which shows that it runs anything."""
    Pulse.objects.update_or_create(name=TASKS, defaults={"at": clock.now()})


def _database(at: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def _worker(at: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(NODES)
        nodes = cursor.fetchall()
    return any(led for led, _ in nodes) and all(led for led, busy in nodes if busy)


def _dispatcher(at: datetime) -> bool:
    return Dispatcher.objects.filter(beat_at__gte=_oldest("dispatcher", at)).exists()


def _tasks(at: datetime) -> bool:
    return Pulse.objects.filter(name=TASKS, at__gte=_oldest("tasks", at)).exists()


CHECKS: dict[str, Callable[[datetime], bool]] = {
    "database": _database,
    "worker": _worker,
    "dispatcher": _dispatcher,
    "tasks": _tasks,
}


def _oldest(part: str, at: datetime) -> datetime:
    return at - timedelta(seconds=STALE_S[part] * settings.CLOCK_RATE)


def _state(check: Callable[[datetime], bool], at: datetime) -> str:
    try:
        return "ok" if check(at) else "not ready"
    except DatabaseError:
        return "not ready"
