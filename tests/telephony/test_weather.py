"""Bad weather around a call: no worker, another switch, midnight, and bytes that are no frames."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from banking.models import Instruction, Journal, TransferLimit
from banking.models.orders import Channel
from calendars.clock import SHANGHAI
from telephony.esl import AuthenticationFailed
from telephony.models import Call
from telephony.worker.work import Worker
from tests.telephony.test_recovery import to_the_password
from tests.telephony.test_transfer_call import AMOUNT, asks_for, balance, confirms

pytestmark = pytest.mark.django_db(transaction=True)


# -- nobody drives -----------------------------------------------------------------------------


async def test_with_no_worker_she_hears_the_truth_within_two_seconds(unmanned):
    phone = await unmanned.dial()
    rang = unmanned.exchange.now()
    await phone.phone.hears("nobody.drives")
    assert unmanned.exchange.now() - rang <= 2
    await phone.is_hung_up()


async def test_with_no_worker_she_may_leave_word_of_a_loss(unmanned):
    phone = await unmanned.dial()
    await phone.phone.hears("nobody.drives")
    await phone.keys("1")
    await phone.phone.hears("nobody.record")
    await phone.phone.hears("recording")
    await phone.phone.advance(20)
    await phone.hangs_up()
    (file,) = unmanned.exchange.recordings.glob("nobody/*.wav")
    assert file.stem == phone.call
    assert file.stat().st_size > 20 * 8000


async def test_a_worker_that_comes_while_she_hears_the_notice_does_not_talk_over_it(unmanned):
    phone = await unmanned.dial()
    await phone.phone.hears("nobody.drives")
    await unmanned.work()
    await phone.is_hung_up()
    await unmanned.settled()
    call = await unmanned.query(Call.objects.get)
    assert (call.outcome, call.recovered) == (Call.Outcome.DROPPED, 1)


async def test_a_call_that_waits_for_a_worker_is_taken_by_the_one_that_comes(unmanned, wang):
    phone = await unmanned.dial()
    await unmanned.work()
    await phone.logs_in(wang)
    assert (await unmanned.query(Call.objects.get)).recovered == 1


# -- another switch ----------------------------------------------------------------------------


async def test_the_switch_starts_again_and_takes_every_call_with_it(dial, bank, wang, chen):
    phone, other = await dial(), await dial(caller="13900139000")
    await to_the_password(phone, wang, chen)
    await other.hears("menu.language.1")
    await bank.worker.driver.batch.flush()
    await bank.exchange.stop()
    await bank.exchange.start(bank.exchange.now())
    await bank.leads_again()
    await bank.settled()

    calls = await bank.query(lambda: list(Call.objects.all()))
    assert [(c.end_estimated, c.end_cause, c.ended_by) for c in calls] == [
        (True, "UNKNOWN", "switch")
    ] * 2
    assert (await bank.query(Instruction.objects.get)).state == "void"
    assert await balance(bank, wang) == wang.opening
    again = await dial()
    await again.logs_in(wang)


async def test_a_hang_up_that_no_worker_heard_is_found(dial, bank, wang):
    phone = await dial()
    await phone.logs_in(wang)
    await bank.stop_work()
    await phone.hangs_up()
    await bank.work()
    await bank.settled()
    call = await bank.query(Call.objects.get)
    assert call.end_estimated
    assert call.ended_at >= call.started_at


# -- midnight ----------------------------------------------------------------------------------

LATE = datetime(2026, 11, 24, 23, 55, tzinfo=SHANGHAI)
at_night = pytest.mark.parametrize("opens_at", [LATE])


@pytest.fixture
def limited(wang) -> None:
    """王芳 may send 2,000 yuan a day by phone."""
    TransferLimit.objects.create(
        customer=wang.customer,
        channel=Channel.PHONE,
        valid_from=date(2026, 1, 1),
        single=Decimal(2000),
        daily=Decimal(2000),
    )


async def pays(phone, who, payee) -> None:
    await asks_for(phone, payee, "1500*5#")
    await confirms(phone, payee)
    await phone.hears("order.pin")
    await phone.keys(who.transaction_pin + "#")
    await phone.hears("transfer.done", tail=payee.account_tail, amount=AMOUNT)
    await phone.hears("menu.transfer.1")


@at_night
async def test_a_new_day_has_a_limit_of_its_own(dial, bank, wang, chen, limited):
    phone = await dial()
    await phone.logs_in(wang)
    await pays(phone, wang, chen)
    await phone.keys("*")
    await asks_for(phone, chen, "1500*5#")
    await phone.hears("refused.limit_daily", left=Decimal("499.50"))
    await phone.hangs_up()
    await phone.phone.advance(600)

    again = await dial()
    await again.logs_in(wang)
    await pays(again, wang, chen)
    days = await bank.query(
        lambda: list(
            Journal.objects.filter(kind="transfer")
            .order_by("id")
            .values_list("booked_on", flat=True)
        )
    )
    assert days == [date(2026, 11, 24), date(2026, 11, 25)]


@at_night
async def test_what_is_carried_out_after_midnight_counts_on_the_new_day(
    dial, bank, wang, chen, limited
):
    phone = await dial()
    await phone.logs_in(wang)
    await asks_for(phone, chen, "1500*5#")
    while bank.exchange.now() < (LATE + timedelta(minutes=4, seconds=50)).timestamp():
        await phone.hears("confirm.ask")
        await phone.keys("2")
        await phone.hears("menu.transfer.1")
        await phone.keys("*")
        await asks_for(phone, chen, "1500*5#")
    await confirms(phone, chen)
    await phone.hears("order.pin")
    left = (LATE + timedelta(minutes=5)).timestamp() - bank.exchange.now()
    await phone.phone.advance(max(0.0, left))
    await phone.keys(wang.transaction_pin + "#")
    await phone.hears("transfer.done", tail=chen.account_tail, amount=AMOUNT)
    order = await bank.query(Instruction.objects.get, state="executed")
    assert (order.drafted_at.astimezone(SHANGHAI).day, order.booked_on.day) == (24, 25)


# -- bytes that are no frames ------------------------------------------------------------------


class Meddler:
    """Stands between worker and switch, and puts in bytes of its own."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._to_worker: asyncio.StreamWriter | None = None
        self.accepted = 0

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    def say(self, data: bytes) -> None:
        """To the worker, between two frames of the switch."""
        assert self._to_worker
        self._to_worker.write(data)

    async def stop(self) -> None:
        self._server.close()
        if self._to_worker:
            self._to_worker.close()

    async def _serve(self, from_worker: asyncio.StreamReader, to_worker) -> None:
        self.accepted += 1
        from_switch, to_switch = await asyncio.open_connection("127.0.0.1", self._port)
        self._to_worker = to_worker
        await asyncio.gather(_pump(from_worker, to_switch), _pump(from_switch, to_worker))


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65536):
            sink.write(data)
    except ConnectionError:
        pass
    finally:
        sink.close()


@pytest.fixture
async def meddler(exchange, settings) -> AsyncIterator[Meddler]:
    meddler = Meddler(exchange.esl_port)
    port = await meddler.start()
    settings.FREESWITCH_URL = settings.FREESWITCH_URL.replace(str(exchange.esl_port), str(port))
    yield meddler
    await meddler.stop()


DAMAGE = {
    "no header": b"this is no frame\n\n",
    "a length that is no number": b"Content-Type: api/response\nContent-Length: many\n\n",
    "a length below zero": b"Content-Type: api/response\nContent-Length: -1\n\n",
    "a body without end": b"Content-Type: text/event-plain\nContent-Length: 99999999999\n\n",
    "a header without end": b"Content-Type: " + b"x" * 2_000_000,
    "a reply that nobody asked for": b"Content-Type: command/reply\nReply-Text: +OK\n\n",
    "two greetings": b"Content-Type: auth/request\n\n",
    "a good-bye": b"Content-Type: text/disconnect-notice\nContent-Length: 0\n\n",
    "binary": bytes(range(256)) * 20 + b"\n\n",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
async def test_damage_on_the_wire_costs_a_connection_and_no_call(meddler, dial, bank, wang, damage):
    phone = await dial()
    await phone.logs_in(wang)
    await bank.worker.driver.batch.flush()
    meddler.say(damage)
    await bank.leads_again()
    assert meddler.accepted == 2
    await phone.hears("system.recovered")
    await phone.hears("menu.personal.2")
    await phone.keys("1", "1")
    await phone.hears("balance.same", tail=wang.account_tail, balance=wang.opening)


STRANGE = {
    "an unknown type": b"Content-Type: text/future\nContent-Length: 5\n\nhello",
    "an event of no channel": b"Content-Type: text/event-plain\nContent-Length: 20\n\n"
    b"Event-Name: CUSTOM\n\n",
    "an event without a name": b"Content-Type: text/event-plain\nContent-Length: 9\n\nFoo: bar\n",
    "an answer of a channel without a uuid": b"Content-Type: text/event-plain\n"
    b"Content-Length: 27\n\nEvent-Name: CHANNEL_ANSWER\n",
    "a hang-up of a channel without a uuid": b"Content-Type: text/event-plain\n"
    b"Content-Length: 36\n\nEvent-Name: CHANNEL_HANGUP_COMPLETE\n",
    "an answer of no uuid": b"Content-Type: text/event-plain\n"
    b"Content-Length: 44\n\nEvent-Name: CHANNEL_ANSWER\nUnique-ID: nobody\n",
    "a hang-up of no uuid": b"Content-Type: text/event-plain\n"
    b"Content-Length: 53\n\nEvent-Name: CHANNEL_HANGUP_COMPLETE\nUnique-ID: nobody\n",
    "an event that is no text": b"Content-Type: text/event-plain\n"
    b"Content-Length: 4\n\n\xff\xfe\x00\x01",
}


@pytest.mark.parametrize("frame", STRANGE.values(), ids=STRANGE)
async def test_frames_that_mean_nothing_to_us_are_passed_over(meddler, dial, bank, wang, frame):
    phone = await dial()
    await phone.logs_in(wang)
    meddler.say(frame)
    await phone.keys("1", "1")
    await phone.hears("balance.same", tail=wang.account_tail, balance=wang.opening)
    assert meddler.accepted == 1
    assert not bank.lost.is_set()


async def test_a_wrong_password_for_the_switch_ends_the_worker_and_says_so(
    exchange, settings, books
):
    settings.FREESWITCH_URL = f"esl://:wrong@127.0.0.1:{exchange.esl_port}"
    with pytest.raises(AuthenticationFailed):
        await Worker("node1", drain_s=0).lead()
