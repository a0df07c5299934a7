"""密码: changed by who gives the old one, chosen with the counter's code, unlocked at a branch."""

from collections.abc import Awaitable, Callable

from banking.errors import CodeSpent, CodeWrong, PinWeak
from banking.secret import Secret
from calendars.clock import bank_day
from telephony.deeds import Deed
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call
from telephony.ivr.entry import PIN_LENGTH
from telephony.ivr.flows import money
from telephony.ivr.flows.choosing import card_and_holder
from telephony.ivr.registry import flow
from telephony.ivr.signals import NoInput

CODE_LENGTH = 8


@flow("change-query-password", identified=True, unheard=True)
async def change_query_password(call: Call, bank: Bank) -> None:
    """She has just given the old one to be identified; the new one is keyed twice."""
    await choose(call, "query", lambda pin: bank.change_query_pin(call.card_id, pin))
    call.did(Deed.PIN_CHANGED)
    call.preface("password.done_query")


@flow("change-transaction-password", identified=True, unheard=True)
async def change_transaction_password(call: Call, bank: Bank) -> None:
    """It takes both old ones: the query password to be here, the transaction password now."""
    call.preface("password.old_first")
    await money.prove(call, bank)
    await choose(call, "transaction", lambda pin: bank.change_transaction_pin(call.card_id, pin))
    call.did(Deed.PIN_CHANGED)
    call.preface("password.done_transaction")


@flow("unlock-request")
async def unlock_request(call: Call, bank: Bank) -> None:
    """Card and ID number are enough to ask; a branch sees who she is, and two unlock."""
    card = await card_and_holder(call, bank, "unlock.card")
    request = await bank.request_unlock(card.id)
    call.did(Deed.UNLOCK_ASKED)
    call.preface("unlock.done", receipt=request.number)
    await call.say_all("order.receipt_again", receipt=request.number)
    days = (bank_day(request.lapses_at) - bank_day(call.now())).days
    call.preface("unlock.followup", days=days)


async def activate(call: Call, bank: Bank, card_id: int) -> None:
    """By the counter's one-time code she chooses her first query password.

    Raises CodeSpent, NoInput.
    """
    call.preface("activate.needed")
    await _ask_code(call, bank, card_id)
    await choose(call, "query", lambda pin: bank.activate(card_id, pin))
    call.did(Deed.ACTIVATED)
    call.preface("activate.done")


async def choose(call: Call, kind: str, put: Callable[[Secret], Awaitable[None]]) -> None:
    """A new password, keyed twice alike; a weak one is told why. Raises NoInput."""
    for _ in range(call.tries):
        pin = await call.ask_secret(f"password.new_{kind}", length=PIN_LENGTH)
        if pin != await call.ask_secret("password.again", length=PIN_LENGTH):
            call.preface("password.mismatch")
            continue
        try:
            return await put(pin)
        except PinWeak as weak:
            call.preface(weak.prompt)
    raise NoInput


async def _ask_code(call: Call, bank: Bank, card_id: int) -> None:
    while True:  # the bank counts: the last wrong one is refused as spent
        code = await call.ask_secret("activate.code", length=CODE_LENGTH)
        try:
            return await bank.check_code(card_id, code)
        except CodeSpent:
            call.did(Deed.PIN_LOCKED)
            raise
        except CodeWrong as wrong:
            call.did(Deed.PIN_REFUSED)
            call.preface(wrong.prompt, **wrong.values)
