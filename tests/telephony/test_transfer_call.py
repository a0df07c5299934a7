"""转账 as the caller lives it, and as the books show it: every step, and every way to leave."""

from decimal import Decimal

import pytest

from banking.models import Account, Instruction, Journal
from telephony.models import Call, Step
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)

AMOUNT = Decimal("1500.50")


async def asks_for(phone, payee: cast.Person, amount: str, *, menu: str = "21") -> None:
    """From the personal menu to the read-back; `menu` are the keys to 转账汇款, 行内转账."""
    await phone.keys(*menu)
    await phone.hears("transfer.payee_card")
    await phone.keys(payee.pan.reveal() + "#")
    await phone.hears("transfer.payee_card_again")
    await phone.keys(payee.pan.reveal() + "#")
    await phone.hears("transfer.amount")
    await phone.keys(amount)
    await phone.hears("transfer.now")
    await phone.keys("1")


async def confirms(phone, payee: cast.Person) -> None:
    await phone.hears(
        "transfer.readback", tail=payee.account_tail, amount=AMOUNT, fee=Decimal("0.00")
    )
    await phone.hears("confirm.ask")
    await phone.keys("1")


async def the_only_order(bank) -> Instruction:
    return await bank.query(Instruction.objects.get)


async def balance(bank, who: cast.Person) -> Decimal:
    return (await bank.query(Account.objects.get, pk=who.account.pk)).balance


async def test_a_transfer_from_the_greeting_to_the_receipt(dial, bank, wang, chen):
    phone = await dial("961202")
    await phone.hears("welcome.961202")
    await phone.logs_in(wang)
    await asks_for(phone, chen, "1500*5#")
    await confirms(phone, chen)
    await phone.hears("order.pin")
    await phone.keys(wang.transaction_pin + "#")
    await phone.hears("transfer.done", tail=chen.account_tail, amount=AMOUNT)
    order = await the_only_order(bank)
    await phone.hears("order.receipt_again", receipt=order.receipt)
    await phone.hears("menu.transfer.1")
    await phone.hangs_up()
    await bank.settled()

    assert await balance(bank, wang) == wang.opening - AMOUNT
    assert await balance(bank, chen) == chen.opening + AMOUNT
    order = await the_only_order(bank)
    assert order.state == "executed"
    assert order.told_at is not None
    call = await bank.query(Call.objects.get)
    assert call.outcome == Call.Outcome.SERVED
    assert call.ended_by == Call.EndedBy.CALLER


async def test_no_secret_is_in_the_record(dial, bank, wang, chen):
    phone = await dial()
    await phone.logs_in(wang)
    await asks_for(phone, chen, "1500*5#")
    await confirms(phone, chen)
    await phone.hears("order.pin")
    await phone.keys(wang.transaction_pin + "#")
    await phone.hears("menu.transfer.1")
    await phone.hangs_up()
    await bank.settled()

    steps = await bank.query(lambda: list(Step.objects.values_list("text", "keys")))
    record = " ".join(text + " " + keys for text, keys in steps)
    assert "******#" in record
    for secret in (wang.query_pin, wang.transaction_pin, wang.pan.reveal(), chen.pan.reveal()):
        assert secret not in record


async def hang_up_points(phone, wang, chen):
    """The conversation of a transfer, pausing wherever she may hang up."""
    yield "greeting"
    await phone.logs_in(wang)
    yield "menu"
    await phone.keys("2", "1")
    await phone.hears("transfer.payee_card")
    yield "payee"
    await phone.keys(chen.pan.reveal() + "#")
    await phone.hears("transfer.payee_card_again")
    yield "payee again"
    await phone.keys(chen.pan.reveal() + "#")
    await phone.hears("transfer.amount")
    yield "amount"
    await phone.keys("1500*5#")
    await phone.hears("transfer.now")
    yield "speed"
    await phone.keys("1")
    await phone.hears("transfer.readback", tail=chen.account_tail, amount=AMOUNT, fee=Decimal(0))
    yield "read-back"
    await phone.hears("confirm.ask")
    yield "question"
    await phone.keys("1")
    await phone.hears("order.pin")
    yield "password"
    await phone.keys(wang.transaction_pin[:5])
    yield "half a password"


@pytest.mark.parametrize(
    "point",
    [
        *("greeting", "menu", "payee", "payee again", "amount", "speed"),
        *("read-back", "question", "password", "half a password"),
    ],
)
async def test_who_hangs_up_before_the_password_has_paid_nothing(dial, bank, wang, chen, point):
    phone = await dial()
    async for reached in hang_up_points(phone, wang, chen):
        if reached == point:
            break
    await phone.hangs_up()
    await bank.settled()

    assert await balance(bank, wang) == wang.opening
    states = await bank.query(lambda: list(Instruction.objects.values_list("state", flat=True)))
    assert states in ([], ["void"])
    call = await bank.query(Call.objects.get)
    assert call.ended_at is not None
    assert call.end_cause == "NORMAL_CLEARING"


async def test_the_line_drops_before_the_receipt(dial, bank, wang, chen):
    phone = await dial()
    await phone.logs_in(wang)
    await asks_for(phone, chen, "1500*5#")
    await confirms(phone, chen)
    await phone.hears("order.pin")
    await phone.keys(wang.transaction_pin + "#")
    await phone.hears("transfer.done", tail=chen.account_tail, amount=AMOUNT)
    await phone.hangs_up()
    await bank.settled()
    order = await the_only_order(bank)
    assert order.state == "executed"
    assert order.told_at is None

    again = await dial()
    await again.identifies(wang)
    await again.hears(
        "untold.transfer", tail=chen.account_tail, amount=AMOUNT, receipt=order.receipt
    )
    await again.hears("menu.personal.2")
    await again.hangs_up()
    await bank.settled()
    assert (await the_only_order(bank)).told_at is not None
    assert await balance(bank, wang) == wang.opening - AMOUNT  # once


async def test_a_yes_keyed_ahead_is_no_yes(dial, bank, wang, chen):
    phone = await dial()
    await phone.logs_in(wang)
    await asks_for(phone, chen, "1500*5#")
    await phone.keys("1")  # before the amount was spoken
    await phone.hears("confirm.ask")
    await phone.hears("transfer.readback", tail=chen.account_tail, amount=AMOUNT, fee=Decimal(0))
    await phone.keys("1")  # while it is read again
    await phone.hears("confirm.ask")
    await phone.keys("2")
    await phone.hears("order.cancelled")
    await bank.settled()

    assert (await the_only_order(bank)).state == "void"
    assert await balance(bank, wang) == wang.opening


async def test_a_yes_keyed_twice_pays_once(dial, bank, wang, chen):
    phone = await dial()
    await phone.logs_in(wang)
    await asks_for(phone, chen, "1500*5#")
    await phone.hears("confirm.ask")
    await phone.keys("11")  # the second is the first of the password: cleared by *
    await phone.hears("order.pin")
    await phone.keys("*")
    await phone.hears("entry.cleared")
    await phone.keys(wang.transaction_pin + "#")
    await phone.hears("transfer.done", tail=chen.account_tail, amount=AMOUNT)
    await phone.hears("menu.transfer.1")

    assert await bank.query(Journal.objects.filter(kind="transfer").count) == 1
    assert await balance(bank, wang) == wang.opening - AMOUNT


async def test_too_little_money(dial, bank, wang, chen):
    phone = await dial()
    await phone.logs_in(wang)
    await asks_for(phone, chen, "12000*01#")
    await phone.hears(
        "refused.insufficient_funds", available=wang.opening, needed=Decimal("12000.01")
    )
    await phone.hears("menu.transfer.1")
    assert await balance(bank, wang) == wang.opening


async def test_above_the_limit_of_one_transfer(dial, bank, wang, chen):
    phone = await dial()
    await phone.logs_in(wang)
    await asks_for(phone, chen, "50000*01#")
    await phone.hears("refused.limit_single", limit=Decimal("50000.00"))
    await phone.hears("menu.transfer.1")


async def test_a_wrong_transaction_password_locks_at_the_third(dial, bank, wang, chen):
    phone = await dial()
    await phone.logs_in(wang)
    await asks_for(phone, chen, "1500*5#")
    await confirms(phone, chen)
    await phone.hears("order.pin")
    for left in (2, 1):
        await phone.keys("135790#")
        await phone.hears("order.pin_wrong", left=left)
    await phone.keys("135790#")
    await phone.hears("order.pin_locked")
    await phone.hears("menu.transfer.1")
    await bank.settled()

    assert (await the_only_order(bank)).state == "void"
    assert await balance(bank, wang) == wang.opening
