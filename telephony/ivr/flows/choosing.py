"""Which account, which payee, how fast: the questions that every service of money begins with."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from banking.core import AccountView, CardView
from banking.errors import BankingError
from banking.requests import SessionSpeed, Speed
from banking.secret import Secret
from telephony.ivr.bank import Bank
from telephony.ivr.call import MOST_OPTIONS, Call, PromptOf, tail

CARD_DIGITS = (16, 19)
T = TypeVar("T")

SPEEDS: Mapping[str, Speed] = {
    "transfer.now": "now",
    "transfer.ordinary": "ordinary",
    "transfer.next_day": "next_day",
}

# By the keys that they have where 实时 is offered too.
SESSIONS: Mapping[str, tuple[str, SessionSpeed]] = {
    "2": ("transfer.ordinary", "ordinary"),
    "3": ("transfer.next_day", "next_day"),
}


class NoAccount(BankingError):
    """She owns nothing of the kind that the service is about; no key of hers helps."""

    prompt = "choose.no_account"


async def card_and_holder(call: Call, bank: Bank, prompt: str) -> CardView:
    """Who can't prove herself, or need not: by card and ID number. Raises NotHolder."""
    least, most = CARD_DIGITS
    number = await call.ask_digits(prompt, least=least, most=most, mask=tail)
    call.preface("loss.id_hint")
    identity = await call.ask_id_number("loss.id_number")
    return await bank.card_of(Secret(number), identity)


async def an_account(call: Call, accounts: Sequence[AccountView], prompt: str) -> AccountView:
    """Hers alone without a question; else she chooses after `prompt`. Raises NoAccount."""
    if not accounts:
        raise NoAccount
    if len(accounts) == 1:
        return accounts[0]
    call.preface(prompt)
    return await one_account(call, accounts)


async def one_account(call: Call, accounts: Sequence[AccountView]) -> AccountView:
    """One of her first five: by the name she gave it and its last four digits, or these alone.

    A name is said where a prompt `nickname.<word>` says it in her language. Raises NoInput.
    """
    keys = dict(enumerate(accounts[:MOST_OPTIONS], start=1))

    def say() -> None:
        for key, account in keys.items():
            if account.word and call.can_say(name := nickname(account.word)):
                call.preface(name, key=key)
                call.preface("choose.named_tail", tail=account.tail)
            else:
                call.preface("choose.account", key=key, tail=account.tail)

    return keys[int(await call.key_of("".join(map(str, keys)), say))]


def nickname(word: str) -> str:
    """The prompt that offers one of the bank's words for an account."""
    return f"nickname.{word}"


async def one_of(call: Call, *prompts: str) -> str:
    """One of at most five sentences, each of which says its own key: its place among them.

    Raises NoInput.
    """
    keys = {str(place): prompt for place, prompt in enumerate(prompts, start=1)}

    def say() -> None:
        for prompt in prompts:
            call.preface(prompt)

    return keys[await call.key_of("".join(keys), say)]


async def an_option(
    call: Call,
    options: Sequence[T],
    prompt: PromptOf[T],
    spoken: Callable[[T], dict[str, Any]],
) -> T:
    """One alone without a question; more than five by pages, the rest under key 5."""
    if len(options) == 1:
        return options[0]
    page = MOST_OPTIONS - 1
    while len(options) > MOST_OPTIONS:
        chosen = await call.choose_or(prompt, options[:page], spoken, other="choose.more")
        if chosen is not None:
            return chosen
        options = options[page:]
    return await call.choose(prompt, options, spoken)


async def either(call: Call, question: str) -> str:
    """Which of the two keys that the question offers: 1 or 2. Raises NoInput."""
    return await call.key_of("12", lambda: call.preface(question))


async def a_speed(call: Call) -> Speed:
    """实时, 普通 or 次日: the payer chooses (银发〔2016〕261号)."""
    return SPEEDS[await one_of(call, *SPEEDS)]


async def a_session(call: Call) -> SessionSpeed:
    """普通 or 次日, where money goes by sessions. Raises NoInput."""

    def say() -> None:
        for prompt, _speed in SESSIONS.values():
            call.preface(prompt)

    return SESSIONS[await call.key_of("".join(SESSIONS), say)][1]
