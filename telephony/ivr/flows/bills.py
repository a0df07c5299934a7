"""缴费: what is owed is looked up and said, then paid whole, in part, or as a top-up.

One conversation for every kind of biller; a kind `k` brings the prompt `bills.contract_k`.
"""

from decimal import Decimal

from banking.core.bills import BillKind, BillView
from banking.errors import ContractUnknown, NothingOwed
from banking.requests import BillPayment
from telephony.ivr.bank import Bank
from telephony.ivr.call import Call
from telephony.ivr.flows import money
from telephony.ivr.flows.choosing import an_account, one_of
from telephony.ivr.registry import flow
from telephony.ivr.signals import NoInput

CONTRACT_DIGITS = (4, 20)  # the biller says which of them are its own


@flow("bill-phone", identified=True, orders=["bill"])
async def phone(call: Call, bank: Bank) -> None:
    """Top-up (电话与手机充值): her own mobile for one key, or any number keyed twice."""
    bill = await _own_phone(call, bank) or await _found(call, bank, "phone", twice=True)
    await _pay(call, bank, bill)


@flow("bill-water", identified=True, orders=["bill"])
async def water(call: Call, bank: Bank) -> None:
    """Water (水费), whole or in part."""
    await _pay(call, bank, await _found(call, bank, "water"))


@flow("bill-electricity", identified=True, orders=["bill"])
async def electricity(call: Call, bank: Bank) -> None:
    """Electricity (电费)."""
    await _pay(call, bank, await _found(call, bank, "electricity"))


@flow("bill-gas", identified=True, orders=["bill"])
async def gas(call: Call, bank: Bank) -> None:
    """Gas (煤气费)."""
    await _pay(call, bank, await _found(call, bank, "gas"))


@flow("bill-cable", identified=True, orders=["bill"])
async def cable(call: Call, bank: Bank) -> None:
    """Cable television (有线电视费)."""
    await _pay(call, bank, await _found(call, bank, "cable"))


async def _pay(call: Call, bank: Bank, bill: BillView) -> None:
    """How much and from where; then as every order: read back, proved, executed, told."""
    amount = await (_top_up(call, bill) if bill.top_ups else _of_what_is_owed(call, bill))
    payer = await an_account(call, await bank.demand_accounts(call.customer_id), "transfer.payer")
    order = await bank.draft(
        BillPayment(payer_id=payer.id, amount=amount, biller=bill.biller, contract=bill.contract)
    )
    await money.settle(call, bank, order)


async def _own_phone(call: Call, bank: Bank) -> BillView | None:
    """None where she wants another number, or the bank knows none of hers."""
    own = await bank.own_phone_bill(call.customer_id)
    if own is None:
        return None
    call.preface("bills.own_phone", tail=own.tail)
    chosen = await one_of(call, "bills.own_phone_1", "bills.own_phone_2")
    return own if chosen == "bills.own_phone_1" else None


async def _found(call: Call, bank: Bank, kind: BillKind, *, twice: bool = False) -> BillView:
    """The contract whose number she keys. `twice`: nobody owes it, so no look-up would tell."""
    least, most = CONTRACT_DIGITS
    for _ in range(call.tries):
        number = await call.ask_digits(f"bills.contract_{kind}", least=least, most=most)
        if twice:
            again = await call.ask_digits(f"bills.contract_{kind}_again", least=least, most=most)
            if number != again:
                call.preface("bills.mismatch")
                continue
        try:
            return await bank.bill(kind, number)
        except ContractUnknown as unknown:
            call.preface(unknown.prompt)
    raise NoInput


async def _top_up(call: Call, bill: BillView) -> Decimal:
    """One of the amounts that are sold, each for a key."""
    call.preface("bills.top_up", tail=bill.tail)
    return await call.choose("bills.top_up_entry", bill.top_ups, lambda yuan: {"amount": yuan})


async def _of_what_is_owed(call: Call, bill: BillView) -> Decimal:
    """All of it, or the part that she keys where the biller takes parts. Raises NothingOwed."""
    if bill.owed <= 0:
        raise NothingOwed
    call.preface("bills.owed", tail=bill.tail, amount=bill.owed)
    if not bill.part_allowed:
        return bill.owed
    if await one_of(call, "bills.whole_1", "bills.part_2") == "bills.whole_1":
        return bill.owed
    for _ in range(call.tries):
        amount = await call.ask_amount("bills.part_amount")
        if amount <= bill.owed:
            return amount
        call.preface("bills.more_than_owed", amount=bill.owed)
    raise NoInput
