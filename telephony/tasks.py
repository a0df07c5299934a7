"""What Django-Q2 runs, by the clock (config/schedules.py) or when asked; due times are rows."""

from calendars import clock
from telephony import publishing, rendering, studio_batch

AT_ONCE = 150  # recordings, each of a second's work at most: well within a task's time


def publish_due() -> int:
    """Menus whose hour has come; how many."""
    return len(publishing.publish_due(at=clock.now()))


def render() -> int:
    """The next pieces that the voice was asked for; how many. By the clock for what was left."""
    return rendering.go_on(at=clock.now())


def check_uploads() -> int:
    """Recordings that came in a zip; how many were checked."""
    return studio_batch.check(AT_ONCE)
