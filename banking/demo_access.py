"""The demo bank's rules of telephone banking, words for accounts, and what waits at a branch."""

import secrets
from datetime import date, datetime, timedelta

from banking import phone_debits, pins, unlocking
from banking.access import DEFAULTS
from banking.errors import PinWeak, PinWrong, TransactionPinLocked
from banking.models import AccessRule, Card, Customer, NicknameWord
from banking.models.customers import Purpose
from banking.models.orders import Channel
from banking.secret import Secret

SINCE = date(2024, 1, 1)
# Each is said by the prompt `nickname.<slug>`.
WORDS = (
    *(("salary", "工资"), ("household", "家用"), ("savings", "储蓄")),
    *(("mortgage", "还贷"), ("child", "孩子")),
)
MAILBOXES = 3  # of the test customers so many gave an e-mail address
LOCKED_OUT, STOPPED = 2, 2  # so many of the last customers


def terms() -> None:
    """Rules and words as the bank publishes them."""
    for name, value in DEFAULTS.items():
        AccessRule.objects.get_or_create(name=name, valid_from=SINCE, defaults={"value": value})
    for position, (slug, word) in enumerate(WORDS, start=1):
        NicknameWord.objects.get_or_create(slug=slug, defaults={"word": word, "position": position})


def build(at: datetime) -> None:
    """Customers must be there. What some of them did on the phone today is written by services."""
    terms()
    for customer in Customer.objects.filter(is_test=True).order_by("number")[:MAILBOXES]:
        customer.email = f"{customer.number}@example.cn"
        customer.save(update_fields=["email"])
    last = list(
        Card.objects.filter(customer__is_test=False).order_by("-customer__number")[
            : LOCKED_OUT + STOPPED
        ]
    )
    for place, card in enumerate(last):
        then = at - timedelta(minutes=40 + 35 * place)
        if place < LOCKED_OUT:
            _lock_out(card, then)
            unlocking.request(card.pk, call_ref="", at=then + timedelta(minutes=3))
        else:
            phone_debits.stop(card.customer_id, channel=Channel.PHONE, call_ref="", at=then)


def _lock_out(card: Card, at: datetime) -> None:
    """She mistypes her transaction PIN until it is locked."""
    _set_pin(card, at - timedelta(days=30))
    wrong = Secret("000000")  # too weak to be the right one
    while True:
        try:
            pins.verify(card.pk, wrong, Purpose.TRANSACTION, call_ref="", at=at)
        except TransactionPinLocked:
            return
        except PinWrong:
            continue


def _set_pin(card: Card, at: datetime) -> None:
    """A random one that is not weak."""
    while True:
        pin = Secret(f"{secrets.randbelow(10**6):06}")
        try:
            return pins.set_pin(card.pk, pin, Purpose.TRANSACTION, at=at)
        except PinWeak:
            continue
