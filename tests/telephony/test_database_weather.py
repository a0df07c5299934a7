"""PostgreSQL restarts, or crashes, during calls: a server of these tests' own."""

import asyncio
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from psycopg.conninfo import make_conninfo

from banking.models import Instruction
from banking.models.orders import State
from config.postgres import APP, DATABASE, OWNER, Cluster
from telephony.models import Call, Step
from tests.telephony.talks import asks_for_a_person, talk
from tests.telephony.test_recovery import to_the_password
from tests.telephony.test_transfer_call import AMOUNT, balance

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[2]


class Server:
    """A PostgreSQL that this module may stop."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = self.cluster.start()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """In order; with SIGQUIT at once, as a crash: what had committed is there afterwards."""
        assert self.process
        self.process.send_signal(how)
        self.process.wait(timeout=30)


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker) -> Iterator[Server]:
    """Every connection of this process that is made from here on is to this server."""
    from django.db import connection

    home = Cluster.of(ROOT, test=True)
    sockets = Path(tempfile.mkdtemp(prefix="bankline-"))
    sockets.rmdir()  # the cluster makes it, for the account that PostgreSQL runs as
    # Durable, for it is to lose nothing.
    cluster = replace(
        home, data=home.data.with_name(f"pg-weather-{sockets.name}"), sockets=sockets, fast=False
    )
    server = Server(cluster)
    server.start()
    cluster.ensure_roles()
    before = dict(connection.settings_dict)
    direct = settings.DATABASE_DIRECT_URL
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict |= {"HOST": str(sockets), "NAME": DATABASE, "USER": OWNER}
        call_command("migrate", verbosity=0)
        connection.close()
        connection.settings_dict["USER"] = APP
    settings.DATABASE_DIRECT_URL = make_conninfo(direct, host=str(sockets), dbname=DATABASE)
    try:
        yield server
    finally:
        connection.settings_dict.update(before)
        settings.DATABASE_DIRECT_URL = direct
        server.stop()
        shutil.rmtree(cluster.data)
        shutil.rmtree(sockets)
        cluster.log.unlink(missing_ok=True)


@pytest.fixture
def wang(server, wang):
    return wang


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["restarts", "crashes"])
async def test_callers_go_on_when_the_database_is_back(server, dial, bank, wang, how):
    phone, other = await dial(), await dial(caller="13900139000")
    await phone.logs_in(wang)
    await other.hears("menu.language.3")
    await other.keys("3")
    await other.hears("menu.root.1")
    await bank.worker.driver.batch.flush()
    await asyncio.to_thread(server.stop, how)
    await asyncio.to_thread(server.start)
    await bank.leads_again()

    await phone.hears("system.recovered")
    await phone.hears("menu.personal.2")  # identified still
    await phone.keys("1", "1")
    await phone.hears("balance.same", tail=wang.account_tail, balance=wang.opening)
    await other.hears("system.recovered")
    await other.hears("menu.root.1")
    await bank.worker.driver.batch.flush()
    assert await bank.query(Step.objects.filter(deed="fault").count) == 0
    assert set(
        await bank.query(lambda: list(Call.objects.values_list("recovered", flat=True)))
    ) == {1}


async def test_a_question_while_the_database_is_away_is_answered_when_it_is_back(
    server, dial, bank, wang
):
    phone = await dial()
    await phone.logs_in(wang)
    await bank.worker.driver.batch.flush()
    await asyncio.to_thread(server.stop)
    await phone.keys("1", "1")
    await asyncio.to_thread(server.start)
    await bank.leads_again()
    await phone.hears("system.recovered")
    await phone.keys("1", "1")
    await phone.hears("balance.same", tail=wang.account_tail, balance=wang.opening)


@pytest.mark.parametrize("told", [False, True], ids=["before the password", "before the receipt"])
async def test_a_crash_in_a_transfer(server, dial, bank, wang, chen, told):
    phone = await dial()
    await to_the_password(phone, wang, chen)
    if told:
        await phone.keys(wang.transaction_pin + "#")
        await phone.hears("transfer.done", tail=chen.account_tail, amount=AMOUNT)
    await bank.worker.driver.batch.flush()
    await asyncio.to_thread(server.stop, signal.SIGQUIT)
    await asyncio.to_thread(server.start)
    await bank.leads_again()
    await phone.hears("system.recovered")
    order = await bank.query(Instruction.objects.get)
    if told:
        assert order.state == State.EXECUTED
        known = {"tail": chen.account_tail, "amount": AMOUNT, "receipt": order.receipt}
        await phone.hears_next("untold.transfer", **known)
    else:
        await phone.hears_next("untold.void")
    await phone.hears("menu.transfer.1")
    assert await balance(bank, wang) == wang.opening - (AMOUNT if told else 0)


async def test_who_hangs_up_while_the_database_is_away(server, dial, bank, wang, chen):
    phone = await dial()
    await to_the_password(phone, wang, chen)
    await bank.worker.driver.batch.flush()
    await asyncio.to_thread(server.stop)
    await phone.hangs_up()
    await asyncio.to_thread(server.start)
    await bank.leads_again()
    await bank.settled()
    call = await bank.query(Call.objects.get)
    assert call.ended_at
    assert call.end_estimated
    assert (await bank.query(Instruction.objects.get)).state == State.VOID


async def test_who_calls_while_the_database_is_away_hears_the_truth(server, dial, bank, wang):
    await asyncio.to_thread(server.stop)
    phone = await dial()
    await phone.phone.advance(2, wait=False)
    await phone.phone.hears("nobody.drives")
    await phone.is_hung_up()
    await asyncio.to_thread(server.start)
    await bank.leads_again()


# -- with agents -------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["restarts", "crashes"])
async def test_who_waits_and_who_talks_go_on(server, dial, bank, hire, how):
    agent = await (await bank.seat(await bank.query(hire, "林晓"))).is_ready()
    talks, waits = await dial(), await dial(caller="13900139000")
    await talk(talks, agent)
    await asks_for_a_person(waits)
    await waits.hears("agent.wait_hint")
    await bank.worker.driver.batch.flush()
    await asyncio.to_thread(server.stop, how)
    await asyncio.to_thread(server.start)
    await bank.leads_again()

    await waits.hears("system.recovered")
    await waits.hears_next("agent.next")
    assert bank.machine.switch.channels[talks.call].partner.uuid == agent.phone.call
    await agent.hangs_up()
    await talks.hears_next("goodbye")
    await agent.wraps_up()
    await agent.answers()
    await waits.phone.hears("bridged")


async def test_whose_agent_hangs_up_while_the_database_is_away_is_let_go(server, dial, bank, hire):
    """Who was through with her is not rung for her again."""
    agent = await (await bank.seat(await bank.query(hire, "林晓"))).is_ready()
    phone = await dial()
    await talk(phone, agent)
    await bank.worker.driver.batch.flush()
    await asyncio.to_thread(server.stop)
    await agent.hangs_up()
    await asyncio.to_thread(server.start)
    await bank.leads_again()
    await phone.hears("goodbye")
    await phone.is_hung_up()
    await agent.is_in("wrap_up")
