"""存款: put into a deposit, paid on, taken out again, and told.

整存整取, 零存整取, 存本取息, 通知存款; what is announced: `withdrawal_notices.py`.
"""

from decimal import Decimal
from typing import Any

from banking.core import DepositView, OfferView, OrderView
from banking.core.deposits import Product
from banking.errors import ProductNotOffered
from banking.requests import OpenDeposit, PayInstalment, Redemption
from telephony.deeds import Deed
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call
from telephony.ivr.flows import money
from telephony.ivr.flows.choosing import NoAccount, an_account, an_option, either
from telephony.ivr.registry import flow


@flow("deposit-time", identified=True, orders=["save"])
async def time_deposit(call: Call, bank: Bank) -> None:
    """整存整取: for a term, and then again or back to the account it came from."""
    await _open(call, bank, "time")


@flow("deposit-instalment", identified=True, orders=["save"])
async def instalment_deposit(call: Call, bank: Bank) -> None:
    """零存整取: the first instalment, and so much each month."""
    await _open(call, bank, "instalment")


@flow("deposit-drawing", identified=True, orders=["save"])
async def drawing_deposit(call: Call, bank: Bank) -> None:
    """存本取息: the interest comes to the account every so often, the principal at the end."""
    await _open(call, bank, "drawing")


@flow("deposit-notice", identified=True, orders=["save"])
async def notice_deposit(call: Call, bank: Bank) -> None:
    """通知存款: drawn after a notice of one day or of seven."""
    await _open(call, bank, "notice")


@flow("pay-instalment", identified=True, orders=["instalment"])
async def pay_instalment(call: Call, bank: Bank) -> None:
    """零存整取续存: the month's instalment; how much it is was agreed."""
    running = [d for d in await bank.deposits(call.customer_id) if d.product == "instalment"]
    if not running:
        raise NoAccount
    due = [deposit for deposit in running if deposit.payable]
    if not due:
        return call.preface("instalment.none_due")
    deposit = await an_option(call, due, "deposit.choice", _spoken)
    assert deposit.monthly is not None
    payer = await an_account(call, await bank.demand_accounts(call.customer_id), "deposit.payer")
    order = await bank.draft(
        PayInstalment(payer_id=payer.id, payee_id=deposit.account_id, amount=deposit.monthly)
    )
    return await money.settle(call, bank, order)


@flow("deposit-redeem", identified=True, orders=["redeem"])
async def redeem(call: Call, bank: Bank) -> None:
    """转回活期: which deposit, all of it or a part, into which account."""
    deposits = await bank.deposits(call.customer_id)
    if not deposits:
        raise NoAccount
    deposit = await an_option(call, deposits, "deposit.choice", _spoken)
    amount = deposit.available
    if deposit.in_parts and await either(call, "redeem.how") == "2":
        amount = await call.ask_amount("redeem.amount")
    payee = await an_account(call, await bank.demand_accounts(call.customer_id), "redeem.payee")
    order = await bank.draft(
        Redemption(payer_id=deposit.account_id, payee_id=payee.id, amount=amount)
    )
    _warn(call, order)
    await money.settle(call, bank, order)


@flow("deposit-enquiry", identified=True)
async def enquiry(call: Call, bank: Bank) -> None:
    """我的存款: each with what it is, what is in it and until when."""
    deposits = await bank.deposits(call.customer_id)
    if not deposits:
        return call.preface("deposit.none")
    call.preface("deposit.count", count=len(deposits))
    for deposit in deposits:
        _tell(call, deposit)
    await call.say("deposit.end")
    call.did(Deed.ENQUIRED)
    return None


async def _open(call: Call, bank: Bank, product: Product) -> None:
    offers = await bank.offers(product)
    if not offers:
        raise ProductNotOffered
    payer = await an_account(call, await bank.demand_accounts(call.customer_id), "deposit.payer")
    offer = await an_option(call, offers, "deposit.term", _terms)
    renews = product == "time" and await either(call, "deposit.renewal") == "1"
    question = "deposit.monthly" if product == "instalment" else "deposit.amount"
    amount = await call.ask_amount(question, minimum=offer.minimum)
    order = await bank.draft(
        OpenDeposit(
            payer_id=payer.id, amount=amount, product=product, term=offer.term, renews=renews
        )
    )
    call.preface("deposit.as_renewing" if renews else f"deposit.as_{product}")
    await money.settle(call, bank, order)


def _terms(offer: OfferView) -> dict[str, Any]:
    return {"term": offer.term, "percent": offer.percent}


def _spoken(deposit: DepositView) -> dict[str, Any]:
    return {"tail": deposit.tail, "principal": deposit.principal}


def _warn(call: Call, order: OrderView) -> None:
    """What she loses by it, in one breath with the read-back."""
    rule = order.details["rule"]
    if rule in ("early", "demand"):
        call.preface(f"redeem.{rule}")
    if order.amount != Decimal(order.details["asked"]):
        call.preface("redeem.rest_too_small")
    if Decimal(order.details["interest"]) < 0:
        call.preface("redeem.clawed_back")


def _tell(call: Call, deposit: DepositView) -> None:
    """One deposit in a sentence, and what is announced of it."""
    known = {
        "tail": deposit.tail,
        "principal": deposit.principal,
        "term": deposit.term,
        "percent": deposit.percent,
        "matures": deposit.matures_on,
    }
    prompt = f"deposit.told_{deposit.product}"
    call.preface(prompt, **{name: known[name] for name in call.slots(prompt)})
    if deposit.renews:
        call.preface("deposit.renews")
    if deposit.payable:
        call.preface("deposit.payable", monthly=deposit.monthly)
    if deposit.notice:
        call.preface("deposit.announced", due=deposit.notice.due_on, amount=deposit.notice.amount)
