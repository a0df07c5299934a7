"""The back office of the books: all is seen, nothing that a service owns is edited by hand."""

from banking.admin import (
    atms,
    contacts,
    customers,
    deposits,
    fraud,
    held,
    locks,
    money,
    terms,
)

__all__ = [
    "atms",
    "contacts",
    "customers",
    "deposits",
    "fraud",
    "held",
    "locks",
    "money",
    "terms",
]
