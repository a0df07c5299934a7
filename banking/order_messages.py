"""What a customer is written when an order ends otherwise than she was told.

In the transaction of that end, and once: whoever carries it out again writes nothing more.
"""

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from banking import outbox
from banking.errors import OrderRefused, PhoneStopped
from banking.models import Account, Customer, Instruction, SettlementOrder
from banking.models.customers import Language

# What staff read of "the customer", said to her.
STOPPED = _(
    "You have stopped debits by telephone; a branch allows them again. Nothing was debited."
)


def refused_when_due(order: Instruction, refusal: OrderRefused, *, at: datetime) -> None:
    """It was accepted for later, and could not be carried out when it was due."""
    assert order.customer and order.payer
    with _her_language(order.customer):
        reason = str(STOPPED if isinstance(refusal, PhoneStopped) else refusal)
    outbox.notify(
        order.customer,
        "order.refused_when_due",
        at=at,
        about=f"order:{order.key}",
        tail=order.payer.tail,
        amount=order.amount,
        receipt=order.receipt,
        reason=reason,
    )


def given_back(order: SettlementOrder, to: Account, *, at: datetime) -> None:
    """退汇 or 退回: it did not reach the payee, and the money is on her account again."""
    customer = order.instruction.customer
    assert customer
    with _her_language(customer):
        reason = str(SettlementOrder.Reason(order.reason).label)
    outbox.notify(
        customer,
        "order.given_back",
        at=at,
        about=f"order:{order.instruction_id}",
        tail=to.tail,
        payee=order.payee_last4,
        amount=order.amount,
        receipt=order.instruction.receipt,
        reason=reason,
    )


def _her_language(customer: Customer) -> translation.override:
    """Of what is read, as of the letter itself: Cantonese is written in Chinese."""
    return translation.override("en" if customer.language == Language.ENGLISH else "zh-hans")
