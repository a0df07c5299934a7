"""Self-service machines: how urgent each is, and what needs help first."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from banking import atms, demo_atms
from banking.models import Atm
from people import staff
from people.models import Branch
from people.roles import Role
from tests.cast import NOON

pytestmark = pytest.mark.django_db
State, Alarm = Atm.State, Atm.Alarm


@pytest.fixture
def branch():
    return Branch.objects.create(code="001002", name="福田支行", district="福田区")


def machine(branch, state=State.ONLINE, *, for_min=60, cash=50, place="3 号") -> Atm:
    return Atm.objects.create(
        code=f"ATM{Atm.objects.count():04}",
        branch=branch,
        place=place,
        state=state,
        since=NOON - timedelta(minutes=for_min),
        cassette_pct=cash,
    )


@pytest.mark.parametrize(
    ("state", "for_min", "cash", "alarm"),
    [
        (State.ONLINE, 60, 20, Alarm.NONE),
        (State.ONLINE, 60, 19, Alarm.NEAR),
        (State.ONLINE, 60, 0, Alarm.BROKEN),
        (State.OFFLINE, 5, 50, Alarm.NEAR),
        (State.OFFLINE, 5.1, 50, Alarm.BROKEN),
        (State.NO_CASH, 1, 0, Alarm.BROKEN),
        (State.NO_CASH, 1, 30, Alarm.NEAR),
        (State.JAMMED, 1, 50, Alarm.BROKEN),
        (State.RETAINED, 1, 50, Alarm.NEAR),
        (State.FAULT, 1, 50, Alarm.BROKEN),
        (State.MAINTENANCE, 900, 0, Alarm.OFF),
    ],
)
def test_how_urgent_it_is(branch, state, for_min, cash, alarm):
    assert machine(branch, state, for_min=for_min, cash=cash).alarm(NOON) == alarm


def test_all_at_a_glance(branch, django_assert_num_queries):
    machine(branch)
    machine(branch, State.OFFLINE, for_min=2)
    machine(branch, State.OFFLINE, for_min=47)
    machine(branch, State.FAULT, for_min=10)
    machine(branch, State.MAINTENANCE, for_min=900)
    with django_assert_num_queries(1):
        seen = atms.strip(NOON)
        assert str(seen.worst) == "福田支行 3 号"
    assert seen.total == 5
    assert seen.worst.since == NOON - timedelta(minutes=47)
    assert [(g.state, g.count, g.alarm) for g in seen.groups if g.count] == [
        (State.OFFLINE, 2, Alarm.BROKEN),
        (State.FAULT, 1, Alarm.BROKEN),
        (State.MAINTENANCE, 1, Alarm.OFF),
        (State.ONLINE, 1, Alarm.NONE),
    ]


def test_a_bank_without_machines():
    assert (atms.strip(NOON).total, atms.strip(NOON).worst) == (0, None)


def test_no_cassette_holds_more_than_all(branch):
    with pytest.raises(IntegrityError, match="cassette_holds_100_pct"):
        machine(branch, cash=101)


def test_the_demo_s_machines_are_plausible_and_the_same_for_a_seed(branch):
    demo_atms.build(7, NOON)
    first = list(Atm.objects.values_list("code", "place", "state", "cassette_pct"))
    assert len(first) == 120
    seen = atms.strip(NOON)
    online = next(g.count for g in seen.groups if g.state == State.ONLINE)
    assert 95 <= online < 120
    assert seen.worst is not None
    Atm.objects.all().delete()
    demo_atms.build(7, NOON)
    assert list(Atm.objects.values_list("code", "place", "state", "cassette_pct")) == first


def test_a_supervisor_sees_the_broken_ones_first_and_changes_none(client, branch):
    working = machine(branch)
    machine(branch, State.OFFLINE, for_min=47, place="东门地铁站")
    user = staff.hire(number="2001", name="何静", branch=None, roles=[Role.SUPERVISOR])
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/admin/banking/atm/").content.decode()
    assert page.index("东门地铁站") < page.index("3 号")
    assert client.get("/admin/banking/atm/add/").status_code == 403
    answer = client.post(f"/admin/banking/atm/{working.pk}/change/", {"state": "fault"})
    assert answer.status_code == 403
