"""The journals of an interest: one of its own, one for its tax, both part of what caused them."""

from datetime import datetime
from decimal import Decimal

from banking import ledger
from banking.ledger import Leg
from banking.models import Journal
from banking.models.ledger import Internal


def post_interest(
    account_id: int, interest: Decimal, tax: Decimal, *, part_of: int, at: datetime
) -> None:
    """To the account, less its tax; an interest below zero is clawed back from it, with its tax.

    Needs a transaction. Raises IntegrityError where there is too little to claw back.
    """
    for kind, code, amount in (
        (Journal.Kind.INTEREST, Internal.INTEREST, interest),
        (Journal.Kind.TAX, Internal.TAX, -tax),
    ):
        if amount:
            legs = [Leg(account_id, amount), Leg(ledger.internal(code), -amount)]
            ledger.post(kind, legs, at=at, part_of=part_of)
