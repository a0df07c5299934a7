"""What pages read of the floor: values, the same for all, in few queries."""

from datetime import time

import pytest
from django.utils import translation

from calendars import hours
from routing import floor, offers, presence, rounds
from routing.models import Dispatcher, Queue
from routing.states import State
from tests.routing.conftest import after, answered, waits


def test_the_floor_says_what_each_agent_does(seat):
    lin, zhou, feng = seat("林晓", general=9), seat("周敏", card=5), seat("冯雪", loan=5)
    lin.is_ready(after(1))
    zhou.beats(after(1), phone=False)
    waits(at=after(2))
    answered(3)
    presence.sign_out(feng.pk, at=after(4))

    a, b, c = floor.agents(after(10))
    assert (a.agent_id, a.number, a.name) == (lin.pk, lin.user.username, "林晓")
    assert (a.state, a.since, a.queue.slug, a.limit_s) == (State.TALKING, after(3), "general", 600)
    assert (a.has_page, a.has_phone) == (True, True)
    assert (b.state, b.reason.slug, b.queue) == (State.PAUSED, "setting_up", None)
    assert (b.has_page, b.has_phone) == (True, False)
    assert (c.state, c.since, c.has_page) == (State.OFFLINE, after(4), False)
    with translation.override("zh-hans"):
        assert (str(a.queue), str(b.reason)) == ("综合", "上线准备")
    with translation.override("en"):
        assert (str(a.queue), str(b.reason)) == ("General", "Setting up")


def test_a_page_that_is_not_heard_of_is_gone_for_the_floor_as_well(seat):
    seat("林晓").is_ready(after(0))
    [at_the_lease] = floor.agents(after(presence.LEASE_S))
    [past_it] = floor.agents(after(presence.LEASE_S + 0.001))
    assert (at_the_lease.has_page, at_the_lease.has_phone) == (True, True)
    assert (past_it.has_page, past_it.has_phone) == (False, False)


def test_who_never_signed_in_is_offline_and_who_left_is_not_there(hire):
    hire("孙洁")
    hire("吴昊", is_active=False)
    [desk] = floor.agents(after(0))
    assert (desk.name, desk.state, desk.since) == ("孙洁", State.OFFLINE, None)


def test_a_pause_has_the_limit_of_its_reason(seat):
    lin = seat("林晓")
    presence.pause(lin.pk, "break", at=after(0))
    [desk] = floor.agents(after(0))
    assert desk.limit_s == 900
    presence.pause(lin.pk, "training", at=after(0))  # for as long as it lasts
    [desk] = floor.agents(after(0))
    assert desk.limit_s is None


def test_the_queues_say_who_waits_and_who_is_there(seat):
    seat("林晓", general=9, card=3).is_ready(after(0))
    seat("周敏", general=5)  # signed in, not ready
    seat("冯雪", card=5).is_ready(after(-60))  # her page is not heard of any more
    waits("card", at=after(1))
    waits("general", at=after(2))
    waits("general", at=after(3))
    answered(4)  # 林晓 takes the card
    waits("card", at=after(5))

    lines = {line.queue.slug: line for line in floor.queues(after(10.5))}
    assert list(lines) == [
        *("general", "card", "corporate", "loan", "ebank", "complaint", "english", "cantonese"),
    ]
    general, card, loan = lines["general"], lines["card"], lines["loan"]
    assert (general.waiting, general.longest_wait_s) == (2, 8)
    assert (general.ready, general.signed_in) == (0, 2)
    assert (card.waiting, card.longest_wait_s, card.ready, card.signed_in) == (1, 5, 0, 1)
    assert (loan.waiting, loan.longest_wait_s, loan.ready, loan.signed_in) == (0, 0, 0, 0)
    assert (general.threshold_s, general.target_pct) == (20, 80)


def test_who_is_offered_still_waits(seat):
    seat("林晓").is_ready(after(0))
    waits(at=after(0))
    rounds.run(at=after(1))
    [general, *_] = floor.queues(after(3))
    assert (general.waiting, general.longest_wait_s, general.ready) == (1, 3, 0)


def test_a_queue_is_open_in_its_hours_or_always(seat):
    hours.set_weekly("short", "短", {1: [(time(9), time(12))]})  # till noon on Tuesdays
    Queue.objects.filter(slug="loan").update(hours="short")
    Queue.objects.filter(slug="card").update(hours="nobody-entered-it")
    Queue.objects.filter(slug="ebank").update(hours="")
    before = {line.queue.slug: line.is_open for line in floor.queues(after(-1))}
    at_noon = {line.queue.slug: line.is_open for line in floor.queues(after(0))}
    assert before["loan"] and before["ebank"] and not before["card"]
    assert not at_noon["loan"] and at_noon["ebank"]


def test_the_pulse_is_fresh_or_it_is_none(shipped_floor):
    assert floor.pulse(after(0)) == floor.Pulse("", None, 0, 0, 0, ok=False)
    Dispatcher.objects.create(holder="node1", beat_at=after(0), round_ms=3)
    assert floor.pulse(after(5)).ok
    late = floor.pulse(after(5.5))
    assert (late.ok, late.age_s, late.holder, late.round_ms) == (False, 5.5, "node1", 3)


def test_however_many_there_are_it_takes_the_same_few_queries(seat, django_assert_num_queries):
    hours.set_weekly("day", "日", {1: [(time(9), time(18))]})
    Queue.objects.update(hours="day")
    for n in range(6):
        lin = seat(f"坐席{n}", general=5, card=n + 1).is_ready(after(0))
        waits(at=after(n))
    answered(10)
    with django_assert_num_queries(3):
        assert len(floor.agents(after(11))) == 6
    with django_assert_num_queries(4):  # one, and three of the opening hours
        floor.queues(after(11))
    with django_assert_num_queries(1):
        floor.pulse(after(11))
    with django_assert_num_queries(1):
        assert offers.current(lin.pk).state == State.TALKING


@pytest.mark.parametrize("hold_s", [0, 7])
def test_an_agents_page_is_about_the_caller_she_has(seat, hold_s):
    lin = seat("林晓").is_ready(after(0))
    assert offers.current(lin.pk) is None
    caller = waits(at=after(1))
    [offer] = answered(5)
    if hold_s:
        offers.held(offer.leg, at=after(10))
        offers.retrieved(offer.leg, at=after(10 + hold_s))
    now = offers.current(lin.pk)
    assert (now.reservation_id, now.leg) == (offer.reservation_id, offer.leg)
    assert (now.entry_id, now.call_ref) == (caller.pk, caller.call_ref)
    assert (now.queue.slug, now.caller, now.language) == ("general", "13800136027", "zh")
    assert (now.state, now.since) == (State.TALKING, after(10 + hold_s if hold_s else 5))
    assert (now.entered_at, now.answered_at, now.ended_at) == (after(1), after(5), None)
    assert (now.waited_s, now.held_s) == (4, hold_s)

    offers.finished(offer.leg, at=after(60))
    written_up = offers.current(lin.pk)
    assert (written_up.state, written_up.ended_at) == (State.WRAP_UP, after(60))
    lin.beats(after(70))
    presence.wrapped_up(lin.pk, at=after(70))
    assert offers.current(lin.pk) is None
