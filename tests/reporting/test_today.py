"""What a span came to, from rows made through the services; every edge on the microsecond."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from reporting import kpi, today
from reporting.kpi import Calls, Counts, Spent
from reporting.today import Span
from routing import entries, offers, presence, rounds
from routing.models import Queue, QueueEntry
from telephony import records
from telephony.deeds import Deed
from telephony.models import Step
from telephony.records import Arrival
from tests.cast import NOON
from tests.reporting.stories import asks, gives_up, served
from tests.routing.conftest import NODE, after

TODAY = Span.day(NOON)
TICK = timedelta(microseconds=1)


def total(span=TODAY, short_s=5) -> Counts:
    return today.counts(span, short_s=short_s).total()


def test_a_caller_from_asking_to_the_end_of_the_wrap_up(seat):
    lin = seat("林晓").is_ready(after(0))
    served(lin, after(10), wait_s=8, talk_s=100, hold_s=30, wrap_up_s=20)
    assert total() == Counts(
        answered=1,
        answered_in_time=1,
        waited_s=Decimal(8),
        handled=1,
        talk_s=Decimal(100),
        hold_s=Decimal(30),
        wrap_up_s=Decimal(20),
    )
    assert kpi.aht(total()) == 150


def test_an_answer_at_exactly_the_threshold_is_in_time(seat):
    lin = seat("林晓").is_ready(after(0))
    served(lin, after(0), wait_s=20)
    assert total().answered_in_time == 1
    served(lin, after(1000), wait_s=20.000001)
    assert (total().answered, total().answered_in_time) == (2, 1)


def test_each_queue_has_its_own_threshold(seat):
    Queue.objects.filter(slug="card").update(threshold_s=10)
    lin = seat("林晓", general=5, card=5).is_ready(after(0))
    served(lin, after(0), wait_s=15)
    served(lin, after(1000), wait_s=15, queue="card")
    by_queue = today.counts(TODAY, short_s=5).by_queue()
    assert by_queue["general"].answered_in_time == 1
    assert by_queue["card"].answered_in_time == 0


def test_who_hung_up_before_the_short_limit_is_counted_and_shown_apart(shipped_floor):
    gives_up(after(0), 4.999999)
    gives_up(after(10), 5)
    gives_up(after(20), 20)
    gives_up(after(30), 20.000001)
    found = total()
    assert (found.abandoned, found.abandoned_short, found.abandoned_in_time) == (4, 1, 3)
    assert total(short_s=10).abandoned_short == 2


def test_who_still_waits_is_apart_until_it_is_over(seat):
    lin = seat("林晓").is_ready(after(0))
    entry = asks(after(1))
    assert total() == Counts(waiting=1)
    rounds.run(at=after(2))
    (offer,) = offers.to_ring(NODE, at=after(2))
    assert total() == Counts(waiting=1)  # an offer is no answer
    offers.answered(offer.leg, at=after(3))
    talking = total()
    assert (talking.waiting, talking.answered, talking.handled) == (0, 1, 0)
    entries.leave(entry.call_ref, QueueEntry.Outcome.ABANDONED, at=after(60))
    assert total().handled == 0  # not written up yet
    lin.beats(after(70))
    presence.wrapped_up(lin.pk, at=after(70))
    assert (total().handled, total().talk_s, total().wrap_up_s) == (1, 57, 10)


@pytest.mark.parametrize("hang_up_first", [True, False])
def test_hang_up_and_answer_in_the_same_moment_count_once(seat, hang_up_first):
    seat("林晓").is_ready(after(0))
    entry = asks(after(1))
    rounds.run(at=after(2))
    (offer,) = offers.to_ring(NODE, at=after(2))
    if hang_up_first:
        entries.leave(entry.call_ref, QueueEntry.Outcome.ABANDONED, at=after(4))
        with pytest.raises(offers.CallerGone):
            offers.answered(offer.leg, at=after(4))
    else:
        offers.answered(offer.leg, at=after(4))
        entries.leave(entry.call_ref, QueueEntry.Outcome.ABANDONED, at=after(4))
    found = total()
    assert (found.answered, found.abandoned) == ((0, 1) if hang_up_first else (1, 0))
    assert found.offered == 1


def test_a_call_back_and_a_caller_sent_on_are_apart(seat):
    wanted, sent = asks(after(0)), asks(after(1))
    entries.leave(wanted.call_ref, QueueEntry.Outcome.CALLBACK, at=after(30))
    entries.transfer(sent.call_ref, "card", at=after(40))
    cells = today.counts(TODAY, short_s=5)
    assert cells.by_queue() == {
        "general": Counts(callbacks=1, overflowed=1),
        "card": Counts(waiting=1),
    }
    assert cells.of(["card"]).total() == Counts(waiting=1)
    assert cells.of([]).total() == Counts()


def test_a_wish_belongs_to_the_span_in_which_it_began(shipped_floor):
    for at in (TODAY.start - TICK, TODAY.start, TODAY.end - TICK, TODAY.end):
        gives_up(at, 60)
    assert total().abandoned == 2
    assert total(Span.day(TODAY.start - TICK)).abandoned == 1
    assert total(Span.day(TODAY.end)).abandoned == 1


def test_half_hours_and_hours_begin_on_shanghai_s_clock(shipped_floor):
    for at in (NOON - TICK, NOON, NOON + timedelta(minutes=30), NOON + timedelta(minutes=59)):
        gives_up(at, 60)
    cells = today.counts(TODAY, short_s=5)
    assert {f"{h:%H:%M}": c.abandoned for h, c in cells.by_half_hour().items()} == {
        "11:30": 1,
        "12:00": 1,
        "12:30": 2,
    }
    assert {f"{h:%H:%M}": c.abandoned for h, c in cells.by_hour().items()} == {
        "11:00": 1,
        "12:00": 3,
    }


def test_the_last_half_hour_ends_with_this_moment(shipped_floor):
    for at in (NOON - TICK, NOON, after(1800), after(1800) + TICK):
        gives_up(at, 60)
    assert total(Span.last(today.HALF_HOUR, after(1800))).abandoned == 2


def test_test_calls_are_no_part_of_anything(seat):
    lin = seat("林晓").is_ready(after(0))
    served(lin, after(10), is_test=True)
    asks(after(500), is_test=True)
    assert total() == Counts()
    mine = today.mine(lin.pk, at=after(600))
    assert mine.counts == Counts()
    assert mine.spent.busy_s == 0


def test_what_agents_did_is_cut_at_the_ends_of_the_span(seat):
    lin = seat("林晓", at=after(0))  # paused until she is ready
    lin.is_ready(after(100))
    served(lin, after(200), wait_s=10, talk_s=60, hold_s=30, wrap_up_s=15)
    whole = today.spent(TODAY, at=after(400)).total()
    assert whole == Spent(
        talk_s=Decimal(60),
        hold_s=Decimal(30),
        wrap_up_s=Decimal(15),
        idle_s=Decimal(110 + 85),
        paused_s=Decimal(100),
    )
    assert whole.paid_s == 400
    part = today.spent(Span(after(50), after(220)), at=after(400)).total()
    assert part == Spent(talk_s=Decimal(10), idle_s=Decimal(110), paused_s=Decimal(50))
    assert today.spent(TODAY, at=after(400), agent_id=lin.pk).total() == whole
    assert today.spent(TODAY, at=after(400), agent_id=0).total() == Spent()


def test_a_long_state_is_spread_over_its_half_hours(seat):
    seat("林晓", at=NOON - timedelta(minutes=10))
    cells = today.spent(TODAY, at=NOON + timedelta(minutes=40)).by_half_hour()
    assert {f"{half:%H:%M}": s.paused_s for half, s in cells.items()} == {
        "11:30": 600,
        "12:00": 1800,
        "12:30": 600,
    }


def test_who_works_over_midnight_is_counted_in_both_days(seat):
    midnight = TODAY.end
    lin = seat("林晓", at=midnight - timedelta(minutes=5)).is_ready(midnight - timedelta(minutes=4))
    served(lin, midnight - timedelta(minutes=1), wait_s=0, talk_s=120, wrap_up_s=0)
    at = midnight + timedelta(minutes=1)
    assert today.spent(TODAY, at=at).total().talk_s == 60
    assert today.spent(Span.day(at), at=at).total().talk_s == 60
    assert today.mine(lin.pk, at=midnight - TICK).counts.answered == 1
    assert today.mine(lin.pk, at=at).counts.answered == 0  # she took it yesterday


def test_an_agent_s_own_numbers(seat):
    lin = seat("林晓").is_ready(after(0))
    served(lin, after(10), talk_s=100, wrap_up_s=20)
    served(lin, after(300), talk_s=200, hold_s=40, wrap_up_s=None)
    zhou = seat("周敏")
    mine = today.mine(lin.pk, at=after(600))
    assert (mine.counts.answered, mine.counts.handled) == (2, 1)
    assert kpi.aht(mine.counts) == 120
    assert kpi.mean_wrap_up(mine.counts) == 20
    assert (mine.spent.talk_s, mine.spent.hold_s) == (300, 40)
    assert today.mine(zhou.pk, at=after(600)).counts == Counts()


def test_calls_by_the_moment_at_which_they_rang(transactional_db):
    def rings(at, *deeds, is_test=False, lasts_s=30):
        arrival = Arrival(uuid4(), NODE, "961202", "13800001234", at, is_test)
        call = records.open_call(arrival, at=at)
        steps = [
            Step(call_id=call.pk, seq=seq, at=at, kind=Step.Kind.DID, deed=deed)
            for seq, deed in enumerate(deeds, start=1)
        ]
        records.write(steps, {})
        if lasts_s:
            records.close_call(
                call.uuid, cause="X", by="caller", at=at + timedelta(seconds=lasts_s)
            )

    rings(after(0), Deed.BALANCE)
    rings(after(1), Deed.BALANCE, is_test=True)
    rings(after(1800))
    rings(after(1801), lasts_s=None)
    rings(TODAY.end, Deed.BALANCE)
    cells = today.calls(TODAY)
    assert {f"{h:%H:%M}": c for h, c in cells.by_half_hour().items()} == {
        "12:00": Calls(came=1, over=1, served=1),
        "12:30": Calls(came=2, over=1, served=0),
    }
    assert kpi.ivr_share(cells.total()) == Decimal("0.5")


def test_few_queries(seat, django_assert_num_queries):
    lin = seat("林晓").is_ready(after(0))
    served(lin, after(10))
    with django_assert_num_queries(3):
        today.counts(TODAY, short_s=5)
        today.spent(TODAY, at=after(600))
        today.calls(TODAY)
    with django_assert_num_queries(3):
        today.mine(lin.pk, at=after(600))
