"""The list of calls by what the floor counts: who asked for a person, where, when, with what end.

A row is a wish for a person: whoever was sent on to another queue is there once for each, as
every figure counts her.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Func, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banking.admin.parts import PresetFilter
from calendars import clock
from calendars.clock import SHANGHAI
from routing import wishes
from routing.models import Queue
from routing.wishes import What

USUAL = (
    *(What.OFFERED, What.ANSWERED, What.IN_TIME, What.ABANDONED),
    *(What.CALLBACK, What.WAITING, What.TALKING),
)
HALF_HOUR = timedelta(minutes=30)
SHORT = re.compile(rf"{What.ABANDONED_SHORT}-(?P<short_s>[0-9]{{1,3}})")  # before so many seconds


class Each(Func):
    """A row for each member of an array."""

    function = "unnest"
    set_returning = True
    output_field = BigIntegerField()


class Asked(PresetFilter):
    """Who asked for a person; the other chips narrow that, once it is chosen."""

    title = gettext_lazy("person")
    parameter_name = "asked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        shown = [("", _("All calls")), *((what.value, what.label) for what in USUAL)]
        value = asked(request)
        if short := SHORT.fullmatch(value):
            shown.append((value, _("Gave up before %(short_s)s s") % short.groupdict()))
        elif value and value not in USUAL:
            shown.append((value, What(value).label))
        return shown

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen, short_s = self.chosen(), 0
        if not chosen:
            return queryset
        if short := SHORT.fullmatch(chosen):
            chosen, short_s = What.ABANDONED_SHORT, int(short["short_s"])
        get = request.GET.get
        found = wishes.behind(chosen, short_s=short_s, queue=get("queue", ""), team=get("team", ""))
        if span := span_of(get("when", ""), at=clock.now()):
            found = wishes.between(found, *span)
        hers = found.filter(call_ref=OuterRef("uuid")).values("pk")
        rows: QuerySet[Any] = queryset.filter(uuid__in=found.values("call_ref")).annotate(
            wish_id=Each(ArraySubquery(hers))
        )
        return rows


class When(PresetFilter):
    """By the bank's day, or just now: of the call, or of a wish for a person."""

    title = gettext_lazy("day")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("today", _("Today")),
            ("half-hour", _("Last half-hour")),
            ("yesterday", _("Yesterday")),
            ("week", _("Last 7 days")),
            ("all", _("All days")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        span = span_of(self.chosen(), at=clock.now())
        if asked(request) or span is None:
            return queryset
        return queryset.filter(started_at__gte=span[0], started_at__lt=span[1])


class OfWishes(PresetFilter):
    """Narrows wishes for a person (`Asked` reads it): not shown while all calls are."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset


class InQueue(OfWishes):
    title = gettext_lazy("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        if not asked(request):
            return []
        return [("", _("All queues")), *_queues(Queue.objects.all())]


class OfTeam(OfWishes):
    """Shown where a page asks for it: what agents of a queue do now, whoever their caller is."""

    title = gettext_lazy("agents")
    parameter_name = "team"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        team = Queue.objects.filter(slug=request.GET.get(self.parameter_name, ""))
        if not asked(request) or not team:
            return []
        agents = [
            (slug, _("Agents of %(queue)s") % {"queue": name}) for slug, name in _queues(team)
        ]
        return [("", _("All agents")), *agents]


def asked(request: HttpRequest) -> str:
    """What of the wishes for a person is chosen; "" while all calls are shown."""
    value = request.GET.get(Asked.parameter_name, "")
    is_known = value in What and value != What.ABANDONED_SHORT  # which names its seconds
    return value if is_known or SHORT.fullmatch(value) else ""


def span_of(chosen: str, *, at: datetime) -> tuple[datetime, datetime] | None:
    """[start, end) of a choice of `When`; None for all days. What is no choice is today."""
    midnight = at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    match chosen:
        case "all":
            return None
        case "half-hour":  # what happens this very moment is part of it
            return at - HALF_HOUR, at + timedelta(microseconds=1)
        case "yesterday":
            return midnight - timedelta(days=1), midnight
        case "week":
            return midnight - timedelta(days=6), midnight + timedelta(days=1)
        case _:
            return midnight, midnight + timedelta(days=1)


def _queues(rows: Iterable[Queue]) -> list[tuple[str, str]]:
    return [(queue.slug, str(queue)) for queue in rows]
