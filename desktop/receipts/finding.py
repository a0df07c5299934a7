"""What a receipt number (流水号) stands for, and all that hangs on it: read only, values out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Model, Q
from django.urls import NoReverseMatch, reverse

from banking import families
from banking.models import (
    Customer,
    FraudCase,
    Instruction,
    Journal,
    LossReport,
    Notice,
    PhoneBlock,
    UnlockRequest,
)
from complaints.models import Complaint
from people.approvals import named
from people.models import Approval, User
from telephony.models import Call, CallbackRequest

DIGITS = 12


Row = PhoneBlock | UnlockRequest | Notice | FraudCase | CallbackRequest


@dataclass(frozen=True, slots=True)
class Paper:
    """What was written down without money: a stop, a notice, a case, a wish of hers."""

    row: Row
    customer: Customer | None
    at: datetime

    @property
    def what(self) -> str:
        return str(self.row._meta.verbose_name)

    def may_see(self, reader: User) -> bool:
        meta = self.row._meta
        return reader.has_perm(f"{meta.app_label}.view_{meta.model_name}")


@dataclass(frozen=True, slots=True)
class Found:
    """One receipt. Money without an instruction is a journal alone; others have neither."""

    number: str
    order: Instruction | None
    journals: tuple[Journal, ...]
    loss: LossReport | None
    complaint: Complaint | None
    paper: Paper | None
    call: Call | None

    @property
    def customer(self) -> Customer | None:
        """Whose it is; nobody where nobody proved who she is."""
        about = self.order or self.loss or self.complaint or self.paper
        return about.customer if about else None


def find(number: str) -> Found | None:
    """By the number as it was spoken; spaces and dashes don't matter."""
    digits = "".join(sign for sign in number if sign.isdecimal())
    if len(digits) != DIGITS:
        return None
    order = Instruction.objects.filter(receipt=digits).first()
    journal = Journal.objects.filter(number=digits).first()
    if order is None and journal is not None:
        order = families.head_of(journal).instruction
    loss = LossReport.objects.filter(number=digits).first()
    complaint = Complaint.objects.filter(number=digits).select_related("call").first()
    paper = _paper(digits)
    if not (order or journal or loss or complaint or paper):
        return None
    call = _said_in(order or loss or complaint or (paper.row if paper else None))
    return Found(digits, order, _journals(order, journal), loss, complaint, paper, call)


def _said_in(about: Instruction | LossReport | Complaint | Row | None) -> Call | None:
    if isinstance(about, Complaint | CallbackRequest):
        return about.call
    return call_of(about.call_ref) if about else None


def _paper(number: str) -> Paper | None:
    if stop := PhoneBlock.objects.filter(number=number).first():
        return Paper(stop, stop.customer, stop.begun_at)
    if asked := UnlockRequest.objects.filter(number=number).select_related("card").first():
        return Paper(asked, asked.card.customer, asked.asked_at)
    if case := FraudCase.objects.filter(number=number).first():
        return Paper(case, case.customer, case.opened_at)
    if wish := CallbackRequest.objects.filter(receipt=number).select_related("call").first():
        return Paper(wish, wish.customer, wish.asked_at)
    announced = Notice.objects.filter(number=number).select_related("deposit__account").first()
    if announced is None:
        return None
    return Paper(announced, announced.deposit.account.customer, announced.announced_at)


def _journals(order: Instruction | None, journal: Journal | None) -> tuple[Journal, ...]:
    """All of the order; without one all of what the journal is a part of."""
    if order is not None:
        return tuple(families.of_order(order))
    return tuple(families.of(journal)) if journal is not None else ()


def call_of(ref: str) -> Call | None:
    """The call that an order or a report was given in."""
    try:
        return Call.objects.filter(uuid=UUID(ref)).first()
    except ValueError:  # no call of ours: the counter, internet banking
        return None


@dataclass(frozen=True, slots=True)
class Related:
    """A row of another desk about the same order: a settlement order, a bill, a decision."""

    kind: str
    name: str
    state: str
    url: str  # "" where the reader may not open it


def hanging(order: Instruction, reader: User) -> list[Model]:
    """Every row that points to the instruction, the ledger's apart, and that the reader may see."""
    rows: list[Model] = []
    for relation in Instruction._meta.related_objects:
        model = relation.related_model
        if isinstance(model, type) and not issubclass(model, Journal):
            meta = model._meta
            if reader.has_perm(f"{meta.app_label}.view_{meta.model_name}"):
                rows += model._default_manager.filter(**{relation.field.name: order}).order_by("pk")
    return rows


def told(row: Model) -> Related:
    shown = getattr(row, "get_state_display", None)
    state = str(shown()) if shown else ""
    return Related(str(row._meta.verbose_name), str(row), state, _page(row))


def _page(row: Model) -> str:
    meta = row._meta
    try:
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:  # it has no page of its own
        return ""


def decided(found: Found, rows: Iterable[Model]) -> list[Approval]:
    """What two people were asked and decided about all of it, the oldest first.

    `rows` is what hangs on its order. A journal is the subject where money leaves suspense.
    """
    paper = found.paper.row if found.paper else None
    about = [*rows, *found.journals, *(row for row in (found.order, found.loss, paper) if row)]
    which = Q(subject__in=[named(row) for row in about])
    if isinstance(paper, UnlockRequest) and paper.approval_id:  # its subject is the card
        which |= Q(pk=paper.approval_id)
    if isinstance(paper, PhoneBlock):
        which |= _lifting(paper)
    approvals = Approval.objects.filter(which).select_related("asked_by", "decided_by")
    return list(approvals.order_by("asked_at", "pk"))


def _lifting(stop: PhoneBlock) -> Q:
    """Whoever asks to allow debits again asks it of the customer: what was asked while it stood."""
    asked = Q(kind="phone-on", subject=named(stop.customer), asked_at__gte=stop.begun_at)
    return asked & Q(asked_at__lte=stop.ended_at) if stop.ended_at else asked
