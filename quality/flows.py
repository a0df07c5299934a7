"""满意度: after the agent has hung up, one question that nobody has to answer."""

from quality import ratings
from telephony.deeds import Deed
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call
from telephony.ivr.flows.agent import AFTERWARDS
from telephony.ivr.registry import flow
from telephony.ivr.signals import Back, WantsAgent

SCORES = "12345"


@flow(AFTERWARDS)
async def satisfaction(call: Call, bank: Bank) -> None:
    """One key from 1 to 5 for the agent; asked once, repeated once."""
    asked = await call.run(ratings.ask, call.uuid, at=call.now())
    if asked is None:
        return None
    for prompt in ("rating.ask", "rating.again"):
        if score := await _score(call, prompt):
            await call.run(ratings.keyed, asked, score, at=call.now())
            call.did(Deed.RATED, about=str(score))
            return call.preface("rating.thanks")
    return None


async def _score(call: Call, prompt: str) -> int:
    """0 for silence and for every other key: she has had her agent."""
    call.preface(prompt)
    try:
        key = await call.key(allowed=SCORES)
    except (Back, WantsAgent):
        return 0
    return int(key) if key in tuple(SCORES) else 0
