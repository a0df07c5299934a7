"""Her agent sends her here: for a password, to confirm an order, or for a flow of her own.

No agent hears or sees what she keys.
"""

from uuid import UUID

from banking.errors import BankingError, UnknownInstruction
from telephony.deeds import Deed
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call
from telephony.ivr.flows import identify, money
from telephony.ivr.queue import Errand, Proof
from telephony.ivr.registry import Flow
from telephony.ivr.signals import Answered, Back, NoInput, WantsAgent


async def run(call: Call, bank: Bank, what: Errand) -> None:
    """Ask for it; back to the agent either way, and the record says whether she gave it."""
    call.did(Deed.TO_IVR)
    try:
        await call.say("agent.to_ivr")
        await identify.prove(call, bank)
        given = True
        if isinstance(what, UUID):
            given = await _settle(call, bank, what)
        elif isinstance(what, Flow):
            await what.run(call, bank)
        elif what is Proof.TRANSACTION_PIN:
            await money.prove(call, bank)
    except (BankingError, identify.NotProved, Back, NoInput, WantsAgent) as why:
        call.did(Deed.NOT_PROVED)
        if isinstance(why, BankingError):
            call.preface(why.prompt, **why.values)
    except Answered:
        call.did(Deed.NOT_PROVED)
        raise
    else:
        call.did(Deed.PROVED if given else Deed.NOT_PROVED)
    await call.say_all("agent.back")


async def _settle(call: Call, bank: Bank, key: UUID) -> bool:
    """An order that was drafted for whoever this is. Raises UnknownInstruction: not hers."""
    order = await bank.order(key)
    if order.customer_id != call.customer_id or order.state != "read_back":
        raise UnknownInstruction
    try:
        return await money.settle_for_agent(call, bank, order)
    finally:
        await bank.void(key)  # unless it was settled: she said no, or nothing
