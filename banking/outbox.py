"""Messages to customers: written in her language, queued with what they tell of."""

from datetime import datetime
from typing import Any

from banking import letters
from banking.errors import NoAddress
from banking.models import Customer, OutboxMessage

Channel = OutboxMessage.Channel


def send(
    customer: Customer,
    template: str,
    *,
    at: datetime,
    channel: Channel = Channel.SMS,
    about: str = "",
    **values: Any,
) -> OutboxMessage:
    """Queue a letter (`banking/letters/`) with `values` in its places.

    In the caller's transaction: what did not commit was not written of. About one thing a letter
    is written once; again gives the first. Raises NoAddress.
    """
    address = customer.email if channel == Channel.EMAIL else customer.mobile
    if not address:
        raise NoAddress
    letter = letters.write(template, customer.language, values)
    message = OutboxMessage(
        customer=customer,
        channel=channel,
        address=address,
        template=template,
        about=about,
        language=customer.language,
        title=letter.title,
        text=letter.text.strip(),
        queued_at=at,
    )
    if not about:
        message.save()
        return message
    OutboxMessage.objects.bulk_create([message], ignore_conflicts=True)
    return OutboxMessage.objects.get(customer=customer, template=template, about=about)


def notify(customer: Customer, template: str, *, at: datetime, about: str, **values: Any) -> None:
    """`send` by whatever address the bank has of her, her mobile first; by none if it has none."""
    for channel, address in ((Channel.SMS, customer.mobile), (Channel.EMAIL, customer.email)):
        if address:
            send(customer, template, at=at, channel=channel, about=about, **values)
            return
