"""What else a customer asks for: choices among accounts and payees, all balances, the last five."""

from datetime import timedelta
from decimal import Decimal

import pytest

from banking import customers, holds
from banking.models import Account, Instruction, Journal
from telephony.models import Call, Step
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payee(wang, chen):
    """陈晓明, registered by 王芳 at a branch."""
    return customers.register_payee(
        wang.customer, chen.account, name=chen.customer.name, on=cast.LONG_AGO
    )


@pytest.fixture
def savings(wang) -> Account:
    """王芳's second account, without a card, with 800 yuan."""
    account = customers.open_account(wang.customer, number="755799990042", on=cast.LONG_AGO)
    customers.deposit(account.pk, Decimal(800), at=cast.NOON)
    return account


async def pays(phone, who: cast.Person, amount: str = "300#") -> None:
    """From the question for the amount to the receipt."""
    await phone.hears("transfer.amount")
    await phone.keys(amount)
    await phone.hears("transfer.now")
    await phone.keys("1")
    await phone.hears("confirm.ask")
    await phone.keys("1")
    await phone.hears("order.pin")
    await phone.keys(who.transaction_pin + "#")
    await phone.hears("order.receipt_again", receipt=await last_receipt(phone))


async def last_receipt(phone) -> str:
    """Of the journal that the next prompt will speak of."""
    await phone.hears("transfer.done", tail=phone.paid.account_tail, amount=Decimal(300))
    return (await phone.bank.query(Instruction.objects.get)).receipt


async def test_to_a_registered_payee(dial, bank, wang, chen, payee):
    phone = await dial()
    phone.paid = chen
    await phone.logs_in(wang)
    await phone.keys("2", "1")
    await phone.hears("transfer.payee")
    await phone.hears("transfer.payee_entry", tail=chen.account_tail, key=1)
    await phone.hears("transfer.payee_other", key=5)
    await phone.keys("1")
    await pays(phone, wang)
    await bank.settled()
    assert (await bank.query(Account.objects.get, pk=chen.account.pk)).balance == 400


async def test_five_is_any_other_payee(dial, bank, wang, chen, payee):
    other = await bank.query(cast.person, "赵敏")
    phone = await dial()
    phone.paid = other
    await phone.logs_in(wang)
    await phone.keys("2", "1")
    await phone.hears("transfer.payee_other", key=5)
    await phone.keys("5")
    for question in ("transfer.payee_card", "transfer.payee_card_again"):
        await phone.hears(question)
        await phone.keys(other.pan.reveal() + "#")
    await pays(phone, wang)
    assert (await bank.query(Instruction.objects.get)).payee_id == other.account.pk


async def test_a_key_that_offers_no_payee(dial, wang, chen, payee):
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("2", "1")
    await phone.hears("transfer.payee_other", key=5)
    await phone.keys("3")
    await phone.hears("menu.invalid")
    await phone.keys("9")
    await phone.hears("transfer.payee_entry", tail=chen.account_tail, key=1)
    await phone.hears("entry.silence")
    await phone.keys("*")
    await phone.hears("menu.transfer.1")


async def test_silence_at_the_choice_of_a_payee_leads_to_a_person(dial, wang, payee):
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("2", "1")
    for _ in range(3):
        await phone.hears("transfer.payee_other", key=5)
    await phone.hears("agent.callback_offer")


async def test_a_payee_keyed_in_two_ways_is_no_payee(dial, bank, wang, chen, stranger):
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("2", "1")
    await phone.hears("transfer.payee_card")
    await phone.keys(chen.pan.reveal() + "#")
    await phone.hears("transfer.payee_card_again")
    await phone.keys(stranger.pan.reveal() + "#")
    await phone.hears("transfer.payee_mismatch")
    await phone.hears("transfer.payee_card")
    for question in ("transfer.payee_card", "transfer.payee_card_again"):
        await phone.hears(question)
        await phone.keys(wang.pan.reveal() + "#")
    await phone.hears("transfer.amount")
    await phone.keys("1#")
    await phone.hears("transfer.now")
    await phone.keys("1")
    await phone.hears("transfer.payee_same")
    await phone.hears("menu.transfer.1")
    assert not await bank.query(Instruction.objects.exists)


async def test_a_payee_that_is_none_of_ours(dial, wang):
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("2", "1")
    for question in ("transfer.payee_card", "transfer.payee_card_again"):
        await phone.hears(question)
        await phone.keys("755700000000#")
    await phone.hears("transfer.payee_unknown")
    await phone.hears("menu.transfer.1")


async def test_from_the_account_that_she_chooses(dial, bank, wang, chen, savings):
    phone = await dial()
    phone.paid = chen
    await phone.logs_in(wang)
    await phone.keys("2", "1")
    await phone.hears("transfer.payer")
    await phone.hears("choose.account", tail=wang.account_tail, key=1)
    await phone.hears("choose.account", tail="0042", key=2)
    await phone.keys("2")
    for question in ("transfer.payee_card", "transfer.payee_card_again"):
        await phone.hears(question)
        await phone.keys(chen.pan.reveal() + "#")
    await pays(phone, wang)
    assert (await bank.query(Account.objects.get, pk=savings.pk)).balance == 500
    assert (await bank.query(Account.objects.get, pk=wang.account.pk)).balance == wang.opening


async def test_one_balance_at_once_and_all_of_them_for_a_key(dial, bank, wang, savings):
    await bank.query(holds.place, **a_hold(savings))
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("1", "1")
    await phone.hears("balance.same", tail=wang.account_tail, balance=wang.opening)
    await phone.hears("balance.next")
    await phone.keys("1")
    await phone.hears("balance.all", count=2)
    await phone.hears("balance.same", tail=wang.account_tail, balance=wang.opening)
    await phone.hears(
        "balance.one", tail="0042", balance=Decimal("800.00"), available=Decimal("500.00")
    )
    await phone.hears("menu.accounts.1")


def a_hold(account: Account) -> dict:
    key = "00000000-0000-4000-8000-000000000001"
    return {
        "key": key,
        "account_id": account.pk,
        "amount": Decimal(300),
        "reason": "test",
        "at": cast.NOON,
    }


async def test_the_last_five_are_the_ledgers_own(dial, bank, wang, chen):
    for yuan in range(1, 7):
        await bank.query(
            customers.deposit, wang.account.pk, Decimal(yuan), at=cast.NOON + timedelta(days=yuan)
        )
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("1", "2")
    await phone.hears("transactions.count", count=5)
    balance = wang.opening + 21
    for yuan in range(6, 1, -1):
        day = (cast.NOON + timedelta(days=yuan)).date()
        await phone.hears("transactions.in", day=day, amount=Decimal(yuan), balance=balance)
        balance -= yuan
    await phone.hears("transactions.end")
    await phone.hears("menu.accounts.1")
    await phone.hangs_up()
    await bank.settled()
    assert (await bank.query(Call.objects.get)).outcome == Call.Outcome.SERVED


async def test_money_out_is_told_as_out(dial, bank, wang, chen, payee):
    phone = await dial()
    phone.paid = chen
    await phone.logs_in(wang)
    await phone.keys("2", "1")
    await phone.hears("transfer.payee_other", key=5)
    await phone.keys("1")
    await pays(phone, wang)
    await phone.hears("menu.transfer.1")
    await phone.keys("*", "1", "2")
    await phone.hears("transactions.count", count=2)
    journal = await bank.query(Journal.objects.get, kind="transfer")
    await phone.hears(
        "transactions.out",
        day=journal.booked_on,
        amount=Decimal(300),
        balance=wang.opening - 300,
    )


async def test_entries_of_the_account_that_she_chooses(dial, wang, savings):
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("1", "2")
    await phone.hears("transactions.choose")
    await phone.hears("choose.account", tail="0042", key=2)
    await phone.keys("2")
    await phone.hears("transactions.count", count=1)
    await phone.hears(
        "transactions.in", day=cast.NOON.date(), amount=Decimal(800), balance=Decimal(800)
    )


async def test_an_account_without_entries(dial, bank, books):
    poor = await bank.query(cast.person, "孙立", opening=0)
    phone = await dial()
    await phone.logs_in(poor)
    await phone.keys("1", "2")
    await phone.hears("transactions.none")
    await phone.hears("menu.accounts.1")


async def test_a_customer_whose_accounts_are_all_closed(dial, bank, books):
    poor = await bank.query(cast.person, "孙立", opening=0)
    await bank.query(Account.objects.filter(pk=poor.account.pk).update, status="closed")
    phone = await dial()
    await phone.logs_in(poor)
    for keys, told in (
        ("11", "balance.none"),
        ("2", "balance.none"),
        ("*21", "choose.no_account"),
    ):
        await phone.keys(*keys)
        await phone.hears(told)
        await phone.hears("menu.accounts.1" if told == "balance.none" else "menu.transfer.1")


async def test_the_common_keys_are_told_once_a_call(dial, bank, wang):
    phone = await dial()
    await phone.hears("menu.language.1")
    await phone.keys("1")
    await phone.hears("menu.hint")
    await phone.keys("9", "1", wang.pan.reveal() + "#", wang.query_pin + "#", "9", "1", "1")
    await phone.hears("menu.accounts.2")
    await phone.hears("menu.accounts.2")
    await phone.hangs_up()
    await bank.settled()
    assert await bank.query(Step.objects.filter(prompt="menu.hint").count) == 1


async def test_a_number_that_is_not_published_hears_the_notice(dial, bank, wang):
    await bank.query(_withdraw, "25198888")
    phone = await dial("25198888")
    await phone.phone.hears("nobody.drives")
    await phone.is_hung_up()
    await bank.settled()
    call = await bank.query(Call.objects.get)
    assert call.number is None
    assert call.ended_at is not None
    assert call.outcome == Call.Outcome.DROPPED


def _withdraw(number: str) -> None:
    from telephony.models import Number

    Number.objects.filter(number=number).update(is_active=False)
