"""An offer: rung once, answered or not, held, lost, over."""

from uuid import UUID, uuid4

import pytest

from routing import entries, offers, presence, rounds
from routing.errors import CallerGone, OfferOver, WrongState
from routing.models import Agent, Presence, Queue, QueueEntry, Reservation
from routing.offers import AGAIN_S
from routing.states import State
from tests.routing.conftest import NODE, after, answered, offered, waits

End = Reservation.End


@pytest.fixture
def lin(seat):
    return seat("林晓").is_ready(after(0))


def reservation(leg: UUID) -> Reservation:
    return Reservation.objects.get(leg=leg)


def test_an_offer_is_rung_once_and_by_its_own_node(lin):
    Queue.objects.filter(slug="general").update(ring_s=12)
    caller = waits(at=after(0))
    rounds.run(at=after(1))
    assert offers.to_ring("node2", at=after(1)) == []
    [offer] = offers.to_ring(NODE, at=after(1))
    assert (offer.agent_id, offer.number, offer.call_ref) == (
        lin.pk,
        lin.user.username,
        caller.call_ref,
    )
    assert (offer.caller, offer.ring_s) == ("13800136027", 12)
    assert reservation(offer.leg).expires_at == after(1 + 12 + offers.MARGIN.seconds)
    assert offers.to_ring(NODE, at=after(2)) == []


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (End.TIMED_OUT, presence.MISSED),
        (End.DECLINED, presence.MISSED),
        (End.UNREACHABLE, presence.PHONE_LOST),
    ],
)
def test_who_does_not_pick_up_is_paused_and_told_and_the_caller_has_her_place(lin, end, reason):
    caller = waits(at=after(0))
    waits(at=after(1))
    [offer] = offered(2)
    offers.refused(offer.leg, end, at=after(17))
    now = Presence.objects.get(agent=lin.pk, ended_at=None)
    assert (now.state, now.reason.slug) == (State.PAUSED, reason)
    assert reservation(offer.leg).end == end
    caller.refresh_from_db()
    assert (caller.state, caller.returned, caller.entered_at) == ("waiting", 1, after(0))
    assert entries.standing(caller.call_ref).place == 1

    offers.refused(offer.leg, end, at=after(18))  # told twice
    caller.refresh_from_db()
    assert caller.returned == 1


def test_a_missed_call_takes_the_wish_to_pause_with_it(lin):
    waits(at=after(0))
    [offer] = offered(1)
    presence.pause(lin.pk, "break", at=after(2))
    offers.refused(offer.leg, End.TIMED_OUT, at=after(16))
    lin.is_ready(after(20))
    [offer] = answered(21)
    offers.finished(offer.leg, at=after(22))
    presence.wrapped_up(lin.pk, at=after(23))
    assert lin.state == State.READY


def test_the_next_best_agent_is_rung_after_a_refusal(seat):
    seat("林晓", general=9).is_ready(after(0))
    zhou = seat("周敏", general=1).is_ready(after(0))
    waits(at=after(0))
    [offer] = offered(1)
    offers.refused(offer.leg, End.TIMED_OUT, at=after(10))
    [again] = offered(11)
    assert again.agent_id == zhou.pk
    assert reservation(again.leg).waited_s == 11


def test_the_answer_comes_too_late(lin):
    caller = waits(at=after(0))
    [offer] = offered(1)
    entries.leave(caller.call_ref, "abandoned", at=after(2))
    with pytest.raises(CallerGone):
        offers.answered(offer.leg, at=after(2))

    lin.beats(after(3))
    other = waits(at=after(3))
    [offer] = offered(4)
    offers.refused(offer.leg, End.TIMED_OUT, at=after(20))
    with pytest.raises(OfferOver):
        offers.answered(offer.leg, at=after(20))
    other.refresh_from_db()
    assert other.state == "waiting"


@pytest.mark.parametrize(
    "verb",
    [
        lambda leg: offers.answered(leg, at=after(9)),
        lambda leg: offers.refused(leg, End.DECLINED, at=after(9)),
        lambda leg: offers.leg_lost(leg, at=after(9)),
        lambda leg: offers.finished(leg, at=after(9)),
        lambda leg: offers.held(leg, at=after(9)),
        lambda leg: offers.retrieved(leg, at=after(9)),
    ],
)
def test_nobody_knows_that_leg(shipped_floor, verb):
    with pytest.raises(OfferOver):
        verb(uuid4())


def test_answered_twice_is_answered_once(lin):
    caller = waits(at=after(0))
    [offer] = offered(1)
    assert offers.answered(offer.leg, at=after(3)) == caller.call_ref
    assert offers.answered(offer.leg, at=after(4)) == caller.call_ref
    caller.refresh_from_db()
    assert caller.answered_at == reservation(offer.leg).answered_at == after(3)
    assert Presence.objects.filter(agent=lin.pk, state=State.TALKING).count() == 1


def test_only_who_talks_holds_and_only_who_holds_retrieves(lin):
    waits(at=after(0))
    [offer] = offered(1)
    for verb in (offers.held, offers.retrieved):
        with pytest.raises(WrongState):
            verb(offer.leg, at=after(2))
    offers.answered(offer.leg, at=after(3))
    with pytest.raises(WrongState):
        offers.retrieved(offer.leg, at=after(4))
    offers.held(offer.leg, at=after(5))
    with pytest.raises(WrongState):
        offers.held(offer.leg, at=after(6))
    offers.finished(offer.leg, at=after(7))  # from hold as well
    assert lin.state == State.WRAP_UP
    for verb in (offers.held, offers.retrieved):
        with pytest.raises(OfferOver):
            verb(offer.leg, at=after(8))


def test_she_hung_up_before_they_talked(lin):
    caller = waits(at=after(0))
    [offer] = offered(1)
    offers.finished(offer.leg, at=after(2))
    caller.refresh_from_db()
    assert (caller.state, caller.outcome) == ("waiting", "")
    assert (lin.state, reservation(offer.leg).end) == (State.PAUSED, End.DECLINED)


# -- a lost leg --------------------------------------------------------------------------------


@pytest.mark.parametrize("on_hold", [False, True])
def test_a_lost_agent_is_rung_again_under_another_name(lin, on_hold):
    caller = waits(at=after(0))
    [offer] = answered(1)
    if on_hold:
        offers.held(offer.leg, at=after(5))
    again = offers.leg_lost(offer.leg, at=after(10))
    assert (again.reservation_id, again.call_ref) == (offer.reservation_id, caller.call_ref)
    assert again.leg != offer.leg and again.ring_s == AGAIN_S
    assert (lin.state, offers.current(lin.pk).leg) == (State.RINGING, again.leg)
    assert offers.to_ring(NODE, at=after(10)) == []  # it is in hand already
    with pytest.raises(OfferOver):
        offers.answered(offer.leg, at=after(11))
    with pytest.raises(WrongState):
        offers.retrieved(again.leg, at=after(11))

    offers.answered(again.leg, at=after(12))
    caller.refresh_from_db()
    assert (lin.state, caller.answered_at) == (State.TALKING, after(1))
    third = offers.leg_lost(again.leg, at=after(20))
    fourth = offers.leg_lost(third.leg, at=after(21))  # while it rings
    assert lin.state == State.RINGING
    offers.answered(fourth.leg, at=after(22))
    offers.finished(fourth.leg, at=after(30))
    assert reservation(fourth.leg).end == End.ANSWERED


def test_a_lost_agent_does_not_come_back_and_another_goes_on(seat):
    lin = seat("林晓", general=9).is_ready(after(0))
    zhou = seat("周敏", general=1).is_ready(after(0))
    caller = waits(at=after(0))
    [offer] = answered(1)
    again = offers.leg_lost(offer.leg, at=after(10))
    offers.refused(again.leg, End.LEG_LOST, at=after(30))
    assert lin.state == State.PAUSED
    zhou.beats(after(30))
    waits(at=after(29))
    first, *_ = answered(31)
    assert (first.agent_id, first.call_ref) == (zhou.pk, caller.call_ref)

    offers.finished(again.leg, at=after(32))  # a late word of the lost leg ends nothing
    caller.refresh_from_db()
    assert (caller.state, zhou.state) == ("talking", State.TALKING)
    offers.finished(first.leg, at=after(90))
    caller.refresh_from_db()
    assert (caller.answered_at, caller.answered_by_id) == (after(1), lin.pk)
    assert QueueEntry.objects.filter(call_ref=caller.call_ref).count() == 1  # one record


def test_a_leg_lost_before_the_answer_is_a_refusal(lin):
    caller = waits(at=after(0))
    [offer] = offered(1)
    assert offers.leg_lost(offer.leg, at=after(3)) is None
    caller.refresh_from_db()
    assert (caller.state, lin.state) == ("waiting", State.PAUSED)
    assert offers.leg_lost(offer.leg, at=after(4)) is None


def test_a_leg_that_is_put_back_in_mid_talk_ends_in_wrap_up(lin):
    caller = waits(at=after(0))
    [offer] = answered(1)
    offers.refused(offer.leg, End.LEG_LOST, at=after(20))
    caller.refresh_from_db()
    assert (caller.state, lin.state) == ("waiting", State.WRAP_UP)


def test_an_agent_whom_an_administrator_stops_finishes_her_call(lin):
    caller = waits(at=after(0))
    [offer] = offered(1)
    Agent.objects.filter(pk=lin.pk).update(is_active=False)
    offers.answered(offer.leg, at=after(2))
    entries.leave(caller.call_ref, "abandoned", at=after(20))
    assert lin.state == State.WRAP_UP
