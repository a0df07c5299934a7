"""Who is calling: card number and query password (查询密码), once a call."""

from banking.core import CardView
from banking.errors import CardInvalid, CodeSpent, NumberThrottled, PinLocked, PinWrong
from banking.secret import Secret
from telephony.deeds import Deed
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call, tail
from telephony.ivr.entry import PIN_LENGTH
from telephony.ivr.flows import money, passwords
from telephony.ivr.flows.choosing import CARD_DIGITS
from telephony.ivr.signals import Departure, NoInput


class NotProved(Departure):
    """She could not prove who she is: `prompt` is the last word of a call without an agent."""

    def __init__(self, prompt: str) -> None:
        super().__init__(prompt)
        self.prompt = prompt


async def identify(call: Call, bank: Bank) -> None:
    """Ask for card and password unless she has given them; then tell her what she must know.

    Ends the call where she can't prove it.
    """
    try:
        await prove(call, bank)
    except NotProved as why:
        await call.end(why.prompt)


async def prove(call: Call, bank: Bank) -> None:
    """`identify`, but who can't prove it stays on the line. Raises NotProved."""
    if call.who.verified(call.now()):
        return
    if call.who.verified_until is not None:
        call.preface("identify.expired")
    card = await _ask_card(call, bank)
    if card.activated:
        await _ask_query_pin(call, bank, card.id)
    else:
        await _activate(call, bank, card.id)
    await call.file.identified(card)
    call.did(Deed.IDENTIFIED)
    await money.tell_untold(call, bank)


async def _ask_card(call: Call, bank: Bank) -> CardView:
    for _ in range(call.tries):
        least, most = CARD_DIGITS
        number = await call.ask_digits("identify.card", least=least, most=most, mask=tail)
        try:
            card = await bank.find_card(Secret(number))
        except CardInvalid as unknown:
            call.preface(unknown.prompt)
            continue
        except NumberThrottled as throttled:
            call.did(Deed.PIN_LOCKED)
            raise NotProved(throttled.prompt) from throttled
        if call.who.is_test and not card.is_test:
            call.preface("identify.not_test")
            continue
        return card
    raise NoInput


async def _activate(call: Call, bank: Bank, card_id: int) -> None:
    try:
        await passwords.activate(call, bank, card_id)
    except (CodeSpent, NumberThrottled) as spent:
        raise NotProved(spent.prompt) from spent
    except NoInput as silent:
        raise NotProved("goodbye") from silent


async def _ask_query_pin(call: Call, bank: Bank, card_id: int) -> None:
    tries = await bank.tries_a_call()  # the card itself has its own, a day
    while call.who.pin_failures < tries:
        try:
            pin = await call.ask_secret("identify.pin", length=PIN_LENGTH)
        except NoInput as silent:
            raise NotProved("goodbye") from silent
        try:
            await bank.check_query_pin(card_id, pin)
        except PinLocked as locked:
            call.did(Deed.PIN_LOCKED)
            await call.file.pin_refused(call.who.pin_failures + 1)
            if call.who.pin_failures < tries:  # locked for the day, not by this call
                raise NotProved(locked.prompt) from locked
        except PinWrong as wrong:
            call.did(Deed.PIN_REFUSED)
            await call.file.pin_refused(call.who.pin_failures + 1)
            left = min(tries - call.who.pin_failures, wrong.values["left"])
            if left > 0:
                call.preface(wrong.prompt, left=left)
        else:
            return
    raise NotProved("identify.hangup")
