"""What Django-Q2 runs by the clock (config/schedules.py)."""

from calendars import clock
from kb import reviewing


def turn_articles() -> int:
    """Those that have expired or were replaced at their hour; how many."""
    return reviewing.turn(at=clock.now())
