"""账户设置: what she calls an account, and which one comes first."""

from telephony.deeds import Deed
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call
from telephony.ivr.flows.choosing import an_account, nickname, one_account
from telephony.ivr.registry import flow


@flow("account-nickname", identified=True)
async def account_nickname(call: Call, bank: Bank) -> None:
    """One of the bank's words, of those that can be said; it is said where she chooses."""
    offered = [slug for slug in await bank.nicknames() if call.can_say(nickname(slug))]
    if not offered:
        return call.preface("nickname.none")
    accounts = await bank.accounts(call.customer_id)
    account = await an_account(call, accounts, "nickname.account")
    call.preface("nickname.choose", tail=account.tail)
    slug = await call.choose(nickname, offered, lambda _slug: {})
    await bank.name_account(call.customer_id, account.id, slug)
    call.did(Deed.SETTING)
    return call.preface("nickname.done", tail=account.tail)


@flow("default-account", identified=True)
async def default_account(call: Call, bank: Bank) -> None:
    """It is first wherever she hears or chooses accounts, from this call on."""
    accounts = await bank.accounts(call.customer_id)
    if len(accounts) < 2:
        return call.preface("default.only_one")
    call.preface("default.choose")
    account = await one_account(call, accounts)
    await bank.lead_with(call.customer_id, account.id)
    call.did(Deed.SETTING)
    return call.preface("default.done", tail=account.tail)
