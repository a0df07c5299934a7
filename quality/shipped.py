"""A new bank asks the callers of every queue."""

from datetime import datetime

from django.db import transaction

from calendars.clock import bank_day
from quality.models import AskRule
from routing.models import Queue


@transaction.atomic
def install(*, at: datetime) -> None:
    """Make what is missing; what a bank has changed stays."""
    for queue in Queue.objects.filter(askrule=None):
        AskRule.objects.create(queue=queue, valid_from=bank_day(at), is_asked=True)
