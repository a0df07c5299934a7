"""明细: the last transactions of an account, as many as the bank's rule says."""

from telephony.deeds import Deed
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call
from telephony.ivr.flows.choosing import an_account
from telephony.ivr.registry import flow


@flow("last-transactions", identified=True)
async def last_transactions(call: Call, bank: Bank) -> None:
    """Newest first: day, in or out, amount, balance after it."""
    accounts = await bank.accounts(call.customer_id)
    if not accounts:
        return call.preface("balance.none")
    account = await an_account(call, accounts, "transactions.choose")
    entries = await bank.last(account.id)
    if not entries:
        return call.preface("transactions.none")
    call.preface("transactions.count", count=len(entries))
    for entry in entries:
        call.preface(
            "transactions.in" if entry.amount > 0 else "transactions.out",
            day=entry.booked_on,
            amount=abs(entry.amount),
            balance=entry.balance,
        )
    await call.say("transactions.end")
    call.did(Deed.ENTRIES)
    return None
