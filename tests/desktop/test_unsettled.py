"""What must be zero by the end of the day stands on the first line until it is."""

from datetime import timedelta

import pytest
from django.urls import reverse

from banking.settlement_desk import queue, suspending
from calendars import clock
from people import staff
from people.roles import Role
from tests.banking.test_settlement_desk import close, given_back
from tests.cast import NOON
from tests.clerks import maker, order_for_hands
from tests.desktop.test_settlement import as_, text

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("noon")]

DAY = timedelta(days=1)
TITLE = "To be zero by the end of the day"


@pytest.fixture
def left(wang) -> None:
    """1,505 yuan under suspense and an order set aside."""
    back, aside, xu = order_for_hands(wang, 1500), order_for_hands(wang, 700), maker()
    queue.claim(aside.pk, xu, at=NOON)
    suspending.suspend(aside.pk, xu, words="查户名", at=NOON)
    close(wang)
    given_back(back)


def figures(client) -> dict[str, object]:
    return {figure.title: figure for figure in client.get("/admin/").context["figures"]}


def seats():
    supervisor = staff.hire(number="2001", name="何静", branch=None, roles=[Role.SUPERVISOR])
    return {
        reverse("admin:banking_settlementday_changelist"): as_(supervisor),
        reverse("settlement:handover"): as_(maker("马超")),
    }


def test_on_the_home_page_of_supervisor_and_clerk(left, monkeypatch):
    clients = seats()
    for url, client in clients.items():
        found = figures(client)[TITLE]
        assert found.value == "3"  # an amount, its fee, an order
        assert found.note == "under suspense 1,505.00 yuan, the oldest since 11-24 12:00"
        assert (found.shape, found.bad, found.url) == ("st-warn", False, url)
        assert client.get(url).status_code == 200
    monkeypatch.setattr(clock, "_real", lambda: NOON + DAY)
    for client in clients.values():
        assert figures(client)[TITLE].bad  # left over: it has missed its day


def test_nobody_else_is_told_and_nothing_is_said_of_zero(wang):
    for client in seats().values():
        assert TITLE not in figures(client)


def test_who_has_no_part_in_it_does_not_read_it(left):
    agent = staff.hire(number="1001", name="林晓", branch=None, roles=[Role.AGENT])
    assert TITLE not in figures(as_(agent))


def test_the_desks_first_line_and_its_ages(left, monkeypatch):
    client = as_(maker("马超"))
    line = "To be zero by the end of the day 1,505.00 yuan, 1 suspended, since 11-24 12:00"
    assert line in text(client.get(reverse("settlement:desk")))
    handover = reverse("settlement:handover")
    assert "today 1 2 1,505.00 1 day 0 0 0.00" in text(client.get(handover))
    for days, age in ((1, "1 day"), (3, "2–3 days"), (9, "more than 3 days")):
        monkeypatch.setattr(clock, "_real", lambda days=days: NOON + days * DAY)
        page = client.get(handover)
        assert f"{age} 1 2 1,505.00" in text(page)
        assert "open since 11-24 12:00" in text(page)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_day_that_is_done_says_so(wang, language):
    client = as_(maker("马超"), language)
    assert "To be zero" not in text(client.get(reverse("settlement:desk")))
    shown = text(client.get(reverse("settlement:handover")))
    assert ("nothing is open" in shown) is (language == "en")
    assert ("已清零" in shown) is (language != "en")
