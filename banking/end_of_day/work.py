"""What a work of the night has to say for itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

from django.db.models import QuerySet

from banking.models import Unposted
from banking.models.nights import NightTask
from calendars.clock import SHANGHAI


@dataclass(frozen=True)
class Tonight:
    """One work in one night: it closes `day`, and books on the day that follows."""

    task_id: int
    day: date

    @property
    def opens(self) -> date:
        return self.day + timedelta(days=1)

    @property
    def at(self) -> datetime:
        """Midnight, of which the journals are."""
        return datetime.combine(self.opens, time(), SHANGHAI)


class Work(Protocol):
    task: NightTask.Task

    def due(self, tonight: Tonight, after: int, size: int) -> list[int]:
        """The next `size` accounts, at most, by id after `after`: a look, without locks."""

    def batch(self, tonight: Tonight, accounts: list[int]) -> None:
        """Do what is still due to these once they are locked, in id order.

        Runs in a transaction beside others of its kind. What can't be done is named (`name`).
        """

    def eligible(self, tonight: Tonight) -> int:
        """How many accounts were due, counted by themselves."""

    def posted(self, tonight: Tonight) -> int:
        """How many have what they were due, counted by what was written."""

    def waiting(self, tonight: Tonight) -> QuerySet[Any, int]:
        """The accounts that are still due, by id: each must be named."""


def name(tonight: Tonight, reasons: Mapping[int, Unposted.Why]) -> None:
    """Say of accounts why they got nothing; said again, the last reason holds."""
    Unposted.objects.bulk_create(
        [
            Unposted(task_id=tonight.task_id, account_id=account_id, why=why)
            for account_id, why in reasons.items()
        ],
        update_conflicts=True,
        unique_fields=["task", "account"],
        update_fields=["why"],
    )
