"""Bounds by date, and how a value stands to them, on both sides of every edge."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError

from calendars import clock
from people import staff
from people.roles import Role
from reporting import shipped, targets
from reporting.kpi import Kpi, ServiceLevel
from reporting.models import CountingRule, Target
from reporting.targets import Goal, Verdict
from tests.cast import NOON

TODAY = NOON.date()


@pytest.fixture
def at_first(db):
    """What a new bank starts with."""
    shipped.install(at=NOON)
    return targets.on(TODAY)


@pytest.mark.parametrize(
    ("kpi", "value", "verdict"),
    [
        (Kpi.SERVICE_LEVEL, "0.80", Verdict.MET),
        (Kpi.SERVICE_LEVEL, "0.7999", Verdict.NEAR),
        (Kpi.SERVICE_LEVEL, "0.70", Verdict.NEAR),
        (Kpi.SERVICE_LEVEL, "0.6999", Verdict.BROKEN),
        (Kpi.CONNECT_RATE, "0.95", Verdict.MET),
        (Kpi.CONNECT_RATE, "0.8999", Verdict.BROKEN),
        (Kpi.ASA, "20", Verdict.MET),
        (Kpi.ASA, "20.001", Verdict.NEAR),
        (Kpi.ABANDONMENT, "0.05", Verdict.MET),
        (Kpi.ABANDONMENT, "0.0501", Verdict.NEAR),
        (Kpi.OCCUPANCY, "0.74", Verdict.NEAR),
        (Kpi.OCCUPANCY, "0.85", Verdict.MET),
        (Kpi.OCCUPANCY, "0.91", Verdict.BROKEN),
        (Kpi.WAITING, "2", Verdict.MET),
        (Kpi.WAITING, "3", Verdict.NEAR),
        (Kpi.WAITING, "6", Verdict.BROKEN),
        (Kpi.WAIT, "60", Verdict.NEAR),
        (Kpi.WAIT, "60.5", Verdict.BROKEN),
        (Kpi.WRAP_UP, "600", Verdict.NEAR),  # amber, however long
        (Kpi.TALK, "600.5", Verdict.BROKEN),
        (Kpi.UTILISATION, "0.1", Verdict.NONE),  # the bank set no bound
    ],
)
def test_the_shipped_bounds(at_first, kpi, value, verdict):
    assert at_first.judge(kpi, Decimal(value)) is verdict


def test_what_has_no_value_is_not_judged(at_first):
    assert at_first.judge(Kpi.SERVICE_LEVEL, None) is Verdict.NONE


def test_a_queue_of_its_own_target_breaks_as_far_below_it(at_first):
    vip = at_first.of_queue(95)
    assert vip == Goal(at_least=Decimal("0.95"), breach_below=Decimal("0.85"))
    assert targets.Targets({}, targets.Rule()).of_queue(95) == Goal(at_least=Decimal("0.95"))


def test_a_row_holds_from_its_day_on(at_first):
    tomorrow = TODAY + timedelta(days=1)
    Target.objects.create(kpi=Kpi.ASA, valid_from=tomorrow, at_most=15)
    CountingRule.objects.create(valid_from=tomorrow, service_level=ServiceLevel.F1, short_s=10)
    assert targets.on(TODAY).goal(Kpi.ASA).at_most == 20
    assert targets.on(tomorrow).goal(Kpi.ASA) == Goal(at_most=Decimal(15))
    assert targets.on(TODAY).rule == targets.Rule(ServiceLevel.F3, 5)
    assert targets.on(tomorrow).rule == targets.Rule(ServiceLevel.F1, 10)


def test_a_bank_without_rows_counts_by_the_default(db):
    nothing = targets.on(TODAY)
    assert (nothing.goals, nothing.rule) == ({}, targets.Rule("F3", 5))


def test_what_the_bank_has_changed_stays(at_first):
    Target.objects.filter(kpi=Kpi.ASA).update(at_most=30)
    shipped.install(at=NOON + timedelta(days=1))
    assert Target.objects.filter(kpi=Kpi.ASA).count() == 1
    assert targets.on(TODAY + timedelta(days=2)).goal(Kpi.ASA).at_most == 30


def test_a_target_without_any_bound_is_none(db):
    with pytest.raises(IntegrityError, match="target_has_a_bound"):
        Target.objects.create(kpi=Kpi.ASA, valid_from=TODAY)


# -- in the back office ------------------------------------------------------------------------


@pytest.fixture
def planner(client, at_first):
    user = staff.hire(number="2001", name="何静", branch=None, roles=[Role.PLANNER])
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def add(client, **values) -> str:
    tomorrow = clock.bank_day(clock.now()) + timedelta(days=1)
    answer = client.post("/admin/reporting/target/add/", {"valid_from": tomorrow, **values})
    return "" if answer.status_code == 302 else answer.content.decode()


def test_a_planner_sets_a_new_target_from_tomorrow_on(planner):
    assert add(planner, kpi=Kpi.AHT, at_most="170", breach_above="240") == ""
    row = Target.objects.filter(kpi=Kpi.AHT).first()
    assert (row.at_most, row.breach_above) == (170, 240)
    page = planner.get("/admin/reporting/target/?kpi=aht").content.decode()
    assert "未生效" in page


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"kpi": Kpi.AHT}, "上限、下限至少填一个"),
        ({"kpi": Kpi.AHT, "at_most": "180", "breach_above": "170"}, "不能比目标更早到达"),
        ({"kpi": Kpi.AHT, "at_most": "180", "breach_below": "10"}, "不能比目标更早到达"),
        ({"kpi": Kpi.OCCUPANCY, "at_most": "101"}, "0 到 100 之间"),
        ({"kpi": Kpi.AHT, "at_most": "1", "valid_from": date(2020, 1, 1)}, "最早"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(planner, values, why):
    before = Target.objects.count()
    assert why in add(planner, **values)
    assert Target.objects.count() == before
