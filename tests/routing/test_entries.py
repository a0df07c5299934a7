"""A caller's way in, her place, and each way out."""

from datetime import time, timedelta
from uuid import uuid4

import pytest

from banking.models.customers import Vip
from calendars import hours
from routing import entries, offers, presence, rounds
from routing.entries import Door
from routing.errors import CallerGone, NoSuchQueue
from routing.models import AgentSkill, Queue, QueueEntry, Skill, WaitingCredit
from routing.states import State
from tests import cast
from tests.routing.conftest import after, answered, offered, waits

Outcome = QueueEntry.Outcome


def test_there_is_no_queue_by_that_name(shipped_floor):
    Queue.objects.filter(slug="loan").update(is_active=False)
    for slug in ("nobody", "loan"):
        with pytest.raises(NoSuchQueue):
            waits(slug)
        with pytest.raises(NoSuchQueue):
            entries.door(slug, at=after(0))


def test_open_means_within_its_hours_with_somebody_at_her_page(seat):
    assert entries.door("card", at=after(0)) == Door.UNSTAFFED
    lin = seat("林晓", card=5)
    assert entries.door("card", at=after(0)) == Door.OPEN  # paused: she is there
    assert entries.door("general", at=after(0)) == Door.UNSTAFFED  # she doesn't know it
    assert entries.door("card", at=after(presence.LEASE_S + 1)) == Door.UNSTAFFED
    hours.set_weekly("short", "短", {1: [(time(9), time(12))]})
    Queue.objects.filter(slug="card").update(hours="short")
    assert entries.door("card", at=after(-1)) == Door.OPEN
    assert entries.door("card", at=after(0)) == Door.CLOSED
    Queue.objects.filter(slug="card").update(hours="")
    presence.sign_out(lin.pk, at=after(1))
    assert entries.door("card", at=after(1)) == Door.UNSTAFFED


def test_who_waits_already_stays_where_she_is(shipped_floor):
    first = waits(at=after(0))
    again = waits("card", at=after(9), call_ref=first.call_ref)
    assert again.pk == first.pk
    assert QueueEntry.objects.count() == 1


def test_places_follow_the_credited_wait_among_all_who_want_the_same_skill(shipped_floor):
    general = Skill.objects.get(slug="general")
    Queue.objects.create(slug="branch", name="网点", name_en="Branches", skill=general)
    first, second = waits(at=after(0)), waits("branch", at=after(0))
    other = waits("card", at=after(0))
    private = waits(at=after(89), vip=Vip.PRIVATE)
    later = waits(at=after(91), vip=Vip.PRIVATE)

    def place(entry):
        return entries.standing(entry.call_ref).place

    assert [place(e) for e in (private, first, second, later)] == [1, 2, 3, 4]
    assert place(other) == 1


def test_credit_is_what_held_on_the_day(shipped_floor):
    tomorrow = after(0).date() + timedelta(days=1)
    WaitingCredit.objects.create(vip=Vip.GOLD, valid_from=tomorrow, seconds=45)
    assert entries.credit(Vip.GOLD, after(0)) == timedelta(seconds=30)
    assert entries.credit(Vip.GOLD, after(86_400)) == timedelta(seconds=45)
    assert entries.credit(Vip.GOLD, after(-86_400)) == timedelta(0)  # before any
    assert entries.credit("", after(0)) == entries.credit(Vip.ORDINARY, after(0)) == timedelta(0)


def test_the_expected_wait_goes_by_the_last_talks(seat):
    lin = seat("林晓").is_ready(after(0))
    first = waits(at=after(0))
    [offer] = answered(1)
    assert entries.standing(first.call_ref) is None  # she talks
    offers.finished(offer.leg, at=after(61))
    lin.beats(after(70))
    presence.wrapped_up(lin.pk, at=after(71))
    second, third = waits(at=after(72)), waits(at=after(73))
    assert entries.standing(second.call_ref).expected_s == 60
    assert entries.standing(third.call_ref).expected_s == 120
    assert entries.standing(uuid4()) is None


@pytest.mark.parametrize(("outcome", "counts"), [(Outcome.ABANDONED, 1), (Outcome.CALLBACK, 0)])
def test_who_leaves_before_the_answer_frees_the_agent(seat, outcome, counts):
    lin = seat("林晓").is_ready(after(0))
    caller = waits(at=after(0))
    [offer] = offered(1)
    left = entries.leave(caller.call_ref, outcome, at=after(4))
    assert (left.leg, left.was_answered) == (offer.leg, False)
    caller.refresh_from_db()
    assert (caller.outcome, caller.ended_at, caller.answered_at) == (outcome, after(4), None)
    assert lin.state == State.READY
    assert QueueEntry.objects.filter(outcome=Outcome.ABANDONED).count() == counts
    assert entries.leave(caller.call_ref, outcome, at=after(5)).leg is None  # once


def test_who_was_answered_stays_answered_whatever_comes_after(seat):
    lin = seat("林晓").is_ready(after(0))
    caller = waits(at=after(0))
    [offer] = answered(2)
    again = offers.leg_lost(offer.leg, at=after(10))
    offers.refused(again.leg, "leg_lost", at=after(30))
    assert lin.state == State.PAUSED
    left = entries.leave(caller.call_ref, Outcome.ABANDONED, at=after(40))
    assert left.was_answered
    caller.refresh_from_db()
    assert (caller.outcome, caller.answered_at) == (Outcome.ANSWERED, after(2))
    assert caller.answered_by_id == lin.pk


def test_a_hang_up_while_the_lost_agent_is_rung_ends_in_her_wrap_up(seat):
    lin = seat("林晓").is_ready(after(0))
    caller = waits(at=after(0))
    [offer] = answered(2)
    again = offers.leg_lost(offer.leg, at=after(10))
    assert entries.leave(caller.call_ref, Outcome.ABANDONED, at=after(12)).leg == again.leg
    assert lin.state == State.WRAP_UP


def test_a_short_wait_is_abandoned_too_and_can_be_told_apart(shipped_floor):
    caller = waits(at=after(0))
    entries.leave(caller.call_ref, Outcome.ABANDONED, at=after(4.999))
    caller.refresh_from_db()
    assert caller.outcome == Outcome.ABANDONED
    assert caller.ended_at - caller.entered_at == timedelta(seconds=4.999)


def test_an_agent_who_became_phoneless_meanwhile_is_not_made_ready(seat):
    lin = seat("林晓").is_ready(after(0))
    caller = waits(at=after(0))
    offered(1)
    lin.beats(after(2), phone=False)
    entries.leave(caller.call_ref, Outcome.ABANDONED, at=after(3))
    assert lin.state == State.PAUSED


# -- transfer ----------------------------------------------------------------------------------


def test_a_transfer_from_an_agent_begins_a_new_wait(seat):
    lin = seat("林晓").is_ready(after(0))
    caller = waits(at=after(0), vip=Vip.GOLD)
    answered(5)
    moved = entries.transfer(caller.call_ref, "card", at=after(60))
    caller.refresh_from_db()
    assert (caller.outcome, caller.ended_at) == (Outcome.ANSWERED, after(60))
    assert (moved.queue.slug, moved.entered_at, moved.after_id) == ("card", after(60), caller.pk)
    assert moved.credited_at == after(30)
    assert (moved.caller, moved.vip, moved.node) == (caller.caller, caller.vip, caller.node)
    assert lin.state == State.WRAP_UP


def test_who_still_waited_takes_her_waiting_along(seat):
    seat("林晓", card=5).is_ready(after(0))
    caller = waits(at=after(0), vip=Vip.GOLD)
    waits("card", at=after(-10))
    moved = entries.transfer(caller.call_ref, "card", at=after(60))
    caller.refresh_from_db()
    assert (caller.outcome, caller.answered_at) == (Outcome.OVERFLOW, None)
    assert (moved.entered_at, moved.credited_at) == (after(0), after(-30))
    assert entries.standing(caller.call_ref).place == 1


def test_nobody_is_transferred_who_is_gone_or_to_where_there_is_nothing(shipped_floor):
    with pytest.raises(CallerGone):
        entries.transfer(uuid4(), "card", at=after(1))
    caller = waits()
    with pytest.raises(NoSuchQueue):
        entries.transfer(caller.call_ref, "nobody", at=after(1))
    caller.refresh_from_db()
    assert caller.state == "waiting"


def test_a_skill_that_was_taken_away_counts_from_then_on(seat):
    lin = seat("林晓", card=5)
    AgentSkill.objects.filter(agent=lin.pk).delete()
    assert entries.door("card", at=cast.NOON) == Door.UNSTAFFED
    lin.is_ready(after(1))
    waits("card", at=after(1))
    assert rounds.run(at=after(2)).ready == 0
