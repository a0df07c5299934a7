"""Which account, which payee: the questions that every service of money begins with."""

from collections.abc import Sequence

from banking.core import AccountView
from banking.errors import BankingError
from telephony.ivr.call import Call, spoken_tail


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
