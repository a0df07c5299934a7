"""Opening what a customer has at a branch: herself, cards, accounts, passbooks, payees."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from banking import ledger, vault
from banking.errors import (
    AccountClosed,
    AmountInvalid,
    CardInvalid,
    CustomerExists,
    IdNumberInvalid,
    NotHolder,
    PayeeUnknown,
)
from banking.ledger import Leg
from banking.models import Account, Card, Customer, Journal, Passbook, Payee
from banking.models.customers import Language, Vip
from banking.models.ledger import Internal
from banking.numbers import birth_date, is_card_number, is_id_number
from banking.secret import Secret
from people.models import Branch


@transaction.atomic(durable=True)
def register(
    *,
    number: str,
    name: str,
    id_number: Secret,
    mobile: str = "",
    vip: Vip = Vip.ORDINARY,
    language: Language = Language.MANDARIN,
    is_test: bool = False,
) -> Customer:
    """A new customer; her birth date is in the 证件号. Raises IdNumberInvalid, CustomerExists."""
    if not is_id_number(id_number.reveal()):
        raise IdNumberInvalid
    if find(id_number):
        raise CustomerExists
    sealed = vault.seal(id_number, "id")
    return Customer.objects.create(
        number=number,
        name=name,
        vip=vip,
        mobile=mobile,
        born_on=birth_date(id_number.reveal()),
        language=language,
        id_box=sealed.box,
        id_lookup=sealed.lookup,
        id_last4=id_number.reveal()[-4:],
        id_key_version=sealed.version,
        is_test=is_test,
    )


@transaction.atomic(durable=True)
def issue_card(customer: Customer, pan: Secret, *, on: date) -> Card:
    """Raises CardInvalid if the number fails its check digit."""
    if not is_card_number(pan.reveal()):
        raise CardInvalid
    sealed = vault.seal(pan, "card")
    return Card.objects.create(
        customer=customer,
        pan_box=sealed.box,
        pan_lookup=sealed.lookup,
        first4=pan.reveal()[:4],
        last4=pan.reveal()[-4:],
        pan_key_version=sealed.version,
        issued_on=on,
    )


@transaction.atomic(durable=True)
def open_account(
    customer: Customer,
    *,
    number: str,
    on: date,
    branch: Branch | None = None,
    card: Card | None = None,
    passbook: str = "",
    nickname: str = "",
) -> Account:
    """A demand account in CNY, reached by a card, a passbook (its number) or both."""
    account = Account.objects.create(
        number=number,
        customer=customer,
        card=card,
        branch=branch,
        nickname=nickname,
        opened_on=on,
    )
    if passbook:
        Passbook.objects.create(account=account, number=passbook, issued_on=on)
    return account


@transaction.atomic(durable=True)
def deposit(account_id: int, amount: Decimal, *, at: datetime, summary: str = "") -> str:
    """Cash paid in at the counter; the receipt number. Raises AmountInvalid, AccountClosed."""
    if amount <= 0:
        raise AmountInvalid
    (account,) = ledger.lock(account_id)
    if account.status == Account.Status.CLOSED:
        raise AccountClosed
    cash = ledger.internal(Internal.CASH)
    legs = [Leg(account_id, amount), Leg(cash, -amount)]
    return ledger.post(Journal.Kind.DEPOSIT, legs, at=at, summary=summary).number


@transaction.atomic(durable=True)
def register_payee(customer: Customer, account: Account, *, name: str, on: date) -> Payee:
    """At a branch, after a check that `name` is the account holder's. Raises PayeeUnknown."""
    if account.customer is None or account.customer.name != name:
        raise PayeeUnknown
    return Payee.objects.create(customer=customer, account=account, name=name, registered_on=on)


def find(id_number: Secret) -> Customer | None:
    return Customer.objects.filter(id_lookup__in=vault.lookups(id_number, "id")).first()


def find_card(pan: Secret) -> Card:
    """Raises CardInvalid: no card number, or none of ours that is open."""
    if not is_card_number(pan.reveal()):
        raise CardInvalid
    card = (
        Card.objects.select_related("customer")
        .filter(pan_lookup__in=vault.lookups(pan, "card"))
        .exclude(status=Card.Status.CLOSED)
        .first()
    )
    if card is None:
        raise CardInvalid
    return card


def card_of(pan: Secret, id_number: Secret) -> Card:
    """Of who knows both numbers: no proof for money, enough to stop it. Raises NotHolder."""
    card = (
        Card.objects.filter(
            pan_lookup__in=vault.lookups(pan, "card"),
            customer__id_lookup__in=vault.lookups(id_number, "id"),
        )
        .exclude(status=Card.Status.CLOSED)
        .first()
    )
    if card is None:
        raise NotHolder
    return card


def find_payee_account(number: Secret) -> Account:
    """By card number (its first account) or account number. Raises PayeeUnknown."""
    open_accounts = Account.objects.select_related("card").filter(
        kind=Account.Kind.DEMAND, status__in=[Account.Status.ACTIVE, Account.Status.FROZEN]
    )
    by_card = open_accounts.filter(
        card__pan_lookup__in=vault.lookups(number, "card"), card__status=Card.Status.ACTIVE
    )
    found = by_card.order_by("id").first() or open_accounts.filter(number=number.reveal()).first()
    if found is None:
        raise PayeeUnknown
    return found
