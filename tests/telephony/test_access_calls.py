"""Passwords, activation, limits, stops, statements, settings: by the keypad, in each language."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from banking import accounts, activation, customers, pins
from banking.errors import TransactionPinLocked, TransactionPinWrong
from banking.models import (
    Account,
    Customer,
    Instruction,
    NicknameWord,
    OutboxMessage,
    PhoneBlock,
    PinEvent,
    TransferLimit,
    UnlockRequest,
)
from banking.models.customers import Purpose
from banking.secret import Secret
from calendars.clock import SHANGHAI
from people import staff
from people.roles import Role
from telephony.models import Call, Step
from tests import cast
from tests.cast import NOON

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "590318"


@pytest.fixture(params=["1", "3"], ids=["zh", "en"])
def language(request) -> str:
    """The key that she chooses it by."""
    return request.param


@pytest.fixture
def savings(wang) -> Account:
    """王芳's second account, without a card, with 800 yuan."""
    account = customers.open_account(wang.customer, number="755799990042", on=cast.LONG_AGO)
    customers.deposit(account.pk, Decimal(800), at=NOON)
    return account


@pytest.fixture
def clerk(books):
    return staff.hire(number="3001", name="何静", branch=None, roles=[Role.BRANCH_USER])


async def to_the_root(phone, language: str) -> None:
    await phone.hears("menu.language.1")
    await phone.keys(language)
    await phone.hears("menu.root.5")


async def logs_in(phone, who: cast.Person, language: str) -> None:
    await to_the_root(phone, language)
    await phone.keys("1")
    await phone.hears("identify.card")
    await phone.keys(who.pan.reveal() + "#")
    await phone.hears("identify.pin")
    await phone.keys(who.query_pin + "#")
    await phone.hears("menu.personal.5")


async def chooses(phone, prompt: str, pin: str, again: str | None = None) -> None:
    """A new password, keyed twice."""
    await phone.hears(prompt)
    await phone.keys(pin + "#")
    await phone.hears("password.again")
    await phone.keys((again or pin) + "#")


async def deeds(phone) -> list[str]:
    """What the bank did, as the record of her call says once she is gone."""
    bank = phone.bank
    await phone.hangs_up()
    await bank.settled()
    return await bank.query(
        lambda: list(Step.objects.exclude(deed="").order_by("id").values_list("deed", flat=True))
    )


def works(who: cast.Person, pin: str, purpose: Purpose) -> bool:
    pins.verify(who.card.pk, Secret(pin), purpose, call_ref="after", at=NOON)
    return True


def lock_out(who: cast.Person) -> None:
    for refusal in (TransactionPinWrong, TransactionPinWrong, TransactionPinLocked):
        with pytest.raises(refusal):
            pins.verify(who.card.pk, Secret("135791"), Purpose.TRANSACTION, call_ref="", at=NOON)


# -- passwords -----------------------------------------------------------------------------------


async def test_she_changes_her_query_password(dial, bank, wang, language):
    phone = await dial()
    await logs_in(phone, wang, language)
    await phone.keys("5", "2")
    await chooses(phone, "password.new_query", NEW, "590319")
    await phone.hears("password.mismatch")
    await chooses(phone, "password.new_query", "777777")
    await phone.hears("password.weak_repeats")
    await chooses(phone, "password.new_query", NEW)
    await phone.hears("password.done_query")
    await phone.hangs_up()
    assert await bank.query(works, wang, NEW, Purpose.QUERY)


async def test_no_password_is_in_the_record(dial, bank, wang):
    phone = await dial()
    await logs_in(phone, wang, "1")
    await phone.keys("5", "2")
    await chooses(phone, "password.new_query", NEW)
    await phone.hears("password.done_query")
    await phone.hangs_up()
    await bank.settled()
    steps = await bank.query(lambda: str(list(Step.objects.values())))
    assert NEW not in steps and wang.query_pin not in steps


async def test_she_changes_her_transaction_password_by_both_old_ones(dial, bank, wang, language):
    phone = await dial()
    await logs_in(phone, wang, language)
    await phone.keys("5", "3")
    await phone.hears("password.old_first")
    await phone.hears("order.pin")
    await phone.keys("135791#")
    await phone.hears("order.pin_wrong", left=2)
    await phone.keys(wang.transaction_pin + "#")
    await chooses(phone, "password.new_transaction", wang.query_pin)
    await phone.hears("password.of_the_other")
    await chooses(phone, "password.new_transaction", NEW)
    await phone.hears("password.done_transaction")
    await phone.hangs_up()
    assert await bank.query(works, wang, NEW, Purpose.TRANSACTION)


async def test_who_hangs_up_before_the_second_entry_keeps_the_old_one(dial, bank, wang):
    phone = await dial()
    await logs_in(phone, wang, "1")
    await phone.keys("5", "2")
    await phone.hears("password.new_query")
    await phone.keys(NEW + "#")
    await phone.hears("password.again")
    await phone.hangs_up()
    await bank.settled()
    assert await bank.query(works, wang, wang.query_pin, Purpose.QUERY)


async def test_she_asks_for_unlocking_and_is_not_unlocked(dial, bank, wang, language):
    await bank.query(lock_out, wang)
    phone = await dial()
    await to_the_root(phone, language)
    await phone.keys("5", "5")
    await phone.hears("unlock.card")
    await phone.keys(wang.pan.reveal() + "#")
    await phone.hears("loss.id_number")
    await phone.keys(wang.id_number.reveal() + "#")
    await phone.bank.machine.settle()
    request = await bank.query(UnlockRequest.objects.get)
    await phone.hears("unlock.done", receipt=request.number)
    await phone.hears("order.receipt_again", receipt=request.number)
    await phone.hears("unlock.followup", days=5)
    assert "unlock_asked" in await deeds(phone)
    with pytest.raises(TransactionPinLocked):
        await bank.query(works, wang, wang.transaction_pin, Purpose.TRANSACTION)


async def test_a_stranger_with_a_card_number_asks_for_nothing(dial, bank, wang, chen):
    await bank.query(lock_out, wang)
    phone = await dial()
    await to_the_root(phone, "1")
    await phone.keys("5", "5")
    await phone.hears("unlock.card")
    await phone.keys(wang.pan.reveal() + "#")
    await phone.hears("loss.id_number")
    await phone.keys(chen.id_number.reveal() + "#")
    await phone.hears("access.not_holder")
    assert not await bank.query(UnlockRequest.objects.exists)


# -- activation ----------------------------------------------------------------------------------


async def comes_with_a_code(phone, wang, language: str) -> None:
    await to_the_root(phone, language)
    await phone.keys("1")
    await phone.hears("identify.card")
    await phone.keys(wang.pan.reveal() + "#")
    await phone.hears("activate.needed")
    await phone.hears("activate.code")


async def test_the_counters_code_activates_and_she_is_in(dial, bank, wang, clerk, language):
    code = await bank.query(activation.issue, wang.card.pk, by=clerk, at=NOON)
    phone = await dial()
    await comes_with_a_code(phone, wang, language)
    await phone.keys(code.reveal() + "#")
    await chooses(phone, "password.new_query", NEW)
    await phone.hears("activate.done")
    await phone.hears("menu.personal.1")
    await phone.keys("1", "1")
    await phone.hears("balance.same", tail=wang.account_tail, balance=wang.opening)
    done = await deeds(phone)
    assert done.index("activated") < done.index("identified")


async def test_guessing_a_code_ends_the_call_and_the_code(dial, bank, wang, clerk):
    code = await bank.query(activation.issue, wang.card.pk, by=clerk, at=NOON)
    wrong = f"{(int(code.reveal()) + 1) % 10**8:08d}"
    phone = await dial()
    await comes_with_a_code(phone, wang, "1")
    for left in (2, 1):
        await phone.keys(wrong + "#")
        await phone.hears("activate.code_wrong", left=left)
    await phone.keys(wrong + "#")
    await phone.hears("activate.code_spent")
    await phone.is_hung_up()
    again = await dial()
    await comes_with_a_code(again, wang, "1")
    await again.keys(code.reveal() + "#")
    await again.hears("activate.code_spent")


async def test_who_hangs_up_after_the_code_may_come_again(dial, bank, wang, clerk):
    code = await bank.query(activation.issue, wang.card.pk, by=clerk, at=NOON)
    phone = await dial()
    await comes_with_a_code(phone, wang, "1")
    await phone.keys(code.reveal() + "#")
    await phone.hears("password.new_query")
    await phone.hangs_up()
    await bank.settled()
    again = await dial()
    await comes_with_a_code(again, wang, "1")
    await again.keys(code.reveal() + "#")
    await chooses(again, "password.new_query", NEW)
    await again.hears("activate.done")
    tried = await bank.query(PinEvent.objects.filter(purpose=Purpose.ACTIVATION).count)
    assert tried == 3  # issued, and right twice


# -- limits and stops ----------------------------------------------------------------------------


async def to_the_limits(phone, wang, language) -> None:
    await logs_in(phone, wang, language)
    await phone.keys("5", "4")
    await phone.hears("limits.now", single=Decimal(50_000), daily=Decimal(100_000))


async def test_she_lowers_what_may_leave_in_a_day(dial, bank, wang, language):
    phone = await dial()
    await to_the_limits(phone, wang, language)
    await phone.hears("limits.which_daily")
    await phone.keys("2")
    await phone.hears("limits.daily")
    await phone.keys("3000#")
    await phone.hears("limits.readback", single=Decimal(3000), daily=Decimal(3000))
    await phone.hears("confirm.ask")
    await phone.keys("1")
    await phone.hears("limits.done", single=Decimal(3000), daily=Decimal(3000))
    assert "setting" in await deeds(phone)


async def test_up_is_a_matter_of_the_counter(dial, bank, wang):
    phone = await dial()
    await to_the_limits(phone, wang, "1")
    await phone.keys("1")
    await phone.hears("limits.single")
    await phone.keys("60000#")
    await phone.hears("confirm.ask")
    await phone.keys("1")
    await phone.hears("limits.not_lower", single=Decimal(50_000), daily=Decimal(100_000))
    assert not await bank.query(TransferLimit.objects.filter(customer=wang.customer).exists)


async def test_who_hangs_up_at_the_read_back_has_her_old_limits(dial, bank, wang):
    phone = await dial()
    await to_the_limits(phone, wang, "1")
    await phone.keys("1")
    await phone.hears("limits.single")
    await phone.keys("100#")
    await phone.hears_of("limits.readback")
    await phone.hangs_up()
    await bank.settled()
    assert not await bank.query(TransferLimit.objects.filter(customer=wang.customer).exists)


async def is_told_it_is_stopped(phone) -> None:
    await phone.hears("stop.confirm")
    await phone.hears("confirm.ask")
    await phone.keys("1")
    await phone.bank.machine.settle()
    block = await phone.bank.query(PhoneBlock.objects.get)
    await phone.hears("stop.done", receipt=block.number)
    await phone.hears("order.receipt_again", receipt=block.number)
    await phone.hears("stop.followup")


async def pays(phone, payee: cast.Person) -> None:
    """From the personal menu to the amount."""
    await phone.keys("2", "1")
    for question in ("transfer.payee_card", "transfer.payee_card_again"):
        await phone.hears(question)
        await phone.keys(payee.pan.reveal() + "#")
    await phone.hears("transfer.amount")
    await phone.keys("300#", "1")


async def test_in_an_emergency_card_and_id_number_stop_all_debits(dial, bank, wang, chen, language):
    phone = await dial()
    await to_the_root(phone, language)
    await phone.keys("5", "4")
    await phone.hears("stop.card")
    await phone.keys(wang.pan.reveal() + "#")
    await phone.hears("loss.id_number")
    await phone.keys(wang.id_number.reveal() + "#")
    await is_told_it_is_stopped(phone)
    await phone.hangs_up()
    await bank.settled()
    again = await dial()
    await logs_in(again, wang, language)
    await pays(again, chen)
    await again.hears("refused.phone_stopped")
    assert not await bank.query(Instruction.objects.exists)


async def test_who_is_identified_is_not_asked_again(dial, bank, wang):
    phone = await dial()
    await logs_in(phone, wang, "1")
    await phone.keys("5", "5")
    await is_told_it_is_stopped(phone)
    await phone.keys("5")
    await phone.hears("stop.confirm")
    await phone.hears("confirm.ask")
    await phone.keys("1")
    await phone.hears("stop.already")
    assert (await deeds(phone)).count("phone_stopped") == 1


async def test_who_hangs_up_before_her_yes_has_stopped_nothing(dial, bank, wang):
    phone = await dial()
    await logs_in(phone, wang, "1")
    await phone.keys("5", "5")
    await phone.hears("stop.confirm")
    await phone.hangs_up()
    await bank.settled()
    assert not await bank.query(PhoneBlock.objects.exists)


async def test_stopped_between_her_yes_and_her_password_nothing_leaves(dial, bank, wang, chen):
    """Somebody else has her card and reads its number, while she calls from another phone."""
    thief, phone = await dial(), await dial(caller="13900139000")
    await logs_in(thief, wang, "1")
    await pays(thief, chen)
    await thief.hears("confirm.ask")
    await thief.keys("1")
    await thief.hears("order.pin")
    await logs_in(phone, wang, "1")
    await phone.keys("5", "5")
    await is_told_it_is_stopped(phone)
    await thief.keys(wang.transaction_pin + "#")
    await thief.hears("refused.phone_stopped")
    assert (await bank.query(Instruction.objects.get)).state == "refused"


class TestUnused:
    @pytest.fixture
    def opens_at(self) -> datetime:
        """Seven months after she chose her passwords."""
        return NOON.replace(year=2027, month=6)

    async def test_after_months_she_hears_her_balance_and_moves_nothing(
        self, dial, bank, wang, chen, language
    ):
        phone = await dial()
        await logs_in(phone, wang, language)
        await pays(phone, chen)
        await phone.hears("refused.phone_dormant")
        await phone.hears("menu.transfer.1")
        await phone.keys("*", "1", "1")
        await phone.hears("balance.same", tail=wang.account_tail, balance=wang.opening)


# -- accounts ------------------------------------------------------------------------------------


def history(wang: cast.Person) -> None:
    """Seven deposits in October, one on each of its first days."""
    for day in range(1, 8):
        at = datetime(2026, 10, day, 9, 0, tzinfo=SHANGHAI)
        customers.deposit(wang.account.pk, Decimal(day), at=at)


def entry(day: int) -> dict[str, object]:
    """As it is spoken: what she opened with was paid in after them, in November."""
    paid = Decimal(sum(range(1, day + 1)))
    return {"day": date(2026, 10, day), "amount": Decimal(day), "balance": paid}


async def test_last_month_five_at_a_time(dial, bank, wang, language):
    await bank.query(history, wang)
    phone = await dial()
    await logs_in(phone, wang, language)
    await phone.keys("1", "3")
    await phone.hears("period.last_month")
    await phone.keys("2")
    for day in (7, 6, 5, 4, 3):
        await phone.hears("transactions.in", **entry(day))
    await phone.hears("period.more")
    await phone.keys("9")
    await phone.hears("transactions.in", **entry(7))
    await phone.hears("period.more")
    await phone.keys("1")
    await phone.hears("transactions.in", **entry(2))
    await phone.hears("transactions.in", **entry(1))
    await phone.hears("period.over")
    await phone.keys("*")
    await phone.hears("menu.accounts.3")
    assert "entries" in await deeds(phone)


async def test_days_of_her_own(dial, bank, wang, language):
    await bank.query(history, wang)
    phone = await dial()
    await logs_in(phone, wang, language)
    await phone.keys("1", "3", "3")
    await phone.hears("period.first")
    await phone.keys("20261332#")
    await phone.hears("period.no_date")
    await phone.keys("20261003#")
    await phone.hears("period.last")
    await phone.keys("20261003#")
    await phone.hears("transactions.in", **entry(3))
    await phone.hears("period.over")


@pytest.mark.parametrize(
    ("first", "last", "prompt", "values"),
    [
        ("20261101", "20261125", "period.invalid", {}),
        ("20261102", "20261101", "period.invalid", {}),
        ("20240101", "20261101", "period.too_long", {"days": 366}),
        ("20250101", "20250131", "period.nothing", {}),
    ],
)
async def test_days_that_give_nothing(dial, wang, first, last, prompt, values):
    phone = await dial()
    await logs_in(phone, wang, "1")
    await phone.keys("1", "3", "3", first + "#", last + "#")
    await phone.hears(prompt, **values)


async def test_a_statement_goes_to_the_mobile_that_the_bank_knows(dial, bank, wang, language):
    phone = await dial()
    await logs_in(phone, wang, language)
    await phone.keys("1", "4")
    await phone.hears("period.this_month")
    await phone.keys("1")
    await phone.hears("statement.sent_sms", tail=wang.customer.mobile[-4:])
    message = await bank.query(OutboxMessage.objects.get)
    assert (message.channel, message.template) == ("sms", "statement.sms")
    assert "statement" in await deeds(phone)


async def test_she_chooses_between_sms_and_e_mail(dial, bank, wang, savings, language):
    hers = Customer.objects.filter(pk=wang.id)
    await bank.query(hers.update, email="wang@example.cn")
    phone = await dial()
    await logs_in(phone, wang, language)
    await phone.keys("1", "4")
    await phone.hears("statement.account")
    await phone.hears("choose.account", tail="0042", key=2)
    await phone.keys("2", "1")
    await phone.hears("statement.by_email")
    await phone.keys("2")
    await phone.hears("statement.sent_email")
    message = await bank.query(OutboxMessage.objects.get)
    assert (message.address, "800.00" in message.text) == ("wang@example.cn", True)


async def test_without_an_address_there_is_no_statement(dial, bank, wang):
    await bank.query(Customer.objects.filter(pk=wang.id).update, mobile="")
    phone = await dial()
    await logs_in(phone, wang, "1")
    await phone.keys("1", "4")
    await phone.hears("statement.no_address")


@pytest.fixture
def words(books) -> None:
    for position, (slug, word) in enumerate(
        (("household", "家用"), ("yacht", "游艇"), ("salary", "工资"))
    ):
        NicknameWord.objects.create(slug=slug, word=word, position=position)


async def test_she_names_an_account(dial, bank, wang, savings, words, language):
    phone = await dial()
    await logs_in(phone, wang, language)
    await phone.keys("1", "5", "1")
    await phone.hears("nickname.account")
    await phone.keys("2")
    await phone.hears("nickname.household", key=1)
    await phone.hears("nickname.salary", key=2)  # no prompt says 游艇
    await phone.keys("2")
    await phone.hears("nickname.done", tail="0042")
    assert (await bank.query(Account.objects.get, pk=savings.pk)).nickname == "工资"


@pytest.mark.parametrize(
    ("keys", "question"),
    [
        ("12", "transactions.choose"),
        ("13", "transactions.choose"),
        ("151", "nickname.account"),
        ("152", "default.choose"),
        ("21", "transfer.payer"),
    ],
)
async def test_she_chooses_by_the_name_that_she_gave(
    dial, bank, wang, savings, words, language, keys, question
):
    await bank.query(accounts.name, savings.pk, "salary", customer_id=wang.id)
    phone = await dial()
    await logs_in(phone, wang, language)
    await phone.keys(keys)
    await phone.hears(question)
    await phone.hears_next("choose.account", tail=wang.account_tail, key=1)
    await phone.hears_next("nickname.salary", key=2)
    await phone.hears_next("choose.named_tail", tail="0042")


@pytest.mark.parametrize("nickname", ["游艇", "存折"], ids=["no prompt", "no word of the bank's"])
async def test_a_name_that_nobody_recorded_is_not_said(dial, bank, wang, savings, words, nickname):
    await bank.query(Account.objects.filter(pk=savings.pk).update, nickname=nickname)
    phone = await dial()
    await logs_in(phone, wang, "1")
    await phone.keys("1", "5", "2")
    await phone.hears("choose.account", tail=wang.account_tail, key=1)
    await phone.hears_next("choose.account", tail="0042", key=2)
    await phone.keys("2")
    await phone.hears("default.done", tail="0042")


async def test_a_bank_without_words_says_so(dial, wang):
    phone = await dial()
    await logs_in(phone, wang, "1")
    await phone.keys("1", "5", "1")
    await phone.hears("nickname.none")


async def test_her_default_account_comes_first_from_then_on(dial, bank, wang, savings, language):
    phone = await dial()
    await logs_in(phone, wang, language)
    await phone.keys("1", "5", "2")
    await phone.hears("choose.account", tail="0042", key=2)
    await phone.keys("2")
    await phone.hears("default.done", tail="0042")
    await phone.hears("menu.account_settings.1")
    await phone.keys("*", "1")
    await phone.hears("balance.same", tail="0042", balance=Decimal(800))
    await phone.hangs_up()
    await bank.settled()
    again = await dial()
    await logs_in(again, wang, language)
    await again.keys("2", "1")
    await again.hears("choose.account", tail="0042", key=1)
    assert await bank.query(Call.objects.count) == 2


async def test_who_has_one_account_has_no_choice(dial, wang):
    phone = await dial()
    await logs_in(phone, wang, "1")
    await phone.keys("1", "5", "2")
    await phone.hears("default.only_one")
