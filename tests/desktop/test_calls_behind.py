"""One click from a figure of the floor to the calls behind it: as many rows as it counts."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from calendars import clock
from desktop.floor import behind
from desktop.floor import view as floor_view
from desktop.floor.behind import Reader
from desktop.floor.look import Floor
from people import staff
from people.models import User
from people.roles import Role
from reporting.kpi import Counts
from routing import entries
from routing.entries import Wish
from routing.models import Queue, QueueEntry
from routing.states import State
from routing.wishes import What
from telephony import records
from telephony import shipped as telephony_shipped
from telephony.models import Call
from telephony.records import Arrival
from tests import database
from tests.desktop import floors
from tests.desktop.floors import TEN_PAST, ago
from tests.reporting.stories import asks
from tests.telephony.test_admin import KNOWN, text

pytestmark = pytest.mark.django_db(transaction=True)
CALLS = "/admin/telephony/call/"
ABANDONED = QueueEntry.Outcome.ABANDONED
COUNTED = {
    What.OFFERED: "offered",
    What.ANSWERED: "answered",
    What.IN_TIME: "answered_in_time",
    What.ABANDONED: "abandoned",
    What.CALLBACK: "callbacks",
    What.HANDLED: "handled",
}


@pytest.fixture
def day(transactional_db, monkeypatch) -> Floor:
    """The mock-ups' morning, with one of each edge in it."""
    monkeypatch.setattr(clock, "_real", lambda: TEN_PAST)
    database.again("day_with_edges", _day)
    return Floor(TEN_PAST)


def _day() -> None:
    telephony_shipped.install(at=floors.moment("07:00"))
    floors.busy()
    forwarded = floors.enters("loan", ago(50), "13900000001")
    entries.transfer(forwarded.call_ref, "card", at=ago(49))  # one call, two wishes
    entries.leave(forwarded.call_ref, ABANDONED, at=ago(48, 57))  # 3 s: short
    called_back = floors.enters("loan", ago(12), "13900000002")
    entries.leave(called_back.call_ref, QueueEntry.Outcome.CALLBACK, at=ago(11))
    for wait_s in (4, 5, 20, 21):  # on and beside what is short, what is in time
        gone = floors.enters("ebank", ago(20), f"139000001{wait_s:02}")
        left_at = ago(20) + timedelta(seconds=wait_s)
        entries.leave(gone.call_ref, ABANDONED, at=left_at)
    yesterday = floors.enters("loan", ago(24 * 60), "13900000003")
    entries.leave(yesterday.call_ref, ABANDONED, at=ago(24 * 60 - 1))
    asks(ago(0, 30), "general", is_test=True, caller="13900000004")  # waits, in no figure
    every_wish_has_its_call()


def every_wish_has_its_call() -> None:
    known = set(Call.objects.values_list("uuid", flat=True))
    for wish in QueueEntry.objects.exclude(call_ref__in=known):
        at = wish.entered_at - timedelta(seconds=60)
        arrival = Arrival(wish.call_ref, wish.node, "961202", wish.caller, at, wish.is_test)
        records.open_call(arrival, at=at)


def hired(*roles: Role) -> User:
    return staff.hire(number=f"19{len(roles)}{roles[0][:3]}", name="王丽", branch=None, roles=roles)


def client_of(user: User, language: str = "zh-hans") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def wang(transactional_db) -> User:
    return hired(Role.SUPERVISOR)


def links(html: str) -> list[str]:
    """Where figures lead, each once."""
    found = (unescape(url) for url in re.findall(r'href="([^"]+)"', html))
    return list(dict.fromkeys(url for url in found if url.startswith(f"{CALLS}?")))


def counted(floor: Floor, url: str) -> int:
    """What the page's own numbers say about a link: the count behind its figure."""
    chips = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    what, queue = chips["asked"], chips.get("queue", "")
    if what == What.WAITING:
        return sum(line.waiting for line in floor.lines_of(chosen(queue)))
    if state := next((s for s, w in behind.STATES.items() if w == what), None):
        states = {state} | ({State.RESERVED} if state == State.RINGING else set())
        desks = floor.desks_of(chosen(chips.get("team", "")))
        return sum(desk.state in states for desk in desks)
    cells = {"today": floor.day, "half-hour": floor.half_hour}[chips["when"]]
    counts: Counts = (cells.of([queue]) if queue else cells).total()
    if what == behind.short(floor.targets.rule.short_s):
        return counts.abandoned_short
    return getattr(counts, COUNTED[What(what)])


def chosen(queue: str) -> frozenset[str]:
    return frozenset({queue} if queue else ())


def rows(client: Client, url: str) -> int:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.context["cl"].result_count


def test_as_many_rows_as_every_figure_counts_in_every_queue(day, wang):
    client, seen = client_of(wang), set()
    for queue in ["", *Queue.objects.values_list("slug", flat=True)]:
        reader = Reader("zh-hans", queue, opens_calls=True)
        parts = floor_view.parts(day, reader=reader)
        found = links(parts["figures"] + parts["agents"] + parts["queues"] + parts["need"])
        assert len(links(parts["figures"])) == 6  # answered twice over, ASA and occupancy too
        assert len(links(parts["agents"])) == len(behind.STATES)
        for url in set(found) - seen:
            assert rows(client, url) == counted(day, url), url
        seen |= set(found)
    numbers = {counted(day, url) for url in seen}
    assert len(numbers) > 10  # a list of nothing would agree with everything


def test_the_edges_are_where_the_figures_have_them(day, wang):
    again = floors.enters("card", ago(40), "13900000009")
    entries.leave(again.call_ref, ABANDONED, at=ago(39))
    wish = Wish(again.call_ref, again.node, again.caller, "zh")
    entries.leave(entries.enter(wish, "card", at=ago(38)).call_ref, ABANDONED, at=ago(37))
    client = client_of(wang)
    ebank = f"{CALLS}?when=half-hour&queue=ebank&asked="
    assert rows(client, ebank + "abandoned") == 4
    assert rows(client, ebank + "abandoned_short-5") == 1  # exactly 5 s is not short
    assert rows(client, f"{CALLS}?asked=callback&queue=loan") == 1
    assert rows(client, f"{CALLS}?asked=abandoned&queue=loan&when=yesterday") == 1
    assert rows(client, f"{CALLS}?asked=talking&team=loan&when=all&whose=all") == 2

    twice = client.get(f"{CALLS}?asked=abandoned&q=13900000009").context["cl"]
    assert twice.result_count == 2  # one call, a row for each wish
    assert {row.uuid for row in twice.result_list} == {again.call_ref}
    assert {row.wish.entered_at for row in twice.result_list} == {ago(40), ago(38)}

    for nothing in ("", "asked=nothing-of-the-kind", "asked=abandoned_short", "queue=card"):
        page = client.get(f"{CALLS}?{nothing}").context["cl"]
        everybody = Call.objects.filter(is_test=False, started_at__gte=floors.moment("00:00"))
        assert page.result_count == everybody.count()
        assert len(page.presets) == 3  # of all calls no queue is asked


def test_those_who_gave_up_lead_to_their_very_calls(day, wang):
    parts = floor_view.parts(day, reader=Reader("zh-hans", opens_calls=True))
    (total,) = links(parts["lost"])
    assert rows(client_of(wang), total) == len(day.lost) > 3


def test_the_list_says_in_chips_what_it_shows_at_a_fixed_cost(day, wang):
    for language, told in (
        ("zh-hans", ["近半小时", "客户来电", "5 秒内放弃", "电子银行"]),
        ("en", ["Last half-hour", "Callers", "Gave up before 5 s", "Online banking"]),
    ):
        answer = client_of(wang, language).get(
            f"{CALLS}?asked=abandoned_short-5&queue=ebank&when=half-hour"
        )
        chips = answer.content.decode().partition('class="presets"')[2].partition("</nav>")[0]
        assert re.findall(r'aria-current="true">([^<]+)<', chips) == told
        if language == "zh-hans":
            assert set(re.findall(r"[A-Za-z]{3,}", text(answer))) <= KNOWN
    client = client_of(wang)
    client.get(CALLS)
    with CaptureQueriesContext(connection) as few:
        client.get(f"{CALLS}?asked=abandoned&queue=card")
    with CaptureQueriesContext(connection) as many:
        client.get(f"{CALLS}?asked=offered")
    assert len(many) <= len(few)


def test_who_may_not_open_calls_sees_no_way_to_them(transactional_db):
    planner = client_of(hired(Role.PLANNER))
    assert CALLS not in planner.get("/floor/").content.decode()
    assert planner.get(f"{CALLS}?asked=answered").status_code == 403
