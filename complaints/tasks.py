"""What Django-Q2 runs by the clock (config/schedules.py)."""

from calendars import clock
from complaints import cases


def take_in_messages() -> int:
    """Messages that no call registered; how many."""
    return cases.take_in(at=clock.now())
