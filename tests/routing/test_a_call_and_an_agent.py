"""One caller, one agent: the narrow path through routing, and each way to leave it."""

from routing import entries, offers, presence, rounds
from routing.models import Presence, QueueEntry, Reservation
from routing.states import State
from tests.routing.conftest import NODE, after, waits


def test_she_waits_is_offered_answered_and_written_up(seat):
    lin = seat("林晓").is_ready(after(0))
    caller = waits(at=after(5))
    assert entries.standing(caller.call_ref).place == 1

    done = rounds.run(at=after(6))
    assert (done.waiting, done.ready, done.reserved) == (0, 0, 1)
    (offer,) = offers.to_ring(NODE, at=after(6))
    assert (offer.number, offer.call_ref) == (lin.user.username, caller.call_ref)
    assert lin.state == State.RINGING

    assert offers.answered(offer.leg, at=after(9)) == caller.call_ref
    assert lin.state == State.TALKING
    offers.held(offer.leg, at=after(20))
    offers.retrieved(offer.leg, at=after(30))
    offers.finished(offer.leg, at=after(69))
    assert lin.state == State.WRAP_UP
    lin.beats(after(80))
    presence.wrapped_up(lin.pk, at=after(84))
    assert lin.state == State.READY

    caller.refresh_from_db()
    assert (caller.state, caller.outcome) == (QueueEntry.State.ENDED, QueueEntry.Outcome.ANSWERED)
    assert (caller.answered_at, caller.ended_at) == (after(9), after(69))
    told = Reservation.objects.get(leg=offer.leg)
    assert (told.end, told.waited_s, told.idle_s, told.among) == ("answered", 1, 6, 1)
    spans = Presence.objects.filter(agent_id=lin.pk).order_by("started_at", "id")
    assert [(p.state, (p.ended_at - p.started_at).seconds) for p in spans if p.ended_at] == [
        ("paused", 0),
        ("ready", 6),
        ("reserved", 0),
        ("ringing", 3),
        ("talking", 11),
        ("held", 10),
        ("talking", 39),
        ("wrap_up", 15),
    ]


def test_the_expected_wait_counts_those_who_work_now_whatever_they_did_before(seat):
    seat("林晓").is_ready(after(0))  # she was paused while she set up
    seat("周敏")  # and she still is
    first, second = waits(at=after(1)), waits(at=after(2))
    assert entries.standing(first.call_ref).expected_s == 180
    assert entries.standing(second.call_ref).expected_s == 360
    seat("冯雪").is_ready(after(3))
    assert entries.standing(second.call_ref).expected_s == 180
