"""Who sees customers and their money, whose masks she may lift, and who keeps the terms."""

from people.roles import Permissions, Role, may

_ORDERS = may("banking", "instruction", "journal", do="view")
_CUSTOMERS = (
    may("banking", "customer", "account", "card", "passbook", "payee", "lossreport", do="view")
    | may("banking", "transferlimit", "deposit", "notice", do="view")
    | _ORDERS
)
# Published: no customer in them.
_PRICES = may("banking", "feetier", "lossterm", do="view") | may(
    "banking", "depositrate", "depositterms", "interesttax", do="view"
)
_NIGHTS = may("banking", "night", do="view")
_ATMS = may("banking", "atm", do="view")
_PINS = may("banking", "pinevent", do="view")
_REVEAL = {"banking.reveal_customer"}

ROLES: dict[Role, Permissions] = {
    Role.AGENT: _CUSTOMERS | _PRICES | _REVEAL | _ATMS,
    Role.SUPERVISOR: _CUSTOMERS | _PRICES | _PINS | _REVEAL | _ATMS | _NIGHTS,
    Role.BACK_OFFICE: _CUSTOMERS
    | _PRICES
    | _PINS
    | _REVEAL
    | _ATMS
    | _NIGHTS
    | may("banking", "transferlimit", "feetier", "lossterm", do="add")
    | may("banking", "depositrate", "depositterms", "interesttax", do="add"),
    Role.SETTLEMENT_MAKER: _CUSTOMERS | _PRICES,
    Role.SETTLEMENT_CHECKER: _CUSTOMERS | _PRICES,
    # Judges how a customer was served: masked is enough.
    Role.QC: _CUSTOMERS | _PRICES,
    # Rings back who complained, at her own number.
    Role.COMPLAINT_HANDLER: _CUSTOMERS | _PRICES | _REVEAL,
    Role.BRANCH_USER: _CUSTOMERS | _PRICES | _PINS | _ATMS,
    Role.MENU_OWNER: _PRICES,
    Role.TRAINER: _PRICES,
    Role.KB_EDITOR: _PRICES,
    Role.KB_REVIEWER: _PRICES,
}
