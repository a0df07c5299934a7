"""What Django-Q2 runs for the bank; due times are rows, read through `calendars.clock`."""

from banking.end_of_day import closing
from calendars import clock


def end_of_day() -> None:
    """Every few minutes: most times there is no day to close."""
    closing.close_due(at=clock.now())
