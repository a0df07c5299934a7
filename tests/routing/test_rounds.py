"""The round: who is offered whom, why, and what may change while it runs."""

from threading import Event

import pytest
from django.db import DatabaseError

from banking.models.customers import Vip
from people.errors import Refusal
from routing import entries, matching, offers, presence, rounds
from routing.models import Agent, Presence, QueueEntry, Reservation
from routing.states import State
from tests.banking.together import Meeting, beside, together
from tests.routing.conftest import NODE, after, waits


def agents_of_the_round() -> list[int]:
    return list(Reservation.objects.order_by("pk").values_list("agent_id", flat=True))


def test_the_reason_for_each_choice_is_written_down(seat):
    lin = seat("林晓", general=7).is_ready(after(0))
    seat("周敏", general=3).is_ready(after(-5))
    seat("孙洁", card=9).is_ready(after(-9))
    waits(at=after(1), vip=Vip.PRIVATE)
    assert rounds.run(at=after(3.25)) == rounds.Round(waiting=0, ready=2, reserved=1)
    why = Reservation.objects.get()
    assert (why.agent_id, why.level, why.among) == (lin.pk, 7, 2)
    assert (float(why.waited_s), why.credit_s, float(why.idle_s)) == (2.25, 90, 3.25)
    assert why.expires_at == after(3.25) + rounds.TO_RING


def test_the_longest_credited_wait_goes_first_and_the_longest_idle_takes_it(seat):
    first = seat("林晓").is_ready(after(0))
    second = seat("周敏").is_ready(after(1))
    waits(at=after(-50))
    vip = waits(at=after(9), vip=Vip.PLATINUM)
    rounds.run(at=after(10))
    assert Reservation.objects.get(entry=vip).agent_id == first.pk
    assert agents_of_the_round() == [first.pk, second.pk]


@pytest.mark.parametrize(
    "away",
    [
        lambda lin: lin.beats(after(1), phone=False),
        lambda lin: presence.pause(lin.pk, "break", at=after(1)),
        lambda lin: presence.sign_out(lin.pk, at=after(1)),
        lambda lin: Agent.objects.filter(pk=lin.pk).update(is_active=False),
    ],
)
def test_who_is_away_is_offered_nobody(seat, away):
    lin = seat("林晓").is_ready(after(0))
    waits(at=after(0))
    away(lin)
    assert rounds.run(at=after(2)) == rounds.Round(waiting=1, ready=0, reserved=0)


def test_a_ready_agent_whose_page_is_silent_is_offered_nobody(seat):
    seat("林晓").is_ready(after(0))
    waits(at=after(0))
    assert rounds.run(at=after(presence.LEASE_S + 0.001)).reserved == 0
    assert rounds.run(at=after(presence.LEASE_S)).reserved == 1


def test_one_who_takes_no_calls_does_not_stand_in_the_way_of_who_does(seat):
    best = seat("林晓", general=9).is_ready(after(0))
    other = seat("周敏", general=1).is_ready(after(1))
    Agent.objects.filter(pk=best.pk).update(is_active=False)
    waits(at=after(2))
    rounds.run(at=after(3))
    assert agents_of_the_round() == [other.pk]


def test_a_round_whose_clock_stands_before_the_agents_still_counts(seat):
    """`at` is taken before the round has its turn; who became ready meanwhile did so after it."""
    lin = seat("林晓").is_ready(after(10))
    caller = waits(at=after(11))
    assert rounds.run(at=after(9)).reserved == 1
    made = Reservation.objects.get(entry=caller)
    assert (made.made_at, made.idle_s, made.waited_s) == (after(10), 0, 0)
    now = Presence.objects.get(agent=lin.pk, ended_at=None)
    assert (now.state, now.started_at) == (State.RESERVED, after(10))
    [offer] = offers.to_ring(NODE, at=after(9))
    offers.answered(offer.leg, at=after(9))
    offers.finished(offer.leg, at=after(9))
    caller.refresh_from_db()
    assert (caller.answered_at, caller.ended_at) == (after(11), after(11))


# -- at the same time --------------------------------------------------------------------------


def at_the_match(monkeypatch, meanwhile) -> list[object]:
    """Run `meanwhile` in another thread between the round's decision and its locks."""
    decided, done, outcome = Event(), Event(), []

    def match(waiting, ready):
        found = matching.match(waiting, ready)
        decided.set()
        assert done.wait(timeout=10)
        return found

    def other() -> None:
        assert decided.wait(timeout=10)
        try:
            outcome.append(meanwhile())
        finally:
            done.set()

    monkeypatch.setattr(rounds, "match", match)
    reserved, raised = together(lambda: rounds.run(at=after(5)).reserved, other)
    assert raised is None
    return [reserved, *outcome]


MEANWHILE = {
    "she hangs up": lambda lin, entry: entries.leave(entry.call_ref, "abandoned", at=after(5)),
    "the agent pauses": lambda lin, entry: presence.pause(lin.pk, "break", at=after(5)),
    "the agent signs out": lambda lin, entry: presence.sign_out(lin.pk, at=after(5)),
    "her phone is lost": lambda lin, entry: lin.beats(after(5), phone=False),
    "her page is lost": lambda lin, entry: presence.lapse(lin.pk, at=after(61)),
}


@pytest.mark.parametrize("what", MEANWHILE)
def test_what_changes_between_decision_and_lock_is_not_reserved(seat, monkeypatch, what):
    lin = seat("林晓").is_ready(after(0))
    entry = waits(at=after(0))
    reserved, *_ = at_the_match(monkeypatch, lambda: MEANWHILE[what](lin, entry))
    assert reserved == 0
    assert not Reservation.objects.exists()
    assert not QueueEntry.objects.filter(state="offered").exists()
    assert lin.state != State.RESERVED


def a_round() -> int:
    return rounds.run(at=after(5)).reserved


def without_lock(monkeypatch, name: str) -> None:
    monkeypatch.setattr(rounds, name, getattr(rounds, name).replace("FOR UPDATE", ""))


@pytest.mark.parametrize("locks", [True, False])
def test_a_round_waits_for_a_caller_who_is_just_leaving(seat, monkeypatch, locks):
    """With its lock off it runs into what the tables refuse."""
    seat("林晓").is_ready(after(0))
    caller = waits(at=after(0))

    def leave() -> None:
        entry = QueueEntry.objects.select_for_update().get(pk=caller.pk)
        entries.end(entry, "abandoned", at=after(5))

    if not locks:
        without_lock(monkeypatch, "LOCK_CALLERS")
    left, reserved = beside(leave, a_round)
    assert left is None
    if locks:
        assert reserved == 0
    else:
        assert isinstance(reserved, DatabaseError)
    assert not Reservation.objects.exists()


@pytest.mark.parametrize("locks", [True, False])
def test_a_round_waits_for_an_agent_who_is_just_pausing(seat, monkeypatch, locks):
    """With its lock off it offers a caller to somebody who is paused."""
    lin = seat("林晓").is_ready(after(0))
    waits(at=after(0))

    def pause() -> None:
        presence.lock(lin.pk)
        presence.move(lin.pk, State.PAUSED, at=after(5), reason="break")

    if not locks:
        without_lock(monkeypatch, "LOCK_AGENTS")
    paused, reserved = beside(pause, a_round)
    assert (paused, lin.state) == (None, State.PAUSED)
    assert (reserved == 0) == locks  # else she is offered one, or the states' own guard refuses
    assert Reservation.objects.exists() == (reserved == 1)


@pytest.mark.parametrize("in_turn", [True, False])
def test_rounds_of_two_dispatchers_run_one_after_the_other(seat, monkeypatch, in_turn):
    """With the lock off both decide on the same callers: one says they wait who are offered."""
    decided = Meeting(patience_s=0.5 if in_turn else 10)

    def match(waiting, ready):
        decided.wait()
        return matching.match(waiting, ready)

    monkeypatch.setattr(rounds, "match", match)
    if not in_turn:
        monkeypatch.setattr(rounds, "ONE_AT_A_TIME", "SELECT 1")
    for n in range(4):
        seat(f"坐席{n}").is_ready(after(0))
    for n in range(3):
        waits(at=after(n))
    outcomes = together(*[lambda: rounds.run(at=after(5))] * 2)
    first, second = sorted(outcomes, key=lambda one: -one.reserved)
    assert first == rounds.Round(waiting=0, ready=1, reserved=3)
    assert decided.met != in_turn
    in_vain = rounds.Round(waiting=3, ready=4, reserved=0)
    assert second == (rounds.Round(waiting=0, ready=1, reserved=0) if in_turn else in_vain)
    assert len(set(agents_of_the_round())) == 3  # by the locks on the rows, either way


def test_a_deadlock_free_order_under_everything_at_once(seat):
    """Ring, leave, beat, sign out, lapse and round of the same agents, over and over."""
    seats = [seat(f"坐席{n}").is_ready(after(0)) for n in range(3)]
    for turn in range(6):
        start, phone = after(turn * 20 + 1), turn % 2 == 0
        callers = [waits(at=start) for _ in range(3)]
        for lin in seats:
            lin.beats(start)
            if lin.state == State.PAUSED:
                presence.ready(lin.pk, at=start)
        outcomes = together(
            lambda start=start: rounds.run(at=start),
            lambda start=start: offers.to_ring(NODE, at=start),
            *[
                lambda c=c, start=start: entries.leave(c.call_ref, "abandoned", at=start)
                for c in callers
            ],
            *[lambda s=s, start=start, phone=phone: s.beats(start, phone=phone) for s in seats],
            lambda start=start: presence.lapse(seats[0].pk, at=start),
            lambda start=start: presence.pause(seats[1].pk, "break", at=start),
        )
        unexpected = [
            o for o in outcomes if isinstance(o, Exception) and not isinstance(o, Refusal)
        ]
        assert unexpected == []
        for entry in QueueEntry.objects.filter(ended_at=None):
            entries.leave(entry.call_ref, "abandoned", at=start)
        assert not Reservation.objects.filter(ended_at=None).exists()
    assert Presence.objects.filter(ended_at=None).count() == 3
