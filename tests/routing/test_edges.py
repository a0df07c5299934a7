"""Exact at the edges: two transactions at once, on real PostgreSQL, in either order."""

from threading import Event
from uuid import uuid4

import pytest
from django.db import DatabaseError, OperationalError, transaction
from django.db.models import QuerySet

from people.errors import Refusal
from routing import entries, offers, presence
from routing.errors import CallerGone, OfferOver
from routing.models import Presence, QueueEntry, Reservation
from routing.states import State
from tests.banking.together import Meeting, beside, together
from tests.routing.conftest import after, answered, offered, waits

Outcome = QueueEntry.Outcome


def counted() -> dict[str, int]:
    """What a report would say: offered is answered plus abandoned, always."""
    ended = QueueEntry.objects.exclude(ended_at=None)
    figures = {
        "offered": ended.exclude(outcome__in=[Outcome.CALLBACK, Outcome.OVERFLOW]).count(),
        "answered": ended.filter(outcome=Outcome.ANSWERED).count(),
        "abandoned": ended.filter(outcome=Outcome.ABANDONED).count(),
    }
    assert figures["offered"] == figures["answered"] + figures["abandoned"]
    assert not ended.exclude(outcome=Outcome.ANSWERED).exclude(answered_at=None).exists()
    return figures


def settled() -> None:
    """Nothing transient is left of who hung up."""
    assert not Reservation.objects.filter(ended_at=None).exists()
    states = Presence.objects.filter(ended_at=None).values_list("state", flat=True)
    assert set(states) <= {State.READY, State.WRAP_UP, State.PAUSED}


# -- hang-up and answer within 50 ms -----------------------------------------------------------


def test_the_hang_up_comes_first(seat):
    seat("林晓").is_ready(after(0))
    caller = waits(at=after(0))
    [offer] = offered(1)
    left = entries.leave(caller.call_ref, "abandoned", at=after(5.02))
    with pytest.raises(CallerGone):
        offers.answered(offer.leg, at=after(5.00))  # her answer happened first and is heard later
    assert (left.leg, left.was_answered) == (offer.leg, False)
    assert counted() == {"offered": 1, "answered": 0, "abandoned": 1}
    settled()


def test_the_answer_comes_first(seat):
    lin = seat("林晓").is_ready(after(0))
    caller = waits(at=after(0))
    [offer] = offered(1)
    offers.answered(offer.leg, at=after(5.02))
    left = entries.leave(caller.call_ref, "abandoned", at=after(5.00))
    assert (left.leg, left.was_answered) == (offer.leg, True)
    caller.refresh_from_db()
    assert caller.ended_at == caller.answered_at == after(5.02)  # no talk of negative length
    assert counted() == {"offered": 1, "answered": 1, "abandoned": 0}
    assert lin.state == State.WRAP_UP
    settled()


def test_both_at_once_count_as_one_or_the_other_and_never_as_both(seat):
    lin = seat("林晓").is_ready(after(0))
    for n in range(12):
        start = n * 10
        lin.beats(after(start))
        if lin.state == State.WRAP_UP:
            presence.wrapped_up(lin.pk, at=after(start))
        caller = waits(at=after(start))
        [offer] = offered(start + 1)
        answer, left = together(
            lambda offer=offer, s=start: offers.answered(offer.leg, at=after(s + 5.02)),
            lambda caller=caller, s=start: entries.leave(
                caller.call_ref, "abandoned", at=after(s + 5.0)
            ),
        )
        assert left.leg == offer.leg
        assert left.was_answered == (answer == caller.call_ref)
        assert left.was_answered or isinstance(answer, CallerGone)
        settled()
    assert counted()["offered"] == 12


def without_locks(monkeypatch) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **kwargs: self)


@pytest.mark.parametrize("locks", [True, False])
def test_the_answer_waits_for_a_hang_up_that_is_being_written(seat, monkeypatch, locks):
    """With the locks off, the agent is put through to a caller who is gone, or an error says so."""
    seat("林晓").is_ready(after(0))
    caller = waits(at=after(0))
    [offer] = offered(1)

    def leave() -> None:
        entry = QueueEntry.objects.select_for_update().get(pk=caller.pk)
        entries.end(entry, "abandoned", at=after(5))

    if not locks:
        without_locks(monkeypatch)
    left, outcome = beside(leave, lambda: offers.answered(offer.leg, at=after(5)))
    assert left is None
    assert isinstance(outcome, CallerGone) == locks
    assert counted() == {"offered": 1, "answered": 0, "abandoned": 1}


@pytest.mark.parametrize("locks", [True, False])
def test_the_answer_waits_for_the_end_of_its_ring_that_is_being_written(seat, monkeypatch, locks):
    """With the locks off she is put through to who waits again, or an error says so."""
    lin = seat("林晓").is_ready(after(0))
    caller = waits(at=after(0))
    [offer] = offered(1)

    def give_up() -> None:
        entry, reservation = offers._lock(offer.leg)
        offers.put_back(entry, reservation, "timed_out", at=after(16))

    if not locks:
        without_locks(monkeypatch)
    gave_up, outcome = beside(give_up, lambda: offers.answered(offer.leg, at=after(16)))
    assert gave_up is None
    assert isinstance(outcome, OfferOver) == locks
    if locks:
        caller.refresh_from_db()
        assert (caller.state, caller.answered_at, lin.state) == ("waiting", None, State.PAUSED)


@pytest.mark.parametrize("locks", [True, False])
def test_a_transfer_waits_for_a_hang_up_that_is_being_written(seat, monkeypatch, locks):
    """With the locks off it goes on with a caller who is gone, and runs into what is over."""
    seat("林晓").is_ready(after(0))
    caller = waits(at=after(0))
    answered(1)

    def leave() -> None:
        entry = QueueEntry.objects.select_for_update().get(pk=caller.pk)
        entries.end(entry, "abandoned", at=after(9))

    if not locks:
        without_locks(monkeypatch)
    left, outcome = beside(leave, lambda: entries.transfer(caller.call_ref, "card", at=after(9)))
    assert left is None
    assert isinstance(outcome, CallerGone if locks else DatabaseError)
    assert counted() == {"offered": 1, "answered": 1, "abandoned": 0}


# -- others at once ----------------------------------------------------------------------------


def test_two_agents_answer_at_once(seat):
    """Each the caller whom she was offered; nobody two, no caller two agents."""
    for n in range(3):
        seat(f"坐席{n}").is_ready(after(0))
    callers = [waits(at=after(n)) for n in range(3)]
    made = offered(5)
    refs = together(*[lambda o=o: offers.answered(o.leg, at=after(6)) for o in made])
    assert sorted(refs) == sorted(c.call_ref for c in callers)
    by = QueueEntry.objects.filter(state="talking").values_list("answered_by", flat=True)
    assert len(set(by)) == 3


def test_an_answer_beside_the_end_of_its_ring(seat):
    """The switch gives up while she picks up: she has the caller, or the queue has her."""
    lin = seat("林晓").is_ready(after(0))
    caller = waits(at=after(0))
    [offer] = offered(1)
    answer, refused = together(
        lambda: offers.answered(offer.leg, at=after(16)),
        lambda: offers.refused(offer.leg, "timed_out", at=after(16)),
    )
    assert refused is None
    caller.refresh_from_db()
    if isinstance(answer, Refusal):
        assert (caller.state, lin.state) == ("waiting", State.PAUSED)
        assert caller.answered_at is None
    else:  # and the late word that the ring is over took her for lost
        assert (caller.state, lin.state) == ("waiting", State.WRAP_UP)
        assert caller.answered_at == after(16)


def test_the_same_key_twice_in_one_moment(seat):
    lin = seat("林晓")
    lin.beats(after(0))
    outcomes = together(*[lambda: presence.ready(lin.pk, at=after(1))] * 2)
    assert outcomes == [None, None]
    outcomes = together(
        lambda: presence.pause(lin.pk, "break", at=after(2)),
        lambda: presence.ready(lin.pk, at=after(2)),
    )
    assert outcomes == [True, None]
    assert Presence.objects.filter(agent=lin.pk, ended_at=None).count() == 1


def meets_after(monkeypatch, module: object, name: str) -> Meeting:
    """Two who call `name` meet when both have looked: nothing keeps the second from looking."""
    point, looks = Meeting(patience_s=10), getattr(module, name)

    def look(*args, **kwargs):
        found = looks(*args, **kwargs)
        point.wait()
        return found

    monkeypatch.setattr(module, name, look)
    return point


def test_control_without_the_agents_lock_the_second_key_runs_into_the_table(seat, monkeypatch):
    lin = seat("林晓")
    lin.beats(after(0))
    monkeypatch.setattr(presence, "LOCK", presence.LOCK.replace("FOR UPDATE", ""))
    met = meets_after(monkeypatch, presence, "_desk")
    outcomes = together(*[lambda: presence.ready(lin.pk, at=after(1))] * 2)
    assert met.met and None in outcomes
    assert any(isinstance(one, DatabaseError) for one in outcomes)
    assert Presence.objects.filter(agent=lin.pk, ended_at=None).count() == 1


def test_two_tabs_sign_in_at_once(hire):
    user = hire("林晓")
    one, two = together(*[lambda: presence.sign_in(user, tab=uuid4(), at=after(0))] * 2)
    refused = [o for o in (one, two) if isinstance(o, Refusal)]
    assert len(refused) == 1
    assert user.agent.sessions.filter(ended_at=None).count() == 1


def test_control_without_the_agents_lock_only_the_index_refuses_the_second_tab(hire, monkeypatch):
    user = hire("林晓")
    monkeypatch.setattr(presence, "LOCK", presence.LOCK.replace("FOR UPDATE", ""))
    met = meets_after(monkeypatch, presence, "_open_session")
    outcomes = together(*[lambda: presence.sign_in(user, tab=uuid4(), at=after(0))] * 2)
    assert met.met
    assert sorted(type(one).__name__ for one in outcomes) == ["IntegrityError", "Session"]
    assert user.agent.sessions.filter(ended_at=None).count() == 1


@pytest.mark.parametrize("locks", [True, False])
def test_a_lapse_waits_for_a_beat_that_is_being_written(seat, monkeypatch, locks):
    """With her session's lock off, a page that was just heard of is signed out."""
    lin = seat("林晓").is_ready(after(0))
    late = after(presence.GONE_S + 1)
    beats = presence.Session.objects.filter(pk=lin.session.pk)
    if not locks:
        without_locks(monkeypatch)
    _, lapsed = beside(
        lambda: beats.update(heartbeat_at=late), lambda: presence.lapse(lin.pk, at=late)
    )
    assert lapsed != locks
    assert lin.state == (State.READY if locks else State.OFFLINE)


@pytest.mark.parametrize("in_turn", [True, False])
def test_a_beat_without_phone_takes_its_locks_as_a_sign_out_does(seat, monkeypatch, in_turn):
    """The agent's row, then her session's. Taken the other way round they deadlock."""
    lin = seat("林晓").is_ready(after(0))
    leaving, half_way = Event(), Event()
    end = presence._end

    def slowly(session, at):  # her row is locked, her session's is not yet
        leaving.set()
        half_way.wait(timeout=0.5)
        end(session, at)

    def beat() -> object:
        assert leaving.wait(timeout=10)
        if in_turn:
            return lin.beats(after(1), phone=False)
        with transaction.atomic():
            presence.Session.objects.filter(pk=lin.session.pk).update(heartbeat_at=after(1))
            half_way.set()
            presence.lock(lin.pk)
        return True

    monkeypatch.setattr(presence, "_end", slowly)
    outcomes = together(beat, lambda: presence.sign_out(lin.pk, at=after(1)))
    if in_turn:
        assert outcomes == [False, None]
    else:
        assert any(isinstance(o, OperationalError) for o in outcomes)


def test_a_transfer_beside_a_hang_up(seat):
    lin = seat("林晓").is_ready(after(0))
    caller = waits(at=after(0))
    answered(1)
    together(
        lambda: entries.transfer(caller.call_ref, "card", at=after(9)),
        lambda: entries.leave(caller.call_ref, "abandoned", at=after(9)),
    )
    entries.leave(caller.call_ref, "abandoned", at=after(10))  # where the transfer was first
    figures = counted()
    assert figures["answered"] == 1 and figures["abandoned"] <= 1
    assert lin.state == State.WRAP_UP
    settled()
