"""The dispatcher's pulse: a beat a second, whoever holds it."""

import pytest

from routing import pulse
from routing.models import Dispatcher
from routing.rounds import Round
from tests.routing.conftest import after

pytestmark = pytest.mark.django_db


def test_a_beat_says_who_and_what_and_is_written_once_a_second():
    assert pulse.beat("node1", Round(3, 2, 1), ms=4.25, at=after(0))
    assert not pulse.beat("node1", Round(9, 9, 9), ms=9, at=after(0.999))
    row = Dispatcher.objects.get()
    assert (row.holder, row.beat_at, float(row.round_ms)) == ("node1", after(0), 4.2)
    assert (row.waiting, row.ready, row.rounds) == (3, 2, 1)
    assert pulse.beat("node1", Round(0, 0, 0), ms=1, at=after(1), rounds=40)
    assert Dispatcher.objects.get().rounds == 41


def test_who_takes_over_is_seen_at_once():
    pulse.beat("node1", Round(0, 0, 0), ms=1, at=after(0))
    assert pulse.beat("node2", Round(0, 0, 0), ms=1, at=after(0.1))
    assert Dispatcher.objects.get().holder == "node2"


def test_a_clock_that_was_set_back_does_not_silence_it():
    pulse.beat("node1", Round(0, 0, 0), ms=1, at=after(3600))
    assert pulse.beat("node1", Round(0, 0, 0), ms=1, at=after(0))


def test_a_second_is_one_of_real_time(settings):
    settings.CLOCK_RATE = 10
    pulse.beat("node1", Round(0, 0, 0), ms=1, at=after(0))
    assert not pulse.beat("node1", Round(0, 0, 0), ms=1, at=after(9))
    assert pulse.beat("node1", Round(0, 0, 0), ms=1, at=after(10))
