"""限额与停用: what may leave by telephone is lowered, or stopped at once, by the caller herself."""

from telephony.deeds import Deed
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call
from telephony.ivr.flows.choosing import card_and_holder, one_of
from telephony.ivr.registry import flow


@flow("lower-limits", identified=True)
async def lower_limits(call: Call, bank: Bank) -> None:
    """Down only, and at once; up is a matter of the counter."""
    now = await bank.limits(call.customer_id)
    call.preface("limits.now", single=now.single, daily=now.daily)
    if await one_of(call, "limits.which_single", "limits.which_daily") == "limits.which_single":
        single, daily = await call.ask_amount("limits.single"), now.daily
    else:
        daily = await call.ask_amount("limits.daily")
        single = min(now.single, daily)
    if not await call.confirm("limits.readback", single=single, daily=daily):
        call.did(Deed.CANCELLED)
        return call.preface("limits.cancelled")
    now = await bank.lower_limits(call.customer_id, single=single, daily=daily)
    call.did(Deed.SETTING)
    return call.preface("limits.done", single=now.single, daily=now.daily)


@flow("stop-phone-debits")
async def stop_phone_debits(call: Call, bank: Bank) -> None:
    """In an emergency: card and ID number are enough to stop, not to start again."""
    if call.who.verified(call.now()):
        customer_id = call.customer_id
    else:
        customer_id = (await card_and_holder(call, bank, "stop.card")).customer_id
    if not await call.confirm("stop.confirm"):
        call.did(Deed.CANCELLED)
        return call.preface("stop.cancelled")
    receipt = await bank.stop_phone_debits(customer_id)
    call.did(Deed.PHONE_STOPPED)
    call.preface("stop.done", receipt=receipt)
    await call.say_all("order.receipt_again", receipt=receipt)
    return call.preface("stop.followup")
