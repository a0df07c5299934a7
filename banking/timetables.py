"""The clearing calendar as its rows and the working days say it."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from banking import clearing
from banking.clearing import Batches, Hours, Route, Session, Timetable
from banking.models import (
    Bank,
    ExchangeSession,
    LargeValueHours,
    SmallValueBatch,
    TransferRule,
)
from banking.models.banks import CITY
from banking.requests import Speed
from calendars import days
from calendars.clock import bank_day


def timetable(day: date) -> Timetable:
    """What holds from the day before `day` on. Reads few rows, and the calendar once."""
    first, last = day - timedelta(days=1), day + timedelta(days=2 * clearing.AHEAD)
    worked = days.working_days(first, last)
    return Timetable(
        sessions=tuple(
            Session(row.valid_from, row.number, row.cut_off, row.returns_by, row.returns_next_day)
            for row in ExchangeSession.objects.all()
        ),
        hours=tuple(
            Hours(
                row.valid_from,
                row.opens,
                row.closes,
                row.evening_before,
                timedelta(minutes=row.within_min),
            )
            for row in LargeValueHours.objects.all()
        ),
        batches=tuple(
            Batches(
                row.valid_from,
                row.cap,
                timedelta(minutes=row.every_min),
                timedelta(minutes=row.within_min),
            )
            for row in SmallValueBatch.objects.all()
        ),
        works=worked.__contains__,
    )


def route_to(bank_code: str, amount: Decimal, *, speed: Speed, at: datetime) -> Route:
    """How `amount` yuan, debited at `at`, come to that bank. Raises NoRoute."""
    return clearing.route(
        amount,
        at,
        speed=speed,
        same_city=in_our_city(bank_code),
        table=timetable(bank_day(at)),
    )


def ways_to(bank_code: str, amount: Decimal, *, at: datetime) -> list[Route]:
    """Every way that `amount` yuan could take to that bank from `at` on."""
    return clearing.ways(
        amount, at, same_city=in_our_city(bank_code), table=timetable(bank_day(at))
    )


def in_our_city(bank_code: str) -> bool:
    """By the city in its code (行号). Raises Bank.DoesNotExist where our own isn't entered."""
    return Bank.objects.get(is_own=True).code[CITY] == bank_code[CITY]


def transfer_rule(day: date) -> TransferRule:
    """Raises TransferRule.DoesNotExist: the bank has not said."""
    return TransferRule.objects.filter(valid_from__lte=day).latest("valid_from")
