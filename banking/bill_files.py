"""A file a day to a biller, and its answer: lines of fields between bars, UTF-8.

    H|CABLE|20261124                        header: biller, day of the payments
    D|<key>|<contract>|<amount>             a payment
    T|<count>|<amount>                      trailer

The answer names what it rejects; whatever it doesn't name is accepted:

    H|CABLE|20261124
    R|<key>|<amount>|<reason>
    T|<accepted>|<amount>|<rejected>|<amount>

A file is written whole or not at all, and an answer is believed whole or not at all. What follows
from an answer is done payment by payment and may be taken up again at any time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.db import transaction

from banking import bills
from banking.billers import Answer
from banking.errors import ReplyInvalid
from banking.ledger import ZERO
from banking.models import Biller, BillerFile, BillerReply, BillPayment
from calendars.clock import SHANGHAI, bank_day

State = BillPayment.State
LONGEST_REPLY = 5_000_000  # characters; a day of the largest biller is a tenth of it
REASON = 60  # characters of a reason that are kept


@dataclass(frozen=True, slots=True)
class Reject:
    key: UUID
    amount: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it was read; its trailer's figures."""

    biller: str
    day: date
    rejects: tuple[Reject, ...]
    paid_count: int
    paid_amount: Decimal


# -- out -------------------------------------------------------------------------------------------


def due(*, at: datetime) -> list[tuple[Biller, date]]:
    """Days before today whose payments wait for a file, and whose hour has come.

    A day has one file: while a payment of it is still being asked for, the others wait.
    """
    past = BillPayment.objects.filter(booked_on__lt=bank_day(at))
    pairs = past.filter(state=State.QUEUED).values_list("biller", "booked_on")
    asking = past.filter(state__in=[State.DEBITED, State.ASKED])
    ready = set(pairs) - set(asking.values_list("biller", "booked_on"))
    billers = Biller.objects.in_bulk({biller for biller, _day in ready})
    found = [(billers[biller], day) for biller, day in sorted(ready)]
    return [(biller, day) for biller, day in found if _hour(biller, day) <= at]


def _hour(biller: Biller, day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), biller.file_at, SHANGHAI)


@transaction.atomic(durable=True)
def write(biller: Biller, day: date, *, at: datetime) -> BillerFile | None:
    """Put a past day's payments into its file, once; None where there are none to send.

    A day is over when its file is due, so nothing comes after it.
    """
    found = BillPayment.objects.select_for_update().filter(
        biller=biller, booked_on=day, state=State.QUEUED
    )
    payments = list(found.order_by("journal_id"))
    if not payments:
        return BillerFile.objects.filter(biller=biller, day=day).first()
    total = sum((payment.amount for payment in payments), ZERO)
    file = BillerFile.objects.create(
        biller=biller,
        day=day,
        made_at=at,
        count=len(payments),
        amount=total,
        text="\n".join(_lines(biller, day, payments, total)) + "\n",
    )
    keys = [payment.pk for payment in payments]
    BillPayment.objects.filter(pk__in=keys).update(state=State.SENT, file=file)
    return file


def _lines(biller: Biller, day: date, payments: list[BillPayment], total: Decimal) -> Iterator[str]:
    yield f"H|{biller.code}|{day:%Y%m%d}"
    for payment in payments:
        yield f"D|{payment.pk}|{payment.contract}|{payment.amount:.2f}"
    yield f"T|{len(payments)}|{total:.2f}"


# -- in --------------------------------------------------------------------------------------------


def parse(text: str) -> Reply:
    """Raises ReplyInvalid with the line that is wrong."""
    if len(text) > LONGEST_REPLY:
        raise ReplyInvalid(line=0)
    lines = [line.strip() for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    number = 0
    try:
        match lines[0].split("|"):
            case ["H", biller, day]:
                on = datetime.strptime(day, "%Y%m%d").date()  # noqa: DTZ007  # a date alone
            case _:
                raise ReplyInvalid(line=1)
        rejects = []
        for number, line in enumerate(lines[1:-1], start=2):
            _r, key, amount, reason = line.split("|")
            if _r != "R":
                raise ReplyInvalid(line=number)
            rejects.append(Reject(UUID(key), _yuan(amount), reason[:REASON]))
        number = len(lines)
        _t, paid, paid_amount, rejected, rejected_amount = lines[-1].split("|")
        reply = Reply(biller, on, tuple(rejects), int(paid), _yuan(paid_amount))
        total = sum((reject.amount for reject in rejects), ZERO)
        agree = (int(rejected), _yuan(rejected_amount)) == (len(rejects), total)
    except (ValueError, IndexError, InvalidOperation):
        raise ReplyInvalid(line=number or 1) from None
    if _t != "T" or not agree or len({reject.key for reject in rejects}) != len(rejects):
        raise ReplyInvalid(line=number)
    return reply


def _yuan(text: str) -> Decimal:
    amount = Decimal(text)
    if not amount.is_finite() or amount < 0 or amount != amount.quantize(Decimal("0.01")):
        raise ValueError(text)
    return amount


@transaction.atomic(durable=True)
def take_in(text: str, *, at: datetime) -> BillerReply:
    """Keep a biller's answer, if it fits the file to a payment and to a fen; taken in once.

    Raises ReplyInvalid: then nothing was believed. `carry_through` does what follows.
    """
    reply = parse(text)
    file = BillerFile.objects.filter(biller__code=reply.biller, day=reply.day).first()
    if file is None:
        raise ReplyInvalid(line=1)
    if known := BillerReply.objects.filter(file=file).first():
        if known.text != text:
            raise ReplyInvalid(line=0)  # another answer to the same file
        return known
    sent = dict(BillPayment.objects.filter(file=file).values_list("pk", "amount"))
    for number, reject in enumerate(reply.rejects, start=2):
        if sent.get(reject.key) != reject.amount:
            raise ReplyInvalid(line=number)
    rejected = sum((reject.amount for reject in reply.rejects), ZERO)
    accepted = (file.count - len(reply.rejects), file.amount - rejected)
    if (reply.paid_count, reply.paid_amount) != accepted:
        raise ReplyInvalid(line=len(reply.rejects) + 2)
    return BillerReply.objects.create(
        file=file,
        taken_at=at,
        paid_count=reply.paid_count,
        paid_amount=reply.paid_amount,
        rejected_count=len(reply.rejects),
        rejected_amount=rejected,
        text=text,
    )


def unfinished() -> list[BillerReply]:
    """Answers that were taken in and not carried through."""
    found = BillerReply.objects.filter(file__billpayment__state=State.SENT)
    return list(found.distinct().order_by("taken_at"))


def carry_through(reply: BillerReply, *, at: datetime) -> None:
    """Return what it rejects, then accept the rest; whatever is done already stays as it is."""
    rejects = parse(reply.text).rejects
    for reject in rejects:
        bills.settle(key=reject.key, answer=Answer("rejected", reject.reason), at=at)
    with transaction.atomic(durable=True):
        rest = BillPayment.objects.filter(file=reply.file, state=State.SENT)
        rest.exclude(pk__in=[reject.key for reject in rejects]).update(
            state=State.PAID, settled_at=at
        )
