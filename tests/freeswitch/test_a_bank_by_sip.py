"""Telephone banking on FreeSWITCH: SIPp dials and keys, the worker drives, the books say."""

import asyncio
from decimal import Decimal

import pytest
import pytest_asyncio
from django.db import connection

from banking import customers, pins
from banking.models import Account, Instruction
from banking.models.customers import Purpose
from banking.secret import Secret
from telephony import shipped
from telephony.models import Call, Step
from telephony.worker.gateway import Gateway
from tests import cast
from tests.freeswitch.sipp import Caller, phone
from tests.freeswitch.worker import worker
from tests.telephony.conftest import the_books_balance

pytestmark = [
    pytest.mark.freeswitch,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.django_db(transaction=True),
]

MANY = 50
AMOUNT, LATER = Decimal(100), Decimal(7)
# Nines repeat a menu: what is left of a password when its worker dies does no harm there.
TRANSACTION_PIN = "699999"

LOG_IN = [(2.0, "1"), (0.8, "1"), (0.8, "[field0]#"), (0.8, "274916#")]
# From the menu 转账汇款: in the bank, to the registered payee; the read-back is heard out first.
TRANSFER = [
    *((0.8, "1"), (0.8, "1"), (0.8, "{amount}#"), (0.8, "1")),  # at once
    *((5.0, "1"), (1.0, f"{TRANSACTION_PIN}#")),
]


def transfer(amount: Decimal) -> list[tuple[float, str]]:
    return [(pause, keys.format(amount=amount)) for pause, keys in TRANSFER]


def dials(people: list[cast.Person], *conversation: tuple[float, str], stays_s: float) -> Caller:
    pauses, keys = zip(*conversation, strict=True)
    rows = [(person.pan.reveal(),) for person in people]
    return Caller("961202", keys, pauses, stays_s=stays_s, rows=rows)


@pytest.fixture
def people(transactional_db) -> list[cast.Person]:
    """MANY customers, each with the same payee registered."""
    cast.bank_terms()
    shipped.install(at=cast.NOON)
    payee = cast.chen()
    made = [cast.person(f"客户{n}", opening=1_000, is_test=False) for n in range(MANY)]
    for person in made:
        customers.register_payee(person.customer, payee.account, name="陈志强", on=cast.LONG_AGO)
        pins.set_pin(person.card.pk, Secret(TRANSACTION_PIN), Purpose.TRANSACTION, at=cast.NOON)
    return made


@pytest_asyncio.fixture(loop_scope="module")
async def books():
    gateway = Gateway(threads=1)
    yield gateway
    await gateway.close()


def database() -> str:
    return str(connection.settings_dict["NAME"])


def paid(person: cast.Person) -> list[Decimal]:
    orders = Instruction.objects.filter(customer=person.customer, state="executed")
    return [order.amount for order in orders.order_by("executed_at")]


def balance(person: cast.Person) -> Decimal:
    return Account.objects.get(pk=person.account.pk).balance


async def test_identification_balance_transfer_receipt(bank_switch, people, books):
    caller = people[0]
    conversation = [
        *LOG_IN,
        *((0.8, "1"), (0.8, "1")),  # 余额与明细, 余额
        *((3.0, "*"), (0.8, "2")),  # back, 转账汇款
        *transfer(AMOUNT),
    ]
    async with worker(bank_switch, database()) as running:
        await running.leads()
        result = await phone(bank_switch, dials([caller], *conversation, stays_s=6))
        await running.ends()

    def story() -> tuple[str, list[str]]:
        call = Call.objects.get()
        steps = Step.objects.filter(call=call)
        return call.outcome, [step.prompt or step.deed or step.keys for step in steps]

    outcome, heard = await books(story)
    assert (result.successful, result.errors) == (1, ""), heard
    assert outcome == Call.Outcome.SERVED
    order = ["identified", "balance.same", "balance", "transfer.readback", "confirm.ask"]
    order += ["confirmed", "transferred", "order.receipt", "order.receipt_again", "told"]
    assert [step for step in heard if step in order] == order
    assert await books(paid, caller) == [AMOUNT]
    assert await books(balance, caller) == caller.opening - AMOUNT
    await books(the_books_balance)
    assert TRANSACTION_PIN not in bank_switch.log
    assert caller.pan.reveal() not in bank_switch.log


@pytest.mark.slow  # the one below has as many, and more
async def test_fifty_at_once(bank_switch, people, books):
    async with worker(bank_switch, database()) as running:
        await running.leads()
        caller = dials(people, *LOG_IN, (0.8, "2"), *transfer(AMOUNT), stays_s=6)
        result = await phone(bank_switch, caller, calls=MANY, at_once=MANY, a_second=10)
        assert (result.successful, result.errors) == (MANY, "")
        await running.ends()
    assert [await books(paid, person) for person in people] == [[AMOUNT]] * MANY
    await books(the_books_balance)


async def test_the_worker_is_killed_among_fifty_and_every_caller_goes_on(
    bank_switch, people, books
):
    """Some hear their receipt, some have said yes, some key their password: then kill -9.

    All dial within a second, so that no caller is so far behind that what she keys next would
    mean something else in the menu that she is led back to.
    """
    told = 0
    async with (
        worker(bank_switch, database()) as first,
        bank_switch.events("CHANNEL_EXECUTE", filters=[("variable_bankline", "1")]) as (_, heard),
    ):
        await first.leads()
        async with worker(bank_switch, database()) as second:
            again = [(9.0, "1"), *transfer(LATER)[1:]]
            # Fifty passwords are proved at once, and a machine may take its time over them.
            caller = dials(people, *LOG_IN, (5.0, "2"), *transfer(AMOUNT), *again, stays_s=8)
            calling = asyncio.create_task(
                phone(bank_switch, caller, calls=MANY, at_once=MANY, a_second=MANY)
            )
            async with asyncio.timeout(90):
                while told < MANY // 5:
                    event = await heard.get()
                    told += "transfer.done" in event.get("Application-Data")
            await first.kill()
            await second.leads(within_s=10)
            result = await calling
            assert (result.successful, result.errors) == (MANY, "")
            await second.ends()

    amounts = [await books(paid, person) for person in people]
    assert all(paid in ([AMOUNT, LATER], [LATER]) for paid in amounts)
    assert sum(AMOUNT in paid for paid in amounts) >= MANY // 5
    assert await books(Call.objects.count) == MANY
    assert await books(Call.objects.filter(recovered__gte=1).count) == MANY
    untold = Instruction.objects.filter(state="executed", told_at=None)
    assert not await books(untold.exists)
    await books(the_books_balance)
