"""What the desk does with a case, one verb a step: 定级, 分派, 回复, 审核, 答复, 归档."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from banking import contacts
from calendars.clock import bank_day
from complaints import clocks
from complaints.cases import HANDLE
from complaints.errors import NothingSaid, NotNow, NotThisBranch, OffAxis, OwnAnswer
from complaints.models import CaseStep, Category, Complaint
from people.models import Branch, User

State, What, Axis = Complaint.State, CaseStep.What, Category.Axis


@dataclass(frozen=True, slots=True)
class Matter:
    """A complaint on the three axes of JR/T 0169-2018."""

    channel: Category
    business: Category
    reason: Category

    def check(self) -> None:
        """Raises OffAxis."""
        for category, axis in (
            (self.channel, Axis.CHANNEL),
            (self.business, Axis.BUSINESS),
            (self.reason, Axis.REASON),
        ):
            if category.axis != axis or not category.is_active:
                raise OffAxis


@transaction.atomic(durable=True)
def grade(complaint_id: int, matter: Matter, *, grade: str, by: User, at: datetime) -> Complaint:
    """Say what it is about and how hard it is; the clock follows.

    The same person about the same matter within the rule's days is linked to the first case,
    whose clock it keeps. Raises NotNow, OffAxis.
    """
    matter.check()
    case = _lock(complaint_id, State.REGISTERED)
    case.channel, case.business, case.reason = matter.channel, matter.business, matter.reason
    case.grade = Complaint.Grade(grade)
    case.due_at = clocks.decide_by(case, grade)
    if first := _first_of(case):
        case.duplicate_of, case.clock_from = first, first.clock_from
        case.due_at = min(case.due_at, first.due_at)
    return _step(case, State.GRADED, What.GRADED, by, at)


@transaction.atomic(durable=True)
def assign(complaint_id: int, branch: Branch, *, by: User, at: datetime) -> Complaint:
    """To the branch that has to answer, with a clock of its own. Raises NotNow."""
    case = _lock(complaint_id, State.GRADED)
    case.branch = branch
    clock = clocks.rule(bank_day(case.received_at))
    case.reply_due_at = clocks.after_working_days(at, clock.reply_days)
    return _step(case, State.ASSIGNED, What.ASSIGNED, by, at, note=branch.name)


@transaction.atomic(durable=True)
def reply(complaint_id: int, words: str, *, by: User, at: datetime) -> Complaint:
    """What the branch found and offers; the desk may write it for a branch.

    Raises NotNow, NothingSaid, NotThisBranch.
    """
    words = _said(words)
    case = _lock(complaint_id, State.ASSIGNED)
    if not by.has_perm(HANDLE) and by.branch_id != case.branch_id:
        raise NotThisBranch
    case.reply, case.replied_by, case.replied_at = words, by, at
    return _step(case, State.REPLIED, What.REPLIED, by, at, note=words)


@transaction.atomic(durable=True)
def approve(complaint_id: int, *, by: User, at: datetime) -> Complaint:
    """Another person stands by the answer. Raises NotNow, OwnAnswer."""
    case = _reviewed(complaint_id, by)
    case.reviewed_by = by
    return _step(case, State.REVIEWED, What.REVIEWED, by, at)


@transaction.atomic(durable=True)
def send_back(complaint_id: int, why: str, *, by: User, at: datetime) -> Complaint:
    """The answer will not do: once more to the branch, which keeps its clock.

    Raises NotNow, NothingSaid, OwnAnswer.
    """
    why = _said(why)
    case = _reviewed(complaint_id, by)
    return _step(case, State.ASSIGNED, What.SENT_BACK, by, at, note=why)


@transaction.atomic(durable=True)
def told(complaint_id: int, words: str, *, by: User, at: datetime) -> Complaint:
    """She knows the decision, and how she may contest it. Raises NotNow, NothingSaid."""
    words = _said(words)
    case = _lock(complaint_id, State.REVIEWED)
    case.told_at = at
    if case.customer_id:
        contacts.note(
            case.customer_id,
            desk=contacts.Desk.COMPLAINTS,
            reason=contacts.Reason.COMPLAINT,
            at=at,
            by=by,
        )
    return _step(case, State.TOLD, What.TOLD, by, at, note=words)


@transaction.atomic(durable=True)
def archive(complaint_id: int, *, by: User, at: datetime) -> Complaint:
    """Nothing more is to be done. Raises NotNow."""
    case = _lock(complaint_id, State.TOLD, State.REVISITED)
    return _step(case, State.ARCHIVED, What.ARCHIVED, by, at)


def _reviewed(complaint_id: int, by: User) -> Complaint:
    case = _lock(complaint_id, State.REPLIED)
    if case.replied_by_id == by.pk:
        raise OwnAnswer
    return case


def _first_of(case: Complaint) -> Complaint | None:
    """The oldest case of the same person and matter, as far back as the rule looks."""
    if not case.customer_id and not case.phone:
        return None
    hers = Q(customer=case.customer_id) if case.customer_id else Q(phone=case.phone, customer=None)
    span = clocks.rule(bank_day(case.received_at)).duplicate_days
    earlier = Complaint.objects.filter(
        hers,
        business=case.business,
        reason=case.reason,
        received_at__gte=case.received_at - timedelta(days=span),
        received_at__lte=case.received_at,
    ).exclude(pk=case.pk)
    found = earlier.select_related("duplicate_of").order_by("received_at", "pk").first()
    return (found.duplicate_of or found) if found else None


def _lock(complaint_id: int, *states: str) -> Complaint:
    """Alone with it until the commit. Raises NotNow."""
    case = Complaint.objects.select_for_update(of=("self",), no_key=True).get(pk=complaint_id)
    if case.state not in states:
        raise NotNow
    return case


def _step(
    case: Complaint, state: str, what: str, by: User, at: datetime, *, note: str = ""
) -> Complaint:
    case.state = state
    case.save()
    CaseStep.objects.create(complaint=case, what=what, at=at, by=by, note=note)
    return case


def _said(words: str) -> str:
    if not words.strip():
        raise NothingSaid
    return words.strip()
