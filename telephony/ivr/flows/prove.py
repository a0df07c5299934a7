"""Her agent sends her for a password: she keys it here, where no agent hears or sees it."""

from banking.errors import BankingError
from telephony.deeds import Deed
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call
from telephony.ivr.flows import identify, money
from telephony.ivr.queue import Proof
from telephony.ivr.signals import Answered, Back, NoInput, WantsAgent


async def prove(call: Call, bank: Bank, what: Proof) -> None:
    """Ask for it; back to the agent either way, and the record says whether it was right."""
    call.did(Deed.TO_IVR)
    try:
        await call.say("agent.to_ivr")
        await identify.prove(call, bank)
        if what is Proof.TRANSACTION_PIN:
            await money.prove(call, bank)
    except (BankingError, identify.NotProved, Back, NoInput, WantsAgent) as why:
        call.did(Deed.NOT_PROVED)
        if isinstance(why, BankingError):
            call.preface(why.prompt, **why.values)
    except Answered:
        call.did(Deed.NOT_PROVED)
        raise
    else:
        call.did(Deed.PROVED)
    await call.say_all("agent.back")
