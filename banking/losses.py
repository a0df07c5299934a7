"""Oral loss reports (口头挂失): stopped at once, without a PIN, until they lapse."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest

from banking import vault
from banking.errors import LossAlready, LossNotFound
from banking.models import Account, Card, LossReport, LossTerm, Passbook
from banking.models.orders import Channel
from banking.secret import Secret
from calendars.clock import bank_day

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
    card = lost if isinstance(lost, Card) else None
    passbook = lost if isinstance(lost, Passbook) else None
    reached = Account.objects.filter(Q(card=card) if card else Q(passbook=passbook))
    accounts = list(reached.select_for_update(no_key=True).order_by("id"))
    # Read again now that nobody else reports it.
    lost = type(lost)._default_manager.select_for_update(no_key=True).get(pk=lost.pk)
    if lost.is_lost(at):
        raise LossAlready
    lost.lost_until = at + timedelta(days=_days(lost, at))
    lost.save(update_fields=["lost_until"])
    # Another thing that reaches the same account may be lost for longer.
    Account.objects.filter(pk__in=[account.pk for account in accounts]).update(
        stopped_until=Greatest(F("stopped_until"), lost.lost_until)
    )
    owner_id = card.customer_id if card else accounts[0].customer_id
    assert owner_id is not None  # the bank's own accounts have no passbook
    written = LossReport.objects.create(
        customer_id=owner_id,
        card=card,
        passbook=passbook,
        reported_at=at,
        lapses_at=lost.lost_until,
        channel=channel,
        call_ref=call_ref,
    )
    written.refresh_from_db(fields=["number"])
    return written


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
