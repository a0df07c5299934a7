"""The home page says what happened today, to whom, and nothing to whom it does not concern."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from banking.models import Instruction
from banking.requests import InBankTransfer
from calendars import clock, days
from desktop import home
from people import staff
from people.roles import Role
from tests.desktop import busy

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def morning(monkeypatch):
    monkeypatch.setattr(clock, "_real", lambda: busy.TEN_PAST.astimezone(UTC))
    days.seed_year(2026)
    days.SpecialDay.objects.create(day=datetime(2027, 1, 1), kind="holiday", name="元旦")
    busy.morning()


@pytest.fixture
def look(client):
    def as_(*roles: Role):
        user = staff.hire(number=f"4{len(roles)}01", name="何静", branch=None, roles=roles)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client.get("/admin/")

    return as_


def figures(page) -> dict[str, tuple[str, str]]:
    return {figure.title: (figure.value, figure.note) for figure in page.context["figures"]}


def test_the_day_is_told_and_test_calls_are_no_part_of_it(morning, look):
    page = look(Role.SUPERVISOR)
    assert figures(page) == {
        "已办未告知": ("1 笔", "300.00 元，下次来电先告知"),
        "今日来电": ("31", "1 通正在通话"),
        "已核身": ("16", "密码未通过 7"),
        "自助办结": ("10", "回电 5，中途挂断 8"),
        "今日办理金额": ("5,508.50", "6 笔"),
        "拒绝": ("1", "1,800.00 元，均未扣款"),
    }
    context = page.context
    assert context["calls"]["before"] == 1  # at 07:40
    assert [(bar.since, bar.count) for bar in context["calls"]["bars"]] == [
        ("08:00", 3),
        ("08:30", 5),
        ("09:00", 7),
        ("09:30", 8),
        ("10:00", 7),
    ]
    assert [(bar.since, bar.count) for bar in context["executed"]["bars"]] == [
        ("08:00", 1),
        ("09:00", 2),
        ("09:30", 1),
        ("10:00", 2),
    ]
    assert [(bar.since, bar.count) for bar in context["refused"]["bars"]] == [("09:30", 1)]
    assert [(row.state, row.count, row.amount) for row in context["states"]] == [
        ("executed", 6, Decimal("5508.50")),
        ("refused", 1, Decimal("1800.00")),
    ]
    assert context["now_x"] == 296.8


def test_yesterday_is_over_and_tomorrow_has_not_begun(morning, look):
    midnight = busy.moment("00:00:00")
    assert home.Day.of(busy.TEN_PAST) == home.Day(
        midnight, midnight + timedelta(days=1), busy.TEN_PAST
    )
    before = home.calls_of(home.Day.of(busy.TEN_PAST)).count()
    busy.call(midnight - timedelta(microseconds=1))
    busy.call(midnight + timedelta(days=1))
    assert home.calls_of(home.Day.of(busy.TEN_PAST)).count() == before
    busy.call(midnight)
    assert home.calls_of(home.Day.of(busy.TEN_PAST)).count() == before + 1


def test_money_whose_end_is_unknown_comes_first(morning, look):
    order = Instruction.objects.filter(state="executed").first()
    key = _doubted(order)
    first = look(Role.SUPERVISOR).context["figures"][0]
    assert (first.title, first.value, first.bad) == ("结果未明", "1 笔", True)
    assert Instruction.objects.get(key=key).state == "unknown"


def _doubted(like):
    from uuid import uuid4

    from banking import instructions, orders

    key = uuid4()
    orders.draft(
        key=key,
        request=InBankTransfer(payer_id=like.payer_id, payee_id=like.payee_id, amount=Decimal(10)),
        channel="phone",
        at=busy.TEN_PAST,
    )
    instructions.confirm(key=key, at=busy.TEN_PAST)
    instructions.doubt(key=key, at=busy.TEN_PAST)
    return key


def test_a_year_without_holidays_is_a_warning(look, monkeypatch):
    monkeypatch.setattr(clock, "_real", lambda: busy.TEN_PAST.astimezone(UTC))
    missing = [f.value for f in look(Role.ADMINISTRATOR).context["figures"] if f.shape == "st-warn"]
    assert missing == ["2026", "2027"]  # the next one is published by now
    days.seed_year(2026)
    assert [f.value for f in home._holidays_missing(busy.TEN_PAST.date(), _request())] == ["2027"]
    summer = datetime(2026, 7, 1).date()
    assert list(home._holidays_missing(summer, _request())) == []


def _request():
    from django.contrib.auth.models import AnonymousUser
    from django.test import RequestFactory

    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    return request


def test_who_may_not_see_calls_sees_counts_and_no_rows(morning, look):
    page = look(Role.ADMINISTRATOR)
    assert figures(page)["今日来电"][0] == "31"
    assert page.context["latest"] is None
    assert page.context["waiting"] is None
    assert "****" not in page.text
    assert "小梅" not in page.text
    assert "/telephony/call/" not in page.text


def test_rows_are_masked_and_lead_to_the_call(morning, look):
    page = look(Role.SUPERVISOR)
    latest = page.context["latest"]
    assert latest[0].at == busy.moment("10:23:40")
    assert latest[0].outcome == "通话中"
    assert len(latest) == home.LATEST
    assert "王小梅" not in page.text
    assert "13800001234" not in page.text
    assert latest[0].url in page.text
    waiting = page.context["waiting"]
    assert [row.waits for row in waiting] == ["01:45", "01:15", "00:45", "00:33", "00:15"]


def test_an_empty_day_says_what_will_appear(look, monkeypatch):
    monkeypatch.setattr(clock, "_real", lambda: busy.TEN_PAST.astimezone(UTC))
    page = look(Role.SUPERVISOR)
    for sentence in ("今天还没有来电", "今天还没有复述过指令", "没有人在等回电"):
        assert sentence in page.text


def test_the_page_asks_the_database_a_bounded_number_of_times(
    morning, look, django_assert_max_num_queries
):
    user = staff.hire(number="4999", name="何静", branch=None, roles=[Role.SUPERVISOR])
    request = _request()
    request.user = user
    with django_assert_max_num_queries(30):
        assert home.dashboard(request, {})["waiting"]
