"""From the read-back to the receipt, whatever the money is for: every kind of order sounds alike.

A kind of instruction `k` brings three prompts: `k.readback`, `k.done` and `untold.k`, and
`k.readback_later` where it may be due later; where others have a say in what comes of it,
`k.<outcome>` and `untold.k_<outcome>` for each that isn't `done`. Their slots are filled from the
order: its amount, fee, tail, receipt, due, and its details by name.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from banking.core import OrderView
from banking.errors import CoreUnavailable, OrderRefused, OutcomeUnknown, PinLocked, PinWrong
from calendars.clock import bank_day
from telephony.deeds import EXECUTED, Deed
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call
from telephony.ivr.entry import PIN_LENGTH
from telephony.ivr.signals import NoInput

ACCEPTED = {"scheduled": "order.scheduled", "held": "order.held"}
DONE, CHECKED = "done", "checked"  # outcomes; what is still being checked is told again later
# Sent to another bank and back again: in the words of an enquiry, whenever she hears it.
CAME_BACK = {("interbank", "returned"), ("remittance", "returned")}
RETURNED = "enquiry.returned"


async def settle(call: Call, bank: Bank, order: OrderView) -> None:
    """Read it back, take her yes and her transaction password, carry it out, tell the receipt.

    Where the fraud guard wants it she is warned first, and goes on by a key of her own. Ends the
    call when she gives up at the password.
    """
    if not await _agreed(call, order):
        return
    try:
        await prove(call, bank)
    except NoInput:
        await call.end()
    await _confirmed(call, bank, order)


async def settle_for_agent(call: Call, bank: Bank, order: OrderView) -> bool:
    """`settle`, but who gives up stays on the line; whether she said yes. Raises NoInput."""
    if not await _agreed(call, order):
        return False
    await prove(call, bank)
    await _confirmed(call, bank, order)
    return True


async def _agreed(call: Call, order: OrderView) -> bool:
    readback = f"{order.kind}.readback" if order.due_at is None else f"{order.kind}.readback_later"
    if await _warned(call, order) and await call.confirm(readback, **said(call, readback, order)):
        return True
    call.did(Deed.CANCELLED, instruction=order.key)
    call.preface("order.cancelled")
    return False


async def _confirmed(call: Call, bank: Bank, order: OrderView) -> None:
    await bank.confirm(order.key)  # only now: what is confirmed, a recovery may carry out
    call.did(Deed.CONFIRMED, instruction=order.key)
    await execute(call, bank, order.key)


async def _warned(call: Call, order: OrderView) -> bool:
    """Whether she goes on; nobody is warned of nothing."""
    if order.caution is None or order.caution.action != "warn":
        return True
    call.did(Deed.WARNED, instruction=order.key)
    return await call.confirm(f"fraud.warn_{order.caution.kind}")


async def finish(call: Call, bank: Bank) -> None:
    """After a take-over, she is still there: carry out what she confirmed, void what not."""
    for order in await bank.unsettled(call.customer_id):
        if order.state == "confirmed":
            await execute(call, bank, order.key)
        else:
            await bank.void(order.key)
            call.preface("untold.void")


async def execute(call: Call, bank: Bank, key: UUID) -> None:
    """Move the money, tell the receipt slowly, twice; then, and only then, it is told."""
    try:
        order = await bank.execute(key)
    except OrderRefused as refusal:
        call.did(Deed.REFUSED, instruction=key)
        await call.say(refusal.prompt, **refusal.values)
        return await bank.told(key)
    except (CoreUnavailable, OutcomeUnknown):  # in doubt (待查): never carried out again blindly
        return call.preface("order.unknown")
    accepted = ACCEPTED.get(order.state)
    call.did(Deed.ACCEPTED if accepted else _deed(order), instruction=key)
    prompt = accepted or f"{order.kind}.{order.outcome}"
    prompt = RETURNED if (order.kind, order.outcome) in CAME_BACK else prompt
    call.preface(prompt, **said(call, prompt, order))
    once = await call.say("order.receipt", receipt=order.receipt)
    twice = await call.say("order.receipt_again", receipt=order.receipt)
    if (once or twice) and order.outcome != CHECKED:  # else it is what she hears first next time
        await bank.told(key)
        call.did(Deed.TOLD, instruction=key)
    return None


async def tell_untold(call: Call, bank: Bank) -> None:
    """What became of what she asked for and never heard to the end: she hears it first.

    What was in doubt is enquired about now; as long as nobody knows she hears so, each time.
    """
    for order in await bank.untold(call.customer_id):
        known = await bank.enquired(order) if order.state == "unknown" else order
        await _tell_outcome(call, known)
        if known.state != "unknown" and known.outcome != CHECKED:
            await bank.told(known.key)
        call.did(Deed.UNTOLD_TOLD, instruction=known.key)


async def _tell_outcome(call: Call, order: OrderView) -> None:
    match order.state:
        case "unknown":
            await call.say_all("untold.unknown", amount=order.amount)
        case "void":
            await call.say_all("untold.void")
        case "refused":
            assert order.refusal
            call.preface("untold.refused", amount=order.amount)
            await call.say_all(order.refusal.prompt, **order.refusal.values)
        case _:
            prompt = "untold.accepted" if order.state in ACCEPTED else f"untold.{order.kind}"
            if (order.kind, order.outcome) in CAME_BACK:
                prompt = RETURNED
            elif order.outcome != DONE:
                prompt += f"_{order.outcome}"
            call.preface(prompt, **said(call, prompt, order))
            await call.say_all("order.receipt_again", receipt=order.receipt)


def _deed(order: OrderView) -> Deed:
    match order.outcome:
        case "done":
            return EXECUTED[order.kind]
        case "returned":
            return Deed.REFUSED
        case _:
            return Deed.ACCEPTED


async def prove(call: Call, bank: Bank) -> None:
    """The transaction password (交易密码) of the card she identified with.

    Raises PinLocked, NoInput.
    """
    while True:  # the bank counts: the third wrong one is refused as locked
        pin = await call.ask_secret("order.pin", length=PIN_LENGTH)
        try:
            return await bank.check_transaction_pin(call.card_id, pin)
        except PinLocked:
            call.did(Deed.PIN_LOCKED)
            raise
        except PinWrong as wrong:
            call.did(Deed.PIN_REFUSED)
            call.preface(wrong.prompt, **wrong.values)


def said(call: Call, prompt: str, order: OrderView) -> dict[str, Any]:
    """The values that a prompt about an order wants, of the kinds its slots say."""
    known = {
        **order.details,
        "amount": order.amount,
        "fee": order.fee,
        "tail": order.payee_tail,
        "receipt": order.receipt,
        "due": order.due_at,
        "day": bank_day(order.drafted_at),
    }
    return {name: _as(kind, known[name]) for name, kind in call.slots(prompt).items()}


def _as(kind: str, value: Any) -> Any:
    """A detail as it was before it became JSON."""
    match kind:
        case "amount" | "percent":
            return Decimal(value)
        case "date" | "day" if isinstance(value, str):
            return date.fromisoformat(value)
        case "datetime" | "time" if isinstance(value, str):
            return datetime.fromisoformat(value)
        case "number" | "days" | "times":
            return int(value)
        case _:
            return value
