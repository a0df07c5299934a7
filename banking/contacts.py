"""Which desk of the bank called whom, when and why; told to who asks whether it was us."""

from datetime import date, datetime, timedelta

from banking.models import CallerTerm, OutboundContact
from calendars.clock import bank_day
from people.models import User

Desk = OutboundContact.Desk
Reason = OutboundContact.Reason
What = CallerTerm.What


def note(
    customer_id: int,
    *,
    desk: Desk,
    reason: Reason,
    at: datetime,
    by: User | None = None,
    call_ref: str = "",
) -> OutboundContact:
    """The bank has called her; in the caller's transaction, if it has one."""
    return OutboundContact.objects.create(
        customer_id=customer_id, desk=desk, reason=reason, at=at, by=by, call_ref=call_ref
    )


def recent(customer_id: int, *, at: datetime) -> list[OutboundContact]:
    """Calls to her that are told about, the newest first."""
    found = OutboundContact.objects.filter(customer_id=customer_id, at__lte=at)
    days = term(What.CONTACTS, day=bank_day(at))
    return list(found if days is None else found.filter(at__gt=at - timedelta(days=days)))


def term(what: What, *, day: date) -> int | None:
    """What is settled on `day`; None where nothing is."""
    rows = CallerTerm.objects.filter(what=what, valid_from__lte=day).order_by("-valid_from")
    return rows.values_list("value", flat=True).first()
