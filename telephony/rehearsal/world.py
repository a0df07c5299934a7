"""Who makes a saved call: a customer who exists as long as it lasts, and always owns the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from banking import customers, pins
from banking.models import Account, Customer, Journal
from banking.models.customers import Purpose
from banking.numbers import id_check_digit, luhn_digit
from banking.secret import Secret

OPENING = Decimal(100_000)  # yuan on the account of her card; on the other one a tenth
QUERY_PIN, TRANSACTION_PIN = "274916", "830527"
SINCE = timedelta(days=90)  # before her call: nothing about her is new
AREA, BORN = "710000", "19850615"  # no branch of ours is there: nobody else has these numbers


@dataclass(frozen=True, slots=True)
class World:
    """`keys` are what stands in braces in a script; `names` are accounts as a journal shows."""

    customer_id: int
    keys: Mapping[str, str]
    names: Mapping[int, str]
    upto: int  # the last journal before the call


def make(*, at: datetime) -> World:
    """A test customer with two accounts, both passwords, and a registered payee."""
    before = at - SINCE
    day = before.date()
    caller, card, account = _customer(1, "试拨客户", at=before)
    payee, payee_card, payee_account = _customer(2, "试拨收款人", at=before)
    second = customers.open_account(caller, number=_account_number(3), on=day)
    customers.register_payee(caller, payee_account, name=payee.name, on=day)
    customers.deposit(account.pk, OPENING, at=before)
    customers.deposit(second.pk, OPENING / 10, at=before)
    return World(
        customer_id=caller.pk,
        keys={
            "card": card,
            "pin": QUERY_PIN,
            "transaction_pin": TRANSACTION_PIN,
            "id": _id_number(1).replace("X", "*"),  # as she keys it
            "payee": payee_card,
        },
        names={account.pk: "card", second.pk: "second", payee_account.pk: "payee"},
        upto=Journal.objects.order_by("-pk").values_list("pk", flat=True)[0],
    )


def _customer(n: int, name: str, *, at: datetime) -> tuple[Customer, str, Account]:
    """With one card on one account, both passwords set; her card's number."""
    day: date = at.date()
    customer = customers.register(
        number=f"99{n:08d}",
        name=name,
        id_number=Secret(_id_number(n)),
        mobile=f"1990000{n:04d}",
        is_test=True,
    )
    body = f"62220299{n:010d}"
    number = body + luhn_digit(body)
    card = customers.issue_card(customer, Secret(number), on=day)
    account = customers.open_account(customer, number=_account_number(n), on=day, card=card)
    pins.set_pin(card.pk, Secret(QUERY_PIN), Purpose.QUERY, at=at)
    pins.set_pin(card.pk, Secret(TRANSACTION_PIN), Purpose.TRANSACTION, at=at)
    return customer, number, account


def _account_number(n: int) -> str:
    return f"9999{n:012d}"


def _id_number(n: int) -> str:
    body = f"{AREA}{BORN}{n:03d}"
    return body + id_check_digit(body)
