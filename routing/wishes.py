"""Which callers a figure of the floor counts, as rows: a list shows what a page sums.

reporting counts the same in one statement (`today.COUNTS`), the floor what is so now;
tests/desktop/test_calls_behind.py holds every figure against its rows.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import (
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    TextChoices,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from routing.models import Presence, QueueEntry
from routing.states import OFFERED, State

Outcome = QueueEntry.Outcome


class What(TextChoices):
    """What became of a wish for a person, or is so now."""

    OFFERED = "offered", _("Answered or gave up")  # 进入人工量
    ANSWERED = "answered", _("Answered")
    IN_TIME = "in_time", _("Answered in time")
    ABANDONED = "abandoned", _("Gave up")
    ABANDONED_SHORT = "abandoned_short", _("Gave up at once")
    CALLBACK = "callback", _("Preferred a call-back")
    HANDLED = "handled", _("Written up")
    WAITING = "waiting", _("Waiting now")
    RINGING = "ringing", _("Ringing now")
    TALKING = "talking", _("Talking now")
    HELD = "held", _("On hold now")
    WRAP_UP = "wrap_up", _("In wrap-up now")


# What an agent does about a caller right now; reserved shows as ringing (domain.md §9).
NOW: Mapping[What, frozenset[State]] = {
    What.RINGING: OFFERED,
    What.TALKING: frozenset({State.TALKING}),
    What.HELD: frozenset({State.HELD}),
    What.WRAP_UP: frozenset({State.WRAP_UP}),
}

_WAITED = ExpressionWrapper(
    Coalesce("answered_at", "ended_at") - F("entered_at"), output_field=DurationField()
)
_THRESHOLD = ExpressionWrapper(
    F("queue__threshold_s") * Value(timedelta(seconds=1)), output_field=DurationField()
)
_ANSWERED = Q(answered_at__isnull=False)


def behind(what: str, *, short_s: int = 0, queue: str = "", team: str = "") -> QuerySet[QueueEntry]:
    """The wishes that `what` counts, of one queue if it is named.

    `team` narrows what agents do now to those who can serve that queue, whoever their caller is.
    An entry that two agents write up is there twice, once for each. Raises ValueError.
    """
    found = QueueEntry.objects.annotate(waited=_WAITED)
    if queue:
        found = found.filter(queue__slug=queue)
    if states := NOW.get(known := What(what)):
        able = {"presences__agent__skills__skill__queue__slug": team} if team else {}
        return found.filter(presences__ended_at=None, presences__state__in=states, **able)
    return found.filter(_rule(known, timedelta(seconds=short_s)))


def between(found: QuerySet[QueueEntry], since: datetime, until: datetime) -> QuerySet[QueueEntry]:
    """Those who asked in [since, until)."""
    return found.filter(entered_at__gte=since, entered_at__lt=until)


def _rule(what: What, short: timedelta) -> Q:
    match what:
        case What.OFFERED:
            return _ANSWERED | Q(outcome=Outcome.ABANDONED)
        case What.ANSWERED:
            return _ANSWERED
        case What.IN_TIME:
            return _ANSWERED & Q(waited__lte=_THRESHOLD)
        case What.ABANDONED:
            return Q(outcome=Outcome.ABANDONED)
        case What.ABANDONED_SHORT:
            return Q(outcome=Outcome.ABANDONED, waited__lt=short)
        case What.CALLBACK:
            return Q(outcome=Outcome.CALLBACK)
        case What.HANDLED:
            work = Presence.objects.filter(entry=OuterRef("pk"))
            over = Exists(work) & ~Exists(work.filter(ended_at=None))
            return _ANSWERED & Q(state=QueueEntry.State.ENDED) & Q(over)
        case _:
            waits = [QueueEntry.State.WAITING, QueueEntry.State.OFFERED]
            return Q(ended_at=None, state__in=waits, queue__is_active=True)
