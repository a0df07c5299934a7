"""人工: she waits for a person, talks, and may wait again; or she is called back instead."""

from routing.entries import Door, Outcome, Standing
from telephony.deeds import Deed
from telephony.ivr import registry
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call
from telephony.ivr.flows import callback, errands
from telephony.ivr.queue import AgentLeft, AgentLost, Forwarded, ToIvr
from telephony.ivr.signals import Answered, Back, Departure, NoInput, WantsAgent

GENERAL, ENGLISH, CANTONESE = "general", "english", "cantonese"
AFTERWARDS = "satisfaction"  # the flow that a talk ends in, where there is one
HINT_EVERY = 4  # announcements of her place: about two minutes


async def to_a_person(call: Call, bank: Bank, queue: str = "") -> None:
    """Into the queue of her subject, or the general one; where nobody could come, a call-back.

    Ends the call with what was done. Raises Back where she goes back to the menus.
    """
    queue, door = await _way_in(call, queue)
    if door is Door.CLOSED:
        call.preface("agent.closed")
    if door is not Door.OPEN:
        return await callback.offer(call)
    await call.queue.enter(queue, vip=await bank.vip(call.who.customer_id))
    call.did(Deed.QUEUED, about=queue)
    call.preface("agent.transfer")
    await stay(call, bank)
    return None


async def _way_in(call: Call, wanted: str) -> tuple[str, Door]:
    """The queue that she may enter: who speaks English goes to who does, before any subject.

    Cantonese as well, while somebody is there who speaks it; every other agent understands it.
    """
    usual = ENGLISH if call.who.language == "en" else GENERAL
    if call.who.is_closed:
        return usual, Door.CLOSED
    if call.who.language == "yue" and await call.queue.door(CANTONESE) is Door.OPEN:
        return CANTONESE, Door.OPEN
    if wanted and usual == GENERAL and await call.queue.door(wanted) is Door.OPEN:
        return wanted, Door.OPEN
    return usual, await call.queue.door(usual)


async def stay(call: Call, bank: Bank) -> None:
    """In the queue, with an agent, in the queue again: as `to_a_person`."""
    try:
        while True:
            try:
                await _wait(call)
            except Answered:
                await _talk(call, bank)
    except Departure:  # what an agent drafted for her, and she did not confirm
        if call.who.customer_id is not None:
            await bank.void_unsettled(call.customer_id)
        raise


async def _wait(call: Call) -> None:
    """Her place and music in turn. Raises Answered, Back; ends the call with a call-back."""
    announced, offered, lost = 0, 0, False
    while True:
        place = await call.queue.standing()
        if place is None:
            lost = True
        else:
            if lost:
                call.did(Deed.REQUEUED, about=place.queue)
                call.preface("agent.requeued")
            lost = False
            if await call.queue.door(place.queue) is Door.UNSTAFFED:
                if offered == call.tries:  # nobody comes, and she answers nothing
                    await call.queue.leave(Outcome.ABANDONED)
                    call.did(Deed.LEFT_QUEUE)
                    await call.end("agent.unavailable")
                call.preface("agent.callback_offer")  # the last who could come has signed out
                offered += 1
            else:
                offered = 0
                _tell(call, place)
                if announced % HINT_EVERY == 0:
                    call.preface("agent.wait_hint")
                announced += 1
        await call.say_prefaced()
        match await call.music():
            case "1":
                await _instead(call)
            case "*":
                await call.queue.leave(Outcome.ABANDONED)
                call.did(Deed.LEFT_QUEUE)
                raise Back


def _tell(call: Call, place: Standing) -> None:
    ahead, minutes = place.place - 1, -(-place.expected_s // 60)
    match ahead:
        case 0:
            call.preface("agent.next")
        case 1 | 2:  # Mandarin counts two people as 两位, never 二位
            call.preface(f"agent.ahead_{ahead}")
        case _:
            call.preface("agent.ahead", ahead=ahead)
    match minutes:
        case 0 | 1:
            call.preface("agent.wait_short")
        case 2:
            call.preface("agent.wait_2")
        case _:
            call.preface("agent.wait", minutes=minutes)


async def _instead(call: Call) -> None:
    """A call-back instead of the wait; until its number is keyed in she keeps her place."""
    try:
        phone = await callback.ask_phone(call)
    except (Back, NoInput, WantsAgent):
        return
    await call.queue.leave(Outcome.CALLBACK)
    await callback.tell(call, await callback.register(call, phone))
    await call.end()


async def _talk(call: Call, bank: Bank) -> None:
    """With the agent. Returns where the caller waits again; ends the call after the talk."""
    while True:
        match await call.queue.talk():
            case AgentLeft():
                call.did(Deed.AGENT_LEFT)
                if afterwards := registry.find(AFTERWARDS):
                    await afterwards.run(call, bank)
                await call.end()
            case AgentLost():
                call.did(Deed.AGENT_LOST)
                return call.preface("agent.reconnecting")
            case Forwarded(queue):
                call.did(Deed.FORWARDED, about=queue)
                return call.preface("agent.forwarded")
            case ToIvr(errand):
                await errands.run(call, bank, errand)
