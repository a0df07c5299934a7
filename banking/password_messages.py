"""What a customer is written when a password of hers locks: it may not have been she who keyed.

In the transaction of the last wrong try, and once: what is locked is not looked at again.
"""

from banking import outbox
from banking.models import PinEvent
from banking.models.customers import Purpose


def call_ended(tried: PinEvent) -> None:
    """Wrong too often for one call; another may try again."""
    _write("password.query_call", tried)


def locked(tried: PinEvent) -> None:
    """The query password for the day, the transaction password until a branch unlocks it."""
    for_the_day = tried.purpose == Purpose.QUERY
    _write("password.query_day" if for_the_day else "password.transaction", tried)


def _write(template: str, tried: PinEvent) -> None:
    card = tried.card
    outbox.notify(
        card.customer,
        template,
        at=tried.at,
        about=f"password:{tried.pk}",
        tail=card.last4,
        time=tried.at,
    )
