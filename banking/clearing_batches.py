"""What goes to clearing, session by session, and what comes back. Each run may be repeated."""

import hashlib
import logging
from datetime import datetime
from typing import Final

from django.db import DatabaseError, IntegrityError, transaction

from banking import clearing, clearing_files, settlement, vault
from banking.clearing_files import BadFile, Header, Payment, Result
from banking.models import Bank, ClearingFile, ClearingItem, SettlementOrder
from banking.models.banks import ExternalPayee
from banking.secret import Secret

log = logging.getLogger(__name__)

PURPOSE: Final = "clearing"  # bound into a file's sealed content
MOST_ITEMS = 5000  # a file; what is left has a file of its own

State, Direction, Fault = SettlementOrder.State, ClearingFile.Direction, ClearingFile.Fault
Outcome, Problem = ClearingItem.Outcome, ClearingItem.Problem


def files_out(*, at: datetime) -> list[ClearingFile]:
    """A file for each session that orders are to be sent in by now. Nobody hands them over yet."""
    _catch_up(at=at)
    ready = SettlementOrder.objects.filter(state=State.DEBITED, sends_at__lte=at)
    sessions = ready.order_by("system", "session").values_list("system", "session").distinct()
    made = []
    for system, session in sessions:
        while (file := _file_out(system, session, at=at)) is not None:
            made.append(file)
    return made


def take_in(name: str, content: bytes, *, at: datetime) -> ClearingFile:
    """A file of results: each item once, however often the file comes and wherever it broke off.

    A file that isn't whole is refused whole (`fault`). An item that does not fit is written down
    and moves nothing (`Outcome.ODD`). One that PostgreSQL would not take now is left for the
    next time; `is_complete` says whether there is one.
    """
    digest = hashlib.sha256(content).hexdigest()
    try:
        header, items = clearing_files.read_results(content)
    except BadFile as bad:
        return _refused(name, content, digest, bad.fault, at=at)
    if not Bank.objects.filter(code=header.bank_code, is_own=True).exists():
        return _refused(name, content, digest, Fault.BANK, at=at)
    file = _known(name, content, digest, header, items, at=at)
    if file.fault:
        return file
    for item in items:
        try:
            _take_item(file.pk, item, at=at)
        except DatabaseError:
            log.exception("item %d of %s is left for the next run", item.line, file.name)
    return file


def is_complete(file: ClearingFile) -> bool:
    """Whether each of its items was looked at; true of one that was refused whole."""
    return bool(file.fault) or file.items.count() == file.count


@transaction.atomic(durable=True)
def deem_paid(*, at: datetime) -> int:
    """In the city's exchange silence is payment: what was not returned in time. How many."""
    silent = SettlementOrder.objects.select_for_update(skip_locked=True).filter(
        state=State.SENT, system="city_exchange", settles_by__lte=at
    )
    for order in silent:
        settlement.succeeded(order, at=at)
    return len(silent)


@transaction.atomic(durable=True)
def _catch_up(*, at: datetime) -> None:
    """What its session went by without gets another, before anything is written."""
    missed = SettlementOrder.objects.select_for_update(skip_locked=True).filter(
        state=State.DEBITED, settles_by__lte=at
    )
    for order in missed:
        try:
            settlement.reroute(order, at=at)
        except clearing.NoRoute:
            log.exception("order %s finds no clearing system", order.pk)


@transaction.atomic(durable=True)
def _file_out(system: str, session: str, *, at: datetime) -> ClearingFile | None:
    """The next file of a session with what is ready for it; None: nothing is.

    Who writes the same session at the same time waits for these orders, and finds them sent.
    """
    orders = list(
        SettlementOrder.objects.select_for_update(of=("self",))
        .select_related("instruction__payer", "instruction__customer")
        .filter(
            state=State.DEBITED,
            system=system,
            session=session,
            sends_at__lte=at,
            settles_by__gt=at,
        )
        .order_by("id")[:MOST_ITEMS]
    )
    if not orders:
        return None
    earlier = ClearingFile.objects.filter(direction=Direction.OUT, system=system, session=session)
    name = f"{system}-{session}-{earlier.count() + 1:02d}.csv"
    header = Header("OUT", name, Bank.objects.get(is_own=True).code, system, session, at)
    items = [_payment(line, order) for line, order in enumerate(orders, start=1)]
    file = _store(Direction.OUT, header, clearing_files.write(header, items), items, at=at)
    ClearingItem.objects.bulk_create(
        ClearingItem(
            file=file,
            line=item.line,
            receipt=item.receipt,
            amount=item.amount,
            order=order,
            outcome=Outcome.SENT,
        )
        for item, order in zip(items, orders, strict=True)
    )
    for order in orders:
        settlement.sent(order, at=at)
    return file


def _payment(line: int, order: SettlementOrder) -> Payment:
    payer, customer = order.instruction.payer, order.instruction.customer
    assert payer is not None and customer is not None
    number = vault.unseal(bytes(order.payee_box), order.payee_key_version, ExternalPayee.PURPOSE)
    return Payment(
        line=line,
        receipt=order.instruction.receipt,
        payer_number=payer.number,
        payer_name=customer.name,
        bank_code=order.bank_code,
        payee_number=number.reveal(),
        payee_name=order.payee_name,
        amount=order.amount,
        remark=order.postscript,
    )


@transaction.atomic(durable=True)
def _known(
    name: str, content: bytes, digest: str, header: Header, items: list[Result], *, at: datetime
) -> ClearingFile:
    """The row of this very content, made when it first came."""
    same = ClearingFile.objects.filter(direction=Direction.RESULTS, sha256=digest).first()
    if same is not None:
        return same
    try:
        with transaction.atomic():
            return _store(Direction.RESULTS, header, content, items, at=at)
    except IntegrityError:  # of another worker at the same moment, or another file of that name
        same = ClearingFile.objects.filter(direction=Direction.RESULTS, sha256=digest).first()
        return same or _write_refused(name, content, digest, Fault.NAME, at=at)


@transaction.atomic(durable=True)
def _refused(
    name: str, content: bytes, digest: str, fault: ClearingFile.Fault, *, at: datetime
) -> ClearingFile:
    return _write_refused(name, content, digest, fault, at=at)


def _write_refused(
    name: str, content: bytes, digest: str, fault: ClearingFile.Fault, *, at: datetime
) -> ClearingFile:
    sealed = vault.seal(Secret(content.decode(errors="replace")), PURPOSE)
    file, _made = ClearingFile.objects.get_or_create(
        direction=Direction.RESULTS,
        sha256=digest,
        defaults={
            "name": name[:60],
            "at": at,
            "count": 0,
            "total": 0,
            "fault": fault,
            "box": sealed.box,
            "key_version": sealed.version,
        },
    )
    return file


def _store(
    direction: ClearingFile.Direction,
    header: Header,
    content: bytes,
    items: list[Payment] | list[Result],
    *,
    at: datetime,
) -> ClearingFile:
    sealed = vault.seal(Secret(content.decode()), PURPOSE)
    return ClearingFile.objects.create(
        direction=direction,
        name=header.name,
        system=header.system,
        session=header.session,
        at=at,
        count=len(items),
        total=sum(item.amount for item in items),
        sha256=hashlib.sha256(content).hexdigest(),
        box=sealed.box,
        key_version=sealed.version,
    )


@transaction.atomic(durable=True)
def _take_item(file_id: int, item: Result, *, at: datetime) -> None:
    """One line, once: who imports the same file waits for its row, and finds the line there."""
    file = ClearingFile.objects.select_for_update().get(pk=file_id)
    if file.items.filter(line=item.line).exists():
        return
    order = (
        SettlementOrder.objects.select_for_update(of=("self",))
        .select_related("instruction")
        .filter(instruction__journal__number=item.receipt)
        .first()
    )
    problem = _problem(order, item)
    if problem:
        outcome = Outcome.ODD
    else:
        assert order is not None
        outcome = Outcome.PAID if item.outcome == "PAID" else Outcome.RETURNED
        if outcome == Outcome.PAID:
            settlement.succeeded(order, at=at)
        else:
            settlement.bounced(order, item.reason, at=at)
    ClearingItem.objects.create(
        file=file,
        line=item.line,
        receipt=item.receipt,
        amount=item.amount,
        order=order,
        outcome=outcome,
        reason=item.reason,
        problem=problem,
    )


def _problem(order: SettlementOrder | None, item: Result) -> str:
    """Why this line does not fit what we know; "" if it does."""
    if order is None:
        return Problem.UNKNOWN
    if order.amount != item.amount:
        return Problem.AMOUNT
    under_way = {State.SENT} if item.outcome == "PAID" else {State.SENT, State.SUCCEEDED}
    return "" if order.state in under_way else Problem.STATE
