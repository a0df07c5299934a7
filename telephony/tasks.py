"""What Django-Q2 runs by the clock (config/schedules.py); due times are rows."""

from calendars import clock
from telephony import publishing


def publish_due() -> int:
    """Menus whose hour has come; how many."""
    return len(publishing.publish_due(at=clock.now()))
