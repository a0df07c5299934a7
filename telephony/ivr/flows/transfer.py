"""行内转账: to a registered payee, or to a card or account of this bank keyed twice."""

from uuid import UUID

from banking.core import PayeeView
from banking.errors import CoreUnavailable, OrderRefused, OutcomeUnknown, PinLocked, PinWrong
from banking.secret import Secret
from telephony.deeds import Deed
from telephony.ivr.bank import Bank
from telephony.ivr.call import TRIES, Call, spoken_tail, tail
from telephony.ivr.flows.identify import PIN_LENGTH
from telephony.ivr.registry import flow
from telephony.ivr.signals import NoInput

ACCOUNT_DIGITS = (12, 19)  # an account's number or a card's


@flow("in-bank-transfer", identified=True)
async def transfer(call: Call, bank: Bank) -> None:
    """Who pays, who is paid, how much; read back, confirmed, proved, executed, told."""
    accounts = await bank.accounts(call.customer_id)
    if not accounts:
        return call.preface("transfer.no_account")
    payer = accounts[0]
    if len(accounts) > 1:
        call.preface("transfer.payer")
        payer = await call.choose("choose.account", accounts, spoken_tail)
    payee = await _payee(call, bank)
    amount = await call.ask_amount("transfer.amount")
    order = await bank.draft_transfer(payer_id=payer.id, payee_id=payee.account_id, amount=amount)

    if not await call.confirm("transfer.readback", tail=payee.tail, amount=amount, fee=order.fee):
        call.did(Deed.CANCELLED, instruction=order.key)
        return call.preface("transfer.cancelled")
    await ask_transaction_pin(call, bank)

    await bank.confirm(order.key)  # only now: what is confirmed, a recovery may carry out
    call.did(Deed.CONFIRMED, instruction=order.key)
    await _execute(call, bank, order.key)
    return None


async def finish(call: Call, bank: Bank) -> None:
    """After a take-over, she is still there: carry out what she confirmed, void what not."""
    for order in await bank.unsettled(call.customer_id):
        if order.state == "confirmed":
            await _execute(call, bank, order.key)
        else:
            await bank.void(order.key)
            call.preface("untold.void")


async def _execute(call: Call, bank: Bank, key: UUID) -> None:
    """Move the money, tell the receipt slowly, twice; then, and only then, it is told."""
    try:
        done = await bank.execute(key)
    except OrderRefused as refusal:
        call.did(Deed.REFUSED, instruction=key)
        await call.say(refusal.prompt, **refusal.values)
        return await bank.told(key)
    except (CoreUnavailable, OutcomeUnknown):  # in doubt (待查): never carried out again blindly
        return call.preface("transfer.unknown")
    call.did(Deed.TRANSFERRED, instruction=key)
    call.preface("transfer.done", tail=done.payee_tail, amount=done.amount)
    once = await call.say("transfer.receipt", receipt=done.number)
    twice = await call.say("transfer.receipt_again", receipt=done.number)
    if once or twice:  # else it is what she hears first next time
        await bank.told(key)
        call.did(Deed.TOLD, instruction=key)
    return None


async def ask_transaction_pin(call: Call, bank: Bank) -> None:
    """The transaction password (交易密码) of the card she identified with.

    Raises PinLocked; ends the call when she gives up.
    """
    try:
        await prove(call, bank)
    except NoInput:
        await call.end()


async def prove(call: Call, bank: Bank) -> None:
    """`ask_transaction_pin`, but who gives up stays on the line. Raises PinLocked, NoInput."""
    while True:  # the bank counts: the third wrong one is refused as locked
        pin = await call.ask_secret("transfer.pin", length=PIN_LENGTH)
        try:
            return await bank.check_transaction_pin(call.card_id, pin)
        except PinLocked:
            call.did(Deed.PIN_LOCKED)
            raise
        except PinWrong as wrong:
            call.did(Deed.PIN_REFUSED)
            call.preface(wrong.prompt, **wrong.values)


async def _payee(call: Call, bank: Bank) -> PayeeView:
    registered = await bank.payees(call.customer_id)
    if registered:
        call.preface("transfer.payee")
        chosen = await call.choose_or(
            "transfer.payee_entry", registered, spoken_tail, other="transfer.payee_other"
        )
        if chosen is not None:
            return chosen
    return await _keyed_payee(call, bank)


async def _keyed_payee(call: Call, bank: Bank) -> PayeeView:
    """Keyed twice: one wrong digit would be somebody else's account."""
    least, most = ACCOUNT_DIGITS
    for _ in range(TRIES):
        number = await call.ask_digits("transfer.payee_card", least=least, most=most, mask=tail)
        again = await call.ask_digits(
            "transfer.payee_card_again", least=least, most=most, mask=tail
        )
        if number != again:
            call.preface("transfer.payee_mismatch")
            continue
        return await bank.find_payee(Secret(number))
    raise NoInput
