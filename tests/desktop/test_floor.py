"""The supervisor's page: what it shows, its socket, and the call-back in one click."""

import asyncio
import re

import pytest
from channels.testing import WebsocketCommunicator
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calendars import clock
from desktop.floor import people, verbs
from desktop.floor import view as floor_view
from desktop.floor.behind import Reader
from desktop.floor.consumers import FloorConsumer
from desktop.floor.look import Floor
from people import staff
from people.roles import Role
from reporting import shipped as reporting_shipped
from routing import entries, offers, presence, rounds
from routing.models import Dispatcher, QueueEntry
from telephony.deeds import Deed
from telephony.models import CallbackRequest
from tests.cast import NOON
from tests.desktop import floors
from tests.live.test_layer import in_thread
from tests.reporting.stories import asks, gives_up, served
from tests.reporting.test_lost import rings, rings_and_gives_up
from tests.routing.conftest import NODE, after

pytestmark = pytest.mark.django_db(transaction=True)
SOON_S = 10
SUPERVISOR = Reader("zh-hans", opens_calls=True, asks_callbacks=True)


@pytest.fixture
def wang(shipped_floor):
    reporting_shipped.install(at=NOON)
    Dispatcher.objects.create(holder="node1", beat_at=NOON, round_ms=12)
    return staff.hire(number="1901", name="王丽", branch=None, roles=[Role.SUPERVISOR])


@pytest.fixture
def supervisor(client, wang):
    client.force_login(wang, backend="django.contrib.auth.backends.ModelBackend")
    return client


def shown(at=NOON, reader=SUPERVISOR) -> dict[str, str]:
    return floor_view.parts(Floor(at), reader=reader)


def text(html: str) -> str:
    """What is read, spaces as one."""
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", html)).strip()


# -- what it shows -----------------------------------------------------------------------------


def test_an_empty_floor_says_what_will_appear(wang):
    parts = shown()
    assert "目前无需处理" in parts["need"]
    assert "还没有坐席" in parts["agents"]
    assert "都已补救" in parts["lost"]
    assert "调度 正常 12 毫秒" in parts["top"]


def test_a_dead_dispatcher_is_seen_at_once(wang):
    parts = shown(after(60))
    assert "st-breach" in parts["top"]
    assert text(parts["need"]).startswith("需要处理 1，最急在前")
    assert "请检查电话工作进程" in parts["need"]
    Dispatcher.objects.all().delete()
    assert "st-breach" in shown()["top"]


def test_who_waits_is_a_row_with_the_way_to_her_queue(wang):
    asks(after(-90), "loan")
    need = shown()["need"]
    assert "个贷 1 人等" in text(need)
    assert 'href="/floor/?queue=loan"' in need
    assert '<li data-key="queue-loan">' in need


def test_an_agent_in_trouble_leads_to_her_call(seat, wang):
    lin = seat("林晓").is_ready(after(0))
    entry = floors.enters("general", after(10), "13800001111")
    rounds.run(at=after(11))
    (offer,) = offers.to_ring(NODE, at=after(11))
    offers.answered(offer.leg, at=after(12))
    lin.beats(after(700))
    Dispatcher.objects.update(beat_at=after(700))
    parts = shown(after(700))
    assert "林晓 通话" in text(parts["need"])
    assert "综合，上限 10:00" in text(parts["need"])
    call = f"/admin/telephony/call/{Floor(after(700)).call_of[lin.pk]}/change/"
    assert call in parts["need"]
    assert f'data-call="{call}"' in parts["agents"]
    assert "tile over-b" in parts["agents"]
    assert call not in shown(after(700), Reader("zh-hans"))["need"]  # she may not open calls
    offers.finished(offer.leg, at=after(701))
    assert entry.call_ref


def test_tiles_stand_by_need_then_by_state(wang, seat):
    for name in ("甲", "乙", "丙"):
        seat(name)
    seat("丁").is_ready(after(0))
    ready = seat("戊").is_ready(after(-60))
    presence.heartbeat(ready.session.pk, phone=False, at=after(0))
    assert "话机断线" in shown()["need"]
    names = re.findall(r"<b>(.)</b></span>", shown()["agents"])
    assert names == ["戊", "丁", "甲", "乙", "丙"]


def test_queues_are_judged_by_their_own_targets(wang, seat):
    lin = seat("林晓").is_ready(after(0))
    served(lin, after(0), wait_s=30)
    gives_up(after(200), 40, "card")
    floor = Floor(after(600))
    rows = floor_view.queues(floor, floor.lines, frozenset(), Reader("zh-hans"))
    by_slug = {row.slug: row for row in rows["rows"]}
    assert by_slug["general"].today == floor_view.Cell("0.0", "st-breach")
    assert by_slug["general"].asa.value == "00:30"
    assert by_slug["card"].abandonment == floor_view.Cell("100.0", "st-breach")
    assert by_slug["loan"].today == floor_view.Cell("—")
    assert (rows["total"].today.value, rows["total"].abandonment.value) == ("0.0", "50.0")


def test_one_queue_of_the_floor(wang, seat):
    seat("林晓", card=5)
    seat("周敏", loan=5)
    asks(after(-5), "card")
    parts = shown(reader=Reader("zh-hans", "loan"))
    assert "周敏" in parts["agents"]
    assert "林晓" not in parts["agents"]
    assert "1 人" not in text(parts["figures"])
    assert "<tfoot>" not in parts["queues"]
    assert 'href="/floor/?queue=loan" aria-current="page"' in parts["top"]


def test_nothing_a_caller_or_an_agent_is_called_becomes_markup(wang, seat):
    seat("<script>alert(1)</script>")
    gives_up(after(0), 10, caller="<b>")
    parts = "".join(shown(after(60)).values())
    assert "<script>" not in parts
    assert "<b><b>" not in parts


def test_the_page_costs_few_queries_however_many_agents(seat, wang):
    with CaptureQueriesContext(connection) as few:
        shown()
    for number in range(5):
        served(seat(f"员工{number}").is_ready(after(0)), after(number * 300))
    with CaptureQueriesContext(connection) as many:
        shown(after(2000))
    assert len(many) <= len(few) + 2 <= 19


# -- the page and its socket -------------------------------------------------------------------


def test_the_page_is_whole_before_its_socket_speaks(supervisor, seat):
    seat("林晓")
    page = supervisor.get("/floor/").content.decode()
    assert [f'data-part="{name}"' in page for name in floor_view.PARTS] == [True] * 6
    assert "林晓" in page
    supervisor.cookies["django_language"] = "en"
    assert "Needs attention" in supervisor.get("/floor/?queue=card").content.decode()


async def connect(user, query=b"language=zh-hans"):
    socket = WebsocketCommunicator(FloorConsumer.as_asgi(), "/ws/floor/")
    socket.scope |= {"user": user, "query_string": query}
    accepted, _ = await socket.connect(timeout=SOON_S)
    return socket if accepted else None


async def test_an_old_picture_and_its_events_make_a_fresh_one(wang, seat, monkeypatch):
    monkeypatch.setattr(clock, "_real", lambda: after(30))
    socket = await connect(wang)
    data = (await socket.receive_json_from(SOON_S))["data"]
    lin = await in_thread(seat, "林晓")
    await in_thread(lin.is_ready, after(20))
    entry = await in_thread(asks, after(21), "loan")
    await in_thread(leaves, entry)
    fresh = await in_thread(shown, after(30))
    while data != fresh:
        data = (await socket.receive_json_from(SOON_S))["data"]
    assert "林晓" in data["agents"]
    await socket.disconnect()


def leaves(entry) -> None:
    entries.leave(entry.call_ref, QueueEntry.Outcome.ABANDONED, at=after(29))


async def test_who_gives_up_is_listed_by_her_hang_up_itself(wang, monkeypatch):
    """Not by the beat: the list is there as soon as the transaction has committed."""
    monkeypatch.setattr("live.shared.BEAT_S", 60)
    monkeypatch.setattr(clock, "_real", lambda: after(30))
    entry = await in_thread(asks, after(0), "loan")
    socket = await connect(wang)
    assert "138****6027" not in (await socket.receive_json_from(SOON_S))["data"]["lost"]
    await in_thread(leaves, entry)
    while "138****6027" not in (await socket.receive_json_from(5))["data"]["lost"]:
        pass
    await socket.disconnect()


async def test_who_is_served_later_is_cleared_within_five_seconds(wang, monkeypatch):
    """By the IVR, which announces nothing to the floor: the beat sees it."""
    monkeypatch.setattr(clock, "_real", lambda: after(200))
    await in_thread(gives_up, after(0), 30)
    socket = await connect(wang)
    assert "138****6027" in (await socket.receive_json_from(SOON_S))["data"]["lost"]
    await in_thread(rings, "13800136027", after(60), Deed.BALANCE)
    async with asyncio.timeout(5):
        while "138****6027" in (await socket.receive_json_from(5))["data"]["lost"]:
            pass
    await socket.disconnect()


def test_a_list_that_ends_somewhere_says_so(wang, monkeypatch):
    monkeypatch.setattr("desktop.floor.view.MOST", 2)
    gives_up(after(0), 30, caller="13800136021")
    assert "1，" in text(shown(after(200))["lost"])
    gives_up(after(1), 30, caller="13800136022")
    assert "2+" in text(shown(after(200))["lost"])


async def test_a_language_that_is_none_is_the_bank_s(wang):
    socket = await connect(wang, b"language=xx&queue=nothing")
    assert "需要处理" in (await socket.receive_json_from(SOON_S))["data"]["need"]
    await socket.disconnect()


# -- the call-back -----------------------------------------------------------------------------


def test_one_click_asks_for_a_call_back(supervisor, wang):
    call = rings_and_gives_up("13900001234", after(0))
    assert f'data-callback="{call.pk}"' in shown(after(90))["lost"]
    answer = supervisor.post(f"/floor/callback/{call.pk}/")
    asked = CallbackRequest.objects.get()
    assert answer.content.decode() == f"已登记回电 {asked.receipt}。"
    assert (asked.phone, asked.call) == ("13900001234", call)
    lost = shown(after(90))["lost"]
    assert "已登记回电" in lost
    assert "data-callback" not in lost
    again = supervisor.post(f"/floor/callback/{call.pk}/")
    assert (again.content, CallbackRequest.objects.count()) == (answer.content, 1)


def test_a_withheld_number_can_t_be_called_back(supervisor, wang):
    call = rings_and_gives_up("", after(0))
    assert "data-callback" not in shown(after(90))["lost"]
    answer = supervisor.post(f"/floor/callback/{call.pk}/")
    assert (answer.status_code, answer.content.decode()) == (409, "没有可以回拨的号码。")
    assert supervisor.post("/floor/callback/0/").status_code == 409
    assert supervisor.get(f"/floor/callback/{call.pk}/").status_code == 405
    assert not CallbackRequest.objects.exists()


def test_who_only_plans_asks_for_nothing(client, wang):
    call = rings_and_gives_up("139", after(0))
    planner = staff.hire(number="1902", name="何静", branch=None, roles=[Role.PLANNER])
    client.force_login(planner, backend="django.contrib.auth.backends.ModelBackend")
    assert "data-callback" not in client.get("/floor/").content.decode()
    assert client.post(f"/floor/callback/{call.pk}/").status_code == 403


def test_a_call_that_is_gone_has_no_page():
    assert people.call_page(None) == ""
    with pytest.raises(verbs.NoNumber):
        verbs.ask_callback(0, at=NOON)
