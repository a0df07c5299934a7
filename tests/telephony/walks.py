"""Every service as a caller walks to it: her keys after the menu's, and what says it was done.

A walk presses each key of the menu when its entry was said in her language, then the keys of the
service; `yes` waits for the question that takes no key pressed before it, `speaks` for the tone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from banking import customers, demo_access, demo_information, instructions, pins
from banking.deposits import notices
from banking.errors import TransactionPinLocked, TransactionPinWrong
from banking.models import CallerTerm, Deposit
from banking.models.customers import Purpose
from banking.secret import Secret
from people.models import Branch
from telephony.deeds import Deed
from telephony.models import Call, Step
from telephony.services import Service
from telephony.shipped import TREE
from tests import billers, cast
from tests.cast import NOON, Person
from tests.savers import does, published_rates, puts

LANGUAGE_KEYS = {"zh": "1", "yue": "2", "en": "3"}
NEW_PIN = "590318"
PROVED = "yes {transaction_pin}#"
CARD_AND_ID = "{card}# {id_number}#"


def nothing(who: Person) -> None:
    """She has her one account, and calls for the first time."""


@dataclass(frozen=True, slots=True)
class Walk:
    """`before` is what she has, or did, before she calls.

    `unknown` are the keys of who has not proved who she is, where the service asks her for more.
    """

    keys: str
    done: str  # the prompt
    deed: Deed
    before: Callable[[Person], None] = nothing
    unknown: str | None = None


# -- before she calls --------------------------------------------------------------------------


def a_second_account(who: Person) -> None:
    customers.open_account(who.customer, number=f"7559{who.customer.number}", on=cast.LONG_AGO)


def a_payee_in_the_city(who: Person) -> None:
    cast.payee_elsewhere(who)


def a_payee_in_beijing(who: Person) -> None:
    cast.payee_elsewhere(who, bank_code=cast.IN_BEIJING)


def a_transfer(who: Person) -> None:
    order = does(cast.transfer(who, cast.chen(), 300))
    instructions.told(key=order.key, at=NOON)


def _a_deposit(who: Person, amount: int, product: str, term: str, at: datetime = NOON) -> Deposit:
    deposit = puts(who, amount, product, term, at=at)
    instructions.told(key=deposit.instruction_id, at=at)
    return deposit


def a_time_deposit(who: Person) -> None:
    _a_deposit(who, 10_000, "time", "1y")


def a_plan(who: Person) -> None:
    """零存整取, since last month: an instalment is due."""
    _a_deposit(who, 500, "instalment", "1y", NOON.replace(month=10))


def a_notice_deposit(who: Person) -> None:
    _a_deposit(who, 200_000, "notice", "7d")


def an_announced_withdrawal(who: Person) -> None:
    deposit = _a_deposit(who, 200_000, "notice", "7d")
    notices.announce(deposit.pk, Decimal(80_000), customer_id=who.id, call_ref="", at=NOON)


def a_loan(who: Person) -> None:
    """Lent in August, and nothing of it repaid: three instalments are overdue."""
    cast.loan(who)


def a_locked_password(who: Person) -> None:
    for refusal in (TransactionPinWrong, TransactionPinWrong, TransactionPinLocked):
        try:
            pins.verify(who.card.pk, Secret("135791"), Purpose.TRANSACTION, call_ref="", at=NOON)
        except refusal:
            continue
        raise AssertionError("a wrong password passes")


# -- the services ------------------------------------------------------------------------------

WALKS: dict[str, Walk] = {
    "balance": Walk("", "balance.same", Deed.BALANCE),
    "last-transactions": Walk("", "transactions.end", Deed.ENTRIES),
    "transactions-by-date": Walk("1", "period.over", Deed.ENTRIES),
    "statement": Walk("1", "statement.sent_sms", Deed.STATEMENT),
    "account-nickname": Walk("1", "nickname.done", Deed.SETTING),
    "default-account": Walk("2", "default.done", Deed.SETTING, a_second_account),
    "in-bank-transfer": Walk(
        "{payee}# {payee}# 300# 1 " + PROVED, "transfer.done", Deed.TRANSFERRED
    ),
    "interbank-transfer": Walk(
        "1 300# 2 " + PROVED, "interbank.done", Deed.REMITTED, a_payee_in_the_city
    ),
    "remittance": Walk("1 300# 1 " + PROVED, "remittance.done", Deed.REMITTED, a_payee_in_beijing),
    "transfer-enquiry": Walk("", "enquiry.end", Deed.ENQUIRED, a_transfer),
    "own-transfer": Walk("1 300# " + PROVED, "own.done", Deed.TRANSFERRED, a_second_account),
    "bill-phone": Walk("1 1 " + PROVED, "bill.done", Deed.BILL_PAID),
    "bill-water": Walk(f"{billers.WATER}# 1 {PROVED}", "bill.done", Deed.BILL_PAID),
    "bill-electricity": Walk(f"{billers.POWER}# {PROVED}", "bill.done", Deed.BILL_PAID),
    "bill-gas": Walk(f"{billers.GAS}# {PROVED}", "bill.done", Deed.BILL_PAID),
    "bill-cable": Walk(f"{billers.CABLE}# {PROVED}", "bill.queued", Deed.ACCEPTED),
    "deposit-time": Walk("1 2 10000# " + PROVED, "save.done", Deed.DEPOSITED),
    "deposit-instalment": Walk("1 500# " + PROVED, "save.done", Deed.DEPOSITED),
    "deposit-drawing": Walk("1 60000# " + PROVED, "save.done", Deed.DEPOSITED),
    "pay-instalment": Walk(PROVED, "instalment.done", Deed.DEPOSITED, a_plan),
    "deposit-notice": Walk("1 100000# " + PROVED, "save.done", Deed.DEPOSITED),
    "notice-register": Walk("80000# yes", "notice.done", Deed.NOTICE_GIVEN, a_notice_deposit),
    "notice-cancel": Walk("yes", "notice.cancelled", Deed.NOTICE_GIVEN, an_announced_withdrawal),
    "notice-change": Walk("90000# yes", "notice.done", Deed.NOTICE_GIVEN, an_announced_withdrawal),
    "deposit-redeem": Walk("1 " + PROVED, "redeem.done", Deed.REDEEMED, a_time_deposit),
    "loan-balance": Walk("", "loan.balance", Deed.ENQUIRED, a_loan),
    "loan-next": Walk("", "loan.next", Deed.ENQUIRED, a_loan),
    "loan-overdue": Walk("", "loan.overdue", Deed.ENQUIRED, a_loan),
    "loan-repay": Walk("1 " + PROVED, "repayment.done", Deed.REPAID, a_loan),
    "loan-settle": Walk(PROVED, "repayment.done", Deed.REPAID, a_loan),
    "deposit-enquiry": Walk("", "deposit.end", Deed.ENQUIRED, a_time_deposit),
    "loss-report": Walk(CARD_AND_ID + " yes", "loss.followup", Deed.LOSS_REPORTED),
    "change-query-password": Walk(
        f"{NEW_PIN}# {NEW_PIN}#", "password.done_query", Deed.PIN_CHANGED
    ),
    "change-transaction-password": Walk(
        "{transaction_pin}# " + f"{NEW_PIN}# {NEW_PIN}#",
        "password.done_transaction",
        Deed.PIN_CHANGED,
    ),
    "lower-limits": Walk("1 1000# yes", "limits.done", Deed.SETTING),
    "stop-phone-debits": Walk("yes", "stop.done", Deed.PHONE_STOPPED, unknown=CARD_AND_ID + " yes"),
    "agent-corporate": Walk("", "agent.transfer", Deed.QUEUED),
    "agent-card": Walk("", "agent.transfer", Deed.QUEUED),
    "deposit-rates": Walk("1", "rates.deposit.demand", Deed.INFORMED),
    "loan-rates": Walk("", "rates.loan.lpr_5y", Deed.INFORMED),
    "exchange-rates": Walk("1", "exchange.usd", Deed.INFORMED),
    "branches": Walk("1", "place.001002.address", Deed.INFORMED),
    "products": Walk("", "product.consumer", Deed.INFORMED),
    "announcements": Walk("", "notice.chip", Deed.INFORMED),
    "complaint": Walk("speaks 1", "complaint.due", Deed.COMPLAINED),
    "verify-call": Walk("{card}# {query_pin}# 1", "verify.stopped", Deed.PHONE_STOPPED),
    "unlock-request": Walk(CARD_AND_ID, "unlock.followup", Deed.UNLOCK_ASKED, a_locked_password),
}


def a_bank_with_every_service() -> None:
    """What its services are made of: rates, terms, words, billers, places, announcements."""
    published_rates()
    cast.lending_terms()
    demo_access.terms()
    billers.all_kinds()
    CallerTerm.objects.create(what=CallerTerm.What.CONTACTS, valid_from=cast.LONG_AGO, value=7)
    for code, name, district in (
        ("001002", "福田支行", "福田区"),
        ("001006", "盐田支行", "盐田区"),
    ):
        Branch.objects.create(code=code, name=name, district=district, phone="0755-25198002")
    demo_information.build(NOON)


# -- on the phone ------------------------------------------------------------------------------


async def walk(dial, bank, service: Service, way: str, language: str) -> list[str]:
    """To what says that it was done, by a customer of her own; the prompts of the call."""
    row = WALKS[service.flow.name]
    who, payee = await bank.query(lambda: (cast.person("王芳", opening=300_000), cast.chen()))
    await bank.query(row.before, who)
    phone = await dial(caller=f"13900{who.customer.number[-6:]}")
    await phone.hears_of(f"menu.language.{LANGUAGE_KEYS[language]}")
    await phone.keys(LANGUAGE_KEYS[language])

    is_known, menu, led = False, "root", ""
    for key in way:
        if TREE[menu][1] and not is_known:
            await phone.keys(who.pan.reveal() + "#", who.query_pin + "#")
            is_known = True
        await phone.hears_of(_entry(menu, key), language=language)
        await phone.keys(key)
        led, menu = menu, TREE[menu][2][key][1]

    keys = row.keys if is_known or row.unknown is None else row.unknown
    for group in keys.split():
        if group == "yes":
            await phone.hears_of("confirm.ask", language=language)
            await phone.keys("1")
        elif group == "speaks":
            await phone.phone.hears("recording")
            await phone.phone.advance(12)
            await phone.keys("#")
        else:
            await phone.keys(_meant(group, who, payee))
    await phone.hears_of(row.done, language=language)
    if row.deed is not Deed.QUEUED:  # who waits for a person is not led back to the menu
        await phone.hears_of(_entry(led, way[-1]), language=language)
    await phone.hangs_up()
    await bank.settled()
    call, steps = await bank.query(_record, phone.call)
    assert call.language == language
    assert row.deed in [step.deed for step in steps]
    return [step.prompt for step in steps if step.prompt]


def _entry(menu: str, key: str) -> str:
    """The prompt that offers it."""
    return f"menu.{menu.replace('-', '_')}.{key}"


def _meant(group: str, who: Person, payee: Person) -> str:
    return group.format(
        card=who.pan.reveal(),
        query_pin=who.query_pin,
        transaction_pin=who.transaction_pin,
        id_number=who.id_number.reveal(),
        payee=payee.pan.reveal(),
    )


def _record(uuid: str) -> tuple[Call, list[Step]]:
    call = Call.objects.get(uuid=uuid)
    return call, list(call.steps.order_by("seq"))
