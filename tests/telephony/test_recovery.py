"""What is lost under a call: the switch's connection, the worker, the database session, the lead.

Whatever it is, the caller hears that there was a break, is where she was, and nothing that she
did is done twice or forgotten.
"""

from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from banking.models import Instruction, Journal
from banking.models.orders import State
from calendars import clock
from config.postgres import OWNER
from live import fences
from telephony.models import Call, Step
from telephony.worker.driver import RESUMES
from tests import cast
from tests.telephony.test_transfer_call import AMOUNT, asks_for, balance, confirms, hang_up_points

pytestmark = pytest.mark.django_db(transaction=True)


async def loses_the_switch(phone) -> None:
    """The event socket breaks a moment later, and the worker connects again."""
    await phone.bank.worker.driver.batch.flush()
    await phone.phone.drop_esl()
    await phone.bank.leads_again()


async def loses_the_worker(phone) -> None:
    """The worker is gone a moment later, and another takes over."""
    await phone.bank.worker.driver.batch.flush()
    await phone.bank.stop_work()
    await phone.bank.work()


LOSSES = pytest.mark.parametrize("lose", [loses_the_switch, loses_the_worker])


# -- where she was -----------------------------------------------------------------------------


@LOSSES
async def test_in_mid_prompt_she_goes_on_at_her_menu_and_is_still_known(dial, bank, wang, lose):
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("1")
    await phone.hears("menu.accounts.1")
    await lose(phone)
    await phone.hears("system.recovered")
    await phone.hears_next("menu.accounts.1")  # no card, no password
    await phone.keys("1")
    await phone.hears("balance.same", tail=wang.account_tail, balance=wang.opening)
    await bank.settled()
    await bank.worker.driver.batch.flush()
    call = await bank.query(Call.objects.get)
    assert call.recovered == 1
    assert await bank.query(Step.objects.filter(deed="recovered").count) == 1
    seqs = await bank.query(
        lambda: list(Step.objects.order_by("seq").values_list("seq", flat=True))
    )
    assert seqs == list(range(1, len(seqs) + 1))  # one record throughout


@LOSSES
async def test_before_she_chose_a_language_she_is_asked(dial, bank, wang, lose):
    phone = await dial()
    await phone.hears("welcome.961202")
    await lose(phone)
    await phone.hears("system.recovered")
    await phone.hears_next("menu.language.1")
    await phone.keys("3")
    heard = await phone.phone.hears("menu.root.1")
    assert all("/en/" in file for file in heard.files)


@LOSSES
async def test_a_language_that_she_chose_stays(dial, bank, wang, lose):
    phone = await dial()
    await phone.hears("menu.language.3")
    await phone.keys("3")
    await phone.hears("menu.root.1")
    await lose(phone)
    heard = await phone.phone.hears("system.recovered")
    assert all("/en/" in file for file in heard.files)
    await phone.hears("menu.root.1")


@LOSSES
async def test_before_she_said_who_she_is_she_is_asked(dial, bank, wang, lose):
    phone = await dial()
    await phone.hears("menu.language.1")
    await phone.keys("1", "1")
    await phone.hears("identify.card")
    await phone.keys(wang.pan.reveal() + "#")
    await phone.hears("identify.pin")
    await phone.keys(wang.query_pin[:3])
    await lose(phone)
    await phone.hears("system.recovered")
    await phone.hears("identify.card")
    await phone.keys(wang.pan.reveal() + "#")
    await phone.hears("identify.pin")
    await phone.keys(wang.query_pin + "#")
    await phone.hears("menu.personal.2")


async def test_wrong_passwords_are_counted_across_a_take_over(dial, bank, wang):
    phone = await dial()
    await phone.hears("menu.language.1")
    await phone.keys("1", "1", wang.pan.reveal() + "#")
    for left in (2, 1):
        await phone.hears("identify.pin")
        await phone.keys("111222#")
        await phone.hears("identify.pin_wrong", left=left)
    await loses_the_worker(phone)
    await phone.hears("identify.card")
    await phone.keys(wang.pan.reveal() + "#")
    await phone.hears("identify.pin")
    await phone.keys("111222#")
    await phone.hears("identify.hangup")
    await phone.is_hung_up()
    await bank.settled()
    assert (await bank.query(Call.objects.get)).outcome == Call.Outcome.LOCKED


async def test_a_lock_holds_across_a_take_over(dial, bank, wang, chen):
    phone = await dial()
    await phone.logs_in(wang)
    await asks_for(phone, chen, "1500*5#")
    await confirms(phone, chen)
    await phone.hears("order.pin")
    for left in (2, 1):
        await phone.keys("135790#")
        await phone.hears("order.pin_wrong", left=left)
    await loses_the_worker(phone)
    await phone.hears("untold.void")
    await asks_for(phone, chen, "1500*5#")
    await confirms(phone, chen)
    await phone.hears("order.pin")
    await phone.keys("135790#")
    await phone.hears("order.pin_locked")
    assert await balance(bank, wang) == wang.opening


async def test_who_was_identified_too_long_ago_proves_it_again(dial, bank, wang):
    phone = await dial()
    await phone.logs_in(wang)
    await bank.query(Call.objects.update, verified_until=clock.now() - timedelta(seconds=1))
    await loses_the_worker(phone)
    await phone.hears("system.recovered")
    await phone.hears("identify.expired")
    await phone.hears("identify.card")


async def test_what_she_keyed_to_a_lost_worker_is_no_choice_and_nowhere(dial, bank, wang, chen):
    phone = await dial()
    await phone.logs_in(wang)
    await asks_for(phone, chen, "1500*5#")
    await confirms(phone, chen)
    await phone.hears("order.pin")
    await bank.worker.driver.batch.flush()
    await bank.stop_work()
    await phone.keys(wang.transaction_pin + "#")  # the switch gathers it, and nobody asks
    await phone.keys("11")
    await bank.work()
    await phone.hears("system.recovered")
    await phone.hears("untold.void")
    await phone.hears("menu.transfer.1")
    (channel,) = bank.machine.switch.channels.values()
    assert wang.transaction_pin not in " ".join(channel.variables.values())


# -- money -------------------------------------------------------------------------------------


@LOSSES
@pytest.mark.parametrize(
    "point",
    [
        *("menu", "payee", "payee again", "amount"),
        *("read-back", "question", "password", "half a password"),
    ],
)
async def test_a_break_before_the_password_moves_nothing(dial, bank, wang, chen, lose, point):
    phone = await dial()
    async for reached in hang_up_points(phone, wang, chen):
        if reached == point:
            break
    await lose(phone)
    await phone.hears("system.recovered")
    if point in ("read-back", "question", "password", "half a password"):
        await phone.hears_next("untold.void")
    await phone.hears("menu.personal.2" if point == "menu" else "menu.transfer.1")
    assert await balance(bank, wang) == wang.opening
    states = await bank.query(lambda: set(Instruction.objects.values_list("state", flat=True)))
    assert states <= {State.VOID}


@LOSSES
async def test_a_break_before_the_receipt_is_told_of_it_first(dial, bank, wang, chen, lose):
    phone = await dial()
    await phone.logs_in(wang)
    await asks_for(phone, chen, "1500*5#")
    await confirms(phone, chen)
    await phone.hears("order.pin")
    await phone.keys(wang.transaction_pin + "#")
    await phone.hears("transfer.done", tail=chen.account_tail, amount=AMOUNT)
    await lose(phone)
    order = await bank.query(Instruction.objects.get)
    await phone.hears("system.recovered")
    told = {"tail": chen.account_tail, "amount": AMOUNT, "receipt": order.receipt}
    await phone.hears_next("untold.transfer", **told)
    await phone.hears("order.receipt_again", receipt=order.receipt)
    await phone.hears("menu.transfer.1")
    assert await balance(bank, wang) == wang.opening - AMOUNT
    assert (await bank.query(Instruction.objects.get)).told_at


async def to_the_password(phone, wang: cast.Person, chen: cast.Person) -> None:
    await phone.logs_in(wang)
    await asks_for(phone, chen, "1500*5#")
    await confirms(phone, chen)
    await phone.hears("order.pin")


def as_owner(*, autocommit: bool = False) -> psycopg.Connection:
    params = connection.get_connection_params()
    return psycopg.connect(
        host=params["host"], user=OWNER, dbname=params["dbname"], autocommit=autocommit
    )


# -- the lead ----------------------------------------------------------------------------------


async def test_a_deposed_worker_pays_nothing_and_says_nothing_more(dial, bank, wang, chen):
    """Another worker has taken the lead, and this one has not noticed."""
    phone = await dial()
    await to_the_password(phone, wang, chen)
    await bank.worker.driver.batch.flush()
    await bank.query(fences.take, "telephony:node1", holder="another", at=clock.now())
    await phone.keys(wang.transaction_pin + "#")
    await bank.leads_again()  # it noticed: it is the next leader, after the other
    await phone.hears_next("system.recovered")
    await phone.hears_next("untold.void")
    await phone.hears("menu.transfer.1")
    assert await balance(bank, wang) == wang.opening
    assert (await bank.query(Instruction.objects.get)).state == State.VOID


async def test_without_the_fence_the_deposed_worker_would_pay(dial, bank, wang, chen):
    """The control: that nothing was paid above is the fence's doing."""
    fenced = ("telephony_call", "telephony_leg", "telephony_step")
    fenced += ("banking_instruction", "banking_journal")
    phone = await dial()
    await to_the_password(phone, wang, chen)
    with as_owner(autocommit=True) as owner:
        for table in fenced:
            for (name,) in owner.execute(FENCES_OF, [table]).fetchall():
                owner.execute(f'ALTER TABLE {table} DISABLE TRIGGER "{name}"')
        try:
            await bank.query(fences.take, "telephony:node1", holder="another", at=clock.now())
            await phone.keys(wang.transaction_pin + "#")
            await phone.hears("transfer.done", tail=chen.account_tail, amount=AMOUNT)
        finally:
            for table in fenced:
                owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    await phone.hangs_up()
    await bank.leads_again()  # with the fence back, it can't even close the call's row
    assert await balance(bank, wang) == wang.opening - AMOUNT


FENCES_OF = "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE '%%fence%%'"


async def test_the_locks_session_is_the_lead(dial, bank, wang):
    phone = await dial()
    await phone.logs_in(wang)
    await bank.worker.driver.batch.flush()
    pid = bank.worker.driver.lead.backend_pid
    await bank.query(terminate, pid)
    await bank.leads_again()
    await phone.hears("system.recovered")
    await phone.hears("menu.personal.2")


def terminate(*pids: int) -> None:
    with connection.cursor() as cursor:
        for pid in pids:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


async def gateway_backends(bank) -> list[int]:
    """The sessions of the worker's pool."""
    opened = bank.worker.driver.gateway._opened
    return [one.connection.info.backend_pid for one in opened if one.connection]


async def test_an_idle_session_of_the_pool_that_ends_is_not_noticed(dial, bank, wang):
    phone = await dial()
    await phone.logs_in(wang)
    await bank.worker.driver.batch.flush()
    await bank.query(terminate, *await gateway_backends(bank))
    await phone.keys("1", "1")
    await phone.hears("balance.same", tail=wang.account_tail, balance=wang.opening)
    await bank.settled()
    assert (await bank.query(Call.objects.get)).recovered == 0
    assert not await bank.query(Step.objects.filter(deed="recovered").exists)


async def test_a_session_that_breaks_under_a_transfer_is_made_again(dial, bank, wang, chen):
    phone = await dial()
    await to_the_password(phone, wang, chen)
    with as_owner() as owner:
        owner.execute("LOCK TABLE banking_journal")
        await phone.keys(wang.transaction_pin + "#")
        await bank.query(until_waiting_is_terminated)
    await phone.hears("transfer.done", tail=chen.account_tail, amount=AMOUNT)
    await bank.settled()
    assert not bank.lost.is_set()
    assert await bank.query(Journal.objects.filter(kind="transfer").count) == 1


async def test_a_session_that_breaks_under_a_question_resumes_that_caller_alone(dial, bank, wang):
    other = await dial(caller="13900139000")
    await other.hears("menu.language.1")
    phone = await dial()
    await phone.logs_in(wang)
    with as_owner() as owner:
        owner.execute("LOCK TABLE banking_posting")
        await phone.keys("1", "2")
        await bank.query(until_waiting_is_terminated)
    await phone.hears("system.recovered")
    await phone.hears_next("menu.accounts.1")
    await bank.worker.driver.batch.flush()
    assert not bank.lost.is_set()
    resumed = await bank.query(lambda: list(Step.objects.filter(deed="recovered")))
    assert {step.call_id for step in resumed} == {
        (await bank.query(Call.objects.get, customer=wang.customer)).pk
    }


async def test_who_breaks_again_and_again_hears_the_notice(dial, bank, wang):
    phone = await dial()
    await phone.logs_in(wang)
    with as_owner() as owner:
        owner.execute("LOCK TABLE banking_posting, banking_instruction")
        await phone.keys("1", "2")
        for _ in range(RESUMES):
            await phone.phone.until(bank.query(until_waiting_is_terminated))
        await phone.phone.hears("nobody.drives")
    await phone.is_hung_up()
    await bank.settled()
    assert (await bank.query(Call.objects.get)).outcome == Call.Outcome.FAULT


def until_waiting_is_terminated() -> None:
    """End the session that waits for a lock, as soon as one does."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchall():
                return
