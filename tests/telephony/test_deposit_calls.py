"""存款 by telephone: opened, paid on, announced, drawn and told, and what a hang-up leaves."""

from datetime import timedelta
from decimal import Decimal

import pytest

from banking import customers
from banking.deposits import notices
from banking.interest import month_after
from banking.models import Account, Deposit, Instruction, Notice
from calendars.clock import bank_day
from telephony.models import Call
from tests import cast
from tests.savers import principal, published_rates, puts
from tests.telephony.talks import deeds

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = bank_day(cast.NOON)


@pytest.fixture
def wang(books) -> cast.Person:
    """王芳 with 300,000 yuan in one account; the rates are published."""
    published_rates()
    return cast.person("王芳", opening=300_000)


async def logs_in(phone, who, language: str) -> None:
    """From the greeting to 存款与贷款, in one of the two languages."""
    await phone.hears("menu.language.1")
    await phone.keys({"zh": "1", "en": "3"}[language])
    await phone.hears("menu.root.1")
    await phone.keys("1")
    await phone.hears("identify.card")
    await phone.keys(who.pan.reveal() + "#")
    await phone.hears("identify.pin")
    await phone.keys(who.query_pin + "#")
    await phone.hears("menu.personal.4")
    await phone.keys("4")
    await phone.hears("menu.deposits.1")


async def confirms(phone, who) -> None:
    await phone.hears("confirm.ask")
    await phone.keys("1")
    await phone.hears("order.pin")
    await phone.keys(who.transaction_pin + "#")


async def hears_its_receipt(phone, bank) -> Instruction:
    await phone.hears_of("order.receipt_again")
    await phone.phone.hears("played")
    await bank.settled()
    return await bank.query(Instruction.objects.latest, "drafted_at")


async def only_deposit(bank) -> Deposit:
    return await bank.query(Deposit.objects.select_related("account").get)


# -- opened ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_time_deposit_that_renews(dial, bank, wang, language):
    phone = await dial()
    await logs_in(phone, wang, language)
    await phone.keys("1")
    await phone.hears("menu.time_deposits.1")
    await phone.keys("1")
    await phone.hears("deposit.term", term="3m", percent=Decimal("0.65"), key=1)
    await phone.hears("deposit.term", term="2y", percent=Decimal("1.05"), key=4)
    await phone.hears("choose.more", key=5)
    await phone.keys("5")
    await phone.hears("deposit.term", term="3y", percent=Decimal("1.25"), key=1)
    await phone.keys("1")
    await phone.hears("deposit.renewal")
    await phone.keys("1")
    await phone.hears("deposit.amount", minimum=Decimal("50.00"))
    await phone.keys("10000#")
    await phone.hears("deposit.as_renewing")
    await phone.hears_next(
        "save.readback", amount=Decimal(10_000), term="3y", percent=Decimal("1.25")
    )
    await confirms(phone, wang)
    await phone.hears("save.done", amount=Decimal(10_000), term="3y")
    order = await hears_its_receipt(phone, bank)
    assert order.told_at is not None
    deposit = await only_deposit(bank)
    assert (deposit.term, deposit.renews, deposit.account.balance) == ("3y", True, 10_000)
    await phone.hangs_up()
    await bank.settled()
    assert "deposited" in await deeds(bank)
    assert (await bank.query(Call.objects.get)).outcome == Call.Outcome.SERVED


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("keys", "first", "product", "amount", "question", "spoken"),
    [
        (("1", "2"), "menu.time_deposits.2", "instalment", 500, "deposit.monthly", "1y"),
        (("1", "3"), "menu.time_deposits.3", "drawing", 60_000, "deposit.amount", "1y"),
        (("2", "1"), "menu.notice_deposits.1", "notice", 100_000, "deposit.amount", "1d"),
    ],
)
async def test_the_other_products(
    dial, bank, wang, language, keys, first, product, amount, question, spoken
):
    phone = await dial()
    await logs_in(phone, wang, language)
    await phone.keys(keys[0])
    await phone.hears(first)
    await phone.keys(keys[1])
    await phone.hears_of("deposit.term")
    await phone.keys("1")
    await phone.hears_of(question)
    await phone.keys(f"{amount}#")
    await phone.hears(f"deposit.as_{product}")
    await phone.hears_of("save.readback")
    await confirms(phone, wang)
    await phone.hears("save.done", amount=Decimal(amount), term=spoken)
    await hears_its_receipt(phone, bank)
    deposit = await only_deposit(bank)
    assert (deposit.product, deposit.term, deposit.account.balance) == (product, spoken, amount)


async def test_too_little_is_refused_before_the_password(dial, bank, wang):
    phone = await dial()
    await logs_in(phone, wang, "zh")
    await phone.keys("1", "1")
    await phone.hears_of("deposit.term")
    await phone.keys("1")
    await phone.hears("deposit.renewal")
    await phone.keys("2")
    await phone.hears_of("deposit.amount")
    await phone.keys("49#")
    await phone.hears("deposit.below_minimum", minimum=Decimal("50.00"))
    assert not await bank.query(Instruction.objects.exists)


async def test_a_key_that_is_neither_is_asked_again(dial, wang):
    phone = await dial()
    await logs_in(phone, wang, "zh")
    await phone.keys("1", "1")
    await phone.hears_of("deposit.term")
    await phone.keys("1")
    await phone.hears("deposit.renewal")
    await phone.keys("7")
    await phone.hears("menu.invalid")
    await phone.hears_next("deposit.renewal")


async def open_points(phone, wang):
    """A time deposit, pausing wherever she may hang up before it is confirmed."""
    await logs_in(phone, wang, "zh")
    await phone.keys("1", "1")
    await phone.hears_of("deposit.term")
    yield "term"
    await phone.keys("1")
    await phone.hears("deposit.renewal")
    yield "renewal"
    await phone.keys("2")
    await phone.hears_of("deposit.amount")
    yield "amount"
    await phone.keys("10000#")
    await phone.hears_of("save.readback")
    yield "read-back"
    await phone.hears("confirm.ask")
    yield "question"
    await phone.keys("1")
    await phone.hears("order.pin")
    yield "password"


@pytest.mark.parametrize(
    "point", ["term", "renewal", "amount", "read-back", "question", "password"]
)
async def test_who_hangs_up_before_the_password_has_opened_nothing(dial, bank, wang, point):
    phone = await dial()
    async for where in open_points(phone, wang):
        if where == point:
            await phone.hangs_up()
            break
    await bank.settled()
    assert not await bank.query(Deposit.objects.exists)
    states = await bank.query(lambda: set(Instruction.objects.values_list("state", flat=True)))
    assert states <= {"void"}


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_who_hangs_up_before_the_receipt_hears_it_first_next_time(dial, bank, wang, language):
    phone = await dial()
    async for where in open_points(phone, wang):
        if where == "password":
            await phone.keys(wang.transaction_pin + "#")
            await phone.hears_of("save.done")
            await phone.hangs_up()
            break
    await bank.settled()
    order = await bank.query(Instruction.objects.get)
    assert (order.state, order.told_at) == ("executed", None)

    again = await dial()
    await again.hears("menu.language.1")
    await again.keys({"zh": "1", "en": "3"}[language])
    await again.hears("menu.root.1")
    await again.keys("1")
    await again.hears("identify.card")
    await again.keys(wang.pan.reveal() + "#")
    await again.hears("identify.pin")
    await again.keys(wang.query_pin + "#")
    await again.hears("untold.save", amount=Decimal(10_000), term="3m", receipt=order.receipt)
    assert await bank.query(Deposit.objects.count) == 1


# -- paid on -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_an_instalment(dial, bank, wang, language):
    long_ago = cast.NOON.replace(month=10)
    deposit = await bank.query(puts, wang, 500, "instalment", "1y", at=long_ago)
    tail = deposit.account.tail
    await told_already(bank)
    phone = await dial()
    await logs_in(phone, wang, language)
    await phone.keys("1")
    await phone.hears("menu.time_deposits.4")
    await phone.keys("4")
    await phone.hears("instalment.readback", tail=tail, amount=Decimal(500))
    await confirms(phone, wang)
    await phone.hears("instalment.done", tail=tail, amount=Decimal(500))
    await hears_its_receipt(phone, bank)
    assert await bank.query(principal, deposit) == 1000
    await phone.hears("menu.time_deposits.4")
    await phone.keys("4")
    await phone.hears("instalment.none_due")


async def told_already(bank) -> None:
    await bank.query(lambda: Instruction.objects.filter(state="executed").update(told_at=cast.NOON))


async def test_who_has_no_plan_has_nothing_to_pay_on(dial, wang):
    phone = await dial()
    await logs_in(phone, wang, "zh")
    await phone.keys("1", "4")
    await phone.hears("choose.no_account")


# -- drawn -------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_part_is_drawn_early(dial, bank, wang, language):
    """4,000 × 0.05 % × 30 ÷ 360 = 0.1667."""
    opened = cast.NOON - timedelta(days=30)
    deposit = await bank.query(puts, wang, 10_000, "time", "1y", at=opened)
    await told_already(bank)
    phone = await dial()
    await logs_in(phone, wang, language)
    await phone.keys("3")
    await phone.hears("redeem.how")
    await phone.keys("2")
    await phone.hears("redeem.amount")
    await phone.keys("4000#")
    await phone.hears("redeem.early")
    await phone.hears_next(
        "redeem.readback",
        amount=Decimal(4_000),
        interest=Decimal("0.17"),
        tail=wang.account_tail,
    )
    await confirms(phone, wang)
    await phone.hears("redeem.done", amount=Decimal(4_000), tail=wang.account_tail)
    await hears_its_receipt(phone, bank)
    assert await bank.query(principal, deposit) == 6_000
    account = await bank.query(Account.objects.get, pk=wang.account.pk)
    assert account.balance == 300_000 - 10_000 + Decimal("4000.17")


async def test_a_rest_that_is_too_small_goes_with_it(dial, bank, wang):
    await bank.query(puts, wang, 10_000, "time", "1y")
    await told_already(bank)
    phone = await dial()
    await logs_in(phone, wang, "zh")
    await phone.keys("3")
    await phone.hears("redeem.how")
    await phone.keys("2")
    await phone.hears("redeem.amount")
    await phone.keys("9960#")
    await phone.hears("redeem.early")
    await phone.hears_next("redeem.rest_too_small")
    await phone.hears_of("redeem.readback")
    await confirms(phone, wang)
    await phone.hears("redeem.done", amount=Decimal(10_000), tail=wang.account_tail)


async def test_of_two_deposits_and_two_accounts_she_chooses(dial, bank, wang):
    first = await bank.query(puts, wang, 500, "instalment", "1y")
    second = await bank.query(puts, wang, 800, "instalment", "3y")
    savings = await bank.query(
        lambda: customers.open_account(wang.customer, number="755799990042", on=cast.LONG_AGO)
    )
    await told_already(bank)
    phone = await dial()
    await logs_in(phone, wang, "zh")
    await phone.keys("3")
    await phone.hears("deposit.choice", tail=first.account.tail, principal=Decimal(500), key=1)
    await phone.hears("deposit.choice", tail=second.account.tail, principal=Decimal(800), key=2)
    await phone.keys("2")
    await phone.hears("redeem.payee")
    await phone.hears("choose.account", tail=savings.tail, key=2)
    await phone.keys("2")
    await phone.hears_of("redeem.readback")
    await confirms(phone, wang)
    await phone.hears("redeem.done", amount=Decimal(800), tail=savings.tail)
    await hears_its_receipt(phone, bank)
    assert await bank.query(principal, first) == 500
    assert (await bank.query(Account.objects.get, pk=savings.pk)).balance == 800


async def test_who_hangs_up_at_the_read_back_has_drawn_nothing(dial, bank, wang):
    deposit = await bank.query(puts, wang, 10_000, "time", "1y")
    await told_already(bank)
    phone = await dial()
    await logs_in(phone, wang, "zh")
    await phone.keys("3")
    await phone.hears("redeem.how")
    await phone.keys("1")
    await phone.hears_of("redeem.readback")
    await phone.hangs_up()
    await bank.settled()
    assert await bank.query(principal, deposit) == 10_000


# -- announced ---------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_notice_is_registered_changed_and_cancelled(dial, bank, wang, language):
    deposit = await bank.query(puts, wang, 200_000, "notice", "7d")
    await told_already(bank)
    due = TODAY + timedelta(days=7)
    phone = await dial()
    await logs_in(phone, wang, language)
    await phone.keys("2")
    await phone.hears("menu.notice_deposits.2")
    await phone.keys("2")
    await phone.hears("notice.amount")
    await phone.keys("80000#")
    await phone.hears("notice.readback", due=due, amount=Decimal(80_000))
    await phone.hears("confirm.ask")
    await phone.keys("1")
    await phone.hears_of("notice.done")
    await phone.hears_of("order.receipt_again")
    await phone.hears("menu.notice_deposits.2")
    await phone.keys("4")
    await phone.hears("notice.now", due=due, amount=Decimal(80_000))
    await phone.hears("notice.amount")
    await phone.keys("90000#")
    await phone.hears("notice.readback", due=due, amount=Decimal(90_000))
    await phone.hears("confirm.ask")
    await phone.keys("1")
    await phone.hears_of("notice.done")
    await phone.hears("menu.notice_deposits.2")
    await phone.keys("3")
    await phone.hears("notice.cancel_readback", due=due, amount=Decimal(90_000))
    await phone.hears("confirm.ask")
    await phone.keys("1")
    await phone.hears_of("notice.cancelled")
    await phone.hears("menu.notice_deposits.2")
    states = await bank.query(
        lambda: list(Notice.objects.order_by("id").values_list("state", "amount", "forfeit"))
    )
    assert states == [("cancelled", 80_000, 0), ("cancelled", 90_000, 90_000)]
    assert await bank.query(principal, deposit) == 200_000
    assert (await deeds(bank)).count("notice_given") == 3


async def test_a_notice_she_does_not_confirm_is_none(dial, bank, wang):
    await bank.query(puts, wang, 200_000, "notice", "1d")
    await told_already(bank)
    phone = await dial()
    await logs_in(phone, wang, "zh")
    await phone.keys("2", "2")
    await phone.hears("notice.amount")
    await phone.keys("80000#")
    await phone.hears("confirm.ask")
    await phone.keys("2")
    await phone.hears("notice.unchanged")
    assert not await bank.query(Notice.objects.exists)


@pytest.mark.parametrize(
    ("keys", "amount", "refusal", "values"),
    [
        ("2", "49999#", "notice.too_small", {"minimum": Decimal("50000.00")}),
        ("2", "200001#", "notice.too_large", {"principal": Decimal("200000.00")}),
        ("3", "", "notice.none", {}),
        ("4", "", "notice.none", {}),
    ],
)
async def test_what_is_not_announced(dial, bank, wang, keys, amount, refusal, values):
    await bank.query(puts, wang, 200_000, "notice", "7d")
    await told_already(bank)
    phone = await dial()
    await logs_in(phone, wang, "zh")
    await phone.keys("2", keys)
    if amount:
        await phone.hears("notice.amount")
        await phone.keys(amount)
        await phone.hears("confirm.ask")
        await phone.keys("1")
    await phone.hears(refusal, **values)
    assert not await bank.query(Notice.objects.exists)


def announces(who: cast.Person, deposit: Deposit) -> Notice:
    return notices.announce(
        deposit.pk, Decimal(60_000), customer_id=who.id, call_ref="", at=cast.NOON
    )


async def test_a_deposit_whose_notice_stands_takes_no_other(dial, bank, wang):
    deposit = await bank.query(puts, wang, 200_000, "notice", "7d")
    await bank.query(
        notices.announce,
        deposit.pk,
        Decimal(60_000),
        customer_id=wang.id,
        call_ref="",
        at=cast.NOON,
    )
    await told_already(bank)
    phone = await dial()
    await logs_in(phone, wang, "zh")
    await phone.keys("2", "2")
    await phone.hears("notice.stands")


# -- told --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_she_hears_each_deposit(dial, bank, wang, language):
    time = await bank.query(puts, wang, 10_000, "time", "1y", renews=True)
    plan = await bank.query(puts, wang, 500, "instalment", "1y", at=cast.NOON.replace(month=10))
    drawing = await bank.query(puts, wang, 60_000, "drawing", "3y")
    notice = await bank.query(puts, wang, 100_000, "notice", "7d")
    await bank.query(announces, wang, notice)
    await told_already(bank)
    phone = await dial()
    await logs_in(phone, wang, language)
    await phone.keys("5")
    await phone.hears("deposit.count", count=4)
    ends = {"matures": plan.matures_on, "percent": Decimal("0.65"), "term": "1y"}
    await phone.hears(
        "deposit.told_instalment", tail=plan.account.tail, principal=Decimal(500), **ends
    )
    await phone.hears_next("deposit.payable", monthly=Decimal(500))
    ends = {"matures": month_after(TODAY, 12), "percent": Decimal("0.95"), "term": "1y"}
    await phone.hears_next(
        "deposit.told_time", tail=time.account.tail, principal=Decimal(10_000), **ends
    )
    await phone.hears_next("deposit.renews")
    ends = {"matures": month_after(TODAY, 36), "percent": Decimal("0.85"), "term": "3y"}
    await phone.hears_next(
        "deposit.told_drawing", tail=drawing.account.tail, principal=Decimal(60_000), **ends
    )
    await phone.hears_next(
        "deposit.told_notice", tail=notice.account.tail, principal=Decimal(100_000), term="7d"
    )
    await phone.hears_next(
        "deposit.announced", due=TODAY + timedelta(days=7), amount=Decimal(60_000)
    )
    await phone.hears("deposit.end")
    await phone.hears("menu.deposits.5", within_s=180)
    assert "enquired" in await deeds(bank)


async def test_who_has_none_hears_so(dial, wang):
    phone = await dial()
    await logs_in(phone, wang, "zh")
    await phone.keys("5")
    await phone.hears("deposit.none")
