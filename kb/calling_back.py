"""The calls back to who heard something wrong: taken, tried, reached or given up; all on record."""

from datetime import datetime

from django.db import transaction

from banking import contacts
from kb.errors import OutcomeUnfit, TakenByAnother
from kb.models import Hearer, HearerStep
from people.approvals import NoWord
from people.models import User

State, What = Hearer.State, HearerStep.What


def fitting(hearer: Hearer) -> list[Hearer.Outcome]:
    """What may come of it. Returning a fee is the branch's; here it is only said that it was."""
    known = Hearer.Outcome
    if hearer.staff_id:
        return [known.TOLD]
    return [known.REFUNDED, known.OWED, known.NONE] if hearer.at_stake > 0 else [known.NONE]


@transaction.atomic(durable=True)
def take(hearer_id: int, *, by: User, at: datetime) -> Hearer:
    """She calls this one. Raises TakenByAnother."""
    hearer = _lock(hearer_id)
    if hearer.state != State.WAITING:
        raise TakenByAnother
    hearer.state, hearer.taken_by = State.TAKEN, by
    return _done(hearer, What.TAKEN, by=by, at=at)


@transaction.atomic(durable=True)
def put_back(hearer_id: int, *, by: User, at: datetime) -> Hearer:
    """Somebody else may take it: of one who is ill, a colleague says so. Raises TakenByAnother."""
    hearer = _lock(hearer_id)
    if hearer.state != State.TAKEN:
        raise TakenByAnother
    hearer.state, hearer.taken_by = State.WAITING, None
    return _done(hearer, What.PUT_BACK, by=by, at=at)


@transaction.atomic(durable=True)
def tried(hearer_id: int, note: str, *, by: User, at: datetime) -> Hearer:
    """Nobody answered; it stays hers. Raises TakenByAnother."""
    hearer = _hers(hearer_id, by)
    hearer.tries += 1
    return _done(hearer, What.TRIED, note, by=by, at=at)


@transaction.atomic(durable=True)
def reached(hearer_id: int, outcome: str, note: str, *, by: User, at: datetime) -> Hearer:
    """She knows what is right. Raises TakenByAnother, OutcomeUnfit."""
    hearer = _hers(hearer_id, by)
    if outcome not in fitting(hearer):
        raise OutcomeUnfit
    hearer.state, hearer.outcome = State.REACHED, outcome
    if hearer.customer_id:
        # The nearest of what a caller can be told when she asks whether it was the bank.
        reason = contacts.Reason.VERIFY_ORDER if hearer.orders else contacts.Reason.CALL_BACK
        desk = contacts.Desk.SERVICE
        contacts.note(hearer.customer_id, desk=desk, reason=reason, at=at, by=by)
    return _done(hearer, What.REACHED, note, by=by, at=at)


@transaction.atomic(durable=True)
def give_up(hearer_id: int, why: str, *, by: User, at: datetime) -> Hearer:
    """She can't be reached. Raises TakenByAnother, NoWord."""
    if not why.strip():
        raise NoWord
    hearer = _hers(hearer_id, by)
    hearer.state = State.GIVEN_UP
    return _done(hearer, What.GIVEN_UP, why, by=by, at=at)


def _lock(hearer_id: int) -> Hearer:
    return Hearer.objects.select_for_update(of=("self",)).get(pk=hearer_id)


def _hers(hearer_id: int, by: User) -> Hearer:
    hearer = _lock(hearer_id)
    if hearer.state != State.TAKEN or hearer.taken_by_id != by.pk:
        raise TakenByAnother
    return hearer


def _done(hearer: Hearer, what: str, note: str = "", *, by: User, at: datetime) -> Hearer:
    hearer.save(update_fields=["state", "taken_by", "tries", "outcome"])
    HearerStep.objects.create(hearer=hearer, what=what, by=by, at=at, note=note.strip())
    return hearer
