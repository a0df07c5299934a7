"""Who sees customers and their money, whose masks she may lift, and who keeps the terms."""

from people.roles import Permissions, Role, may

_ORDERS = may("banking", "instruction", "journal", "settlementorder", do="view")
_CUSTOMERS = (
    may("banking", "customer", "account", "card", "passbook", "payee", "lossreport", do="view")
    | may("banking", "transferlimit", "externalpayee", "deposit", "notice", do="view")
    | may("banking", "loan", "scheduleline", do="view")
    | _ORDERS
)
# Published: no customer in them.
_PRICES = (
    may("banking", "feetier", "lossterm", "accessrule", "nicknameword", do="view")
    | may("banking", "depositrate", "depositterms", "interesttax", do="view")
    | may("banking", "loanrate", "lendingterm", "exchangerate", do="view")
    | may("banking", "district", "outlet", "announcement", do="view")
)
_NIGHTS = may("banking", "night", do="view")
# When clearing takes what, and whom it reaches: published as well.
_CALENDAR = (
    "bank",
    "exchangesession",
    "largevaluehours",
    "smallvaluebatch",
    "transferrule",
    "deskrule",
)
_PRICES |= may("banking", *_CALENDAR, do="view")
_FILES = may("banking", "clearingfile", "clearingitem", do="view")
_ATMS = may("banking", "atm", do="view")
_BALANCING = may("banking", "settlementday", do="view") | {"banking.draw_settlementday"}
_INTAKE = may("banking", "intakeclient", do="view add change")
_BILLS = may("banking", "biller", "billpayment", do="view")
_BILL_BOOKS = may("banking", "billercontract", "bill", "billerfile", "billerday", do="view")
_DESK = _CUSTOMERS | _PRICES | _FILES | _BILLS | _BILL_BOOKS | _BALANCING
_DESK |= {"banking.work_settlement_desk"}
_PINS = may("banking", "pinevent", "unlockrequest", "wrongtry", do="view")
_REVEAL = {"banking.reveal_customer"}
_CONTACTS = may("banking", "outboundcontact", "boundnumber", "callerterm", do="view")
_CASES = may("banking", "fraudcase", do="view")
_GUARD = _CASES | may("banking", "fraudrule", "frauddecision", "watchentry", "heldorder", do="view")
# Who asks and who decides may have the same role, but are never the same person.
_KEEP_GUARD = (
    _GUARD
    | may("banking", "fraudrule", do="add change ask decide")
    | may("banking", "heldorder", do="ask decide")
    | may("banking", "watchentry", do="add change")
    | may("banking", "fraudcase", do="change")
)
_BIND = may("banking", "boundnumber", do="add change")
# At the counter one asks and another decides; what is shown once is handed to who stands there.
_DECIDE = {
    *("banking.decide_unlock", "banking.decide_raise", "banking.decide_phone_on"),
    "banking.decide_lift",
}
_COUNTER = _DECIDE | {
    *("banking.issue_code", "banking.ask_unlock", "banking.ask_raise", "banking.ask_phone_on"),
    *("banking.confirm_lossreport", "banking.ask_lift"),
}
_SERVICE = may("banking", "phoneblock", "outboxmessage", do="view")

ROLES: dict[Role, Permissions] = {
    Role.AGENT: _CUSTOMERS | _PRICES | _REVEAL | _ATMS | _BILLS | _CONTACTS | _SERVICE,
    Role.SUPERVISOR: _CUSTOMERS
    | _BILLS
    | {"banking.decide_billpayment"}
    | _PRICES
    | _PINS
    | _REVEAL
    | _ATMS
    | _NIGHTS
    | _CONTACTS
    | _KEEP_GUARD
    | _SERVICE
    | _DECIDE
    | {"banking.decide_terms"}
    | may("banking", "settlementday", do="view"),
    Role.BACK_OFFICE: _CUSTOMERS
    | _BILLS
    | _BILL_BOOKS
    | {"banking.settle_billpayment", "banking.decide_billpayment"}
    | may("banking", "biller", do="add change")
    | _PRICES
    | _PINS
    | _REVEAL
    | _ATMS
    | _NIGHTS
    | _CONTACTS
    | _KEEP_GUARD
    | _BIND
    | may("banking", "callerterm", do="add")
    | _FILES
    | _BALANCING
    | _INTAKE
    | _SERVICE
    | _COUNTER
    | {"banking.ask_terms", "banking.decide_terms"}
    | may("banking", "accessrule", "nicknameword", do="add")
    | may("banking", "nicknameword", do="change")
    | may("banking", "transferlimit", "feetier", "lossterm", *_CALENDAR, do="add")
    | may("banking", "depositrate", "depositterms", "interesttax", do="add")
    | may("banking", "bank", do="change")
    | may("banking", "loanrate", "lendingterm", "exchangerate", do="add")
    | may("banking", "district", "outlet", do="add change"),
    Role.SETTLEMENT_MAKER: _DESK | {"banking.make_settlementorder", "banking.ask_payout"},
    Role.SETTLEMENT_CHECKER: _DESK | {"banking.check_settlementorder", "banking.decide_payout"},
    # Judges how a customer was served: masked is enough.
    Role.QC: _CUSTOMERS | _PRICES,
    # Rings back who complained, at her own number.
    Role.COMPLAINT_HANDLER: _CUSTOMERS | _PRICES | _REVEAL | _CONTACTS | _CASES | _SERVICE,
    Role.BRANCH_USER: _CUSTOMERS
    | _PRICES
    | _PINS
    | _ATMS
    | _CONTACTS
    | _BIND
    | _SERVICE
    | _COUNTER
    | may("banking", "externalpayee", do="add change"),
    Role.MENU_OWNER: _PRICES | may("banking", "announcement", do="add change"),
    Role.TRAINER: _PRICES,
    Role.KB_EDITOR: _PRICES,
    Role.KB_REVIEWER: _PRICES,
}
