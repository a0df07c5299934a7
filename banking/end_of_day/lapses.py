"""支取通知 whose day went by: what was announced and not drawn earns nothing for its notice."""

from typing import Any

from django.db.models import QuerySet

from banking import ledger
from banking.deposits import notices
from banking.end_of_day.work import Tonight
from banking.models import Notice
from banking.models.nights import NightTask


class Lapses:
    """Each deposit has one notice at most, so that its account names it."""

    task = NightTask.Task.NOTICES

    def due(self, tonight: Tonight, after: int, size: int) -> list[int]:
        due = _due(tonight).filter(deposit__account_id__gt=after).order_by("deposit__account_id")
        return list(due.values_list("deposit__account_id", flat=True)[:size])

    def batch(self, tonight: Tonight, accounts: list[int]) -> None:
        ledger.lock(*accounts)
        still = _due(tonight).filter(deposit__account_id__in=accounts)
        for notice in still.select_related("deposit"):
            notices.lapse(notice, on=tonight.day)

    def eligible(self, tonight: Tonight) -> int:
        return _due(tonight).count() + self.posted(tonight)

    def posted(self, tonight: Tonight) -> int:
        return Notice.objects.filter(state=Notice.State.LAPSED, ended_on=tonight.day).count()

    def waiting(self, tonight: Tonight) -> QuerySet[Any, int]:
        return _due(tonight).values_list("deposit__account_id", flat=True)


def _due(tonight: Tonight) -> QuerySet[Notice]:
    return Notice.objects.filter(state=Notice.State.OPEN, due_on__lte=tonight.day)
