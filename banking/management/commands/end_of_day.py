"""`manage.py end_of_day`: close the days that are over and not closed yet; `--day` one of them."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from banking.end_of_day import closing
from banking.errors import BankingError
from banking.models import Night
from calendars import clock


class Command(BaseCommand):
    help = "Interest, maturities and notices of the days that are over; may be run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--day", type=date.fromisoformat, help="YYYY-MM-DD, this day alone")

    def handle(self, *args: Any, **options: Any) -> None:
        at = clock.now()
        try:
            if options["day"]:
                nights = [closing.close(options["day"], at=at)]
            else:
                nights = closing.close_due(at=at)
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
