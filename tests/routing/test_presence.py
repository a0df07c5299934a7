"""What an agent does about herself, and each way in which it is refused."""

from uuid import uuid4

import pytest

from people import staff
from routing import entries, offers, presence, rounds
from routing.errors import (
    InACall,
    NoAgent,
    NotSignedIn,
    PhoneAway,
    SignedInElsewhere,
    UnknownReason,
    WrongState,
)
from routing.models import Agent, PauseReason, Presence, Session
from routing.presence import GONE_S, LEASE_S
from routing.states import State
from tests.routing.conftest import after, answered, offered, waits


def reason_of(seat) -> str:
    return Presence.objects.get(agent=seat.pk, ended_at=None).reason.slug


# -- signing in and out ------------------------------------------------------------------------


def test_who_is_no_agent_signs_in_nowhere(hire):
    clerk = staff.hire(number="8001", name="何静", branch=None, roles=[])
    with pytest.raises(NoAgent):
        presence.sign_in(clerk, tab=uuid4(), at=after(0))
    with pytest.raises(NoAgent):
        presence.sign_in(hire("吴昊", is_active=False), tab=uuid4(), at=after(0))


def test_the_same_tab_goes_on_with_its_session(seat):
    lin = seat("林晓")
    again = presence.sign_in(lin.user, tab=lin.session.tab, at=after(5))
    assert again.pk == lin.session.pk
    assert Presence.objects.filter(agent=lin.pk).count() == 1


def test_another_tab_waits_until_the_first_is_gone_or_takes_over(seat):
    lin, other = seat("林晓"), uuid4()
    with pytest.raises(SignedInElsewhere):
        presence.sign_in(lin.user, tab=other, at=after(LEASE_S))
    crashed = presence.sign_in(lin.user, tab=other, at=after(LEASE_S + 1))
    assert (crashed.pk, crashed.tab) == (lin.session.pk, other)
    third = presence.take_over(lin.user, tab=uuid4(), at=after(LEASE_S + 2))
    assert third.pk == lin.session.pk
    with pytest.raises(SignedInElsewhere):
        presence.sign_in(lin.user, tab=other, at=after(LEASE_S + 3))


def test_a_call_goes_on_in_the_window_that_takes_over(seat):
    lin = seat("林晓").is_ready(after(0))
    waits(at=after(0))
    answered(1)
    presence.take_over(lin.user, tab=uuid4(), at=after(5))
    assert lin.state == State.TALKING


def test_nobody_signs_out_of_a_call_or_twice(seat):
    lin = seat("林晓").is_ready(after(0))
    caller = waits(at=after(0))
    rounds.run(at=after(1))
    with pytest.raises(InACall):
        presence.sign_out(lin.pk, at=after(1))
    entries.leave(caller.call_ref, "abandoned", at=after(2))
    presence.sign_out(lin.pk, at=after(3))
    assert lin.state == State.OFFLINE
    with pytest.raises(NotSignedIn):
        presence.sign_out(lin.pk, at=after(4))


@pytest.mark.parametrize(
    "verb",
    [
        lambda pk: presence.ready(pk, at=after(9)),
        lambda pk: presence.pause(pk, "break", at=after(9)),
        presence.stay,
        lambda pk: presence.wrapped_up(pk, at=after(9)),
    ],
)
def test_who_is_not_signed_in_can_do_nothing(seat, verb):
    lin = seat("林晓")
    presence.sign_out(lin.pk, at=after(1))
    with pytest.raises(NotSignedIn):
        verb(lin.pk)
    with pytest.raises(NoAgent):
        verb(0)


def test_nothing_is_taken_over_from_who_is_not_there(seat):
    lin = seat("林晓")
    presence.sign_out(lin.pk, at=after(1))
    with pytest.raises(NotSignedIn):
        presence.take_over(lin.user, tab=uuid4(), at=after(2))


# -- ready, paused -----------------------------------------------------------------------------


def test_ready_needs_a_phone_and_twice_is_once(seat):
    lin = seat("林晓")
    with pytest.raises(PhoneAway):
        presence.ready(lin.pk, at=after(1))
    lin.beats(after(1))
    with pytest.raises(PhoneAway):
        presence.ready(lin.pk, at=after(1 + LEASE_S + 0.001))
    presence.ready(lin.pk, at=after(1 + LEASE_S))
    presence.ready(lin.pk, at=after(1 + LEASE_S))
    assert lin.state == State.READY
    assert Presence.objects.filter(agent=lin.pk, state=State.READY).count() == 1


def test_who_takes_no_calls_any_more_finishes_but_gets_no_other(seat):
    lin = seat("林晓").is_ready(after(0))
    waits(at=after(0))
    [offer] = answered(1)
    Agent.objects.filter(pk=lin.pk).update(is_active=False)
    offers.finished(offer.leg, at=after(60))
    lin.beats(after(61))
    presence.wrapped_up(lin.pk, at=after(61))
    waits(at=after(62))
    assert rounds.run(at=after(62)).reserved == 0
    presence.pause(lin.pk, "break", at=after(63))
    with pytest.raises(NoAgent):
        presence.ready(lin.pk, at=after(64))
    assert presence.lapse(lin.pk, at=after(65))
    assert lin.state == State.OFFLINE


def test_a_pause_needs_a_reason_that_people_may_choose(seat):
    lin = seat("林晓")
    PauseReason.objects.filter(slug="meal").update(is_active=False)
    for reason in ("", "nap", "meal", presence.MISSED):
        with pytest.raises(UnknownReason):
            presence.pause(lin.pk, reason, at=after(1))
    assert presence.pause(lin.pk, "break", at=after(2))
    assert presence.pause(lin.pk, "training", at=after(3))
    assert reason_of(lin) == "training"


def test_a_pause_in_a_call_begins_when_it_is_written_up(seat):
    lin = seat("林晓").is_ready(after(0))
    waits(at=after(0))
    [offer] = answered(1)
    assert not presence.pause(lin.pk, "break", at=after(2))
    offers.finished(offer.leg, at=after(30))
    lin.beats(after(40))
    presence.wrapped_up(lin.pk, at=after(40))
    assert (lin.state, reason_of(lin)) == (State.PAUSED, "break")
    presence.ready(lin.pk, at=after(41))  # the wish is fulfilled, once
    waits(at=after(42))
    [offer] = answered(42)
    offers.finished(offer.leg, at=after(50))
    lin.beats(after(50))
    presence.wrapped_up(lin.pk, at=after(51))
    assert lin.state == State.READY


def test_a_wish_to_pause_can_be_taken_back(seat):
    lin = seat("林晓").is_ready(after(0))
    waits(at=after(0))
    [offer] = answered(1)
    presence.pause(lin.pk, "break", at=after(2))
    presence.stay(lin.pk)
    offers.finished(offer.leg, at=after(5))
    presence.wrapped_up(lin.pk, at=after(6))
    assert lin.state == State.READY


def test_a_wish_to_pause_holds_when_the_caller_left_before_the_answer(seat):
    lin = seat("林晓").is_ready(after(0))
    caller = waits(at=after(0))
    offered(1)
    presence.pause(lin.pk, "break", at=after(2))
    entries.leave(caller.call_ref, "abandoned", at=after(3))
    assert (lin.state, reason_of(lin)) == (State.PAUSED, "break")


def test_only_a_wrap_up_is_wrapped_up(seat):
    lin = seat("林晓").is_ready(after(0))
    with pytest.raises(WrongState) as refused:
        presence.wrapped_up(lin.pk, at=after(1))
    assert str(State.READY.label) in str(refused.value)


@pytest.mark.parametrize("verb", [presence.ready, presence.sign_out])
def test_a_call_is_not_ended_by_a_key(seat, verb):
    lin = seat("林晓").is_ready(after(0))
    waits(at=after(0))
    [offer] = answered(1)
    with pytest.raises(InACall):
        verb(lin.pk, at=after(2))
    offers.finished(offer.leg, at=after(3))
    with pytest.raises(InACall):
        verb(lin.pk, at=after(4))


# -- the page's lease --------------------------------------------------------------------------


def test_a_ready_agent_whose_phone_is_gone_is_paused_and_told(seat):
    lin = seat("林晓").is_ready(after(0))
    assert lin.beats(after(5), phone=False)
    assert (lin.state, reason_of(lin)) == (State.PAUSED, presence.PHONE_LOST)
    with pytest.raises(PhoneAway):
        presence.ready(lin.pk, at=after(6))


def test_a_call_outlives_the_phones_registration_and_the_page(seat):
    lin = seat("林晓").is_ready(after(0))
    waits(at=after(0))
    [offer] = answered(1)
    lin.beats(after(5), phone=False)
    assert not presence.lapse(lin.pk, at=after(60))
    assert lin.state == State.TALKING
    offers.finished(offer.leg, at=after(61))
    assert presence.lapse(lin.pk, at=after(66))  # the page was not heard of since 5
    assert lin.state == State.OFFLINE


def test_who_writes_up_without_a_phone_is_paused_then(seat):
    lin = seat("林晓").is_ready(after(0))
    waits(at=after(0))
    [offer] = answered(1)
    offers.finished(offer.leg, at=after(2))
    lin.beats(after(3), phone=False)
    presence.wrapped_up(lin.pk, at=after(4))
    assert (lin.state, reason_of(lin)) == (State.PAUSED, presence.PHONE_LOST)


def test_a_session_ends_when_its_page_is_gone_and_not_a_moment_before(seat):
    lin = seat("林晓").is_ready(after(0))
    assert not presence.lapse(lin.pk, at=after(GONE_S))
    assert lin.state == State.READY
    assert presence.lapse(lin.pk, at=after(GONE_S + 0.001))
    assert (lin.state, lin.beats(after(GONE_S + 1))) == (State.OFFLINE, False)
    assert not lin.beats(after(GONE_S + 1), phone=False)
    assert not presence.lapse(lin.pk, at=after(GONE_S + 2))
    ended = Session.objects.get(pk=lin.session.pk)
    assert (ended.ended_at, ended.phone_at) == (after(GONE_S + 0.001), None)


def test_pages_live_in_real_time_however_fast_the_bank_goes(seat, settings):
    settings.CLOCK_RATE = 10
    lin = seat("林晓").is_ready(after(0))
    assert not presence.lapse(lin.pk, at=after(10 * GONE_S))
    assert presence.lapse(lin.pk, at=after(10 * GONE_S + 0.001))


# -- intervals ---------------------------------------------------------------------------------


def test_two_changes_in_one_millisecond_stay_in_order_and_leave_no_gap(seat):
    lin = seat("林晓")
    lin.beats(after(0))
    presence.ready(lin.pk, at=after(0))
    presence.pause(lin.pk, "break", at=after(0))
    presence.ready(lin.pk, at=after(-3))  # a clock that stands behind
    rows = list(Presence.objects.filter(agent=lin.pk).order_by("started_at", "id"))
    assert [row.state for row in rows] == ["paused", "ready", "paused", "ready"]
    assert [row.ended_at for row in rows] == [after(0), after(0), after(0), None]
    assert [row.started_at for row in rows] == [after(0)] * 4
