"""Who gave up and was not helped since: what clears a caller, and what does not."""

from datetime import timedelta
from uuid import uuid4

import pytest

from people import staff
from people.roles import Role
from reporting import lost
from reporting.today import Span
from routing import entries
from routing.entries import Wish
from routing.models import QueueEntry
from telephony import records
from telephony.deeds import Deed
from telephony.models import CallbackRequest, Step
from telephony.records import Arrival
from tests.cast import NOON
from tests.reporting.stories import asks, gives_up, served
from tests.routing.conftest import NODE, after

TODAY = Span.day(NOON)


def callers() -> list[str]:
    return [gone.caller for gone in lost.callers(TODAY)]


def rings(caller: str, at, *deeds: str, is_over: bool = True):
    """A call that the IVR took."""
    call = records.open_call(Arrival(uuid4(), NODE, "961202", caller, at), at=at)
    records.write(
        [
            Step(call_id=call.pk, seq=seq, at=at, kind=Step.Kind.DID, deed=deed)
            for seq, deed in enumerate(deeds, start=1)
        ],
        {},
    )
    if is_over:
        ends(call, at + timedelta(seconds=60))
    return call


def ends(call, at) -> None:
    records.close_call(call.uuid, cause="NORMAL_CLEARING", by="caller", at=at)


def rings_and_gives_up(caller: str, at, *deeds: str):
    """One call: what the IVR did, then the queue, then the hang-up."""
    call = rings(caller, at, *deeds, is_over=False)
    wish = Wish(call.uuid, NODE, caller, "zh")
    entry = entries.enter(wish, "general", at=at + timedelta(seconds=20))
    entries.leave(entry.call_ref, QueueEntry.Outcome.ABANDONED, at=at + timedelta(seconds=60))
    ends(call, at + timedelta(seconds=60))
    return call


def test_she_is_listed_when_she_hangs_up(shipped_floor):
    entry = asks(after(0), "card", caller="139")
    assert callers() == []
    entries.leave(entry.call_ref, QueueEntry.Outcome.ABANDONED, at=after(48))
    (gone,) = lost.callers(TODAY)
    assert (gone.caller, str(gone.queue), gone.waited_s, gone.times) == ("139", "信用卡", 48, 1)
    assert (gone.gone_at, gone.call_id, gone.waits_again) == (after(48), None, False)


def test_an_answer_later_clears_her(seat):
    lin = seat("林晓").is_ready(after(0))
    gives_up(after(0), 30, "card", caller="139")
    served(lin, after(100), caller="139")
    assert callers() == []


def test_an_answer_before_does_not(seat):
    lin = seat("林晓").is_ready(after(0))
    served(lin, after(0), caller="139")
    gives_up(after(300), 30, caller="139")
    assert callers() == ["139"]


def test_another_caller_s_answer_does_not(seat):
    lin = seat("林晓").is_ready(after(0))
    gives_up(after(0), 30, "card", caller="139")
    served(lin, after(100), caller="138")
    assert callers() == ["139"]


def test_a_later_call_that_the_ivr_served_clears_her(shipped_floor):
    gives_up(after(0), 30, caller="139")
    rings("139", after(60))  # dropped
    assert callers() == ["139"]
    rings("139", after(120), Deed.BALANCE)
    assert callers() == []


def test_what_the_ivr_did_before_she_asked_for_a_person_does_not(shipped_floor):
    rings_and_gives_up("139", after(0), Deed.BALANCE)
    assert callers() == ["139"]


def test_a_call_back_that_was_asked_is_told_and_one_that_was_made_clears_her(shipped_floor):
    call = rings_and_gives_up("139", after(0))
    records.request_callback(call.pk, phone="139", at=after(90))
    (gone,) = lost.callers(TODAY)
    assert (gone.is_asked, gone.call_id) == (True, call.pk)
    clerk = staff.hire(number="2001", name="何静", branch=None, roles=[Role.BACK_OFFICE])
    records.called_back(CallbackRequest.objects.get().pk, by=clerk, at=after(600))
    assert callers() == []


def test_who_waits_again_is_told(shipped_floor):
    gives_up(after(0), 30, caller="139")
    asks(after(60), caller="139")
    (gone,) = lost.callers(TODAY)
    assert gone.waits_again


def test_one_number_is_one_row_however_often(shipped_floor):
    gives_up(after(0), 30, caller="139")
    gives_up(after(100), 5, "card", caller="139")
    gives_up(after(50), 30, caller="138")
    rows = lost.callers(TODAY)
    assert [(g.caller, g.times, str(g.queue)) for g in rows] == [
        ("139", 2, "信用卡"),
        ("138", 1, "综合"),
    ]


def test_withheld_numbers_are_each_their_own_and_nobody_clears_them_but_their_call(seat):
    lin = seat("林晓").is_ready(after(0))
    gives_up(after(0), 30, "card", caller="")
    gives_up(after(10), 30, "card", caller="")
    served(lin, after(100), caller="")
    assert callers() == ["", ""]


@pytest.mark.parametrize(
    ("entered", "waits", "is_listed"),
    [
        (TODAY.start - timedelta(seconds=30), 29, False),
        (TODAY.start - timedelta(seconds=30), 30, True),
        (TODAY.end - timedelta(seconds=30), 30, False),
    ],
)
def test_a_day_is_the_day_on_which_she_hung_up(shipped_floor, entered, waits, is_listed):
    gives_up(entered, waits, caller="139")
    assert callers() == (["139"] if is_listed else [])


def test_test_calls_and_call_backs_are_no_part(shipped_floor):
    tried = asks(after(0), is_test=True, caller="139")
    wanted = asks(after(0), caller="138")
    entries.leave(tried.call_ref, QueueEntry.Outcome.ABANDONED, at=after(30))
    entries.leave(wanted.call_ref, QueueEntry.Outcome.CALLBACK, at=after(30))
    assert callers() == []


def test_the_last_ones_come_first_and_no_more_than_asked(shipped_floor):
    for number in range(5):
        gives_up(after(number * 10), 5, caller=f"13{number}")
    assert [g.caller for g in lost.callers(TODAY, most=2)] == ["134", "133"]
