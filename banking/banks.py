"""Payees at other banks, registered and ended at a branch; and the directory of those banks."""

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from banking import vault
from banking.errors import BankCodeInvalid, PayeeAlready, PayeeNumberInvalid
from banking.models import Bank, Customer, ExternalPayee
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
    if not is_bank_code(bank_code) or Bank.objects.filter(code=bank_code, is_own=True).exists():
        raise BankCodeInvalid
    if not is_account_number(number.reveal()):
        raise PayeeNumberInvalid
    known = ExternalPayee.objects.filter(
        customer=customer,
        bank_code=bank_code,
        number_lookup__in=vault.lookups(number, ExternalPayee.PURPOSE),
        ended_on=None,
    )
    if known.exists():
        raise PayeeAlready
    sealed = vault.seal(number, ExternalPayee.PURPOSE)
    try:
        with transaction.atomic():
            return ExternalPayee.objects.create(
                customer=customer,
                bank_code=bank_code,
                number_box=sealed.box,
                number_lookup=sealed.lookup,
                number_key_version=sealed.version,
                last4=number.reveal()[-4:],
                name=name,
                registered_on=on,
            )
    except IntegrityError as twice:  # by another clerk, at the same moment
        raise PayeeAlready from twice


@transaction.atomic(durable=True)
def end(payee_id: int, *, on: date) -> ExternalPayee:
    """Not to be paid any more, from now on; ended twice is ended once. Nothing is deleted."""
    payee = ExternalPayee.objects.select_for_update().get(pk=payee_id)
    if payee.ended_on is None:
        payee.ended_on = on
        payee.save(update_fields=["ended_on"])
    return payee


def in_force(customer_id: int) -> QuerySet[ExternalPayee]:
    """In the order of registration."""
    return ExternalPayee.objects.filter(customer_id=customer_id, ended_on=None).order_by("id")


def bank_of(code: str) -> Bank | None:
    """The branch with that 行号, if the directory has it and it still takes part."""
    return Bank.objects.filter(code=code, ended_on=None).first()


def banks_in(city: str, name: str = "") -> QuerySet[Bank]:
    """Branches of other banks in a city, by the beginning or a part of the bank's name."""
    found = Bank.objects.filter(city=city, ended_on=None, is_own=False)
    return found.filter(name__icontains=name).order_by("code")
