"""按日期查明细、对账单: a period of an account, read out or sent to her."""

from datetime import date, datetime, timedelta

from banking.core import AddressView
from calendars.clock import bank_day
from telephony.deeds import Deed
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call
from telephony.ivr.flows.choosing import an_account, one_of
from telephony.ivr.registry import flow
from telephony.ivr.signals import NoInput

DATE_DIGITS = 8


@flow("transactions-by-date", identified=True)
async def transactions_by_date(call: Call, bank: Bank) -> None:
    """Some at a time, the newest first; one key goes on, another says them again."""
    accounts = await bank.accounts(call.customer_id)
    account = await an_account(call, accounts, "transactions.choose")
    first, last = await ask_period(call)
    further: int | None = None
    while True:
        page = await bank.entries(account.id, first, last, further=further)
        if not page.entries:
            return call.preface("period.nothing")
        for entry in page.entries:
            call.preface(
                "transactions.in" if entry.amount > 0 else "transactions.out",
                day=entry.booked_on,
                amount=abs(entry.amount),
                balance=entry.balance,
            )
        call.preface("period.more" if page.further else "period.over")
        key = await call.key(allowed="19" if page.further else "9")
        call.did(Deed.ENTRIES)
        if key == "1":
            further = page.further
        elif key != "9":
            return None


@flow("statement", identified=True)
async def statement(call: Call, bank: Bank) -> None:
    """To the mobile or the e-mail address that the bank knows, never to one that is keyed."""
    addresses = await bank.addresses(call.customer_id)
    if not addresses:
        return call.preface("statement.no_address")
    accounts = await bank.accounts(call.customer_id)
    account = await an_account(call, accounts, "statement.account")
    first, last = await ask_period(call)
    to = await _address(call, addresses)
    await bank.send_statement(account.id, first, last, to.medium)
    call.did(Deed.STATEMENT)
    if to.medium == "sms":
        return call.preface("statement.sent_sms", tail=to.tail)
    return call.preface("statement.sent_email")


async def ask_period(call: Call) -> tuple[date, date]:
    """This month so far, last month, or two dates keyed; both days are in it."""
    today = bank_day(call.now())
    this_month = today.replace(day=1)
    match await one_of(call, "period.this_month", "period.last_month", "period.dates"):
        case "period.this_month":
            return this_month, today
        case "period.last_month":
            last = this_month - timedelta(days=1)
            return last.replace(day=1), last
        case _:
            return await _ask_day(call, "period.first"), await _ask_day(call, "period.last")


async def _ask_day(call: Call, prompt: str) -> date:
    """A date as YYYYMMDD. Raises NoInput."""
    for _ in range(call.tries):
        digits = await call.ask_digits(prompt, least=DATE_DIGITS, most=DATE_DIGITS)
        try:
            return datetime.strptime(digits, "%Y%m%d").date()  # noqa: DTZ007  # a day, no moment
        except ValueError:
            call.preface("period.no_date")
    raise NoInput


async def _address(call: Call, addresses: tuple[AddressView, ...]) -> AddressView:
    if len(addresses) == 1:
        return addresses[0]
    by_medium = {f"statement.by_{address.medium}": address for address in addresses}
    return by_medium[await one_of(call, "statement.by_sms", "statement.by_email")]
