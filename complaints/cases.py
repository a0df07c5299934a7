"""Complaints as they come in: by a message after the tone, or told to an agent."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from calendars.clock import bank_day
from complaints import clocks
from complaints.errors import NothingSaid
from complaints.models import CaseStep, Complaint
from people.models import User
from telephony import recordings
from telephony.models import Call, CallRecording

What = CaseStep.What
HANDLE = "complaints.change_complaint"
FORGOTTEN = timedelta(minutes=10)  # a message that no call registers any more


@dataclass(frozen=True, slots=True)
class Registered:
    """What she is told of her complaint."""

    id: int
    number: str
    due_on: date  # the last day on which she is answered


def visible(user: User) -> QuerySet[Complaint]:
    """All that the desk has; to who only answers for a branch, what her branch has to answer."""
    found = Complaint.objects.all()
    if user.has_perm("complaints.reply_complaint") and not user.has_perm(HANDLE):
        return found.filter(branch__isnull=False, branch=user.branch_id)
    return found


@transaction.atomic(durable=True)
def left_a_message(call_id: int, path: str, *, at: datetime) -> Registered:
    """Keep her message and open a case of it; the same file again gives the same case."""
    return _of_message(recordings.keep(call_id, path, at=at), at)


@transaction.atomic(durable=True)
def told_an_agent(call_id: int, words: str, *, key: UUID, by: User, at: datetime) -> Registered:
    """What she told an agent, in the agent's words; once a `key`. Raises NothingSaid."""
    if not words.strip():
        raise NothingSaid
    if found := Complaint.objects.filter(key=key).first():
        return _registered(found)
    call = Call.objects.get(pk=call_id)
    case = _open(call, Complaint.Source.AGENT, at, by=by, key=key, words=words.strip())
    _acknowledge(case, at, by)  # she is on the line, and told
    return _registered(case)


@transaction.atomic(durable=True)
def acknowledged(complaint_id: int, *, at: datetime) -> None:
    """She heard her case number to its end."""
    case = Complaint.objects.select_for_update(of=("self",)).get(pk=complaint_id)
    if case.acknowledged_at is None:
        _acknowledge(case, at, None)


def take_in(*, at: datetime) -> int:
    """Cases of messages whose worker was killed before it could register them; how many."""
    left = CallRecording.objects.filter(
        kind=CallRecording.Kind.MESSAGE,
        complaint=None,
        kept_at__lt=at - FORGOTTEN,
        call__ended_at__isnull=False,
    )
    for recording in left:
        with transaction.atomic(durable=True):
            _of_message(recording, at)
    return len(left)


def _of_message(recording: CallRecording, at: datetime) -> Registered:
    found = Complaint.objects.filter(recording=recording).first()
    return _registered(
        found or _open(recording.call, Complaint.Source.MESSAGE, at, recording=recording)
    )


def _open(
    call: Call, source: Complaint.Source, at: datetime, *, by: User | None = None, **said: object
) -> Complaint:
    clock = clocks.rule(bank_day(at))
    case = Complaint.objects.create(
        source=source,
        call=call,
        customer_id=call.customer_id,
        phone=call.caller,
        language=call.language,
        received_at=at,
        registered_by=by,
        clock_from=at,
        acknowledge_due_at=clocks.after_days(at, clock.acknowledge_days),
        due_at=clocks.after_days(at, clock.decide_days),
        **said,
    )
    case.refresh_from_db(fields=["number"])
    CaseStep.objects.create(complaint=case, what=What.REGISTERED, at=at, by=by)
    return case


def _acknowledge(case: Complaint, at: datetime, by: User | None) -> None:
    case.acknowledged_at = at
    case.save(update_fields=["acknowledged_at"])
    CaseStep.objects.create(complaint=case, what=What.ACKNOWLEDGED, at=at, by=by)


def _registered(case: Complaint) -> Registered:
    return Registered(case.pk, case.number, case.due_on)
