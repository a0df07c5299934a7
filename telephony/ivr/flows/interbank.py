"""同城跨行 and 异地汇款: to a payee at another bank who was registered at a branch of ours."""

from banking.core.interbank import ExternalPayeeView
from banking.requests import InterbankTransfer, Remittance
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call, spoken_tail
from telephony.ivr.flows import money
from telephony.ivr.flows.choosing import a_session, a_speed, an_account, an_option
from telephony.ivr.registry import flow


@flow("interbank-transfer", identified=True, orders=["interbank"])
async def interbank_transfer(call: Call, bank: Bank) -> None:
    """In the same city, by the next session of its exchange or one of the next day's."""
    payees = await bank.external_payees(call.customer_id, same_city=True)
    if not payees:
        return call.preface("interbank.no_payee")
    payer = await an_account(call, await bank.demand_accounts(call.customer_id), "transfer.payer")
    payee = await _payee(call, payees)
    amount = await call.ask_amount("transfer.amount")
    speed = await a_session(call)
    order = await bank.draft(
        InterbankTransfer(payer_id=payer.id, payee_id=payee.id, amount=amount, speed=speed)
    )
    return await money.settle(call, bank, order)


@flow("remittance", identified=True, orders=["remittance"])
async def remittance(call: Call, bank: Bank) -> None:
    """To another city, as fast as she chooses."""
    payees = await bank.external_payees(call.customer_id, same_city=False)
    if not payees:
        return call.preface("remittance.no_payee")
    payer = await an_account(call, await bank.demand_accounts(call.customer_id), "transfer.payer")
    payee = await _payee(call, payees)
    amount = await call.ask_amount("transfer.amount")
    speed = await a_speed(call)
    order = await bank.draft(
        Remittance(payer_id=payer.id, payee_id=payee.id, amount=amount, speed=speed)
    )
    return await money.settle(call, bank, order)


async def _payee(call: Call, payees: tuple[ExternalPayeeView, ...]) -> ExternalPayeeView:
    """Asked for also where there is but one: she is to hear whom she pays before the amount."""
    call.preface("transfer.payee")
    if len(payees) == 1:
        return await call.choose("transfer.payee_entry", payees, spoken_tail)
    return await an_option(call, payees, "transfer.payee_entry", spoken_tail)
