"""回电: she leaves a number, and is called back."""

import re

from telephony.deeds import Deed
from telephony.ivr.call import Call
from telephony.ivr.signals import NoInput, WantsAgent

# Domestic: mobile, or area code and subscriber number. Others are keyed with their 00.
PHONE = re.compile(r"1[3-9]\d{9}|0\d{9,11}|00\d{8,15}")


async def offer(call: Call) -> None:
    """Nobody can come: offer to call back, and end the call. Raises Back where she goes back."""
    call.preface("agent.callback_offer")
    try:
        if await call.key(allowed="1") == "1":
            await tell(call, await register(call, await ask_phone(call)))
    except (NoInput, WantsAgent):
        pass
    await call.end()


async def ask_phone(call: Call) -> str:
    """Her own number for one key, or another one keyed in. Raises NoInput."""
    if PHONE.fullmatch(call.who.caller):
        call.preface("agent.callback_number", number=call.who.caller)
        if await call.key(allowed="12") == "1":
            return call.who.caller
    for _ in range(call.tries):
        number = await call.ask_digits("agent.callback_enter", least=10, most=17)
        if PHONE.fullmatch(number):
            return number
        call.preface("agent.callback_invalid")
    raise NoInput


async def register(call: Call, phone: str) -> str:
    """Note the wish; its receipt."""
    receipt = await call.file.request_callback(phone)
    call.did(Deed.CALLBACK)
    return receipt


async def tell(call: Call, receipt: str) -> None:
    """The receipt, twice."""
    call.preface("agent.callback_done", receipt=receipt)
    await call.say_all("order.receipt_again", receipt=receipt)
