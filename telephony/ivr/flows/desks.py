"""人工专席: menu entries that lead straight to the people for one subject."""

from telephony.ivr.bank import Bank
from telephony.ivr.call import Call
from telephony.ivr.flows import agent
from telephony.ivr.registry import flow


@flow("agent-card")
async def card(call: Call, bank: Bank) -> None:
    """信用卡人工."""
    await agent.to_a_person(call, bank, "card")


@flow("agent-corporate")
async def corporate(call: Call, bank: Bank) -> None:
    """公司业务人工."""
    await agent.to_a_person(call, bank, "corporate")
