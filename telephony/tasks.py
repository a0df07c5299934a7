"""What Django-Q2 runs, by the clock (config/schedules.py) or when asked; due times are rows."""

from calendars import clock
from telephony import publishing, rendering


def publish_due() -> int:
    """Menus whose hour has come; how many."""
    return len(publishing.publish_due(at=clock.now()))


def render() -> int:
    """The next pieces that the voice was asked for; how many. By the clock for what was left."""
    return rendering.go_on(at=clock.now())
