"""What Django-Q2 runs by the clock (config/schedules.py): thin, and harmless when run again."""

from django.conf import settings

from banking import (
    bill_days,
    bill_exchange,
    bills,
    clearing_batches,
    clearing_folder,
    orders,
)
from banking.end_of_day import closing
from banking.intake import gate
from banking.settlement_desk import queue
from calendars import clock


def debit_due() -> str:
    """Orders for later whose time has come."""
    executed, refused = orders.execute_due(at=clock.now())
    return f"{executed} executed, {refused} refused"


def exchange_clearing_files() -> str:
    """To clearing, from clearing, and what silence means."""
    at = clock.now()
    clearing_batches.files_out(at=at)
    handed = clearing_folder.hand_over(settings.CLEARING, at=at)
    taken = clearing_folder.take_in(settings.CLEARING, at=at)
    paid = clearing_batches.deem_paid(at=at)
    return f"{handed} files out, {len(taken)} in, {paid} deemed paid"


def end_of_day() -> None:
    """Every few minutes: most times there is no day to close."""
    closing.close_due(at=clock.now())


def ask_billers() -> None:
    """待查: payments that no biller has answered yet."""
    bills.resolve_open(at=clock.now())


def exchange_with_billers() -> None:
    """Files out and in, then the days that they settle."""
    bill_exchange.run(at=clock.now())
    bill_days.reconcile_due(at=clock.now())


def tend_settlement_desk() -> str:
    """Orders that clerks held for too long, and requests that time itself refuses by now."""
    at = clock.now()
    return f"{queue.sweep(at=at)} leases lapsed, {gate.forget(at=at)} nonces forgotten"
