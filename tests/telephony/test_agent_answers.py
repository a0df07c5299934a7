"""A caller asks for a person, waits, is answered, and both hang up: what each hears and records."""

from datetime import time

import pytest

from calendars import clock, hours
from routing import entries, presence
from routing.models import Queue, QueueEntry, Reservation
from telephony.deeds import Deed
from telephony.models import Call, CallbackRequest, Leg
from tests import cast
from tests.telephony.talks import asks_for_a_person, deeds, talk

pytestmark = pytest.mark.django_db(transaction=True)


# -- answered ----------------------------------------------------------------------------------


async def test_she_is_answered_and_the_agent_hangs_up(dial, bank, lin):
    agent = await (await bank.seat(lin)).is_ready()
    phone = await dial()
    await talk(phone, agent)
    assert await agent.state() == "talking"
    await agent.hangs_up()
    await phone.hears("goodbye")
    await phone.is_hung_up()
    await bank.settled()
    assert await agent.state() == "wrap_up"
    call = await bank.query(Call.objects.get)
    assert call.ended_by == Call.EndedBy.BANK
    assert call.outcome == Call.Outcome.AGENT
    assert await deeds(bank) == [Deed.QUEUED, Deed.ANSWERED, Deed.AGENT_LEFT]
    entry = await bank.query(QueueEntry.objects.get)
    assert (entry.outcome, entry.answered_by_id) == ("answered", lin.pk)
    leg = await bank.query(Leg.objects.get, kind="agent")
    assert (leg.address, leg.cause) == (lin.username, "NORMAL_CLEARING")
    assert leg.started_at <= leg.answered_at <= leg.ended_at
    assert (await bank.query(Reservation.objects.get)).end == "answered"


async def test_the_caller_hangs_up_and_the_agent_wraps_up(dial, bank, lin):
    agent = await (await bank.seat(lin)).is_ready()
    phone = await dial()
    await talk(phone, agent)
    conversation = bank.worker.driver.calls[phone.call].task
    await phone.hangs_up()
    await agent.notices("hangup")
    await agent.wraps_up()
    await bank.settled()
    assert conversation.done()  # with her hang-up: nobody waits for its last words
    assert await agent.state() == "ready"
    assert (await bank.query(QueueEntry.objects.get)).outcome == "answered"
    call = await bank.query(Call.objects.get)
    assert (call.ended_by, call.outcome) == (Call.EndedBy.CALLER, Call.Outcome.AGENT)


async def test_the_next_caller_is_answered_as_soon_as_the_first_is_written_up(dial, bank, lin):
    agent = await (await bank.seat(lin)).is_ready()
    first = await dial()
    await talk(first, agent)
    second = await dial(caller="13900139000")
    await asks_for_a_person(second)
    await first.hangs_up()
    await agent.wraps_up()
    await agent.answers()
    await second.phone.hears("bridged")


async def test_the_last_agent_signs_out_while_she_waits_and_another_comes(dial, bank, lin, zhou):
    await bank.seat(lin)
    phone = await dial()
    await asks_for_a_person(phone)
    await phone.hears("agent.next")
    await bank.query(presence.sign_out, lin.pk, at=clock.now())
    await phone.hears("agent.callback_offer")
    other = await (await bank.seat(zhou)).is_ready()
    await other.answers()
    await phone.phone.hears("bridged")
    assert (await bank.query(QueueEntry.objects.get)).returned == 0


async def test_who_answers_no_offer_and_nobody_comes_is_let_go(dial, bank, lin):
    """She can't be left with the same offer for ever: a queue has an end."""
    await bank.seat(lin)
    phone = await dial()
    await asks_for_a_person(phone)
    await phone.hears("agent.next")
    await bank.query(presence.sign_out, lin.pk, at=clock.now())
    for _ in range(3):
        await phone.hears("agent.callback_offer")
    await phone.hears("agent.unavailable")
    await phone.is_hung_up()
    await bank.settled()
    assert (await bank.query(QueueEntry.objects.get)).outcome == "abandoned"


async def test_who_speaks_english_waits_for_who_does(dial, bank, lin, zhou):
    other = await (await bank.seat(zhou)).is_ready()
    agent = await (await bank.seat(lin)).is_ready()
    phone = await dial()
    await phone.hears("menu.language.3")
    await phone.keys("3")
    await phone.hears("menu.root.1")
    await phone.keys("0")
    await agent.answers()
    assert await other.state() == "ready"


async def test_a_customers_level_is_worth_waiting_time(dial, bank, books, lin):
    agent = await bank.seat(lin)
    gold = await bank.query(cast.person, "黄金", vip="gold")
    phone = await dial()
    await phone.logs_in(gold)
    await phone.keys("0")
    await phone.hears("agent.next")
    entry = await bank.query(QueueEntry.objects.get)
    assert (entry.vip, entry.customer_id) == ("gold", gold.id)
    assert (entry.entered_at - entry.credited_at).total_seconds() == 30
    await agent.is_ready()
    await agent.answers()


@pytest.mark.parametrize("caller", ["13800136027,bankline_leg=x", "}user/1004", "0 &park()", ""])
async def test_what_a_caller_calls_herself_is_no_part_of_a_dial_string(dial, bank, lin, caller):
    agent = await (await bank.seat(lin)).is_ready()
    phone = await dial(caller=caller)
    await asks_for_a_person(phone)
    assert (await agent.is_rung()).what["caller"] == ""


# -- waiting -----------------------------------------------------------------------------------


async def test_she_hears_her_place_and_the_expected_wait_again_and_again(dial, bank, lin):
    await bank.seat(lin)  # signed in, and not ready
    first, second, third, fourth = [await dial(caller=f"1390013900{i}") for i in range(4)]
    await asks_for_a_person(first)
    await first.hears_next("agent.next")
    await first.hears("agent.wait", minutes=3)
    await asks_for_a_person(second)
    await second.hears("agent.ahead_1")
    await second.hears("agent.wait", minutes=6)
    await asks_for_a_person(third)
    await third.hears("agent.ahead_2")
    await asks_for_a_person(fourth)
    await fourth.hears("agent.ahead", ahead=3)
    await fourth.phone.hears("calm-1")
    await first.hangs_up()
    await bank.settled()
    await fourth.hears("agent.ahead_2")
    await fourth.phone.hears("calm-2")
    await fourth.hears("agent.ahead_2")


async def test_nobody_signed_in_and_she_is_offered_a_call_back_at_once(dial, bank, lin):
    phone = await dial()
    await phone.hears("menu.language.1")
    await phone.keys("1", "0")
    await phone.hears("agent.callback_offer")
    await phone.keys("11")
    await phone.hears_of("agent.callback_done")
    await phone.is_hung_up()
    assert not await bank.query(QueueEntry.objects.exists)


async def test_out_of_hours_she_is_told_so_first(dial, bank, lin):
    await bank.seat(lin)  # works late
    await bank.query(opens_in_the_morning)
    phone = await dial()
    await phone.hears("menu.language.1")
    await phone.keys("1", "0")
    await phone.hears("agent.closed")
    await phone.hears_next("agent.callback_offer")
    assert not await bank.query(QueueEntry.objects.exists)


def opens_in_the_morning() -> None:
    hours.set_weekly("mornings", "上午", {day: [(time(8), time(11))] for day in range(7)})
    Queue.objects.update(hours="mornings")


async def test_one_key_is_a_call_back_instead(dial, bank, lin):
    agent = await bank.seat(lin)
    phone = await dial()
    await asks_for_a_person(phone)
    await phone.hears("agent.wait_hint")
    await phone.keys("1")
    await phone.hears("agent.callback_number", number="13800136027")
    await phone.keys("1")
    await phone.hears_of("agent.callback_done")
    await phone.is_hung_up()
    await bank.settled()
    assert (await bank.query(QueueEntry.objects.get)).outcome == "callback"
    assert (await bank.query(CallbackRequest.objects.get)).phone == "13800136027"
    assert (await bank.query(Call.objects.get)).outcome == Call.Outcome.CALLBACK
    await agent.is_ready()
    assert await agent.state() == "ready"


async def test_who_keys_in_a_number_keeps_her_place_until_it_is_registered(dial, bank, lin):
    agent = await bank.seat(lin)
    phone = await dial()
    await asks_for_a_person(phone)
    await phone.hears("agent.wait_hint")
    await phone.keys("12")
    await phone.hears("agent.callback_enter")
    await agent.is_ready()
    await agent.answers()
    await phone.phone.hears("bridged")
    await agent.hangs_up()
    await phone.hears("goodbye")
    await bank.settled()
    assert (await bank.query(QueueEntry.objects.get)).outcome == "answered"
    assert not await bank.query(CallbackRequest.objects.exists)


async def test_star_is_back_to_the_menus(dial, bank, lin):
    await bank.seat(lin)
    phone = await dial()
    await asks_for_a_person(phone)
    await phone.hears("agent.next")
    await phone.keys("*")
    await phone.hears("menu.root.1")
    assert (await bank.query(QueueEntry.objects.get)).outcome == "abandoned"
    assert await deeds(bank) == [Deed.QUEUED, Deed.LEFT_QUEUE]


async def test_who_hangs_up_while_she_waits_abandons(dial, bank, lin):
    await bank.seat(lin)
    phone = await dial()
    await asks_for_a_person(phone)
    await phone.hears("agent.next")
    await phone.hangs_up()
    await bank.settled()
    assert (await bank.query(QueueEntry.objects.get)).outcome == "abandoned"
    assert (await bank.query(Call.objects.get)).outcome == Call.Outcome.ABANDONED


# -- not answered ------------------------------------------------------------------------------


async def test_who_does_not_pick_up_is_paused_and_the_next_is_rung(dial, bank, lin, zhou):
    agent = await (await bank.seat(lin)).is_ready()
    other = await bank.seat(zhou)
    phone = await dial()
    await asks_for_a_person(phone)
    await agent.is_rung()
    await other.is_ready()
    await phone.phone.advance(16)
    await agent.is_in("paused")
    await other.answers()
    await phone.phone.hears("bridged")
    ends = await bank.query(
        lambda: list(Reservation.objects.order_by("pk").values_list("agent", "end"))
    )
    assert ends == [(lin.pk, "timed_out"), (zhou.pk, "")]
    entry = await bank.query(QueueEntry.objects.get)
    assert (entry.returned, entry.answered_by_id) == (1, zhou.pk)


async def test_who_declines_is_paused(dial, bank, lin):
    agent = await (await bank.seat(lin)).is_ready()
    phone = await dial()
    await asks_for_a_person(phone)
    await agent.is_rung()
    await agent.phone.reject()
    await agent.is_in("paused")
    assert (await bank.query(Reservation.objects.get)).end == "declined"
    assert (
        await bank.query(entries.standing, (await bank.query(Call.objects.get)).uuid)
    ).place == 1


async def test_a_phone_that_is_not_there(dial, bank, lin):
    agent = await (await bank.seat(lin)).is_ready()
    await agent.loses_her_phone()
    phone = await dial()
    await asks_for_a_person(phone)
    await agent.is_in("paused")
    assert (await bank.query(Reservation.objects.get)).end == "unreachable"
    await phone.hears("agent.next")


async def test_two_agents_answer_at_once_and_each_has_one_caller(dial, bank, lin, zhou):
    agents = [await (await bank.seat(user)).is_ready() for user in (lin, zhou)]
    callers = [await dial(caller=number) for number in ("13900139001", "13900139002")]
    for phone in callers:
        await asks_for_a_person(phone)
    for agent in agents:
        await agent.is_rung()
    for agent in agents:
        await agent.phone.answer()
    for agent in agents:
        await agent.notices("bridged")
    for phone in callers:
        await phone.phone.hears("bridged")
    partners = {c.uuid: c.partner.uuid for c in bank.machine.switch.channels.values()}
    assert all(partners[partners[uuid]] == uuid for uuid in partners)
    assert len(partners) == 4


async def test_who_signs_out_is_not_rung(dial, bank, lin, zhou):
    agent = await (await bank.seat(lin)).is_ready()
    other = await (await bank.seat(zhou)).is_ready()
    await bank.query(presence.sign_out, lin.pk, at=clock.now())
    phone = await dial()
    await asks_for_a_person(phone)
    await other.answers()
    assert await agent.state() == "offline"
