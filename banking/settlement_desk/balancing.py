"""结算日报: a day's orders, journals and clearing files, read, tied and kept."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet, Sum

from banking import ledger
from banking.ledger import ZERO
from banking.models import (
    ClearingFile,
    ClearingItem,
    Journal,
    SettlementDay,
    SettlementDifference,
    SettlementOrder,
    SettlementSum,
)
from banking.models.clearing import System
from banking.models.ledger import Internal
from banking.settlement_desk import queue, suspense, tying
from banking.settlement_desk.tying import Books, Difference, Entry, File, Open
from calendars.clock import SHANGHAI, bank_day

Book, Kind = SettlementSum.Book, SettlementDifference.Kind
State = SettlementOrder.State


def draw_up(day: date, *, at: datetime) -> SettlementDay:
    """The day's balancing, anew: what was drawn up before is replaced.

    What is open (suspended, on the desk, under way, under suspense) is as it is at `at`.
    """
    with _one_moment():
        found, sums = tying.differences(books(day, at=at)), list(_sums(day, at=at))
    return _keep(day, found, sums, at=at)


@contextmanager
def _one_moment() -> Iterator[None]:
    """All books as of one moment: what is debited while they are read is in none of them."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


@transaction.atomic(durable=True)
def _keep(
    day: date, found: Iterable[Difference], sums: Sequence[SettlementSum], *, at: datetime
) -> SettlementDay:
    row, _ = SettlementDay.objects.select_for_update().get_or_create(
        day=day, defaults={"drawn_at": at}
    )
    row.sums.all().delete()
    row.differences.all().delete()
    for line in sums:
        line.settlement_day = row
    SettlementSum.objects.bulk_create(sums)
    SettlementDifference.objects.bulk_create(
        SettlementDifference(
            settlement_day=row,
            kind=one.kind,
            name=one.name,
            ours=one.ours,
            theirs=one.theirs,
            since=one.since,
            order_id=one.order_id,
        )
        for one in found
    )
    row.drawn_at = at
    row.save(update_fields=["drawn_at"])
    return row


def books(day: date, *, at: datetime) -> Books:
    """What each book says of the day."""
    unsettled = suspense.unsettled()
    return Books(
        debited=_entries(_debited(day), "instruction__receipt"),
        outward=_entries(_journals(day, Journal.Kind.OUTWARD), "number"),
        given_back=_entries(_given_back(day), "return_journal__number"),
        returned=_entries(_returned(day), "number"),
        sent=_entries(_sent(day), "instruction__receipt"),
        filed=_entries(_filed(day), "receipt"),
        files=tuple(_files(day)),
        odd=_entries(_odd(day), "receipt"),
        open=tuple(_open(unsettled, at=at)),
        suspense=ledger.internal_balance(Internal.SUSPENSE),
        explained=unsettled.total,
        clearing=ledger.internal_balance(Internal.CLEARING),
        under_way=_under_way(),
    )


def _sums(day: date, *, at: datetime) -> Iterable[SettlementSum]:
    """Lines that are of no day yet."""
    by = "system"
    parts = (
        (Book.ORDERS, _debited(day), by, "amount"),
        (Book.OUTWARD, _journals(day, Journal.Kind.OUTWARD), "", "amount"),
        (Book.SENT, _sent(day), by, "amount"),
        (Book.FILES, _filed(day), "file__system", "amount"),
        (Book.GIVEN_BACK, _given_back(day), by, "amount"),
        (Book.RETURNED, _returned(day), "", "amount"),
        (Book.STATES, _debited(day), "state", "amount"),
    )
    for book, rows, part, amount in parts:
        grouped = rows.order_by(part or "pk").values_list(part) if part else None
        if grouped is None:
            whole = rows.aggregate(count=Count("pk", distinct=True), total=Sum(amount))
            found = [("", whole["count"], whole["total"] or ZERO)]
        else:
            found = list(grouped.annotate(Count("pk"), Sum(amount)))
        for name, count, total in found:
            yield SettlementSum(book=book, part=name, count=count, total=total or ZERO)
    unsettled, today = suspense.unsettled(), bank_day(at)
    for book, aged in (
        (Book.SUSPENDED, unsettled.set_aside(today)),
        (Book.SUSPENSE, unsettled.money(today)),
    ):
        for one in aged:
            if one.count:
                yield SettlementSum(book=book, part=one.band, count=one.count, total=one.total)


def _entries(rows: QuerySet, name: str) -> tuple[Entry, ...]:  # type: ignore[type-arg]
    """Journals have no order of their own to lead to; they are found by their number."""
    order = {SettlementOrder: "pk", ClearingItem: "order_id"}.get(rows.model)
    fields = (name, "amount", *([order] if order else []))
    return tuple(Entry(row[0] or "", *row[1:]) for row in rows.values_list(*fields))


def _debited(day: date) -> QuerySet[SettlementOrder]:
    return _on(SettlementOrder.objects.all(), "debited_at", day)


def _sent(day: date) -> QuerySet[SettlementOrder]:
    return _on(SettlementOrder.objects.all(), "sent_at", day)


def _given_back(day: date) -> QuerySet[SettlementOrder]:
    return _on(SettlementOrder.objects.all(), "returned_at", day)


def _journals(day: date, kind: Journal.Kind) -> QuerySet[Journal]:
    """With the yuan that they moved."""
    moved = Sum("postings__amount", filter=Q(postings__amount__gt=0))
    return Journal.objects.filter(booked_on=day, kind=kind).annotate(amount=moved)


def _returned(day: date) -> QuerySet[Journal]:
    """What undid an order; what pays out of suspense is a part of one of these."""
    return _journals(day, Journal.Kind.RETURNED).filter(part_of__kind=Journal.Kind.OUTWARD)


def _filed(day: date) -> QuerySet[ClearingItem]:
    items = ClearingItem.objects.filter(file__direction=ClearingFile.Direction.OUT)
    return _on(items, "file__at", day)


def _odd(day: date) -> QuerySet[ClearingItem]:
    items = ClearingItem.objects.filter(outcome=ClearingItem.Outcome.ODD)
    return _on(items, "file__at", day)


def _files(day: date) -> Iterable[File]:
    rows = _on(ClearingFile.objects.all(), "at", day).annotate(
        number=Count("items"), amount=Sum("items__amount")
    )
    for row in rows.order_by("id"):
        yield File(
            name=row.name,
            is_results=row.direction == ClearingFile.Direction.RESULTS,
            is_refused=bool(row.fault),
            count=row.count,
            total=row.total,
            items=row.number,
            items_total=row.amount or ZERO,
        )


def _open(unsettled: suspense.Unsettled, *, at: datetime) -> Iterable[Open]:
    for order in unsettled.orders:
        since = order.suspended_at or order.submitted_at
        yield Open(Kind.SUSPENDED, order.instruction.receipt, order.amount, since, order.pk)
    for order in _unanswered(at=at).select_related("instruction"):
        receipt, since = order.instruction.receipt, order.settles_by
        yield Open(Kind.UNANSWERED, receipt, order.amount, since, order.pk)
    for order in queue.late(at=at).select_related("instruction"):
        receipt, since = order.instruction.receipt, order.cut_off_at
        yield Open(Kind.ON_DESK, receipt, order.amount, since, order.pk)
    for item in unsettled.items:
        yield Open(Kind.SUSPENSE, item.number, item.amount, item.since, item.order_id)


def _unanswered(*, at: datetime) -> QuerySet[SettlementOrder]:
    """Sent, and the other bank should have said by now; in the city's exchange silence is yes."""
    late = SettlementOrder.objects.filter(state=State.SENT, settles_by__lte=at)
    return late.exclude(system=System.CITY).order_by("settles_by", "id")


def _under_way() -> Decimal:
    """Yuan that orders put on the clearing account and nothing took from it again.

    What the other bank has been paid stays there: its own books with the central bank are not
    kept here.
    """
    there = SettlementOrder.objects.filter(debited_at__isnull=False, return_journal=None)
    total: Decimal | None = there.aggregate(total=Sum("amount"))["total"]
    return total or ZERO


def _on(rows: QuerySet, field: str, day: date) -> QuerySet:  # type: ignore[type-arg]
    """Of the day of the bank."""
    since = datetime.combine(day, time(), SHANGHAI)
    return rows.filter(**{f"{field}__gte": since, f"{field}__lt": since + timedelta(days=1)})
