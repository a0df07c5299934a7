"""Oral loss reports (口头挂失): stopped at once, without a PIN, until they lapse."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest

from banking import vault
from banking.errors import LossAlready, LossNotFound
from banking.models import Account, Card, Customer, LossReport, LossTerm, Passbook
from banking.models.orders import Channel
from banking.secret import Secret
from calendars.clock import bank_day

STATUTORY_DAYS = 5  # 储蓄管理条例 Art. 31; a dated LossTerm says otherwise


@transaction.atomic(durable=True)
def report(
    number: Secret, id_number: Secret, *, channel: Channel, call_ref: str, at: datetime
) -> LossReport:
    """Stop the card or passbook of that number, if it is of who has that 证件号.

    Nothing is debited from its accounts until it lapses. Raises LossNotFound, LossAlready.
    """
    lost = _find(number, id_number)
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
    written = LossReport.objects.create(
        customer=Customer.objects.get(id_lookup__in=vault.lookups(id_number, "id")),
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
    card = Card.objects.filter(
        pan_lookup__in=vault.lookups(number, "card"),
        customer__id_lookup__in=owner,
        status=Card.Status.ACTIVE,
    ).first()
    found = (
        card
        or Passbook.objects.filter(
            number=number.reveal(), account__customer__id_lookup__in=owner
        ).first()
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
