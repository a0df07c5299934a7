"""What Django-Q2 runs by the clock (config/schedules.py)."""

from calendars import clock
from kb import corrections, meanings, reviewing

LEARNS_S = 50.0  # of each minute


def turn_articles() -> int:
    """Those that have expired or were replaced at their hour; how many."""
    return reviewing.turn(at=clock.now())


def learn_meanings() -> int:
    """Of articles that the search does not know by meaning yet; how many."""
    return meanings.learn(at=clock.now(), for_s=LEARNS_S)


def list_hearers() -> int:
    """Of corrections that are approved and over; how many lists."""
    return corrections.list_due(at=clock.now())
