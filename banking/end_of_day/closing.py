"""A day is closed: each work in batches, then the proof that nothing that was due is missing."""

import logging
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from banking.end_of_day.demand import DemandInterest
from banking.end_of_day.lapses import Lapses
from banking.end_of_day.loans import Instalments
from banking.end_of_day.maturities import Maturities
from banking.end_of_day.payouts import Payouts
from banking.end_of_day.work import Tonight, Work
from banking.errors import DayNotOver
from banking.models import Night, NightTask, Unposted
from banking.retries import keyed
from banking.settlement_desk import balancing
from calendars.clock import bank_day

BATCH = 2_000  # accounts a transaction: a caller waits for one at most
WORKS: tuple[Work, ...] = (DemandInterest(), Payouts(), Maturities(), Lapses(), Instalments())
log = logging.getLogger(__name__)


def close_due(*, at: datetime) -> list[Night]:
    """Close every day since the last one that was closed, yesterday's the first time."""
    yesterday = bank_day(at) - timedelta(days=1)
    last = Night.objects.exclude(finished_at=None).order_by("-day").first()
    day = last.day + timedelta(days=1) if last else yesterday
    nights = []
    while day <= yesterday:
        nights.append(close(day, at=at))
        day += timedelta(days=1)
    return nights


def close(day: date, *, at: datetime, size: int = BATCH) -> Night:
    """Close one day; closed before, do what has come to be possible since.

    Two at once share the work. Raises DayNotOver; ProductNotOffered where a demand rate is
    needed and none is in force; IntegrityError where an account was due and is neither done
    nor named.
    """
    if day >= bank_day(at):
        raise DayNotOver(day=day.isoformat())
    night, _ = Night.objects.get_or_create(day=day, defaults={"began_at": at})
    for work in WORKS:
        task, _ = NightTask.objects.get_or_create(night=night, task=work.task)
        tonight, after = Tonight(task.pk, day), 0
        while (last := _batch(work, tonight, after, size)) is not None:
            after = last
        _account_for(work, tonight, at)
    balancing.draw_up(day, at=at)  # what is left under suspense or on the desk has its name there
    Night.objects.filter(pk=night.pk).update(finished_at=at)
    night.refresh_from_db()
    return night


@keyed  # what is done is passed over: a batch may be tried again
@transaction.atomic(durable=True)
def _batch(work: Work, tonight: Tonight, after: int, size: int) -> int | None:
    alone()
    with connection.cursor() as cursor:  # what a crash forgets is done again; the end waits
        cursor.execute("SET LOCAL synchronous_commit = off")
    return work.batch(tonight, after, size)


@keyed
@transaction.atomic(durable=True)
def _account_for(work: Work, tonight: Tonight, at: datetime) -> None:
    """All that was due is done or named: PostgreSQL refuses the task's end if not."""
    alone()
    unposted = Unposted.objects.filter(task_id=tonight.task_id)
    unposted.exclude(account_id__in=work.waiting(tonight)).delete()
    task = NightTask.objects.get(pk=tonight.task_id)
    task.eligible, task.posted = work.eligible(tonight), work.posted(tonight)
    task.named, task.finished_at = unposted.count(), at
    task.save()
    log.info(
        "end of day %s %s: %d due, %d done, %d named",
        *(tonight.day, task.task, task.eligible, task.posted, task.named),
    )


def alone() -> None:
    """Until the commit nobody else closes a day: what they did is seen by the next statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('end_of_day'))")
