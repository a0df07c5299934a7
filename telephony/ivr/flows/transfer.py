"""行内转账: to a registered payee, or to a card or account of this bank keyed twice.

本人账户互转: between her own accounts, with no payee to key.
"""

from banking.core import PayeeView
from banking.requests import InBankTransfer, OwnTransfer
from banking.secret import Secret
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call, spoken_tail, tail
from telephony.ivr.flows import money
from telephony.ivr.flows.choosing import a_speed, an_account
from telephony.ivr.registry import flow
from telephony.ivr.signals import NoInput

ACCOUNT_DIGITS = (12, 19)  # an account's number or a card's


@flow("in-bank-transfer", identified=True, orders=["transfer"])
async def transfer(call: Call, bank: Bank) -> None:
    """Who pays, who is paid, how much, how fast; read back, confirmed, proved, executed, told."""
    payer = await an_account(call, await bank.demand_accounts(call.customer_id), "transfer.payer")
    payee = await _payee(call, bank)
    amount = await call.ask_amount("transfer.amount")
    speed = await a_speed(call)
    order = await bank.draft(
        InBankTransfer(payer_id=payer.id, payee_id=payee.account_id, amount=amount, speed=speed)
    )
    await money.settle(call, bank, order)


@flow("own-transfer", identified=True, orders=["own"])
async def own_transfer(call: Call, bank: Bank) -> None:
    """From one of her accounts to another: no fee, no limit."""
    accounts = await bank.demand_accounts(call.customer_id)
    payer = await an_account(call, accounts, "transfer.payer")
    others = [account for account in accounts if account.id != payer.id]
    if not others:
        return call.preface("own.only_one")
    payee = await an_account(call, others, "own.payee")
    amount = await call.ask_amount("transfer.amount")
    order = await bank.draft(OwnTransfer(payer_id=payer.id, payee_id=payee.id, amount=amount))
    return await money.settle(call, bank, order)


async def _payee(call: Call, bank: Bank) -> PayeeView:
    registered = await bank.payees(call.customer_id)
    if registered:
        call.preface("transfer.payee")
        chosen = await call.choose_or(
            "transfer.payee_entry", registered, spoken_tail, other="transfer.payee_other"
        )
        if chosen is not None:
            return chosen
    return await _keyed_payee(call, bank)


async def _keyed_payee(call: Call, bank: Bank) -> PayeeView:
    """Keyed twice: one wrong digit would be somebody else's account."""
    least, most = ACCOUNT_DIGITS
    for _ in range(call.tries):
        number = await call.ask_digits("transfer.payee_card", least=least, most=most, mask=tail)
        again = await call.ask_digits(
            "transfer.payee_card_again", least=least, most=most, mask=tail
        )
        if number != again:
            call.preface("transfer.payee_mismatch")
            continue
        return await bank.find_payee(Secret(number))
    raise NoInput
