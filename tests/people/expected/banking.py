from people.roles import Role
from tests.people.expected import NOBODY, crud

READERS = frozenset(
    {
        Role.AGENT,
        Role.SUPERVISOR,
        Role.BACK_OFFICE,
        Role.SETTLEMENT_MAKER,
        Role.SETTLEMENT_CHECKER,
        Role.QC,
        Role.COMPLAINT_HANDLER,
        Role.BRANCH_USER,
        Role.AUDITOR,
    }
)
PRICES = READERS | {Role.MENU_OWNER, Role.TRAINER, Role.KB_EDITOR, Role.KB_REVIEWER}
PINS = frozenset({Role.SUPERVISOR, Role.BACK_OFFICE, Role.BRANCH_USER, Role.AUDITOR})
REVEAL = frozenset({Role.AGENT, Role.SUPERVISOR, Role.BACK_OFFICE, Role.COMPLAINT_HANDLER})
KEEPERS = frozenset({Role.BACK_OFFICE})
BRANCH = frozenset({Role.BRANCH_USER})
FILES = frozenset({Role.BACK_OFFICE, Role.SETTLEMENT_MAKER, Role.SETTLEMENT_CHECKER, Role.AUDITOR})
ATMS = frozenset({Role.AGENT, Role.SUPERVISOR, Role.BACK_OFFICE, Role.BRANCH_USER, Role.AUDITOR})

GUARD = frozenset({Role.SUPERVISOR, Role.BACK_OFFICE})  # keeps the fraud guard
COUNTER = frozenset({Role.BACK_OFFICE, Role.BRANCH_USER})
CONTACTS = GUARD | {Role.AGENT, Role.COMPLAINT_HANDLER, Role.BRANCH_USER, Role.AUDITOR}
SERVICE = frozenset(
    {
        *(Role.AGENT, Role.SUPERVISOR, Role.BACK_OFFICE, Role.COMPLAINT_HANDLER),
        *(Role.BRANCH_USER, Role.AUDITOR),
    }
)

BILLS = frozenset(
    {
        *(Role.AGENT, Role.SUPERVISOR, Role.BACK_OFFICE, Role.AUDITOR),
        *(Role.SETTLEMENT_MAKER, Role.SETTLEMENT_CHECKER),
    }
)
BILL_BOOKS = BILLS - {Role.AGENT, Role.SUPERVISOR}

PAGES = {
    **crud("banking", "biller", look=BILLS, add=KEEPERS),
    **crud("banking", "billpayment", look=BILLS),
    **crud("banking", "billercontract", look=BILL_BOOKS),
    **crud("banking", "billerfile", look=BILL_BOOKS),
    **crud("banking", "billerday", look=BILL_BOOKS),
    # Asked of a payment that is none, as here, it is refused to everybody.
    "admin:banking_billpayment_say_outcome": frozenset(),
    **crud("banking", "customer", look=READERS),
    "admin:banking_customer_find": READERS,
    "admin:banking_customer_reveal": REVEAL,
    "admin:banking_customer_issue_code": COUNTER,
    "admin:banking_customer_ask_unlock": COUNTER,
    "admin:banking_customer_ask_raise": COUNTER,
    "admin:banking_customer_ask_phone_on": COUNTER,
    **crud("banking", "account", look=READERS),
    **crud("banking", "instruction", look=READERS),
    **crud("banking", "journal", look=READERS),
    **crud("banking", "settlementorder", look=READERS),
    **crud("banking", "externalpayee", look=READERS),
    "admin:banking_externalpayee_register": BRANCH,
    "admin:banking_externalpayee_end": BRANCH,
    **crud("banking", "clearingfile", look=FILES),
    **crud("banking", "bank", look=PRICES, add=KEEPERS),
    **crud("banking", "exchangesession", look=PRICES, add=KEEPERS),
    **crud("banking", "largevaluehours", look=PRICES, add=KEEPERS),
    **crud("banking", "smallvaluebatch", look=PRICES, add=KEEPERS),
    **crud("banking", "transferrule", look=PRICES, add=KEEPERS),
    **crud("banking", "atm", look=ATMS),
    **crud("banking", "lossreport", look=READERS),
    "admin:banking_lossreport_confirm": NOBODY,  # of a report that is none, as here
    "admin:banking_lossreport_ask_lift": NOBODY,
    **crud("banking", "pinevent", look=PINS),
    **crud("banking", "wrongtry", look=PINS),
    **crud("banking", "unlockrequest", look=PINS),
    "admin:banking_unlockrequest_follow_up": NOBODY,  # of a request that is none, as here
    **crud("banking", "phoneblock", look=SERVICE),
    **crud("banking", "outboxmessage", look=SERVICE),
    **crud("banking", "accessrule", look=PRICES, add=KEEPERS),
    **crud("banking", "nicknameword", look=PRICES, add=KEEPERS),
    **crud("banking", "transferlimit", look=READERS, add=KEEPERS),
    **crud("banking", "feetier", look=PRICES, add=KEEPERS),
    **crud("banking", "lossterm", look=PRICES, add=KEEPERS),
    **crud("banking", "fraudrule", look=GUARD | {Role.AUDITOR}, add=GUARD),
    **crud("banking", "frauddecision", look=GUARD | {Role.AUDITOR}),
    **crud("banking", "watchentry", look=GUARD | {Role.AUDITOR}),
    "admin:banking_watchentry_add_numbers": GUARD,
    **crud("banking", "heldorder", look=GUARD | {Role.AUDITOR}),
    **crud("banking", "fraudcase", look=GUARD | {Role.COMPLAINT_HANDLER, Role.AUDITOR}),
    **crud("banking", "outboundcontact", look=CONTACTS),
    **crud("banking", "boundnumber", look=CONTACTS),
    "admin:banking_boundnumber_bind": COUNTER,
    **crud("banking", "callerterm", look=CONTACTS, add=KEEPERS),
    # Asked of a row that is none, as here, they are refused to everybody.
    **{
        f"admin:banking_{page}": NOBODY
        for page in (
            *("fraudrule_rehearse", "fraudrule_ask_begin", "fraudrule_ask_end"),
            *("fraudrule_new_version", "fraudrule_drop", "watchentry_take_off"),
            *("heldorder_release", "heldorder_refuse", "boundnumber_unbind"),
            *("fraudcase_take", "fraudcase_close"),
        )
    },
}

ACTIONS = {
    "banking.billpayment:say_outcome": KEEPERS,
    "banking.customer:find": READERS,
    "banking.customer:reveal": REVEAL,
    **{
        f"banking.{action}": GUARD
        for action in (
            *("fraudrule:rehearse", "fraudrule:ask_begin", "fraudrule:ask_end"),
            *("fraudrule:new_version", "fraudrule:drop", "watchentry:take_off"),
            *("watchentry:add_numbers", "heldorder:release", "heldorder:refuse"),
            *("fraudcase:take", "fraudcase:close"),
        )
    },
    "banking.boundnumber:bind": COUNTER,
    "banking.boundnumber:unbind": COUNTER,
    "banking.externalpayee:register": BRANCH,
    "banking.externalpayee:end": BRANCH,
    "banking.customer:issue_code": COUNTER,
    "banking.customer:ask_unlock": COUNTER,
    "banking.customer:ask_raise": COUNTER,
    "banking.customer:ask_phone_on": COUNTER,
    "banking.unlockrequest:follow_up": COUNTER,
    "banking.lossreport:confirm": COUNTER,
    "banking.lossreport:ask_lift": COUNTER,
}
