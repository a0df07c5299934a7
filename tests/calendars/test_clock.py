"""The one clock, and that nobody has another."""

import ast
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from calendars import clock

# Who asks the machine itself.
OWN = {
    Path("calendars/clock.py"),
    Path("config/supervisor.py"),  # notes when a faster clock began
    Path("telephony/simswitch"),  # a process of its own, with a clock of its own
    Path("tests"),
    Path("benchmarks"),
}
OTHER_CLOCKS = {
    ("timezone", "now"),
    ("timezone", "localdate"),
    ("timezone", "localtime"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("", "Now"),  # the database's
}


def other_clocks(source: str) -> list[str]:
    """Calls in `source` that read a clock of their own."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Attribute(value=ast.Name(id=owner), attr=name):
                    call = owner, name
                case ast.Name(id=name):
                    call = "", name
                case _:
                    continue
            if call in OTHER_CLOCKS:
                found.append(f"{node.lineno}: {'.'.join(filter(None, call))}()")
    return found


def test_nobody_has_a_clock_of_her_own():
    root = settings.BASE_DIR
    wrong = []
    for app in sorted(root.iterdir()):
        if (app / "__init__.py").exists():
            for file in sorted(app.rglob("*.py")):
                path = file.relative_to(root)
                if not OWN & {path, *path.parents}:
                    wrong += [f"{path}:{line}" for line in other_clocks(file.read_text())]
    assert wrong == []


@pytest.mark.parametrize(
    "source",
    ["timezone.now()", "datetime.now(UTC)", "x = date.today()", "f(time.time())", "Now()"],
)
def test_a_clock_of_her_own_is_found(source):
    assert other_clocks(source)
    assert not other_clocks("clock.now()\ntime.monotonic()\ndatetime.combine(a, b)")


def test_business_time_is_that_of_shanghai(monkeypatch):
    monkeypatch.setattr(clock, "_real", lambda: datetime(2026, 11, 24, 16, 30, tzinfo=UTC))
    now = clock.now()
    assert now.utcoffset() == timedelta(hours=8)
    assert clock.bank_day(now) == date(2026, 11, 25)
    assert clock.bank_day(datetime(2026, 11, 24, 15, 59, 59, tzinfo=UTC)) == date(2026, 11, 24)


def test_a_faster_clock_starts_where_the_supervisor_said(monkeypatch):
    start = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    monkeypatch.setenv("CLOCK_EPOCH", start.isoformat())
    monkeypatch.setattr(settings, "CLOCK_RATE", 60)
    for real_s, business in ((0, timedelta(0)), (1, timedelta(minutes=1))):
        monkeypatch.setattr(clock, "_real", lambda s=real_s: start + timedelta(seconds=s))
        assert clock.now() == start + business
