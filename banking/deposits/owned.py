"""Which deposits she has, and how each may be drawn."""

from banking.deposits import rates
from banking.models import Deposit, DepositEntry
from banking.models.deposits import Product


def open_ones(customer_id: int) -> list[Deposit]:
    """With their accounts and notices, in the order they were opened."""
    found = Deposit.objects.filter(account__customer_id=customer_id, closed_on=None)
    return list(
        found.select_related("account__card")
        .prefetch_related("notices")
        .order_by("account__opened_on", "account_id")
    )


def in_parts(deposit: Deposit) -> bool:
    """Whether a part may be drawn now and the rest stay.

    A term allows so many partial withdrawals as the terms of its opening say (整存整取: one,
    银发〔1993〕7号).
    """
    if deposit.product not in (Product.TIME, Product.NOTICE):
        return False
    most = rates.terms(Product(deposit.product), day=deposit.began_on).partials
    if most is None:
        return True
    drawn = deposit.entries.filter(
        what=DepositEntry.What.WITHDRAWN, on__gte=deposit.began_on
    ).count()
    return drawn < most
