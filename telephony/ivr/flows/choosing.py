"""Which account, which payee: the questions that every service of money begins with."""

from collections.abc import Sequence

from banking.core import AccountView
from banking.errors import BankingError
from telephony.ivr.call import TRIES, Call, spoken_tail
from telephony.ivr.signals import NoInput


class NoAccount(BankingError):
    """She owns nothing of the kind that the service is about; no key of hers helps."""

    prompt = "choose.no_account"


async def an_account(call: Call, accounts: Sequence[AccountView], prompt: str) -> AccountView:
    """Hers alone without a question; else she chooses after `prompt`. Raises NoAccount."""
    if not accounts:
        raise NoAccount
    if len(accounts) == 1:
        return accounts[0]
    call.preface(prompt)
    return await call.choose("choose.account", accounts, spoken_tail)


async def one_of(call: Call, *prompts: str) -> str:
    """One of at most five sentences, each of which says its own key: its place among them.

    Raises NoInput.
    """
    keys = {str(place): prompt for place, prompt in enumerate(prompts, start=1)}
    tries = 0
    while tries < TRIES:
        for prompt in prompts:
            call.preface(prompt)
        key = await call.key(allowed="".join(keys) + "9")
        if key in keys:
            return keys[key]
        tries += key != "9"
        if not key:
            call.preface("entry.silence")
    raise NoInput
