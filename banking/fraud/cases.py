"""Who was called in the bank's name: a case of hers, looked into by one and closed with why."""

from datetime import datetime

from django.db import transaction

from banking.errors import CaseClosed, CaseTaken, NoFinding
from banking.models import FraudCase
from people.models import User

State = FraudCase.State
Finding = FraudCase.Finding


@transaction.atomic(durable=True)
def open_case(customer_id: int, *, caller: str, call_ref: str, at: datetime) -> FraudCase:
    """Asked again in one call it is the same case."""
    terms = {"customer_id": customer_id, "caller": caller, "opened_at": at}
    if call_ref:
        case, _made = FraudCase.objects.get_or_create(call_ref=call_ref, defaults=terms)
    else:
        case = FraudCase.objects.create(**terms)
    case.refresh_from_db(fields=["number"])
    return case


@transaction.atomic(durable=True)
def take(pk: int, *, by: User, at: datetime) -> FraudCase:
    """She looks into it from here on. Raises CaseTaken."""
    case = _lock(pk)
    if case.state != State.OPEN:
        raise CaseTaken
    case.state, case.taken_by, case.taken_at = State.TAKEN, by, at
    case.save(update_fields=["state", "taken_by", "taken_at"])
    return case


@transaction.atomic(durable=True)
def close(pk: int, *, finding: Finding, note: str, by: User, at: datetime) -> FraudCase:
    """What it was. Raises NoFinding, CaseTaken (nobody looked into it yet), CaseClosed."""
    case = _lock(pk)
    if case.state == State.CLOSED:
        raise CaseClosed
    if case.state == State.OPEN:
        raise CaseTaken
    if not note.strip():
        raise NoFinding
    case.state, case.closed_by, case.closed_at = State.CLOSED, by, at
    case.finding, case.note = finding, note.strip()
    case.save(update_fields=["state", "closed_by", "closed_at", "finding", "note"])
    return case


def _lock(pk: int) -> FraudCase:
    return FraudCase.objects.select_for_update(of=("self",)).get(pk=pk)
