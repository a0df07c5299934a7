"""Worked examples of every KPI, and its edges: nothing to divide by is None, never 0 %."""

from dataclasses import fields
from decimal import Decimal

import pytest

from reporting import kpi
from reporting.kpi import Calls, Counts, Ratings, ServiceLevel, Spent, Walks

# A morning: 94 of 100 answered, 80 of them in 20 s; 6 hung up, 2 within 20 s, 1 of these short.
MORNING = Counts(
    answered=94,
    answered_in_time=80,
    abandoned=6,
    abandoned_in_time=2,
    abandoned_short=1,
    callbacks=3,
    overflowed=2,
    waiting=4,
    waited_s=Decimal("1316"),
    handled=90,
    talk_s=Decimal("11700"),
    hold_s=Decimal("900"),
    wrap_up_s=Decimal("2340"),
)
SHIFT = Spent(
    talk_s=Decimal(18_000),
    hold_s=Decimal(600),
    wrap_up_s=Decimal(2_400),
    idle_s=Decimal(3_000),
    paused_s=Decimal(6_000),
)


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        (kpi.connect_rate, "0.94"),
        (kpi.abandonment, "0.06"),
        (kpi.short_abandonment, "0.01"),
        (kpi.service_level, "0.8"),  # F3 unless the bank chose another
        (kpi.asa, "14"),
        (kpi.aht, "166"),
        (kpi.mean_wrap_up, "26"),
    ],
)
def test_a_morning(figure, value):
    assert figure(MORNING) == Decimal(value)
    assert figure(Counts()) is None


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        (ServiceLevel.F1, Decimal(82) / 100),
        (ServiceLevel.F2, Decimal(80) / 94),
        (ServiceLevel.F3, Decimal(80) / 100),
        (ServiceLevel.F4, Decimal(80) / 98),
    ],
)
def test_the_four_service_levels(formula, value):
    assert kpi.service_level(MORNING, formula) == value
    assert kpi.service_level(MORNING, formula.value) == value  # as the row says it
    assert kpi.service_level(Counts(), formula) is None


def test_a_service_level_that_nobody_defined_is_a_fault():
    with pytest.raises(ValueError, match="F5"):
        kpi.service_level(MORNING, "F5")


def test_where_everybody_hung_up_in_time_the_formulas_differ():
    gone = Counts(abandoned=3, abandoned_in_time=3, abandoned_short=3)
    assert [kpi.service_level(gone, f) for f in ServiceLevel] == [1, None, 0, None]
    assert (kpi.connect_rate(gone), kpi.abandonment(gone)) == (0, 1)
    assert kpi.asa(gone) is None


def test_connect_rate_and_abandonment_make_one():
    assert kpi.connect_rate(MORNING) + kpi.abandonment(MORNING) == 1


def test_who_waits_or_was_sent_on_or_wants_a_call_back_changes_no_rate():
    apart = Counts(waiting=9, callbacks=9, overflowed=9)
    assert apart.offered == 0
    for figure in (kpi.connect_rate, kpi.abandonment, kpi.service_level, kpi.asa, kpi.aht):
        assert figure(MORNING + apart) == figure(MORNING)


def test_a_call_still_talked_is_answered_but_not_handled():
    talking = Counts(answered=1, answered_in_time=1, waited_s=Decimal(5))
    assert kpi.asa(talking) == 5
    assert kpi.aht(talking) is None


def test_occupancy_knows_no_pauses_and_utilisation_does():
    assert SHIFT.paid_s == 30_000
    assert kpi.occupancy(SHIFT) == Decimal("0.875")
    assert kpi.utilisation(SHIFT) == Decimal("0.8")
    only_paused = Spent(paused_s=Decimal(60))
    assert (kpi.occupancy(only_paused), kpi.utilisation(only_paused)) == (None, 0)
    assert (kpi.occupancy(Spent()), kpi.utilisation(Spent())) == (None, None)


def test_what_the_ivr_did_alone():
    assert kpi.ivr_share(Calls(came=12, over=10, served=7)) == Decimal("0.7")
    assert kpi.ivr_share(Calls(came=2)) is None


def test_counts_add_up():
    doubled = MORNING + MORNING
    for field in fields(Counts):
        assert getattr(doubled, field.name) == 2 * getattr(MORNING, field.name), field.name
    assert SHIFT + Spent() == SHIFT
    assert Calls(1, 2, 3) + Calls(1, 1, 1) == Calls(2, 3, 4)


@pytest.mark.parametrize(
    ("ratings", "satisfaction", "participation"),
    [
        (Ratings(asked=200, rated=120, satisfied=114), "0.95", "0.6"),
        (Ratings(asked=3, rated=3, satisfied=3), "1", "1"),
        (Ratings(asked=8, rated=2, satisfied=0), "0", "0.25"),  # two threes: nobody was satisfied
        (Ratings(asked=5), None, "0"),  # asked, and nobody answered: not 0 % satisfied
        (Ratings(), None, None),
    ],
)
def test_satisfaction_is_of_those_who_rated_and_participation_of_those_asked(
    ratings, satisfaction, participation
):
    found = kpi.satisfaction(ratings), kpi.participation(ratings)
    assert found == tuple(v if v is None else Decimal(v) for v in (satisfaction, participation))


def test_ratings_of_two_queues_are_summed_before_they_are_divided():
    both = Ratings(asked=10, rated=10, satisfied=10) + Ratings(asked=90, rated=30, satisfied=20)
    assert kpi.satisfaction(both) == Decimal("0.75")
    assert kpi.participation(both) == Decimal("0.4")


# A menu of an hour: 50 came, 2 of them are still there; 6 hung up, 4 misdialled.
MENU = Walks(entered=50, over=48, hung_up=6, misdialled=4, asked=10, served=30)


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        (kpi.drop_rate, "0.125"),  # 6 of 48: who is still there may yet hang up
        (kpi.misdial_rate, "0.08"),
        (kpi.person_rate, "0.2"),
        (kpi.containment, "0.625"),
    ],
)
def test_how_callers_fare_in_a_menu(figure, value):
    assert figure(MENU) == Decimal(value)
    assert figure(Walks()) is None


def test_nothing_is_dropped_or_contained_while_everybody_is_there():
    arriving = Walks(entered=3, misdialled=1)
    assert (kpi.drop_rate(arriving), kpi.containment(arriving)) == (None, None)
    assert kpi.misdial_rate(arriving) == Decimal(1) / 3


def test_what_share_of_a_menu_chose_a_service():
    assert kpi.choice_rate(Walks(entered=20), MENU) == Decimal("0.4")
    assert kpi.choice_rate(Walks(entered=60), MENU) == 1  # ten came by another menu
    assert kpi.choice_rate(MENU, Walks()) is None
