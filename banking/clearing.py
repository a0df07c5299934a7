"""By which system a payment leaves, in which session, and when it is paid. Pure.

Same city: the next session of the city's exchange, where there is one. Else, by amount, hour and
speed: 实时 takes the large-value system while it is open; what may wait, or comes outside those
hours, goes by the next small-value batch; what is above that one's cap waits for the other.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal, Protocol, TypeVar

from banking.requests import Speed
from calendars.clock import SHANGHAI, bank_day

AHEAD = 60  # days; no holiday is longer

SystemName = Literal["city_exchange", "small_value", "large_value"]


class Dated(Protocol):
    @property
    def valid_from(self) -> date: ...


D = TypeVar("D", bound=Dated)


@dataclass(frozen=True, slots=True)
class Session:
    """One of the exchange's sessions on each working day. What isn't returned by then is paid."""

    valid_from: date
    number: int
    cut_off: time
    returns_by: time
    returns_next_day: bool = False  # the next working day


@dataclass(frozen=True, slots=True)
class Hours:
    """The large-value system's business day of each working day."""

    valid_from: date
    opens: time
    closes: time
    evening_before: bool  # it opens on the calendar day before
    within: timedelta


@dataclass(frozen=True, slots=True)
class Batches:
    """The small-value system: a batch every so often from midnight on, on every day."""

    valid_from: date
    cap: Decimal  # yuan an item, included
    every: timedelta
    within: timedelta


@dataclass(frozen=True, slots=True)
class Timetable:
    """All dated rows, in any order, and which days are worked."""

    sessions: tuple[Session, ...]
    hours: tuple[Hours, ...]
    batches: tuple[Batches, ...]
    works: Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Route:
    """A payment's way. In [sends_at, settles_by) it can be sent; later it needs another route."""

    system: SystemName
    session: str  # 20261124-1: the day, and which of that day's
    sends_at: datetime
    cut_off_at: datetime  # who comes later is in the next session
    settles_by: datetime


class NoRoute(LookupError):
    """Neither system takes it within `AHEAD` days."""


def route(
    amount: Decimal, at: datetime, *, speed: Speed, same_city: bool, table: Timetable
) -> Route:
    """Yuan debited at `at`. Raises NoRoute."""
    if same_city and (exchanged := _exchange(at, table)):
        return exchanged
    batch, real_time = _batch(amount, at, table), _real_time(at, table)
    if speed == "now" and real_time and real_time.sends_at == at:
        return real_time
    if way := batch or real_time:
        return way
    raise NoRoute(amount)


def ways(amount: Decimal, at: datetime, *, same_city: bool, table: Timetable) -> list[Route]:
    """Every system that takes it, the next session of each: what a clerk may choose from."""
    exchanged = _exchange(at, table) if same_city else None
    found = (exchanged, _real_time(at, table), _batch(amount, at, table))
    return [way for way in found if way is not None]


def _exchange(at: datetime, table: Timetable) -> Route | None:
    for day in _working_days(bank_day(at), table):
        for session in sorted(_of(day, table.sessions), key=lambda s: s.cut_off):
            cut_off = _moment(day, session.cut_off)
            if at < cut_off:
                returns_on = _next(day, table) if session.returns_next_day else day
                returns_by = _moment(returns_on, session.returns_by)
                name = f"{day:%Y%m%d}-{session.number}"
                return Route("city_exchange", name, cut_off, cut_off, returns_by)
    return None


def _real_time(at: datetime, table: Timetable) -> Route | None:
    for day in _working_days(bank_day(at), table):
        for hours in _of(day, table.hours):
            opens_on = day - timedelta(days=1) if hours.evening_before else day
            opens, closes = _moment(opens_on, hours.opens), _moment(day, hours.closes)
            if at < closes:
                sends = max(at, opens)
                paid = min(sends + hours.within, closes)
                return Route("large_value", f"{day:%Y%m%d}", sends, closes, paid)
    return None


def _batch(amount: Decimal, at: datetime, table: Timetable) -> Route | None:
    day = bank_day(at)
    for batches in _of(day, table.batches):
        if amount <= batches.cap:
            midnight = _moment(day, time())
            number = (at - midnight) // batches.every + 1
            leaves = min(midnight + number * batches.every, midnight + timedelta(days=1))
            name = f"{day:%Y%m%d}-{number}"
            return Route("small_value", name, leaves, leaves, leaves + batches.within)
    return None


def _of(day: date, rows: Iterable[D]) -> list[D]:
    """Those of the newest date that has begun."""
    begun = [row for row in rows if row.valid_from <= day]
    newest = max((row.valid_from for row in begun), default=None)
    return [row for row in begun if row.valid_from == newest]


def _working_days(first: date, table: Timetable) -> Iterator[date]:
    days = (first + timedelta(days=ahead) for ahead in range(AHEAD))
    return (day for day in days if table.works(day))


def _next(day: date, table: Timetable) -> date:
    """The working day after `day`; where none is in sight, the next day."""
    tomorrow = day + timedelta(days=1)
    return next(_working_days(tomorrow, table), tomorrow)


def _moment(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, SHANGHAI)
