"""投诉与建议: she says it after a tone, and leaves with a case number and a day."""

from complaints import cases
from telephony.deeds import Deed
from telephony.ivr import taping
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call
from telephony.ivr.registry import flow
from telephony.ivr.signals import WantsAgent
from telephony.recordings import NoRoom


@flow("complaint")
async def complaint(call: Call, bank: Bank) -> None:
    """A complaint or suggestion as a message; its case number, and when it is answered."""
    try:
        path = await taping.record(call, "complaint.speak")
    except NoRoom as refusal:
        call.preface(refusal.prompt)
        raise WantsAgent from refusal
    case = await call.run(cases.left_a_message, call.id, path, at=call.now())
    call.did(Deed.COMPLAINED, about=case.number)

    await call.say_all("complaint.done", receipt=case.number)
    await call.say_all("order.receipt_again", receipt=case.number)
    await call.run(cases.acknowledged, case.id, at=call.now())

    call.preface("complaint.due", date=case.due_on)
    call.preface("complaint.agent")
    await call.key(allowed="")
