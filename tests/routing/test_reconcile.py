"""Rows that disagree with the switch: found in two looks, repaired, counted and explained."""

from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError

from routing import entries, offers, presence, reconcile, rounds
from routing.differences import WRAP_UP_MOST, Caller, Does, Fix, Kind, Offered, Rows, Seat, compare
from routing.models import Agent, Presence, QueueEntry, Repair, Reservation
from routing.presence import GONE_S, LEASE_S
from routing.reconcile import BackInQueue, KillLeg
from routing.states import State
from tests.routing.conftest import NODE, after, answered, offered, waits

End = Reservation.End


@pytest.fixture
def lin(seat):
    return seat("林晓").is_ready(after(0))


class Switch:
    """What a worker would tell: who is up, and what was suspicious the last time."""

    def __init__(self) -> None:
        self.up: set[UUID] = set()
        self.legs: set[UUID] = set()
        self.suspects: frozenset[UUID] = frozenset()

    def look(self, seconds: float) -> tuple:
        found = reconcile.run(
            NODE,
            channels=self.up | self.legs,
            legs=self.legs,
            suspects=self.suspects,
            at=after(seconds),
        )
        self.suspects = found.suspects
        return found.actions


@pytest.fixture
def switch() -> Switch:
    return Switch()


def repairs() -> list[tuple[str, str, str]]:
    return [
        (r.kind, r.subject.split(":")[0], r.facts["does"]) for r in Repair.objects.order_by("pk")
    ]


# -- nothing is wrong --------------------------------------------------------------------------


def test_what_agrees_is_left_alone(lin, seat, switch):
    seat("周敏").is_ready(after(0))
    talking, waiting, ringing = (waits(at=after(n)) for n in range(3))
    switch.up = {c.call_ref for c in (talking, waiting, ringing)}
    first, second = offered(3)
    offers.answered(first.leg, at=after(4))
    switch.legs = {first.leg, second.leg}
    for n in (5, 10, 14):
        assert switch.look(n) == ()
    assert repairs() == []


def test_a_channel_that_is_being_made_is_not_killed_and_one_that_ends_not_repaired(lin, switch):
    """One look may come between a row and its channel, in either order."""
    caller = waits(at=after(0))
    [offer] = answered(1)
    switch.up = {caller.call_ref}
    assert switch.look(2) == ()  # her leg is not listed yet
    switch.legs = {offer.leg}
    assert switch.look(3) == ()
    offers.finished(offer.leg, at=after(4))
    assert switch.look(4) == ()  # her leg is not gone yet
    switch.legs = set()
    assert switch.look(5) == ()
    assert repairs() == []


# -- callers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["abandoned", "answered"])
def test_who_waits_after_her_hang_up_is_closed(lin, switch, outcome):
    caller = waits(at=after(0))
    legs = [offer.leg for offer in (answered(1) if outcome == "answered" else offered(1))]
    switch.legs = set(legs)
    assert switch.look(3) == ()
    assert switch.look(8) == (KillLeg(legs[0]),)
    caller.refresh_from_db()
    assert (caller.outcome, caller.ended_at) == (outcome, after(8))
    assert lin.state == (State.WRAP_UP if outcome == "answered" else State.READY)
    assert repairs() == [(Kind.NO_CHANNEL, "routing.queueentry", "leave")]
    [told] = Repair.objects.all()
    assert (told.at, told.subject) == (after(8), f"routing.queueentry:{caller.pk}")


def test_callers_of_another_node_are_none_of_its_business(lin, switch):
    waits(at=after(0))
    for n in (1, 2):
        looked = reconcile.run("node2", channels=(), legs=(), suspects=switch.suspects, at=after(n))
        assert looked == reconcile.Looked((), frozenset())
    assert QueueEntry.objects.get().state == "waiting"


def test_who_is_offered_to_nobody_waits_again(lin, switch):
    caller = waits(at=after(0))
    switch.up = {caller.call_ref}
    QueueEntry.objects.filter(pk=caller.pk).update(state="offered")
    assert switch.look(1) == (BackInQueue(caller.call_ref),)
    caller.refresh_from_db()
    assert (caller.state, caller.returned) == ("waiting", 1)
    assert repairs() == [(Kind.NO_LEG, "routing.queueentry", "recall")]


# -- offers ------------------------------------------------------------------------------------


def test_a_reservation_that_nobody_rang_is_no_fault_of_the_agents(lin, switch):
    caller = waits(at=after(0))
    switch.up = {caller.call_ref}
    rounds.run(at=after(1))
    limit = 1 + rounds.TO_RING.seconds
    assert switch.look(limit) == ()
    made = Reservation.objects.get()
    assert switch.look(limit + 0.1) == (KillLeg(made.leg), BackInQueue(caller.call_ref))
    made.refresh_from_db()
    caller.refresh_from_db()
    assert (made.end, caller.state, lin.state) == (End.REPAIRED, "waiting", State.READY)
    assert repairs() == [(Kind.EXPIRED, "routing.reservation", "put_back")]
    assert rounds.run(at=after(limit + 1)).reserved == 1  # and it goes on


@pytest.mark.parametrize("again", [False, True])
def test_ringing_ends_with_its_lease(lin, switch, again):
    caller = waits(at=after(0))
    switch.up = {caller.call_ref}
    [offer] = answered(1) if again else offered(1)
    ring_s = 15
    if again:
        offer = offers.leg_lost(offer.leg, at=after(1))
        ring_s = offers.AGAIN_S
    limit = 1 + ring_s + offers.MARGIN.seconds
    assert switch.look(limit - 5) == switch.look(limit) == ()
    lin.beats(after(limit))
    assert switch.look(limit + 0.1) == (KillLeg(offer.leg), BackInQueue(caller.call_ref))
    assert Reservation.objects.get().end == (End.LEG_LOST if again else End.TIMED_OUT)
    now = Presence.objects.get(agent=lin.pk, ended_at=None)
    reason = presence.PHONE_LOST if again else presence.MISSED
    assert (now.state, now.reason.slug) == (State.PAUSED, reason)


@pytest.mark.parametrize("on_hold", [False, True])
def test_a_talk_whose_leg_is_gone_gives_the_caller_her_place_back(lin, switch, on_hold):
    caller = waits(at=after(0))
    switch.up = {caller.call_ref}
    [offer] = answered(1)
    if on_hold:
        offers.held(offer.leg, at=after(2))
    assert switch.look(5) == ()
    assert switch.look(10) == (KillLeg(offer.leg), BackInQueue(caller.call_ref))
    caller.refresh_from_db()
    assert (caller.state, caller.entered_at, lin.state) == ("waiting", after(0), State.WRAP_UP)
    assert repairs() == [(Kind.NO_LEG, "routing.reservation", "put_back")]


def test_a_talk_that_never_ends_ends(lin, switch):
    caller = waits(at=after(0))
    [offer] = answered(1)
    switch.up, switch.legs = {caller.call_ref}, {offer.leg}
    limit = 1 + offers.TALK.total_seconds()
    lin.beats(after(limit))
    assert switch.look(limit) == ()
    assert switch.look(limit + 1) == (KillLeg(offer.leg),)
    caller.refresh_from_db()
    assert (caller.outcome, lin.state) == ("answered", State.WRAP_UP)


def test_a_leg_that_nobody_knows_is_killed_in_the_second_look(lin, switch):
    stray = uuid4()
    switch.legs = {stray}
    assert switch.look(1) == ()
    assert switch.look(2) == (KillLeg(stray),)
    [told] = Repair.objects.all()
    assert (told.kind, told.subject) == (Kind.STRAY_LEG, f"leg:{stray}")


# -- agents ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "becomes"), [("reserved", "ready"), ("ringing", "ready"), ("talking", "wrap_up")]
)
def test_an_agent_in_a_call_that_is_not_there_is_let_go(lin, switch, state, becomes):
    caller = waits(at=after(0))
    rounds.run(at=after(1))
    if state != "reserved":
        [offer] = offers.to_ring(NODE, at=after(1))
        if state == "talking":
            offers.answered(offer.leg, at=after(1))
    Reservation.objects.update(ended_at=after(2), end=End.REPAIRED)
    QueueEntry.objects.update(state="ended", outcome="callback", ended_at=after(2))
    assert lin.state == state
    assert switch.look(3) == ()
    assert lin.state == becomes
    assert repairs() == [(Kind.NO_LEG, "routing.agent", "release")]
    assert caller.pk == Presence.objects.get(state=state).entry_id


@pytest.mark.parametrize("state", [State.READY, State.PAUSED, State.WRAP_UP])
def test_whoever_has_no_caller_and_no_page_is_signed_out(lin, switch, state):
    if state == State.PAUSED:
        presence.pause(lin.pk, "break", at=after(0))
    if state == State.WRAP_UP:
        waits(at=after(0))
        [offer] = answered(0)
        offers.finished(offer.leg, at=after(1))
    assert lin.state == state
    if state != State.READY:  # who was is paused meanwhile
        switch.look(GONE_S)
        assert lin.state == state
    switch.look(GONE_S + 0.1)
    assert lin.state == State.OFFLINE
    assert repairs() == [(Kind.NO_PULSE, "routing.agent", "lapse")]


def test_who_was_ready_and_lost_her_page_is_paused_until_it_is_back(lin, switch):
    switch.look(LEASE_S)
    assert lin.state == State.READY
    switch.look(LEASE_S + 0.1)
    now = Presence.objects.get(agent=lin.pk, ended_at=None)
    assert (now.state, now.reason.slug) == (State.PAUSED, presence.PAGE_LOST)
    assert repairs() == [(Kind.NO_PULSE, "routing.agent", "away")]
    lin.beats(after(GONE_S - 1))
    switch.look(GONE_S + 1)
    presence.ready(lin.pk, at=after(GONE_S))


def test_who_takes_no_calls_any_more_is_signed_out(lin, switch):
    Agent.objects.update(is_active=False)
    switch.look(1)
    assert lin.state == State.OFFLINE


def test_a_wrap_up_without_end_becomes_a_pause_that_says_so(lin, switch):
    waits(at=after(0))
    [offer] = answered(0)
    offers.finished(offer.leg, at=after(0))
    limit = WRAP_UP_MOST.total_seconds()
    lin.beats(after(limit + 1))
    switch.look(limit)
    assert lin.state == State.WRAP_UP
    switch.look(limit + 1)
    now = Presence.objects.get(agent=lin.pk, ended_at=None)
    assert (now.state, now.reason.slug) == (State.PAUSED, presence.LONG_WRAP_UP)
    assert repairs() == [(Kind.EXPIRED, "routing.agent", "pause")]


# -- what came right meanwhile -----------------------------------------------------------------


def meanwhile(monkeypatch, then) -> None:
    """Let something happen between the look and the repairs."""
    look = reconcile._rows

    def rows(node, at):
        seen = look(node, at)
        then()
        return seen

    monkeypatch.setattr(reconcile, "_rows", rows)


def test_a_caller_who_left_properly_is_not_closed_again(lin, switch, monkeypatch):
    caller = waits(at=after(0))
    switch.look(1)
    meanwhile(monkeypatch, lambda: entries.leave(caller.call_ref, "callback", at=after(2)))
    assert switch.look(3) == ()
    caller.refresh_from_db()
    assert (caller.outcome, repairs()) == ("callback", [])


def test_an_offer_that_was_answered_is_not_put_back(lin, switch, monkeypatch):
    caller = waits(at=after(0))
    switch.up = {caller.call_ref}
    [offer] = offered(1)
    lin.beats(after(59))
    meanwhile(monkeypatch, lambda: offers.answered(offer.leg, at=after(60)))
    assert switch.look(60) == ()
    assert (lin.state, repairs()) == (State.TALKING, [])


def test_a_lost_leg_that_is_rung_again_is_not_put_back(lin, switch, monkeypatch):
    caller = waits(at=after(0))
    switch.up = {caller.call_ref}
    [offer] = answered(1)
    switch.look(2)
    meanwhile(monkeypatch, lambda: offers.leg_lost(offer.leg, at=after(3)))
    assert switch.look(3) == ()
    assert (lin.state, repairs()) == (State.RINGING, [])


def test_a_page_that_was_heard_of_again_stays(lin, switch, monkeypatch):
    meanwhile(monkeypatch, lambda: lin.beats(after(60)))
    switch.look(60)
    assert (lin.state, repairs()) == (State.READY, [])


def test_an_agent_whose_call_began_meanwhile_is_not_let_go(lin, switch, monkeypatch):
    """Presence is read before the reservations: a state may look as if it had none."""
    caller = waits(at=after(0))
    switch.up = {caller.call_ref}
    rounds.run(at=after(1))
    rows = reconcile._rows(NODE, after(1))
    half = Rows(rows.callers, (), rows.seats)
    monkeypatch.setattr(reconcile, "_rows", lambda node, at: half)
    assert switch.look(1) == ()
    assert (lin.state, repairs()) == (State.RESERVED, [])


def test_one_bad_row_does_not_keep_the_others_from_help(lin, seat, switch, monkeypatch, caplog):
    zhou = seat("周敏").is_ready(after(0))
    lapse = presence.lapse

    def broken(agent_id, *, at):
        if agent_id == lin.pk:
            raise IntegrityError("of the first agent")
        return lapse(agent_id, at=at)

    monkeypatch.setattr(presence, "lapse", broken)
    switch.look(61)
    assert (lin.state, zhou.state) == (State.READY, State.OFFLINE)
    assert "not repaired" in caplog.text


# -- the decision alone ------------------------------------------------------------------------


CALL, LEG = UUID(int=1), UUID(int=2)
LIN = Seat(1, State.TALKING, after(0), signed_in=True, alive=True, gone=False)
TALK = Offered(5, 9, 1, LEG, after(60), was_answered=True, state=State.TALKING)


def seen(up=(), legs=(), suspects=(), *, callers=(), offered=(), seats=(), at=30):
    rows = Rows(tuple(callers), tuple(offered), tuple(seats))
    return compare(rows, {*up, *legs}, legs, suspects, after(at))


def test_an_empty_floor_needs_nothing():
    assert seen() == ([], frozenset())


def test_each_channel_that_differs_is_suspected_first():
    talk = {"callers": [Caller(9, CALL, "talking")], "offered": [TALK], "seats": [LIN]}
    assert seen([CALL], [LEG], **talk) == ([], frozenset())
    assert seen([CALL], **talk) == ([], {LEG})
    assert seen([], [LEG], **talk) == ([], {CALL})
    stray = UUID(int=3)
    assert seen([CALL], [LEG, stray], **talk) == ([], {stray})
    fixes, suspects = seen([], [stray], [CALL, LEG, stray], **talk)
    assert fixes == [
        Fix(Kind.NO_CHANNEL, Does.LEAVE, 9),  # and her offer with her
        Fix(Kind.STRAY_LEG, Does.KILL, leg=stray),
    ]
    assert suspects == {CALL, LEG, stray}


def test_a_suspicion_does_not_outlive_the_channels_return():
    talk = {"callers": [Caller(9, CALL, "talking")], "offered": [TALK], "seats": [LIN]}
    _, suspects = seen([CALL], **talk)
    _, suspects = seen([CALL], [LEG], suspects, **talk)
    assert seen([CALL], [], suspects, **talk) == ([], {LEG})


@pytest.mark.parametrize("state", [State.PAUSED, State.OFFLINE, State.WRAP_UP, State.READY])
def test_an_offer_to_who_is_in_no_call_is_over_at_once(state):
    odd = Offered(5, 9, 1, LEG, after(60), was_answered=False, state=state)
    fixes, _ = seen([CALL], callers=[Caller(9, CALL, "offered")], offered=[odd])
    assert fixes == [Fix(Kind.EXPIRED, Does.PUT_BACK, 5, LEG, End.REPAIRED)]
