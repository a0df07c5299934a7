"""The back office of the books: all is seen, nothing that a service owns is edited by hand."""

from banking.admin import (
    access,
    atms,
    banks,
    bills,
    clearing,
    contacts,
    customers,
    deposits,
    fraud,
    held,
    information,
    loans,
    locks,
    money,
    settlement,
    terms,
)

__all__ = [
    "access",
    "atms",
    "banks",
    "bills",
    "clearing",
    "contacts",
    "customers",
    "deposits",
    "fraud",
    "held",
    "information",
    "loans",
    "locks",
    "money",
    "settlement",
    "terms",
]
