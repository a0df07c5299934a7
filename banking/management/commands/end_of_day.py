"""`manage.py end_of_day`: close the days that are over and not closed yet; `--day` one of them."""

import time
from argparse import ArgumentParser
from collections import Counter
from datetime import date
from threading import Lock
from typing import Any

from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from banking.end_of_day import closing
from banking.errors import BankingError
from banking.models import Night, NightTask
from calendars import clock

EVERY_S = 2.0


class Progress:
    """How far a night is: a line every two seconds at most."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out, self._turn = out, Lock()
        self._done = Counter[str]()
        self._next = time.monotonic() + EVERY_S

    def __call__(self, task: NightTask.Task, accounts: int) -> None:
        with self._turn:
            self._done[task] += accounts
            if time.monotonic() >= self._next:
                self._out.write(f"{NightTask.Task(task).label}: {self._done[task]:,}")
                self._next = time.monotonic() + EVERY_S


class Command(BaseCommand):
    help = "Interest, maturities and notices of the days that are over; may be run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--day", type=date.fromisoformat, help="YYYY-MM-DD, this day alone")

    def handle(self, *args: Any, **options: Any) -> None:
        at, progress = clock.now(), Progress(self.stderr)
        try:
            if options["day"]:
                nights = [closing.close(options["day"], at=at, told=progress)]
            else:
                nights = closing.close_due(at=at, told=progress)
        except BankingError as refusal:
            raise CommandError(str(refusal)) from refusal
        for night in nights:
            self._tell(night)

    def _tell(self, night: Night) -> None:
        for task in night.tasks.order_by("id"):
            self.stdout.write(
                f"{night.day}  {task.get_task_display()}: {task.eligible} = "
                f"{task.posted} + {task.named}"
            )
            for unposted in task.unposted.select_related("account"):
                self.stdout.write(f"  {unposted.account}: {unposted}")
