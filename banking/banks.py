"""Payees at other banks, registered and ended at a branch; and the directory of those banks."""

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from banking import vault
from banking.errors import BankCodeInvalid, PayeeAlready, PayeeNumberInvalid
from banking.models import Bank, Customer, ExternalPayee
from banking.models.orders import Channel
from banking.numbers import is_account_number, is_bank_code
from banking.secret import Secret


@transaction.atomic(durable=True)
def register(
    customer: Customer, *, bank_code: str, number: Secret, name: str, on: date
) -> ExternalPayee:
    """At a branch, by the payee's account, bank code (行号) and name as her bank has them.

    A code that the directory lacks is taken if its check digit holds: the settlement desk looks
    it up. Raises BankCodeInvalid, PayeeNumberInvalid, PayeeAlready.
    """
    _check(bank_code, number)
    if _known(customer, bank_code, number, Channel.COUNTER).exists():
        raise PayeeAlready
    try:
        with transaction.atomic():
            return _create(customer, bank_code, number, name, Channel.COUNTER, on=on)
    except IntegrityError as twice:  # by another clerk, at the same moment
        raise PayeeAlready from twice


@transaction.atomic(durable=True)
def named_online(
    customer: Customer, *, bank_code: str, number: Secret, name: str, on: date
) -> ExternalPayee:
    """Whom she names by internet banking; named alike again, the same row. The phone pays none.

    Raises BankCodeInvalid, PayeeNumberInvalid.
    """
    _check(bank_code, number)
    known = _known(customer, bank_code, number, Channel.ONLINE).filter(name=name)
    if found := known.first():
        return found
    try:
        with transaction.atomic():
            return _create(customer, bank_code, number, name, Channel.ONLINE, on=on)
    except IntegrityError:  # by another request of hers, at the same moment
        return known.get()


def _check(bank_code: str, number: Secret) -> None:
    """Raises BankCodeInvalid, PayeeNumberInvalid."""
    if not is_bank_code(bank_code) or Bank.objects.filter(code=bank_code, is_own=True).exists():
        raise BankCodeInvalid
    if not is_account_number(number.reveal()):
        raise PayeeNumberInvalid


def _known(
    customer: Customer, bank_code: str, number: Secret, channel: Channel
) -> QuerySet[ExternalPayee]:
    return ExternalPayee.objects.filter(
        customer=customer,
        channel=channel,
        bank_code=bank_code,
        number_lookup__in=vault.lookups(number, ExternalPayee.PURPOSE),
        ended_on=None,
    )


def _create(
    customer: Customer, bank_code: str, number: Secret, name: str, channel: Channel, *, on: date
) -> ExternalPayee:
    sealed = vault.seal(number, ExternalPayee.PURPOSE)
    return ExternalPayee.objects.create(
        customer=customer,
        channel=channel,
        bank_code=bank_code,
        number_box=sealed.box,
        number_lookup=sealed.lookup,
        number_key_version=sealed.version,
        last4=number.reveal()[-4:],
        name=name,
        registered_on=on,
    )


@transaction.atomic(durable=True)
def end(payee_id: int, *, on: date) -> ExternalPayee:
    """Not to be paid any more, from now on; ended twice is ended once. Nothing is deleted."""
    payee = ExternalPayee.objects.select_for_update().get(pk=payee_id)
    if payee.ended_on is None:
        payee.ended_on = on
        payee.save(update_fields=["ended_on"])
    return payee


def in_force(customer_id: int, channel: Channel = Channel.COUNTER) -> QuerySet[ExternalPayee]:
    """Those registered at a branch, in that order; by internet banking also those named there."""
    found = ExternalPayee.objects.filter(customer_id=customer_id, ended_on=None).order_by("id")
    return found if channel == Channel.ONLINE else found.filter(channel=Channel.COUNTER)


def bank_of(code: str) -> Bank | None:
    """The branch with that 行号, if the directory has it and it still takes part."""
    return Bank.objects.filter(code=code, ended_on=None).first()


def look_up(text: str, *, most: int) -> list[Bank]:
    """Branches of other banks by the beginning of the code, or by words of name and city."""
    found = Bank.objects.filter(ended_on=None, is_own=False)
    words = text.split()
    if not words:
        return []
    for word in words:
        named = Q(name__icontains=word) | Q(short__icontains=word) | Q(city__startswith=word)
        found = found.filter(Q(code__startswith=word) if word.isdecimal() else named)
    return list(found.order_by("code")[:most])
