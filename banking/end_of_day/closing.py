"""A day is closed: each work in batches, then the proof that nothing that was due is missing."""

import logging
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Lock

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
HANDS = min(4, os.cpu_count() or 1)  # batches at once, each on a connection of its own
WORKS: tuple[Work, ...] = (DemandInterest(), Payouts(), Maturities(), Lapses(), Instalments())
log = logging.getLogger(__name__)
Told = Callable[[NightTask.Task, int], None]  # a work, and how many accounts a batch of it had


def _nobody(task: NightTask.Task, accounts: int) -> None:
    return


def close_due(*, at: datetime, told: Told = _nobody) -> list[Night]:
    """Close every day since the last one that was closed, yesterday's the first time.

    `told` hears of each batch, from whichever thread did it.
    """
    yesterday = bank_day(at) - timedelta(days=1)
    last = Night.objects.exclude(finished_at=None).order_by("-day").first()
    day = last.day + timedelta(days=1) if last else yesterday
    nights = []
    while day <= yesterday:
        nights.append(close(day, at=at, told=told))
        day += timedelta(days=1)
    return nights


def close(day: date, *, at: datetime, size: int = BATCH, told: Told = _nobody) -> Night:
    """Close one day, as `close_due`; closed before, do what has come to be possible since.

    Two at once do nothing twice. Raises DayNotOver; ProductNotOffered where a demand rate is
    needed and none is in force; IntegrityError where an account was due and is neither done
    nor named.
    """
    if day >= bank_day(at):
        raise DayNotOver(day=day.isoformat())
    night, _ = Night.objects.get_or_create(day=day, defaults={"began_at": at})
    for work in WORKS:
        task, _ = NightTask.objects.get_or_create(night=night, task=work.task)
        tonight = Tonight(task.pk, day)
        _do(work, tonight, size, told)
        _account_for(work, tonight, at)
    balancing.draw_up(day, at=at)  # what is left under suspense or on the desk has its name there
    Night.objects.filter(pk=night.pk).update(finished_at=at)
    night.refresh_from_db()
    return night


def _do(work: Work, tonight: Tonight, size: int, told: Told) -> None:
    """All that is due, by several hands where it is more than one batch."""
    first = _look(work, tonight, 0, size)
    if first and _look(work, tonight, first[-1], 1):
        due = _Due(work, tonight, size)
        with ThreadPoolExecutor(HANDS) as hands:
            begun = [hands.submit(_hand, work, tonight, due, told) for _ in range(HANDS)]
        for hand in begun:
            hand.result()
    elif first:
        _batch(work, tonight, first)
        told(work.task, len(first))


class _Due(Iterator[list[int]]):
    """What is due, `size` accounts at a time, each batch to whichever hand asks next.

    Neighbours are not out at once: accounts that lie side by side pay to one another's owner, and
    who took the second would wait for the first.
    """

    def __init__(self, work: Work, tonight: Tonight, size: int) -> None:
        self._work, self._tonight, self._size = work, tonight, size
        self._after, self._turn = 0, Lock()
        self._ahead = deque[list[int]]()

    def __next__(self) -> list[int]:
        with self._turn:
            if not self._ahead:
                some = [self._look() for _ in range(2 * HANDS)]
                self._ahead.extend(accounts for accounts in some[::2] + some[1::2] if accounts)
            if not self._ahead:
                raise StopIteration
            return self._ahead.popleft()

    def _look(self) -> list[int]:
        accounts = _look(self._work, self._tonight, self._after, self._size)
        self._after = accounts[-1] if accounts else self._after
        return accounts


def _hand(work: Work, tonight: Tonight, due: _Due, told: Told) -> None:
    try:
        for accounts in due:
            _batch(work, tonight, accounts)
            told(work.task, len(accounts))
    finally:
        connection.close()  # this thread's own


@keyed
def _look(work: Work, tonight: Tonight, after: int, size: int) -> list[int]:
    return work.due(tonight, after, size)


@keyed  # what is done is passed over: a batch may be tried again
@transaction.atomic(durable=True)
def _batch(work: Work, tonight: Tonight, accounts: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtext('end_of_day'))")
        # What a crash forgets is done again; the end waits.
        cursor.execute("SET LOCAL synchronous_commit = off")
    work.batch(tonight, accounts)


@keyed
@transaction.atomic(durable=True)
def _account_for(work: Work, tonight: Tonight, at: datetime) -> None:
    """All that was due is done or named: PostgreSQL refuses the task's end if not."""
    _alone()
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


def _alone() -> None:
    """Until the commit no batch is under way: what is counted twice is the same twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('end_of_day'))")
