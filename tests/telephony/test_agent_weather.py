"""What is lost while an agent is rung, or talks: her browser, the caller, the worker, the lead.

Nobody loses her place, no agent stays stuck (`nothing_is_open`), and there is one record.
"""

from contextlib import nullcontext

import pytest
from django.db import connection

from routing.models import Presence, QueueEntry, Reservation
from telephony.deeds import Deed
from telephony.models import Call, CallbackRequest, Leg
from telephony.simswitch.channel import Channel
from telephony.worker import agents
from tests.telephony.talks import asks_for_a_person, deeds, talk
from tests.telephony.test_recovery import LOSSES, as_owner

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def tries_again_at_once(monkeypatch) -> None:
    """The switch's clock stands while a phone is away: real time is not to be waited for."""
    monkeypatch.setattr(agents, "RETRY_S", 0.02)


async def states_of(bank, agent) -> list[str]:
    rows = Presence.objects.filter(agent=agent.user.pk).order_by("started_at", "id")
    return await bank.query(lambda: list(rows.values_list("state", flat=True)))


# -- her browser -------------------------------------------------------------------------------


async def test_her_browser_is_closed_while_it_rings(dial, bank, lin, zhou):
    agent = await (await bank.seat(lin)).is_ready()
    other = await bank.seat(zhou)
    phone = await dial()
    await asks_for_a_person(phone)
    await agent.is_rung()
    await agent.loses_her_phone()
    await agent.is_in("paused")
    await other.is_ready()
    await other.answers()
    await phone.phone.hears("bridged")
    ends = await bank.query(
        lambda: list(Reservation.objects.order_by("pk").values_list("agent", "end"))
    )
    assert ends == [(lin.pk, "unreachable"), (zhou.pk, "")]


async def test_her_browser_is_closed_while_she_talks_and_is_back(dial, bank, lin):
    agent = await (await bank.seat(lin)).is_ready()
    phone = await dial()
    await talk(phone, agent)
    lost_at = bank.exchange.now()
    await agent.loses_her_phone()
    await phone.hears("agent.reconnecting")
    assert bank.exchange.now() - lost_at < 1
    await agent.has_her_phone()
    await agent.answers()
    await phone.phone.hears("bridged")
    assert await states_of(bank, agent) == [
        *("paused", "ready", "reserved", "ringing", "talking", "ringing", "talking")
    ]
    await agent.hangs_up()
    await phone.hears("goodbye")
    await bank.settled()
    assert await deeds(bank) == [
        *(Deed.QUEUED, Deed.ANSWERED, Deed.AGENT_LOST, Deed.ANSWERED, Deed.AGENT_LEFT)
    ]
    assert await bank.query(Call.objects.count) == 1
    assert await bank.query(QueueEntry.objects.count) == 1
    assert await bank.query(Leg.objects.filter(kind="agent").count) == 2


async def test_her_network_is_gone_for_twenty_seconds_and_another_takes_the_call(
    dial, bank, lin, zhou
):
    agent = await (await bank.seat(lin)).is_ready()
    phone = await dial()
    await talk(phone, agent)
    entered_at = (await bank.query(QueueEntry.objects.get)).entered_at
    await agent.loses_her_phone()
    await phone.hears("agent.reconnecting")
    await phone.phone.advance(20)
    await agent.is_in("paused")
    await phone.hears("agent.requeued")
    await phone.hears_next("agent.next")
    other = await (await bank.seat(zhou)).is_ready()
    await other.answers()
    await phone.phone.hears("bridged")
    entry = await bank.query(QueueEntry.objects.get)
    assert (entry.entered_at, entry.answered_by_id) == (entered_at, lin.pk)  # the first time
    ends = await bank.query(
        lambda: list(Reservation.objects.order_by("pk").values_list("agent", "end"))
    )
    assert ends == [(lin.pk, "leg_lost"), (zhou.pk, "")]
    assert Deed.REQUEUED in await deeds(bank)


async def test_who_hangs_up_while_her_agent_is_rung_again(dial, bank, lin):
    agent = await (await bank.seat(lin)).is_ready()
    phone = await dial()
    await talk(phone, agent)
    await agent.loses_her_phone()
    await phone.hears("agent.reconnecting")
    await agent.has_her_phone()
    await agent.is_rung()
    await phone.hangs_up()
    assert (await agent.notices("hangup")).what["cause"] == "ORIGINATOR_CANCEL"
    await agent.wraps_up()
    assert (await bank.query(QueueEntry.objects.get)).outcome == "answered"


# -- the caller --------------------------------------------------------------------------------


async def test_who_hangs_up_while_it_rings_leaves_no_phone_ringing(dial, bank, lin):
    agent = await (await bank.seat(lin)).is_ready()
    phone = await dial()
    await asks_for_a_person(phone)
    await agent.is_rung()
    await phone.hangs_up()
    assert (await agent.notices("hangup")).what["cause"] == "ORIGINATOR_CANCEL"
    await agent.is_in("ready")
    await bank.settled()
    entry = await bank.query(QueueEntry.objects.get)
    assert (entry.outcome, entry.answered_at) == ("abandoned", None)
    assert (await bank.query(Reservation.objects.get)).end == "caller_left"


def channels(bank, phone, agent) -> tuple[Channel, Channel]:
    """Her leg and the agent's, for what is to happen before anybody hears of anything."""
    up = bank.machine.switch.channels
    return up[phone.call], up[agent.phone.call]


def pick_up(leg: Channel) -> None:
    leg.answer()
    leg.wake()


async def test_she_hangs_up_and_the_agent_answers_in_the_same_instant(dial, bank, lin):
    agent = await (await bank.seat(lin)).is_ready()
    phone = await dial()
    await asks_for_a_person(phone)
    await agent.is_rung()
    caller, leg = channels(bank, phone, agent)
    caller.hang_up(by="phone")
    bank.machine.kick()
    pick_up(leg)
    bank.machine.kick()
    await agent.notices("hangup")
    await bank.settled()
    entry = await bank.query(QueueEntry.objects.get)
    assert (entry.outcome, entry.answered_at) == ("abandoned", None)
    assert await agent.state() == "ready"


async def test_the_agent_answers_and_she_hangs_up_in_the_same_instant(dial, bank, lin):
    agent = await (await bank.seat(lin)).is_ready()
    phone = await dial()
    await asks_for_a_person(phone)
    await agent.is_rung()
    caller, leg = channels(bank, phone, agent)
    pick_up(leg)
    caller.hang_up(by="phone")
    bank.machine.kick()
    await agent.notices("hangup")
    await bank.settled()
    entry = await bank.query(QueueEntry.objects.get)
    reservation = await bank.query(Reservation.objects.get)
    if entry.outcome == "answered":  # offered is answered or abandoned, and never both
        assert (reservation.end, await agent.state()) == ("answered", "wrap_up")
    else:
        assert (entry.outcome, entry.answered_at) == ("abandoned", None)
        assert (reservation.end, await agent.state()) == ("caller_left", "ready")


# -- the worker --------------------------------------------------------------------------------


@LOSSES
async def test_who_waits_goes_on_waiting_with_her_place(dial, bank, lin, lose):
    agent = await bank.seat(lin)
    first, second = await dial(), await dial(caller="13900139000")
    for phone in (first, second):
        await asks_for_a_person(phone)
        await phone.hears("agent.wait_hint")
    entered = await entered_at(bank)
    await lose(first)
    for phone, place in ((first, "agent.next"), (second, "agent.ahead_1")):
        await phone.hears("system.recovered")
        await phone.hears_next(place)  # no greeting, no menu
    assert await entered_at(bank) == entered
    await agent.is_ready()
    await agent.answers()
    await first.phone.hears("bridged")


@LOSSES
async def test_who_talks_talks_on(dial, bank, lin, lose):
    agent = await (await bank.seat(lin)).is_ready()
    phone = await dial()
    await talk(phone, agent)
    await lose(phone)
    assert await agent.state() == "talking"
    assert bank.machine.switch.channels[phone.call].partner.uuid == agent.phone.call
    await agent.hangs_up()
    await phone.hears_next("goodbye")  # there was nothing to hear in between
    await phone.is_hung_up()
    await bank.settled()
    assert await agent.state() == "wrap_up"
    call = await bank.query(Call.objects.get)
    assert (call.recovered, call.outcome) == (1, Call.Outcome.AGENT)
    assert await deeds(bank) == [*(Deed.QUEUED, Deed.ANSWERED, Deed.RECOVERED, Deed.AGENT_LEFT)]


@LOSSES
async def test_a_phone_that_rings_rings_on_and_is_answered(dial, bank, lin, lose):
    agent = await (await bank.seat(lin)).is_ready()
    phone = await dial()
    await asks_for_a_person(phone)
    await agent.is_rung()
    await lose(phone)
    await agent.phone.answer()
    await agent.notices("bridged")
    await phone.phone.hears("bridged")
    assert await agent.state() == "talking"


@LOSSES
async def test_a_phone_that_rings_and_is_not_answered(dial, bank, lin, lose):
    agent = await (await bank.seat(lin)).is_ready()
    phone = await dial()
    await asks_for_a_person(phone)
    await agent.is_rung()
    await lose(phone)
    await phone.hears("agent.next")
    await phone.phone.advance(16)
    await agent.is_in("paused")
    assert (await bank.query(Reservation.objects.get)).end == "timed_out"


async def test_an_offer_that_nobody_rang_is_rung_by_who_leads_next(dial, bank, lin):
    agent = await (await bank.seat(lin)).is_ready()
    phone = await dial()
    await phone.phone.withhold("originate")
    await asks_for_a_person(phone)
    await agent.is_in("ringing")
    await bank.stop_work()
    await phone.phone.release()
    await bank.work()
    await agent.answers()
    await phone.phone.hears("bridged")


async def test_an_answer_while_nobody_led_is_joined_by_who_leads_next(dial, bank, lin):
    agent = await (await bank.seat(lin)).is_ready()
    phone = await dial()
    await asks_for_a_person(phone)
    await agent.is_rung()
    await bank.stop_work()
    await agent.phone.answer()
    await bank.work()
    await agent.notices("bridged")
    await phone.phone.hears("bridged")


async def test_who_hung_up_on_her_agent_while_nobody_led(dial, bank, lin):
    agent = await (await bank.seat(lin)).is_ready()
    phone = await dial()
    await talk(phone, agent)
    await bank.stop_work()
    await phone.hangs_up()
    await agent.notices("hangup")
    await bank.work()
    await agent.wraps_up()
    await bank.settled()
    call = await bank.query(Call.objects.get)
    assert call.end_estimated


async def test_who_hung_up_while_it_rang_and_nobody_led(dial, bank, lin):
    agent = await (await bank.seat(lin)).is_ready()
    phone = await dial()
    await asks_for_a_person(phone)
    await agent.is_rung()
    await bank.stop_work()
    await phone.hangs_up()
    await bank.work()
    await agent.notices("hangup")
    await agent.is_in("ready")
    assert (await bank.query(QueueEntry.objects.get)).outcome == "abandoned"


async def entered_at(bank) -> list:
    rows = QueueEntry.objects.order_by("pk").values_list("entered_at", "credited_at")
    return await bank.query(lambda: list(rows))


# -- an answer and a leaving -------------------------------------------------------------------


async def as_she_confirms_her_call_back(dial, bank, lin, *, lock: bool):
    """The agent's answer is on its way to the database when the caller's last key comes."""
    agent = await bank.seat(lin)
    phone = await dial()
    await asks_for_a_person(phone)
    await phone.hears("agent.wait_hint")
    await phone.keys("1")
    await phone.hears("agent.callback_number", number="13800136027")
    await agent.is_ready()
    await agent.is_rung()
    if not lock:
        bank.worker.driver.calls[phone.call].waiting._turn = nullcontext()
    with as_owner() as owner:
        owner.execute("SELECT 1 FROM routing_queueentry FOR UPDATE")
        await agent.phone.answer()
        await bank.query(until_waiting, 1)
        await phone.keys("1")
        await phone.phone.hears("played")
        if not lock:
            await bank.query(until_waiting, 2)
        owner.rollback()
    return phone, agent


def until_waiting(sessions: int) -> None:
    """Until so many sessions wait for the caller's row."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Lock' AND query LIKE '%%routing_queueentry%%'"
            )
            if cursor.fetchone() == (sessions,):
                return


async def test_who_is_answered_as_she_asks_for_a_call_back_talks(dial, bank, lin):
    phone, agent = await as_she_confirms_her_call_back(dial, bank, lin, lock=True)
    await agent.notices("bridged")
    await phone.phone.hears("bridged")
    assert not await bank.query(CallbackRequest.objects.exists)


async def test_without_the_lock_she_would_be_taken_from_her_agent(dial, bank, lin):
    """The control of the test above."""
    phone, agent = await as_she_confirms_her_call_back(dial, bank, lin, lock=False)
    assert (await agent.notices("hangup")).what["cause"] == "ORIGINATOR_CANCEL"
    await agent.is_in("wrap_up")
    await phone.hangs_up()
