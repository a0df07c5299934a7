"""紧急挂失: no password, so that nothing delays it; card or passbook and ID number suffice."""

from banking.secret import Secret
from calendars.clock import bank_day
from telephony.deeds import Deed
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call, tail
from telephony.ivr.registry import flow

NUMBER_DIGITS = (12, 19)  # a card or a passbook's account


@flow("loss-report")
async def loss_report(call: Call, bank: Bank) -> None:
    """The card and its account are frozen at once; she is told what she must still do."""
    least, most = NUMBER_DIGITS
    number = await call.ask_digits("loss.card_or", least=least, most=most, mask=tail)
    call.preface("loss.id_hint")
    identity = await call.ask_id_number("loss.id_number")
    if not await call.confirm("loss.confirm", tail=number[-4:]):
        call.did(Deed.CANCELLED)
        return call.preface("loss.cancelled")
    report = await bank.report_loss(Secret(number), identity)
    call.did(Deed.LOSS_REPORTED)
    call.preface("loss.done", receipt=report.number)
    await call.say_all("order.receipt_again", receipt=report.number)
    call.preface("loss.followup", days=(bank_day(report.lapses_at) - bank_day(call.now())).days)
    return None
