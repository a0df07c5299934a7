"""查询与撤销: what became of her last transfers; one that is not debited yet can be withdrawn."""

from typing import Any

from banking.core import OrderView
from banking.core.interbank import TransferView
from banking.errors import AlreadySettled
from calendars.clock import bank_day
from telephony.deeds import Deed
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call
from telephony.ivr.registry import flow

WITHDRAW, NEXT = "1", "2"


@flow("transfer-enquiry", identified=True)
async def transfer_enquiry(call: Call, bank: Bank) -> None:
    """One after the other, the newest first, each with what can be done about it."""
    transfers = await bank.transfers(call.customer_id)
    if not transfers:
        return call.preface("enquiry.none")
    for place, transfer in enumerate(transfers, start=1):
        keys = WITHDRAW if transfer.stage == "scheduled" else ""
        keys += NEXT if place < len(transfers) else ""
        key = await _tell(call, transfer, keys)
        if place == 1:
            call.did(Deed.ENQUIRED)
        if key == WITHDRAW:
            return await _withdraw(call, bank, transfer.order)
        if key != NEXT:
            break
    return call.preface("enquiry.end")


async def _tell(call: Call, transfer: TransferView, keys: str) -> str:
    """Which of `keys` she pressed; "" for silence, or where there are none."""
    for _ in range(call.tries):
        prompt = f"enquiry.{transfer.stage}"
        call.preface(prompt, **_said(call, prompt, transfer))
        if not keys:
            await call.say_prefaced()
            break
        if WITHDRAW in keys:
            call.preface("enquiry.withdraw")
        if NEXT in keys:
            call.preface("enquiry.next")
        key = await call.key(allowed=keys + "9")
        if key in ("", *keys):
            return key
    return ""


async def _withdraw(call: Call, bank: Bank, order: OrderView) -> None:
    values = {"tail": order.payee_tail, "amount": order.amount}
    if not await call.confirm("enquiry.withdraw_readback", **values):
        return call.preface("enquiry.kept")
    try:
        await bank.withdraw(order.key)
    except AlreadySettled:
        return call.preface("enquiry.too_late")
    call.did(Deed.WITHDRAWN, instruction=order.key)
    return call.preface("enquiry.withdrawn_now", receipt=order.receipt, **values)


def _said(call: Call, prompt: str, transfer: TransferView) -> dict[str, Any]:
    order = transfer.order
    known = {
        "day": bank_day(order.drafted_at),
        "tail": order.payee_tail,
        "amount": order.amount,
        "due": order.due_at,
        "arrives": transfer.arrives,
    }
    return {name: known[name] for name in call.slots(prompt)}
