"""Loss reports (挂失): what is lost is stopped at once, without a PIN, and for how long.

Reported orally it lapses by itself, unless it is confirmed in writing at the counter before; then
it holds until it is lifted (`banking/two_eyes.py`): what was lost is found, and works again.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet

from banking import vault
from banking.errors import LossAlready, LossConfirmed, LossNotFound, LossOver
from banking.models import Account, Card, LossReport, LossTerm, Passbook, Posting
from banking.models.orders import Channel
from banking.secret import Secret
from calendars.clock import bank_day
from people.approvals import NotYours
from people.models import Approval, User

STATUTORY_DAYS = 5  # 储蓄管理条例 Art. 31; a dated LossTerm says otherwise


@transaction.atomic(durable=True)
def report(
    number: Secret, id_number: Secret, *, channel: Channel, call_ref: str, at: datetime
) -> LossReport:
    """Stop the card or passbook of that number, if it is of who has that 证件号.

    The number may be its account's. Nothing is debited from its accounts until it lapses.
    Raises LossNotFound, LossAlready.
    """
    return _report(_find(number, id_number), channel=channel, call_ref=call_ref, at=at)


@transaction.atomic(durable=True)
def report_own(
    instrument: LossTerm.Instrument,
    pk: int,
    *,
    customer_id: int,
    channel: Channel,
    call_ref: str,
    at: datetime,
) -> LossReport:
    """As `report`, of a card or a passbook of hers who has proved who she is."""
    cards, books = instruments(customer_id)
    kept: list[Card] | list[Passbook] = cards
    if instrument == LossTerm.Instrument.PASSBOOK:
        kept = books
    lost = next((one for one in kept if one.pk == pk), None)
    if lost is None:
        raise LossNotFound
    return _report(lost, channel=channel, call_ref=call_ref, at=at)


@transaction.atomic(durable=True)
def confirm(report_id: int, *, form_number: str, by: User, at: datetime) -> LossReport:
    """书面挂失: she is at the counter and has signed the form of that number; it lapses no more.

    Raises NotYours, LossOver, LossConfirmed.
    """
    if not by.has_perm("banking.confirm_lossreport"):
        raise NotYours
    report, accounts = _lock(report_id)
    if not report.is_in_force(at) or _lapsed(report, accounts):
        raise LossOver
    if report.confirmed_at is not None:
        raise LossConfirmed
    report.confirmed_at, report.confirmed_by = at, by
    report.form_number = form_number
    report.save(update_fields=["confirmed_at", "confirmed_by", "form_number"])
    _stop(report.lost, accounts)
    return report


@transaction.atomic
def lift(report_id: int, *, under: Approval, at: datetime) -> None:
    """解挂: found again; whatever else was reported of the same accounts still stops them.

    As two decided at the counter (`banking/two_eyes.py`). Raises LossOver.
    """
    report, accounts = _lock(report_id)
    if not report.is_in_force(at):
        raise LossOver
    report.lifted_at, report.lifting = at, under
    report.save(update_fields=["lifted_at", "lifting"])
    _stop(report.lost, accounts)


def in_force(at: datetime) -> Q:
    """Those reports that stop something."""
    return Q(lifted_at=None) & (Q(confirmed_at__isnull=False) | Q(lapses_at__gt=at))


def instruments(customer_id: int) -> tuple[list[Card], list[Passbook]]:
    """What of hers can be lost, in the order it was issued."""
    cards = Card.objects.filter(customer_id=customer_id, status=Card.Status.ACTIVE)
    books = Passbook.objects.filter(account__customer_id=customer_id)
    still_used = books.exclude(account__status=Account.Status.CLOSED)
    return (
        list(cards.order_by("issued_on", "id")),
        list(still_used.select_related("account").order_by("issued_on", "id")),
    )


def _report(lost: Card | Passbook, *, channel: Channel, call_ref: str, at: datetime) -> LossReport:
    accounts = _lock_accounts(lost)
    # Read again now that nobody else reports it.
    lost = type(lost)._default_manager.select_for_update(no_key=True).get(pk=lost.pk)
    if lost.is_lost(at):
        raise LossAlready
    card = lost if isinstance(lost, Card) else None
    passbook = lost if isinstance(lost, Passbook) else None
    owner_id = card.customer_id if card else accounts[0].customer_id
    assert owner_id is not None  # the bank's own accounts have no passbook
    written = LossReport.objects.create(
        customer_id=owner_id,
        card=card,
        passbook=passbook,
        reported_at=at,
        lapses_at=at + timedelta(days=_days(lost, at)),
        channel=channel,
        call_ref=call_ref,
    )
    written.refresh_from_db(fields=["number"])
    _stop(lost, accounts)
    return written


def _lock(report_id: int) -> tuple[LossReport, list[Account]]:
    """The report and the accounts that it stops, alone with them until the commit."""
    accounts = _lock_accounts(LossReport.objects.get(pk=report_id).lost)
    found = LossReport.objects.select_for_update(of=("self",), no_key=True)
    return found.select_related("card", "passbook").get(pk=report_id), accounts


def _lock_accounts(lost: Card | Passbook) -> list[Account]:
    """All that it reaches, in id order: no debit is under way from here to the commit."""
    reached = Account.objects.filter(card=lost) if isinstance(lost, Card) else _of_book(lost)
    return list(reached.select_for_update(no_key=True).order_by("id"))


def _of_book(book: Passbook) -> QuerySet[Account]:
    return Account.objects.filter(pk=book.account_id)


def _lapsed(report: LossReport, accounts: list[Account]) -> bool:
    """Whether a debit has found it lapsed while who confirms it waited for the lock."""
    debits = Posting.objects.filter(account__in=accounts, amount__lt=0)
    return report.confirmed_at is None and debits.filter(journal__at__gte=report.lapses_at).exists()


def _stop(lost: Card | Passbook, accounts: list[Account]) -> None:
    """Of the thing and of each account what the reports that nobody lifted come to."""
    of_it = Q(card=lost) if isinstance(lost, Card) else Q(passbook=lost)
    lost.lost_in_writing, lost.lost_until = _longest(of_it)
    lost.save(update_fields=["lost_in_writing", "lost_until"])
    for account in accounts:
        reaching = Q(passbook__account=account)
        if account.card_id is not None:
            reaching |= Q(card=account.card_id)
        account.stopped, account.stopped_until = _longest(reaching)
        account.save(update_fields=["stopped", "stopped_until"])


def _longest(which: Q) -> tuple[bool, datetime | None]:
    """Whether one of them was confirmed in writing, and when the last of them would lapse."""
    found = LossReport.objects.filter(which, lifted_at=None)
    sums = found.aggregate(written=Count("confirmed_at"), until=Max("lapses_at"))
    return sums["written"] > 0, sums["until"]


def _find(number: Secret, id_number: Secret) -> Card | Passbook:
    owner = vault.lookups(id_number, "id")
    digits = number.reveal()
    cards = Card.objects.filter(customer__id_lookup__in=owner, status=Card.Status.ACTIVE)
    books = Passbook.objects.filter(account__customer__id_lookup__in=owner)
    found = (
        cards.filter(pan_lookup__in=vault.lookups(number, "card")).first()
        or books.filter(Q(number=digits) | Q(account__number=digits)).first()
        or cards.filter(accounts__number=digits).first()
    )
    if found is None:
        raise LossNotFound
    return found


def _days(lost: Card | Passbook, at: datetime) -> int:
    instrument = (
        LossTerm.Instrument.CARD if isinstance(lost, Card) else LossTerm.Instrument.PASSBOOK
    )
    term = (
        LossTerm.objects.filter(instrument=instrument, valid_from__lte=bank_day(at))
        .order_by("-valid_from")
        .first()
    )
    return term.days if term else STATUTORY_DAYS
