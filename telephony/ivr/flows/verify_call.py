"""核实银行来电: was it the bank that called her?"""

from telephony.deeds import Deed
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call
from telephony.ivr.flows import identify
from telephony.ivr.registry import flow

MOST = 3  # calls that are told; the newest are what she asks about


@flow("verify-call")
async def verify_call(call: Call, bank: Bank) -> None:
    """She hears which desk called, when and why; one key stops her debits and opens a case."""
    customer_id = await _whose(call, bank)
    contacts = (await bank.contacts(customer_id))[:MOST]
    for contact in contacts:
        call.preface("verify.called", at=contact.at)
        call.preface(f"desk.{contact.desk}")
        call.preface(f"contact.{contact.reason}")
    if not contacts:
        call.preface("verify.none")
    await call.say_prefaced()
    call.did(Deed.CALL_CHECKED)

    call.preface("verify.not_that" if contacts else "verify.stop")
    if await call.key(allowed="1") != "1":
        return
    number = await bank.report_caller(customer_id)
    call.did(Deed.PHONE_STOPPED)
    call.preface("verify.stopped", receipt=number)
    await call.say_all("order.receipt_again", receipt=number)


async def _whose(call: Call, bank: Bank) -> int:
    """Hers who is identified, or whose bound number calls; else she identifies herself."""
    if not call.who.verified(call.now()):
        known = await bank.known_by_number()
        if known is not None and (known.is_test or not call.who.is_test):
            return known.customer_id
        await identify.identify(call, bank)
    return call.customer_id
