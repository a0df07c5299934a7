"""余额: first her default account, or that of her card, at once; then, for one key, all of them."""

from banking.core import AccountView
from telephony.deeds import Deed
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call
from telephony.ivr.registry import flow


@flow("balance", identified=True)
async def balance(call: Call, bank: Bank) -> None:
    """She hears a balance with the next breath, whatever else she owns."""
    accounts = await bank.accounts(call.customer_id)
    if not accounts:
        return call.preface("balance.none")
    hers = (account for account in accounts if account.tail == call.who.card_tail)
    first = accounts[0] if accounts[0].leads else next(hers, accounts[0])
    await _tell(call, bank, first)
    await call.say_prefaced()
    call.did(Deed.BALANCE)
    if len(accounts) > 1:
        call.preface("balance.next")
        if await call.key(allowed="1") == "1":
            call.preface("balance.all", count=len(accounts))
            for account in accounts:
                await _tell(call, bank, account)
    return None


async def _tell(call: Call, bank: Bank, account: AccountView) -> None:
    """A balance in one sentence; what is available only where it differs."""
    now = await bank.balance(account.id)
    if now.held:
        call.preface("balance.one", tail=account.tail, balance=now.balance, available=now.available)
    else:
        call.preface("balance.same", tail=account.tail, balance=now.balance)
