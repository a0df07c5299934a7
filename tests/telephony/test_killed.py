"""The worker as a process, killed, stopped and told to go, with a call in its hands.

The switch runs here, on its virtual clock; the workers are `manage.py telephony`. Where a moment
must be met exactly the switch withholds a command, or a lock in the database holds the worker up.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from banking.models import Instruction, Journal
from banking.models.orders import State
from telephony.models import Call
from tests.telephony.conftest import SOON_S
from tests.telephony.test_recovery import as_owner, terminate, to_the_password
from tests.telephony.test_transfer_call import AMOUNT, asks_for, balance, confirms

pytestmark = pytest.mark.django_db(transaction=True)
MANAGE = Path(__file__).parents[2] / "manage.py"
STARTS_S = 60.0  # real seconds, on a busy machine


class Hand:
    """A worker process, and what it logs."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._log: list[str] = []
        self._more = asyncio.Condition()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def hire(cls, drain_s: float) -> "Hand":
        env = os.environ | {
            "DATABASE_URL": database_url(),
            "FREESWITCH_URL": settings.FREESWITCH_URL,
            "PROMPTS": str(settings.PROMPTS),
        }
        options = ("--drain", str(drain_s), "--notice-after", "0")  # see Bank.work
        command = (sys.executable, str(MANAGE), "telephony", *options)
        return cls(await create_subprocess_exec(*command, stderr=PIPE, env=env))

    async def says(self, *words: str, within_s: float = SOON_S) -> None:
        """Wait until it has logged one of these, since it was asked last."""

        def said() -> int:
            found = (i for i, line in enumerate(self._log) if any(word in line for word in words))
            return next(found, -1)

        try:
            async with asyncio.timeout(within_s), self._more:
                await self._more.wait_for(lambda: said() >= 0)
                del self._log[: said() + 1]
        except TimeoutError:
            raise AssertionError(f"it did not say {words} but {self._log}") from None

    async def leads(self) -> None:
        await self.says("took over")

    def sent(self, what: signal.Signals) -> None:
        self._process.send_signal(what)

    async def killed(self) -> None:
        """As by `kill -9`."""
        self._process.kill()
        await self.gone()

    async def gone(self) -> int:
        async with asyncio.timeout(SOON_S):
            code = await self._process.wait()
        await self._reading
        return code

    async def _read(self) -> None:
        assert self._process.stderr
        while line := await self._process.stderr.readline():
            async with self._more:
                self._log.append(line.decode())
                self._more.notify_all()

    async def dismissed(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self._reading


def database_url() -> str:
    """The test's database, as a variable gives it."""
    at = connection.get_connection_params()
    return f"postgresql://{at['user']}@/{at['dbname']}?host={at['host']}"


Hire = Callable[..., Awaitable[Hand]]


@pytest.fixture
async def hire(unmanned) -> AsyncIterator[Hire]:
    """Start a worker; while one leads, the next stands by."""
    hands: list[Hand] = []

    async def hire(*, drain_s: float = 0) -> Hand:
        hands.append(await Hand.hire(drain_s))
        await hands[-1].says("leading", "standing by", within_s=STARTS_S)
        return hands[-1]

    yield hire
    for hand in hands:
        await hand.dismissed()


@pytest.fixture
def bank(unmanned):
    """The bank, its workers processes of their own."""
    return unmanned


@pytest.fixture
async def first(hire) -> Hand:
    """The worker that leads when a story begins."""
    hand = await hire()
    await hand.leads()
    return hand


STANDBY = pytest.mark.parametrize(
    "standby", [True, False], ids=["a standby goes on", "the next to start goes on"]
)


async def until(bank, fact: Callable[[], bool]) -> None:
    """Wait until the database says so; what is written in batches is there a moment later."""
    async with asyncio.timeout(SOON_S):
        while not await bank.query(fact):
            pass


async def is_at(bank, node: str) -> None:
    """Her place is in the row of her call, as it is a third of a second after she came there."""
    await until(bank, Call.objects.filter(menu_node=node).exists)


async def is_closed(bank, phone) -> None:
    await until(bank, Call.objects.filter(uuid=phone.call, ended_at__isnull=False).exists)


# -- kill -9 -----------------------------------------------------------------------------------


@STANDBY
async def test_killed_between_the_commit_and_the_receipt(
    first, hire, dial, bank, wang, chen, standby
):
    second = await hire() if standby else None
    phone = await dial()
    await to_the_password(phone, wang, chen)
    await is_at(bank, "transfer")
    await phone.phone.withhold("transfer.done")
    await phone.keys(wang.transaction_pin + "#")
    await phone.phone.hears("withheld")
    await first.killed()
    order = await bank.query(Instruction.objects.get)
    assert (order.state, order.told_at) == (State.EXECUTED, None)

    second = second or await hire()
    await second.leads()
    await phone.hears_next("system.recovered")
    told = {"tail": chen.account_tail, "amount": AMOUNT, "receipt": order.receipt}
    await phone.hears_next("untold.transfer", **told)
    await phone.hears_next("order.receipt_again", receipt=order.receipt)
    await phone.hears("menu.transfer.1")
    assert (await bank.query(Instruction.objects.get)).told_at
    assert await bank.query(Journal.objects.filter(kind="transfer").count) == 1
    assert await balance(bank, wang) == wang.opening - AMOUNT


async def test_killed_between_the_commit_and_the_receipt_and_she_hangs_up(
    first, hire, dial, bank, wang, chen
):
    """She hears it when she calls again: it was carried out, and nobody could tell her."""
    phone = await dial()
    await to_the_password(phone, wang, chen)
    await is_at(bank, "transfer")
    await phone.phone.withhold("transfer.done")
    await phone.keys(wang.transaction_pin + "#")
    await phone.phone.hears("withheld")
    await first.killed()
    await phone.hangs_up()
    await (await hire()).leads()
    again = await dial()
    await again.identifies(wang)
    order = await bank.query(Instruction.objects.get)
    told = {"tail": chen.account_tail, "amount": AMOUNT, "receipt": order.receipt}
    await again.hears("untold.transfer", **told)
    await again.hears("menu.personal.2")
    call = await bank.query(Call.objects.get, uuid=phone.call)
    assert (call.end_estimated, call.ended_by) == (True, "switch")


async def killed_before_it_paid(first: Hand, phone, bank, wang, chen) -> None:
    """Her yes and her password are committed; the transfer waits for a lock; the worker dies."""
    await to_the_password(phone, wang, chen)
    await is_at(bank, "transfer")
    with as_owner() as owner:
        owner.execute("SELECT 1 FROM banking_account WHERE id = %s FOR UPDATE", [wang.account.pk])
        await phone.keys(wang.transaction_pin + "#")
        await bank.query(until_somebody_waits_for_an_account)
        await first.killed()
        owner.rollback()
    assert (await bank.query(Instruction.objects.get)).state == State.CONFIRMED


def until_somebody_waits_for_an_account() -> None:
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Lock' AND query LIKE '%banking_account%'"
            )
            if cursor.fetchone():
                return


@STANDBY
async def test_killed_between_her_yes_and_the_transfer_it_is_carried_out(
    first, hire, dial, bank, wang, chen, standby
):
    second = await hire() if standby else None
    phone = await dial()
    await killed_before_it_paid(first, phone, bank, wang, chen)
    second = second or await hire()
    await second.leads()
    await phone.hears_next("system.recovered")
    await phone.hears_next("transfer.done", tail=chen.account_tail, amount=AMOUNT)
    order = await bank.query(Instruction.objects.get)
    await phone.hears("order.receipt_again", receipt=order.receipt)
    await phone.hears("menu.transfer.1")
    assert await bank.query(Journal.objects.filter(kind="transfer").count) == 1
    assert await balance(bank, wang) == wang.opening - AMOUNT


async def test_killed_between_her_yes_and_the_transfer_and_she_hangs_up(
    first, hire, dial, bank, wang, chen
):
    phone = await dial()
    await killed_before_it_paid(first, phone, bank, wang, chen)
    await phone.hangs_up()
    await (await hire()).leads()
    await is_closed(bank, phone)
    assert (await bank.query(Instruction.objects.get)).state == State.VOID
    call = await bank.query(Call.objects.get, uuid=phone.call)
    assert (call.end_estimated, call.end_cause) == (True, "UNKNOWN")
    assert await balance(bank, wang) == wang.opening


async def test_killed_before_it_paid_and_she_hangs_up_while_she_is_told_of_the_break(
    first, hire, dial, bank, wang, chen
):
    phone = await dial()
    await killed_before_it_paid(first, phone, bank, wang, chen)
    await (await hire()).leads()
    await phone.hears_next("system.recovered")
    await phone.hangs_up()
    await is_closed(bank, phone)
    assert (await bank.query(Instruction.objects.get)).state == State.VOID
    assert await balance(bank, wang) == wang.opening


async def test_every_caller_goes_on_within_seconds(first, hire, dial, bank, wang):
    second = await hire()
    callers = [await dial(caller=f"1390013900{n}") for n in range(5)]
    for caller in callers:
        await caller.logs_in(wang)
    await until(bank, lambda: Call.objects.filter(menu_node="personal").count() == 5)
    before = asyncio.get_running_loop().time()
    await first.killed()
    await second.says("took over 5 calls")
    assert asyncio.get_running_loop().time() - before < 3
    for caller in callers:
        await caller.hears("system.recovered")
        await caller.keys("1", "1")
        await caller.hears("balance.same", tail=wang.account_tail, balance=wang.opening)


# -- two at once -------------------------------------------------------------------------------


async def test_a_worker_that_slept_through_its_deposition_does_nothing(
    first, hire, dial, bank, wang, chen
):
    """Stopped in the middle of a transfer, its session ended by the server, it wakes up with her
    password in its hands while another serves her."""
    second = await hire()
    phone = await dial()
    await to_the_password(phone, wang, chen)
    await phone.phone.hears("played")
    await is_at(bank, "transfer")
    first.sent(signal.SIGSTOP)
    await phone.keys(wang.transaction_pin + "#")
    await bank.query(end_the_lead)
    await second.leads()
    await phone.hears_next("system.recovered")
    await phone.hears_next("untold.void")
    first.sent(signal.SIGCONT)
    await first.says("lost the lead")
    await first.says("standing by")
    await phone.hears_next("menu.transfer.1")
    await asks_for(phone, chen, "1500*5#", menu="1")
    await confirms(phone, chen)
    await phone.hears("order.pin")
    await phone.keys(wang.transaction_pin + "#")
    await phone.hears("transfer.done", tail=chen.account_tail, amount=AMOUNT)
    await phone.hears("menu.transfer.1")
    assert await bank.query(Journal.objects.filter(kind="transfer").count) == 1
    assert await balance(bank, wang) == wang.opening - AMOUNT


def end_the_lead() -> None:
    """As PostgreSQL does with a client that answers nothing any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.pid FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
            " WHERE l.locktype = 'advisory' AND l.granted AND a.datname = current_database()"
            " AND a.application_name = 'telephony:node1'"
        )
        (pid,) = (row[0] for row in cursor.fetchall())
    terminate(pid)


# -- TERM --------------------------------------------------------------------------------------


async def test_who_is_told_to_go_ends_its_conversations_first(hire, dial, bank, wang):
    first = await hire(drain_s=30)
    await first.leads()
    second = await hire()
    phone = await dial()
    await phone.logs_in(wang)
    first.sent(signal.SIGTERM)
    await first.says("draining: 1 calls")
    await phone.keys("1", "1")
    await phone.hears("balance.same", tail=wang.account_tail, balance=wang.opening)
    await phone.hears("menu.accounts.1")
    late = await dial(caller="13900139000")  # is not taken any more by who is about to go
    await late.phone.advance(2, wait=False)
    await late.phone.hears("nobody.drives")
    await phone.hangs_up()
    assert await first.gone() == 0
    await second.leads()
    another = await dial()
    await another.logs_in(wang)
    call = await bank.query(Call.objects.get, uuid=phone.call)
    assert (call.recovered, call.end_estimated) == (0, False)


async def test_who_is_told_to_go_leaves_long_conversations_to_the_standby(hire, dial, bank, wang):
    first = await hire(drain_s=0.2)
    await first.leads()
    second = await hire()
    phone = await dial()
    await phone.logs_in(wang)
    first.sent(signal.SIGTERM)
    assert await first.gone() == 0
    await second.leads()
    await phone.hears("system.wait")
    await phone.hears("system.recovered")
    await phone.hears("menu.personal.1")


async def test_without_a_standby_she_hears_the_truth_ten_seconds_later(hire, dial, bank, wang):
    first = await hire(drain_s=0.2)
    await first.leads()
    phone = await dial()
    await phone.logs_in(wang)
    first.sent(signal.SIGTERM)
    assert await first.gone() == 0
    await phone.hears("system.wait")
    await phone.phone.hears("nobody.drives")
    await phone.is_hung_up()


async def test_a_standby_that_is_told_to_go_goes_at_once(first, hire, bank):
    second = await hire(drain_s=30)
    second.sent(signal.SIGTERM)
    assert await second.gone() == 0
