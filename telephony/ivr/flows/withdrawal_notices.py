"""支取通知 of a notice deposit: announced, changed or cancelled by telephone. Nothing moves."""

from datetime import date, timedelta

from banking.core import DepositView, NoticeView
from banking.errors import NoNotice, NoticeStands
from calendars.clock import bank_day
from telephony.deeds import Deed
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call
from telephony.ivr.flows.choosing import NoAccount, an_option
from telephony.ivr.registry import flow


@flow("notice-register", identified=True)
async def register(call: Call, bank: Bank) -> None:
    """How much; the day follows from the deposit's notice."""
    deposits = await _notice_deposits(call, bank)
    free = [deposit for deposit in deposits if deposit.notice is None]
    if not free:
        raise NoticeStands
    deposit = await _one(call, free)
    amount = await call.ask_amount("notice.amount")
    if not await call.confirm("notice.readback", amount=amount, due=_due(call, deposit)):
        call.did(Deed.CANCELLED)
        return call.preface("notice.unchanged")
    notice = await bank.announce(call.customer_id, deposit.id, amount)
    return await _told(call, "notice.done", notice)


@flow("notice-change", identified=True)
async def change(call: Call, bank: Bank) -> None:
    """Another amount; its notice begins today."""
    deposit = await _one(call, await _announced(call, bank))
    assert deposit.notice is not None
    call.preface("notice.now", amount=deposit.notice.amount, due=deposit.notice.due_on)
    amount = await call.ask_amount("notice.amount")
    if not await call.confirm("notice.readback", amount=amount, due=_due(call, deposit)):
        call.did(Deed.CANCELLED)
        return call.preface("notice.unchanged")
    notice = await bank.change_notice(call.customer_id, deposit.id, amount)
    return await _told(call, "notice.done", notice)


@flow("notice-cancel", identified=True)
async def cancel(call: Call, bank: Bank) -> None:
    """She is told first what it costs."""
    deposit = await _one(call, await _announced(call, bank))
    assert deposit.notice is not None
    announced = {"amount": deposit.notice.amount, "due": deposit.notice.due_on}
    if not await call.confirm("notice.cancel_readback", **announced):
        call.did(Deed.CANCELLED)
        return call.preface("notice.unchanged")
    notice = await bank.cancel_notice(call.customer_id, deposit.id)
    return await _told(call, "notice.cancelled", notice)


async def _told(call: Call, prompt: str, notice: NoticeView) -> None:
    """What stands now, and its number, twice."""
    call.did(Deed.NOTICE_GIVEN, about=notice.number)
    slots = call.slots(prompt)
    known = {"due": notice.due_on, "amount": notice.amount, "receipt": notice.number}
    call.preface(prompt, **{name: known[name] for name in slots})
    await call.say_all("order.receipt_again", receipt=notice.number)


async def _notice_deposits(call: Call, bank: Bank) -> list[DepositView]:
    """Raises NoAccount."""
    found = [d for d in await bank.deposits(call.customer_id) if d.product == "notice"]
    if not found:
        raise NoAccount
    return found


async def _announced(call: Call, bank: Bank) -> list[DepositView]:
    """Raises NoAccount, NoNotice."""
    found = [d for d in await _notice_deposits(call, bank) if d.notice]
    if not found:
        raise NoNotice
    return found


async def _one(call: Call, deposits: list[DepositView]) -> DepositView:
    return await an_option(
        call, deposits, "deposit.choice", lambda d: {"tail": d.tail, "principal": d.principal}
    )


def _due(call: Call, deposit: DepositView) -> date:
    """What is read back; the bank counts for itself when it is announced."""
    return bank_day(call.now()) + timedelta(days=int(deposit.term.removesuffix("d")))
