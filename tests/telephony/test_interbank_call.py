"""同城跨行, 异地汇款, 查询与撤销 as the caller lives them, in both languages."""

from datetime import timedelta
from decimal import Decimal

import pytest

from banking import clearing_batches, orders
from banking.models import Account, ExternalPayee, Instruction, Journal, SettlementOrder
from banking.requests import InBankTransfer, Remittance
from telephony.models import Call, Step
from tests import cast
from tests.banking.test_interbank import done
from tests.cast import IN_BEIJING, NOON

pytestmark = pytest.mark.django_db(transaction=True)

LANGUAGES = pytest.mark.parametrize("language", ["1", "3"], ids=["zh", "en"])
AMOUNT = Decimal("1500.50")
NEXT_MIDNIGHT = NOON.replace(hour=0) + timedelta(days=1)


@pytest.fixture
def here(wang) -> ExternalPayee:
    return cast.payee_elsewhere(wang)


@pytest.fixture
def there(wang) -> ExternalPayee:
    return cast.payee_elsewhere(wang, bank_code=IN_BEIJING)


async def chooses_payee_and_amount(phone) -> None:
    await phone.hears("transfer.payee")
    await phone.hears("transfer.payee_entry", tail="6789", key=1)
    await phone.keys("1")
    await phone.hears("transfer.amount")
    await phone.keys("1500*5#")


async def says_yes(phone, who: cast.Person) -> None:
    await phone.hears("confirm.ask")
    await phone.keys("1")
    await phone.hears("order.pin")
    await phone.keys(who.transaction_pin + "#")


async def balance(bank, who: cast.Person) -> Decimal:
    return (await bank.query(Account.objects.get, pk=who.account.pk)).balance


async def deeds(bank) -> list[str]:
    return await bank.query(
        lambda: list(Step.objects.exclude(deed="").order_by("id").values_list("deed", flat=True))
    )


@LANGUAGES
async def test_to_another_bank_in_the_city(dial, bank, wang, here, language):
    phone = await dial()
    await phone.logs_in(wang, language=language)
    await phone.keys("2", "2")
    await chooses_payee_and_amount(phone)
    await phone.hears("transfer.ordinary")
    await phone.keys("2")
    await phone.hears(
        "interbank.readback",
        tail="6789",
        amount=AMOUNT,
        fee=Decimal(2),
        arrives=NOON.replace(hour=17),  # the second session's returns
    )
    await says_yes(phone, wang)
    await phone.hears("interbank.done", tail="6789", amount=AMOUNT)
    order = await bank.query(Instruction.objects.get)
    await phone.hears("order.receipt_again", receipt=order.receipt)
    await phone.hears("menu.transfer.2")
    await phone.hangs_up()
    await bank.settled()

    assert await balance(bank, wang) == wang.opening - AMOUNT - 2
    settling = await bank.query(SettlementOrder.objects.get)
    assert (settling.instruction_id, settling.state) == (order.key, "debited")
    assert (await bank.query(Call.objects.get)).outcome == Call.Outcome.SERVED
    assert "remitted" in await deeds(bank)


async def is_withdrawn(phone, bank, wang) -> None:
    """Nothing was debited for what is due at midnight; she hears of it, and takes it back."""
    await phone.hears("order.scheduled", due=NEXT_MIDNIGHT)
    await phone.hears("menu.transfer.4")
    assert await balance(bank, wang) == wang.opening

    await phone.keys("4")
    await phone.hears(
        "enquiry.scheduled", day=NOON.date(), tail="6789", amount=AMOUNT, due=NEXT_MIDNIGHT
    )
    await phone.hears("enquiry.withdraw")
    await phone.keys("1")
    await phone.hears("enquiry.withdraw_readback", tail="6789", amount=AMOUNT)
    await phone.hears("confirm.ask")
    await phone.keys("1")


@LANGUAGES
async def test_in_the_city_the_next_day_and_withdrawn(dial, bank, wang, here, language):
    phone = await dial()
    await phone.logs_in(wang, language=language)
    await phone.keys("2", "2")
    await chooses_payee_and_amount(phone)
    await phone.hears("transfer.ordinary")
    await phone.hears("transfer.next_day")
    await phone.keys("1")  # 实时 is not offered: the two are said again
    await phone.hears("transfer.ordinary")
    await phone.keys("3")
    await phone.hears(
        "interbank.readback_later",
        tail="6789",
        amount=AMOUNT,
        fee=Decimal(2),
        due=NEXT_MIDNIGHT,
        arrives=NEXT_MIDNIGHT.replace(hour=12),  # the first session's returns
    )
    await says_yes(phone, wang)
    await is_withdrawn(phone, bank, wang)
    await phone.hears_of("enquiry.withdrawn_now")
    await phone.hangs_up()
    await bank.settled()
    assert await bank.query(orders.execute_due, at=NEXT_MIDNIGHT) == (0, 0)
    assert not await bank.query(SettlementOrder.objects.exists)


@LANGUAGES
async def test_to_another_city_at_once(dial, bank, wang, there, language):
    phone = await dial()
    await phone.logs_in(wang, language=language)
    await phone.keys("2", "3")
    await chooses_payee_and_amount(phone)
    await phone.hears("transfer.now")
    await phone.keys("1")
    await phone.hears_of("remittance.readback")
    await says_yes(phone, wang)
    await phone.hears("remittance.done", tail="6789", amount=AMOUNT)
    await phone.hears("menu.transfer.3")
    assert (await bank.query(SettlementOrder.objects.get)).system == "large_value"


@LANGUAGES
async def test_to_another_city_the_next_day_and_withdrawn(dial, bank, wang, there, language):
    phone = await dial()
    await phone.logs_in(wang, language=language)
    await phone.keys("2", "3")
    await chooses_payee_and_amount(phone)
    await phone.hears("transfer.now")
    await phone.keys("3")
    await phone.hears(
        "remittance.readback_later",
        tail="6789",
        amount=AMOUNT,
        fee=Decimal(5),
        due=NEXT_MIDNIGHT,
        arrives=NEXT_MIDNIGHT + timedelta(minutes=90),
    )
    await says_yes(phone, wang)
    await is_withdrawn(phone, bank, wang)
    order = await bank.query(Instruction.objects.get)
    await phone.hears("enquiry.withdrawn_now", tail="6789", amount=AMOUNT, receipt=order.receipt)
    await phone.hears("menu.transfer.4")
    await phone.keys("4")
    await phone.hears("enquiry.withdrawn", day=NOON.date(), tail="6789", amount=AMOUNT)
    await phone.hears("menu.transfer.4")
    await phone.hangs_up()
    await bank.settled()
    assert await bank.query(orders.execute_due, at=NEXT_MIDNIGHT) == (0, 0)
    assert await balance(bank, wang) == wang.opening
    told = {"accepted", "told", "enquired", "withdrawn"}
    noted = [deed for deed in await deeds(bank) if deed in told]
    assert noted == ["accepted", "told", "enquired", "withdrawn", "enquired"]


async def test_within_the_bank_later_today(dial, bank, wang, chen):
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("2", "1")
    for question in ("transfer.payee_card", "transfer.payee_card_again"):
        await phone.hears(question)
        await phone.keys(chen.pan.reveal() + "#")
    await phone.hears("transfer.amount")
    await phone.keys("300#")
    await phone.hears("transfer.now")
    await phone.keys("7")  # is none of them
    await phone.hears("menu.invalid")
    await phone.hears("transfer.now")
    await phone.keys("2")
    await phone.hears_of("transfer.readback_later")
    await says_yes(phone, wang)
    await phone.hears_of("order.scheduled")
    await phone.hears("menu.transfer.1")
    order = await bank.query(Instruction.objects.get)
    assert await bank.query(orders.execute_due, at=order.due_at) == (1, 0)
    assert await balance(bank, chen) == chen.opening + 300


async def hang_up_points(phone, wang):
    await phone.logs_in(wang)
    await phone.keys("2", "3")
    await phone.hears("transfer.payee_entry", tail="6789", key=1)
    yield "payee"
    await phone.keys("1")
    await phone.hears("transfer.amount")
    yield "amount"
    await phone.keys("1500*5#")
    await phone.hears("transfer.now")
    yield "speed"
    await phone.keys("1")
    await phone.hears_of("remittance.readback")
    yield "read-back"
    await phone.hears("confirm.ask")
    await phone.keys("1")
    await phone.hears("order.pin")
    yield "password"
    await phone.keys(wang.transaction_pin[:5])
    yield "half a password"


@pytest.mark.parametrize(
    "point", ["payee", "amount", "speed", "read-back", "password", "half a password"]
)
async def test_who_hangs_up_before_the_password_has_sent_nothing(dial, bank, wang, there, point):
    phone = await dial()
    async for reached in hang_up_points(phone, wang):
        if reached == point:
            break
    await phone.hangs_up()
    await bank.settled()
    assert await balance(bank, wang) == wang.opening
    assert not await bank.query(SettlementOrder.objects.exists)
    states = await bank.query(lambda: list(Instruction.objects.values_list("state", flat=True)))
    assert states in ([], ["void"])


@LANGUAGES
@pytest.mark.parametrize("service", ["interbank", "remittance"])
async def test_the_line_drops_before_the_receipt(dial, bank, wang, here, there, service, language):
    phone = await dial()
    await phone.logs_in(wang, language=language)
    await phone.keys("2", "2" if service == "interbank" else "3")
    await chooses_payee_and_amount(phone)
    await phone.hears("transfer.now" if service == "remittance" else "transfer.ordinary")
    await phone.keys("1" if service == "remittance" else "2")
    await says_yes(phone, wang)
    await phone.hears(f"{service}.done", tail="6789", amount=AMOUNT)
    await phone.hangs_up()
    await bank.settled()

    again = await dial()
    await again.identifies(wang, language=language)
    order = await bank.query(Instruction.objects.get)
    await again.hears(f"untold.{service}", tail="6789", amount=AMOUNT, receipt=order.receipt)
    await again.hears("menu.personal.2")
    await again.hangs_up()
    await bank.settled()
    assert await bank.query(Journal.objects.filter(kind="outward").count) == 1  # once


async def test_an_accepted_one_that_she_did_not_hear_is_told_first(dial, bank, wang, there):
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("2", "3")
    await chooses_payee_and_amount(phone)
    await phone.hears("transfer.now")
    await phone.keys("2")
    await says_yes(phone, wang)
    await phone.hears_of("order.scheduled")
    await phone.hangs_up()
    await bank.settled()
    again = await dial()
    await again.identifies(wang)
    order = await bank.query(Instruction.objects.get)
    await again.hears("untold.accepted", amount=AMOUNT, receipt=order.receipt)


@LANGUAGES
async def test_who_has_no_payee_is_sent_to_a_branch(dial, bank, wang, language):
    phone = await dial()
    await phone.logs_in(wang, language=language)
    await phone.keys("2", "2")
    await phone.hears("interbank.no_payee")
    await phone.hears("menu.transfer.3")
    await phone.keys("3")
    await phone.hears("remittance.no_payee")


async def test_a_payee_elsewhere_is_not_read_among_those_in_the_city(dial, wang, there):
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("2", "2")
    await phone.hears("interbank.no_payee")


async def test_more_payees_than_keys(dial, bank, wang):
    for last in range(1, 8):
        await bank.query(cast.payee_elsewhere, wang, number=f"62258801{last:04d}")
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("2", "2")
    await phone.hears("transfer.payee_entry", tail="0004", key=4)
    await phone.hears("choose.more", key=5)
    await phone.keys("5")
    await phone.hears("transfer.payee_entry", tail="0005", key=1)
    await phone.hears("transfer.payee_entry", tail="0007", key=3)
    await phone.keys("3")
    await phone.hears("transfer.amount")
    await phone.keys("5#")
    await phone.hears("transfer.ordinary")
    await phone.keys("2")
    await phone.hears_of("interbank.readback")
    order = await bank.query(Instruction.objects.get)
    assert order.payee_tail == "0007"


async def test_too_little_for_the_fee(dial, bank, here, wang):
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("2", "2")
    await phone.hears("transfer.payee_entry", tail="6789", key=1)
    await phone.keys("1")
    await phone.hears("transfer.amount")
    await phone.keys("11999#")
    await phone.hears("transfer.ordinary")
    await phone.keys("2")
    await phone.hears("refused.insufficient_funds", available=wang.opening, needed=Decimal(12_001))
    await phone.hears("menu.transfer.2")


# -- what became of it ---------------------------------------------------------------------------


def sends(wang, payee, amount: int, speed: str = "now") -> Instruction:
    return done(
        Remittance(
            payer_id=wang.account.pk,
            payee_id=payee.pk,
            amount=Decimal(amount),
            speed=speed,  # type: ignore[arg-type]
        )
    )


@LANGUAGES
async def test_each_stage_in_words(dial, bank, wang, chen, there, language):
    def moves() -> None:
        for amount in (10, 20, 30, 40):
            sends(wang, there, amount)
        of = {int(row.amount): row for row in SettlementOrder.objects.all()}
        clearing_batches.files_out(at=NOON)
        SettlementOrder.objects.filter(pk=of[20].pk).update(state="succeeded", settled_at=NOON)
        SettlementOrder.objects.filter(pk=of[30].pk).update(state="suspended", suspended_at=NOON)
        done(
            InBankTransfer(payer_id=wang.account.pk, payee_id=chen.account.pk, amount=Decimal(50)),
            NOON + timedelta(seconds=1),
        )

    await bank.query(moves)
    phone = await dial()
    await phone.logs_in(wang, language=language)
    await phone.keys("2", "4")
    day = NOON.date()
    await phone.hears("enquiry.paid", day=day, tail=chen.account_tail, amount=Decimal(50))
    heard = set()
    for _ in range(4):
        await phone.hears("enquiry.next")
        await phone.keys("2")
        rest = phone  # the next one, whichever of the same second it is
        heard.add(await _stage(rest))
    assert heard == {"sent", "paid", "unknown"}
    await phone.hears("enquiry.end")
    await phone.hears("menu.transfer.4")


async def _stage(phone) -> str:
    while True:
        heard = await phone.phone.hears("playing")
        phone._rest = ["/".join(file.split("/")[-3:]) for file in heard.files]
        for file in phone._rest:
            if "/enquiry." in file:
                return file.split("/enquiry.")[1].split("-")[0].split(".")[0]


async def test_returned_money_is_told_as_returned(dial, bank, wang, there):
    def returned() -> None:
        sends(wang, there, 10)
        clearing_batches.files_out(at=NOON)
        from django.db import transaction

        from banking import settlement

        with transaction.atomic():
            settlement.bounced(SettlementOrder.objects.get(), "RJ02", at=NOON)

    await bank.query(returned)
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("2", "4")
    await phone.hears("enquiry.returned", day=NOON.date(), tail="6789", amount=Decimal(10))


async def test_nothing_to_tell(dial, wang):
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("2", "4")
    await phone.hears("enquiry.none")
    await phone.hears("menu.transfer.4")


async def test_debited_while_she_thinks_it_over(dial, bank, wang, there):
    await bank.query(sends, wang, there, 10, "next_day")
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("2", "4")
    await phone.hears("enquiry.withdraw")
    await phone.keys("1")
    await phone.hears("confirm.ask")
    assert await bank.query(orders.execute_due, at=NEXT_MIDNIGHT) == (1, 0)
    await phone.keys("1")
    await phone.hears("enquiry.too_late")


async def test_kept_after_all(dial, bank, wang, there):
    await bank.query(sends, wang, there, 10, "next_day")
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("2", "4")
    await phone.hears("enquiry.withdraw")
    await phone.keys("1")
    await phone.hears("confirm.ask")
    await phone.keys("2")
    await phone.hears("enquiry.kept")
    assert (await bank.query(Instruction.objects.get)).state == "scheduled"
