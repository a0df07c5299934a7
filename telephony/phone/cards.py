"""The cards that the test phone may be used with: those of test customers, and no other."""

from dataclasses import dataclass
from datetime import datetime

from banking import vault
from banking.models import Card
from banking.secret import Secret
from people import access
from people.models import User
from telephony.phone.errors import NoTestCard

SHOWN = 12


@dataclass(frozen=True, slots=True)
class TestCard:
    """A card as the page lists it."""

    id: int
    number: str  # masked
    holder: str
    vip: str


def listed() -> list[TestCard]:
    """The first test customers' cards, masked."""
    return [
        TestCard(card.pk, str(card), card.customer.name, card.customer.get_vip_display())
        for card in Card.objects.filter(customer__is_test=True, status=Card.Status.ACTIVE)
        .select_related("customer")
        .order_by("customer__number", "id")[:SHOWN]
    ]


def number(card_id: int, *, user: User, at: datetime) -> Secret:
    """The number of a test customer's card, to be keyed. Writes the access down.

    Raises NoTestCard.
    """
    card = (
        Card.objects.select_related("customer").filter(pk=card_id, customer__is_test=True).first()
    )
    if card is None:
        raise NoTestCard
    access.record(
        user, "reveal", card.customer, field="card", reason="keyed on the test phone", at=at
    )
    return vault.unseal(bytes(card.pan_box), card.pan_key_version, "card")
