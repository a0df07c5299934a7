"""Twenty services on FreeSWITCH: SIPp keys each one's path, the record and the books say what came.

The conversations themselves are told by tests/telephony on the simulated switch. Here it counts
that the real one takes them: all at once, each caller with a number and an account of her own.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
import pytest_asyncio
from django.conf import settings
from django.db import connection

from banking import customers, pins
from banking.models import (
    Account,
    Card,
    Deposit,
    Instruction,
    LoanRate,
    Notice,
    OutboxMessage,
    PhoneBlock,
    TransferLimit,
)
from banking.models.customers import Purpose
from banking.models.loans import Series
from banking.secret import Secret
from calendars import clock
from telephony import shipped
from telephony.models import Call, Step
from telephony.worker.gateway import Gateway
from tests import billers, cast
from tests.cast import Person
from tests.freeswitch import switch as freeswitch
from tests.freeswitch.sipp import Caller, phone
from tests.freeswitch.worker import worker
from tests.savers import published_rates, puts
from tests.telephony.conftest import the_books_balance

pytestmark = [
    pytest.mark.freeswitch,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.django_db(transaction=True),
]

OPENING = 500_000
NEXT_S, HEARD_OUT_S = 1.0, 4.5  # before a key; where what is read back must be heard first
NEW_PIN = "590318"


@dataclass(frozen=True)
class Service:
    """What is keyed after the language, what is heard of it, and what is so afterwards.

    In `keys` a group is {card}, {pin}, {id}, {secret} of the caller; one that begins with `!` is
    keyed when what is before it has been heard out.
    """

    keys: str
    heard: tuple[str, ...]
    so: Callable[[Person], bool]
    before: Callable[[Person], object] = lambda who: None

    def dials(self, who: Person, number: str) -> Caller:
        pauses, groups = [2.0], ["1"]
        for key in self.keys.split():
            pauses.append(HEARD_OUT_S if key[0] == "!" else NEXT_S)
            groups.append(self._said(key.removeprefix("!"), who))
        return Caller("961202", groups, pauses, stays_s=4, caller=number)

    def _said(self, key: str, who: Person) -> str:
        return key.format(
            card=f"{who.pan.reveal()}#",
            pin=f"{who.query_pin}#",
            id=f"{who.id_number.reveal().replace('X', '*')}#",
            secret=f"{who.transaction_pin}#",
        )


LOG_IN = "1 {card} {pin} "
YES = " !1 {secret}"


def second_account(who: Person) -> Account:
    account = customers.open_account(who.customer, number=f"7557{who.id:011d}", on=cast.LONG_AGO)
    customers.deposit(account.pk, Decimal(800), at=cast.NOON)
    return account


def payee(who: Person) -> None:
    chen = cast.chen(is_test=False)
    name = chen.customer.name
    customers.register_payee(who.customer, chen.account, name=name, on=cast.LONG_AGO)


def announced(who: Person) -> None:
    puts(who, 200_000, "notice", "7d")
    Instruction.objects.filter(customer=who.customer).update(told_at=cast.NOON)


def funded(who: Person) -> None:
    customers.deposit(who.account.pk, Decimal(5), at=clock.now())


def executed(kind: str, amount: str) -> Callable[[Person], bool]:
    """One order of that kind was carried out, and she was told."""

    def so(who: Person) -> bool:
        order = Instruction.objects.get(customer=who.customer)
        told = order.told_at is not None and order.state in {"executed", "scheduled"}
        return (order.kind, order.amount, told) == (kind, Decimal(amount), True)

    return so


def saves(product: str, term: str, amount: int) -> Callable[[Person], bool]:
    return lambda who: Deposit.objects.filter(
        account__customer=who.customer, product=product, term=term, account__balance=amount
    ).exists()


def has_the_new_password(who: Person) -> bool:
    pins.verify(who.card.pk, Secret(NEW_PIN), Purpose.QUERY, call_ref="after", at=clock.now())
    return True


def moved_nothing(who: Person) -> bool:
    return not Instruction.objects.filter(customer=who.customer).exists()


SERVICES = {
    "balance": Service(LOG_IN + "1 1", ("identified", "balance.same"), moved_nothing),
    "last-transactions": Service(LOG_IN + "1 2", ("transactions.in",), moved_nothing),
    "transactions-by-date": Service(
        LOG_IN + "1 3 1", ("transactions.in", "period.over"), moved_nothing, funded
    ),
    "statement": Service(
        LOG_IN + "1 4 1",
        ("statement.sent_sms",),
        lambda who: OutboxMessage.objects.filter(customer=who.customer).count() == 1,
    ),
    "default-account": Service(
        LOG_IN + "1 5 2 2",
        ("choose.account", "default.done"),
        lambda who: Account.objects.get(customer=who.customer, leads=True).pk != who.account.pk,
        second_account,
    ),
    "in-bank-transfer": Service(
        LOG_IN + "2 1 1 300# 1" + YES,
        ("transfer.readback", "confirm.ask", "transfer.done", "order.receipt_again"),
        executed("transfer", "300"),
        payee,
    ),
    "interbank-transfer": Service(
        LOG_IN + "2 2 1 1500*5# 2" + YES,
        ("interbank.readback", "confirm.ask", "interbank.done", "order.receipt_again"),
        executed("interbank", "1500.5"),
        cast.payee_elsewhere,
    ),
    "bill-phone": Service(
        LOG_IN + "3 1 1 3" + YES,
        ("bills.own_phone", "bill.readback", "bill.done", "order.receipt_again"),
        executed("bill", "100"),
    ),
    "bill-electricity": Service(
        LOG_IN + f"3 3 {billers.POWER}#" + YES,
        ("bills.contract_electricity", "bills.owed", "bill.readback", "bill.done"),
        executed("bill", "180"),
    ),
    "deposit-time": Service(
        LOG_IN + "4 1 1 1 1 10000#" + YES,
        ("deposit.renewal", "deposit.as_renewing", "save.readback", "save.done"),
        saves("time", "3m", 10_000),
    ),
    "deposit-instalment": Service(
        LOG_IN + "4 1 2 1 500#" + YES,
        ("deposit.monthly", "save.readback", "save.done", "order.receipt_again"),
        saves("instalment", "1y", 500),
    ),
    "deposit-notice": Service(
        LOG_IN + "4 2 1 1 100000#" + YES,
        ("deposit.as_notice", "save.readback", "save.done", "order.receipt_again"),
        saves("notice", "1d", 100_000),
    ),
    "notice-register": Service(
        LOG_IN + "4 2 2 80000# !1",
        ("notice.amount", "notice.readback", "notice.done"),
        lambda who: Notice.objects.get(deposit__account__customer=who.customer).amount == 80_000,
        announced,
    ),
    "loan-balance": Service(LOG_IN + "4 4 1", ("loan.balance",), moved_nothing, cast.loan),
    "change-query-password": Service(
        LOG_IN + f"5 2 {NEW_PIN}# {NEW_PIN}#",
        ("password.new_query", "password.done_query"),
        has_the_new_password,
    ),
    "lower-limits": Service(
        LOG_IN + "5 4 2 3000# !1",
        ("limits.readback", "confirm.ask", "limits.done"),
        lambda who: TransferLimit.objects.get(customer=who.customer).daily == 3_000,
    ),
    "loss-report": Service(
        "5 2 {card} {id} !1",
        ("loss.confirm", "loss.done", "order.receipt_again"),
        lambda who: Card.objects.get(pk=who.card.pk).lost_until is not None,
    ),
    "stop-phone-debits": Service(
        "5 4 {card} {id} !1",
        ("stop.confirm", "stop.done", "order.receipt_again"),
        lambda who: PhoneBlock.objects.filter(customer=who.customer).exists(),
    ),
    "loan-rates": Service("4 2", ("rates.loan.lpr_1y",), moved_nothing),
    "deposit-rates": Service("4 1 2", ("rates.deposit.time",), moved_nothing),
}


@pytest.fixture
def people(transactional_db) -> dict[str, Person]:
    """A customer a service, with what it needs."""
    cast.bank_terms()
    published_rates()
    billers.all_kinds()
    shipped.install(at=cast.NOON)
    for series in Series:
        LoanRate.objects.get_or_create(
            series=series, valid_from=cast.LONG_AGO, defaults={"percent": 3}
        )
    people = {}
    for name, service in SERVICES.items():
        people[name] = cast.person("客户", opening=OPENING, is_test=False)
        service.before(people[name])
    return people


@pytest_asyncio.fixture(loop_scope="module")
async def books():
    gateway = Gateway(threads=1)
    yield gateway
    await gateway.close()


def database() -> str:
    return str(connection.settings_dict["NAME"])


def missing(number: str, service: Service) -> str:
    """What of it was not heard in its order, of the one call from this number."""
    call = Call.objects.get(caller=number)
    heard = [step.prompt or step.deed for step in Step.objects.filter(call=call)]
    rest = iter(heard)
    for prompt in service.heard:
        if prompt not in rest:  # consumes: the next one must come later
            return f"no {prompt} in {[one for one in heard if one]}"
    return ""


async def test_each_service_is_given(bank_switch, people, books):
    numbers = {name: f"139000{place:05d}" for place, name in enumerate(SERVICES)}
    async with worker(bank_switch, database()) as running:
        await running.leads()
        calls = [
            phone(bank_switch, service.dials(people[name], numbers[name]))
            for name, service in SERVICES.items()
        ]
        results = await asyncio.gather(*calls)
        await running.ends()
    assert [(r.successful, r.errors) for r in results] == [(1, "")] * len(SERVICES)
    lacking = {
        name: why
        for name, service in SERVICES.items()
        if (why := await books(missing, numbers[name], service))
    }
    assert not lacking
    wrong = [name for name, s in SERVICES.items() if not await books(s.so, people[name])]
    assert not wrong
    await books(the_books_balance)


# -- how soon ----------------------------------------------------------------------------------

BALANCE_WITHIN_S = 25.0  # of the pick-up (domain.md: for a caller who keys ahead)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def speaking_switch(tmp_path_factory, folder):
    """One FreeSWITCH with the prompts that ship, as long as they are."""
    made = freeswitch.configuration(folder / "speaking", prompts=settings.PROMPTS)
    running = await freeswitch.start(made, tones=False)
    yield running
    await freeswitch.stop(running)


async def test_who_keys_ahead_has_her_balance_within_25_seconds(speaking_switch, people, books):
    """At a person's pace, 2½ keys a second; two keys follow her password."""
    who = people["balance"]
    service = Service(LOG_IN + "1 1", ("balance.same",), moved_nothing)
    async with worker(speaking_switch, database()) as running:
        await running.leads()
        dialled = service.dials(who, "13900099999")
        result = await phone(speaking_switch, dialled)
        await running.ends()
    assert (result.successful, result.errors) == (1, "")

    def heard_after_s() -> float:
        call = Call.objects.get(caller="13900099999")
        told = Step.objects.get(call=call, prompt="balance.same")
        return (told.at - call.started_at).total_seconds()

    assert await books(heard_after_s) <= BALANCE_WITHIN_S
