"""人工: nobody answers yet, so she is told so at once and offered a call-back."""

import re

from telephony.deeds import Deed
from telephony.ivr.bank import Bank
from telephony.ivr.call import TRIES, Call
from telephony.ivr.signals import NoInput, WantsAgent

# Domestic: mobile, or area code and subscriber number. Others are keyed with their 00.
PHONE = re.compile(r"1[3-9]\d{9}|0\d{9,11}|00\d{8,15}")


async def to_a_person(call: Call, bank: Bank) -> None:
    """Offer the call-back, and end the call with what was done. Raises Back where she goes back."""
    call.preface("agent.callback_offer")
    try:
        if await call.key(allowed="1") == "1":
            phone = await _phone(call)
            receipt = await call.file.request_callback(phone)
            call.did(Deed.CALLBACK)
            call.preface("agent.callback_done", receipt=receipt)
            await call.say_all("transfer.receipt_again", receipt=receipt)
    except (NoInput, WantsAgent):
        pass
    await call.end()


async def _phone(call: Call) -> str:
    """Her own number for one key, or another one keyed in."""
    if PHONE.fullmatch(call.who.caller):
        call.preface("agent.callback_number", number=call.who.caller)
        if await call.key(allowed="12") == "1":
            return call.who.caller
    for _ in range(TRIES):
        number = await call.ask_digits("agent.callback_enter", least=10, most=17)
        if PHONE.fullmatch(number):
            return number
        call.preface("agent.callback_invalid")
    raise NoInput
