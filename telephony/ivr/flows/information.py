"""利率、汇率、网点、产品与公告: what anybody may hear, without proving who she is."""

from collections.abc import Sequence
from typing import Any, Literal

from banking.core import BranchView, DistrictView, ExchangeRateView
from banking.core.information import Deposit
from banking.errors import BankingError
from telephony.deeds import Deed
from telephony.ivr.bank import Bank
from telephony.ivr.call import MOST_OPTIONS, Call
from telephony.ivr.flows.choosing import an_option, one_of
from telephony.ivr.registry import flow

# Said one after the other: a prompt and its values.
Said = tuple[str, dict[str, Any]]


PRODUCTS: dict[str, Deposit] = {
    "rates.deposit.demand_key": "demand",
    "rates.deposit.time_key": "time",
    "rates.deposit.instalment_key": "instalment",
    "rates.deposit.drawing_key": "drawing",
    "rates.deposit.notice_key": "notice",
}


class NothingToTell(BankingError):
    """Nobody entered it, or it has no audio: a person knows."""

    prompt = "information.nothing"


@flow("deposit-rates")
async def deposit_rates(call: Call, bank: Bank) -> None:
    """What a deposit earns, by product and term."""
    product = PRODUCTS[await one_of(call, *PRODUCTS)]
    rates = await bank.deposit_rates(product)
    await _tell(
        call,
        [
            (f"rates.deposit.{product}", {"percent": rate.percent})
            if product == "demand"
            else (f"rates.deposit.{product}", {"term": rate.term, "percent": rate.percent})
            for rate in rates
        ],
    )


@flow("loan-rates")
async def loan_rates(call: Call, bank: Bank) -> None:
    """The published rates that loans follow, each with the day it began."""
    rates = await bank.loan_rates()
    await _tell(
        call,
        [
            (f"rates.loan.{rate.series}", {"percent": rate.percent, "since": rate.since})
            for rate in rates
        ],
    )


@flow("exchange-rates")
async def exchange_rates(call: Call, bank: Bank) -> None:
    """One currency: what the bank pays for money and for notes, and asks."""
    rates = await bank.exchange_rates()
    if not rates:
        raise NothingToTell
    rate = await an_option(call, rates, _currency_key, _nothing_more)
    values = {"units": rate.units, "buy": rate.buy, "cash": rate.cash_buy, "sell": rate.sell}
    await _tell(call, [(f"exchange.{rate.currency}", {**values, "at": rate.at})])


@flow("branches")
async def branches(call: Call, bank: Bank) -> None:
    """A district by key, a branch by key: where it is, when it is open, its machines."""
    districts = _spoken(call, await bank.districts(), "")
    district = await an_option(call, districts, _place_key, _nothing_more)
    there = _spoken(call, await bank.branches(district.code), ".address")
    branch = await an_option(call, there, _place_key, _nothing_more)
    await _tell(call, _of_branch(branch))


@flow("products")
async def products(call: Call, bank: Bank) -> None:
    """The bank's products, in its own order."""
    await _announce(call, bank, "product")


@flow("announcements")
async def announcements(call: Call, bank: Bank) -> None:
    """What the bank has to announce now."""
    await _announce(call, bank, "notice")


async def _announce(call: Call, bank: Bank, kind: Literal["product", "notice"]) -> None:
    prompts = await bank.announcements(kind)
    await _tell(call, [(prompt, {}) for prompt in prompts if call.can_say(prompt)])


async def _tell(call: Call, items: Sequence[Said]) -> None:
    """At most five at a time; the rest for a key. Raises NothingToTell."""
    if not items:
        raise NothingToTell
    for start in range(0, len(items), MOST_OPTIONS):
        if start:
            call.preface("information.go_on")
            if await call.key(allowed="1") != "1":
                return
        for prompt, values in items[start : start + MOST_OPTIONS]:
            call.preface(prompt, **values)
        await call.say_prefaced()
        call.did(Deed.INFORMED)


def _spoken(call: Call, places: Sequence[Any], told: str) -> list[Any]:
    """Those with audio of their own. Says first that a person knows of the others.

    Raises NothingToTell where none has.
    """
    known = [
        place
        for place in places
        if call.can_say(f"place.{place.code}") and call.can_say(f"place.{place.code}{told}")
    ]
    if not known:
        raise NothingToTell
    if silent := len(places) - len(known):
        call.preface("place.others", count=silent)
    return known


def _place_key(place: DistrictView | BranchView) -> str:
    return f"place.{place.code}"


def _currency_key(rate: ExchangeRateView) -> str:
    return f"exchange.{rate.currency}_key"


def _nothing_more(_option: Any) -> dict[str, Any]:
    """The prompt of the option says what it is; only its key is filled in."""
    return {}


def _of_branch(branch: BranchView) -> list[Said]:
    said: list[Said] = [(f"place.{branch.code}.address", {})]
    if branch.phone:
        said.append(("branch.phone", {"phone": branch.phone}))
    if branch.opens and branch.closes:
        said.append(("branch.open_today", {"opens": branch.opens, "closes": branch.closes}))
    elif branch.opens_next:
        said.append(("branch.closed_today", {"opens": branch.opens_next}))
    if branch.machines:
        said.append(("branch.machines", {"count": branch.machines, "working": branch.working}))
    return said
