"""A wallboard: its link, its socket, its six facts."""

import json
import re
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import psycopg
import pytest
from channels.testing import WebsocketCommunicator
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calendars import clock
from config.asgi import application
from desktop.board import boards, hours
from desktop.board import view as board_view
from desktop.floor import look
from desktop.floor.look import Floor
from desktop.models import Board
from people import staff
from people.roles import Role
from reporting import expected
from reporting import shipped as reporting_shipped
from routing import entries, rounds
from routing.models import Queue, QueueEntry
from telephony import records
from telephony.records import Arrival
from tests.banking.conftest import app, owner  # noqa: F401  # raw sessions
from tests.cast import NOON
from tests.live.test_layer import in_thread
from tests.reporting.stories import asks, gives_up, served
from tests.routing.conftest import after

pytestmark = pytest.mark.django_db(transaction=True)
SOON_S = 10


@pytest.fixture
def wang(shipped_floor):
    reporting_shipped.install(at=NOON)
    return staff.hire(number="1901", name="王丽", branch=None, roles=[Role.SUPERVISOR])


@pytest.fixture
def board(wang):
    """A board of all queues, and its link."""
    return boards.create(name="一号厅", language="zh-hans", queues=[], by=wang, at=NOON)


def facts(at=NOON, *queues, language="zh-hans") -> dict[str, str]:
    return board_view.parts(Floor(at), queues=frozenset(queues), language=language)


# -- the link ----------------------------------------------------------------------------------


def test_a_link_leads_to_its_board_and_is_not_in_the_database(board):
    made, link = board
    assert boards.by_link(link) == made
    secret = link.split(".")[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(b)::text FROM desktop_board b")
        assert secret not in cursor.fetchone()[0]


@pytest.mark.parametrize("spoil", ["", "x", "{secret}", "{secret}.x", "x.{mark}", "{link}x"])
def test_what_is_not_ours_is_no_link_and_costs_no_query(board, spoil, django_assert_num_queries):
    secret, mark = board[1].split(".")
    with django_assert_num_queries(0):
        assert boards.by_link(spoil.format(secret=secret, mark=mark, link=board[1])) is None


def test_a_secret_that_we_signed_for_nobody_leads_nowhere(wang):
    assert boards.by_link(signing.Signer(salt="wallboard", sep=".").sign("anything")) is None
    assert boards.by_link(signing.Signer(salt="other", sep=".").sign("anything")) is None


def test_a_link_is_revoked_once_and_for_good(board, wang):
    made, link = board
    boards.revoke(made.pk, by=wang, at=after(60))
    with pytest.raises(boards.RevokedAlready):
        boards.revoke(made.pk, by=wang, at=after(90))
    found = boards.by_link(link)
    assert (found.revoked_at, found.revoked_by) == (after(60), wang)


# What is tried with a link, revoked or not, and what refuses it.
ATTACKS = {
    "given back": (
        True,
        "UPDATE desktop_board SET revoked_at = NULL, revoked_by_id = NULL",
        "ALTER TABLE desktop_board DISABLE TRIGGER USER",
    ),
    "taken by nobody": (
        False,
        "UPDATE desktop_board SET revoked_at = created_at",
        "ALTER TABLE desktop_board DROP CONSTRAINT board_revoked_by_somebody",
    ),
    "taken before it was given": (
        False,
        "UPDATE desktop_board SET revoked_at = created_at - interval '1 s',"
        " revoked_by_id = created_by_id",
        "ALTER TABLE desktop_board DROP CONSTRAINT board_revoked_by_somebody",
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused_and_its_guard_is_what_refuses_it(board, wang, app, owner, attack):  # noqa: F811
    is_revoked, sql, off = ATTACKS[attack]
    if is_revoked:
        boards.revoke(board[0].pk, by=wang, at=after(60))
    with pytest.raises(psycopg.Error):
        app.execute(sql)
    with owner.transaction(force_rollback=True):
        owner.execute(off)
        assert owner.execute(sql).rowcount == 1


# -- the page ----------------------------------------------------------------------------------


def test_the_page_needs_no_log_in_and_is_kept_nowhere(client, board):
    answer = client.get(f"/board/{board[1]}/")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert '<html lang="zh-hans" data-board' in page
    assert [f'data-part="{name}"' in page for name in board_view.PARTS] == [True] * 6
    assert "no-store" in answer["Cache-Control"]
    assert client.get("/board/nothing/").status_code == 404


def test_the_board_speaks_its_own_language(client, wang):
    _made, link = boards.create(name="Hall 2", language="en", queues=[], by=wang, at=NOON)
    client.cookies["django_language"] = "zh-hans"
    page = client.get(f"/board/{link}/").content.decode()
    assert "Nobody waits" in page
    assert "无人排队" not in page


def test_a_revoked_link_says_so(client, board, wang):
    boards.revoke(board[0].pk, by=wang, at=after(60))
    answer = client.get(f"/board/{board[1]}/")
    assert answer.status_code == 410
    assert "链接已收回" in answer.content.decode()
    assert "live-parts" not in answer.content.decode()


# -- the facts ---------------------------------------------------------------------------------


def test_who_waits_and_how_bad_that_is(board):
    assert "无人排队" in facts()["wait"]
    asks(after(0), "loan")
    assert "over" not in facts(after(60))["wait"]
    assert "将超时" in facts(after(21))["wait"]
    breach = facts(after(61))["wait"]
    assert "超时" in breach
    assert 'class="fact wait over"' in breach
    assert 'st st-breach">个贷' in breach


def test_a_board_shows_its_queues_alone(seat, board):
    lin = seat("林晓", card=5).is_ready(after(0))
    asks(after(1), "loan", caller="1")
    served(lin, after(10), queue="card", wait_s=30)
    card, loan = facts(after(400), "card"), facts(after(400), "loan")
    assert ("个贷" in card["wait"], "个贷" in loan["wait"]) == (False, True)
    assert "0.0%" in card["level"]  # one call, answered after 30 s
    assert '<p class="big" data-n="level">—' in loan["level"]
    assert "在线 1，离线 0" in card["agents"]
    assert "在线 0，离线 0" in loan["agents"]


def test_one_queue_has_its_own_target(board):
    Queue.objects.filter(slug="loan").update(target_pct=95, threshold_s=15)
    assert "15 秒" in facts(NOON, "loan")["level"]
    assert "目标 95%" in facts(NOON, "loan")["level"]
    assert "目标 80%" in facts(NOON, "loan", "card")["level"]
    assert "秒" not in facts(NOON, "loan", "card")["level"]  # they differ


def test_reserved_is_shown_as_ringing(seat, board):
    seat("林晓").is_ready(after(0))
    asks(after(1))
    rounds.run(at=after(2))
    assert 'data-n="st-ring">1<' in facts(after(3))["agents"]


def test_the_counters_start_anew_at_midnight(board):
    gives_up(after(0), 30)
    midnight = NOON.replace(hour=0) + timedelta(days=1)
    assert "100.0%" in facts(midnight - timedelta(seconds=1))["averages"]
    assert "—" in facts(midnight)["averages"]


def test_hours_outside_the_day_are_shown_when_there_were_calls():
    night = {NOON.replace(hour=2): 4, NOON.replace(hour=12): 8}
    bars = hours.chart(night, {}, NOON)
    assert (bars[0].hour, bars[-1].hour) == (2, 20)
    assert [(b.hour, b.height) for b in bars if b.count] == [(2, 47.0), (12, 94.0)]
    assert [b.hour for b in bars if b.now] == [12]
    assert [b.hour for b in hours.chart({}, {}, NOON)] == list(range(7, 21))


def test_an_hour_stands_beside_what_was_to_be_expected_of_it():
    forecast = {11: Decimal(4), 12: Decimal(8), 13: Decimal(16), 23: Decimal(99)}
    bars = hours.chart({NOON.replace(hour=11): 2, NOON.replace(hour=12): 8}, forecast, NOON)
    shown = [(b.hour, b.height, b.expected, b.now, b.later) for b in bars if b.expected]
    assert shown == [
        (11, 11.8, 23.5, False, False),
        (12, 47.0, 47.0, True, False),
        (13, 0.0, 94.0, False, True),
    ]  # nothing of 23 o'clock, which is not shown


def test_calls_stand_against_what_such_days_brought(board, monkeypatch):
    assert "自助办结" in facts()["hours"]  # of no such day is anything known
    monkeypatch.setattr(look, "_forecast", expected.Day())
    for week in range(1, 4):
        for number in range(10):
            rings(NOON - timedelta(weeks=week, minutes=30 + number))
    for number in range(13):
        rings(NOON - timedelta(minutes=number + 1))
    drawn = facts()["hours"]
    assert "高于预测 30%" in drawn
    assert "st-warn" in drawn
    assert 'class="tick"' in drawn


def rings(at):
    records.open_call(Arrival(uuid4(), "node1", "961202", "139", at), at=at)


def test_a_board_costs_few_queries_however_many_agents(seat, board):
    assert Floor(NOON).expected.by_hour == {}  # made once a day
    with CaptureQueriesContext(connection) as few:
        facts()
    for number in range(5):
        served(seat(f"员工{number}").is_ready(after(0)), after(number * 300))
    with CaptureQueriesContext(connection) as many:
        facts(after(2000))
    assert len(many) == len(few) <= 14


# -- the socket --------------------------------------------------------------------------------


def hangs_up(entry, at):
    entries.leave(entry.call_ref, QueueEntry.Outcome.ABANDONED, at=at)


async def connect(link):
    socket = WebsocketCommunicator(
        application, f"/ws/board/{link}/", headers=[(b"origin", b"http://localhost")]
    )
    accepted, _ = await socket.connect(timeout=SOON_S)
    return socket if accepted else None


async def test_an_old_picture_and_its_events_make_a_fresh_one(board, monkeypatch):
    monkeypatch.setattr(clock, "_real", lambda: after(30))
    socket = await connect(board[1])
    shown = (await socket.receive_json_from(SOON_S))["data"]
    assert "无人排队" in shown["wait"]
    first = await in_thread(asks, after(0), "loan")
    await in_thread(asks, after(5), "card")
    await in_thread(hangs_up, first, after(20))
    fresh = await in_thread(facts, after(30))
    while shown != fresh:
        shown = (await socket.receive_json_from(SOON_S))["data"]
    assert "信用卡" in shown["wait"]
    await socket.disconnect()


def test_boards_alike_are_drawn_once(board, wang):
    first = board_view.view(board[0])
    assert _second_board(wang) == first
    assert _second_board(wang, "en") != first


def _second_board(by, language="zh-hans"):
    _made, link = boards.create(name="二号厅", language=language, queues=[], by=by, at=NOON)
    return board_view.view(boards.by_link(link))


async def test_a_screen_whose_link_is_revoked_is_told_and_closed(board, wang):
    socket = await connect(board[1])
    await socket.receive_json_from(SOON_S)
    await in_thread(_revoke, board[0].pk, wang)
    while "revoked" not in (told := await socket.receive_json_from(SOON_S)):
        pass
    assert told == {"revoked": True}
    closed = await socket.receive_output(SOON_S)
    while closed["type"] != "websocket.close":
        closed = await socket.receive_output(SOON_S)
    assert closed["code"] == 4410


async def test_who_comes_with_a_revoked_link_sees_nothing(board, wang):
    await in_thread(_revoke, board[0].pk, wang)
    socket = await connect(board[1])
    assert json.loads((await socket.receive_output(SOON_S))["text"]) == {"revoked": True}
    assert (await socket.receive_output(SOON_S))["type"] == "websocket.close"


def _revoke(board_id, by):
    boards.revoke(board_id, by=by, at=after(60))


async def test_who_has_no_link_is_refused(board):
    assert await connect("nothing") is None
    assert await connect(board[1][:-1]) is None


# -- the back office ---------------------------------------------------------------------------


def press(client, address, **values):
    return client.post(address, {"_form_submitted": "1", **values})


def test_a_supervisor_creates_a_link_sees_it_once_and_revokes_it(client, wang):
    client.force_login(wang, backend="django.contrib.auth.backends.ModelBackend")
    card = Queue.objects.get(slug="card")
    answer = press(
        client,
        "/admin/desktop/board/create_link/",
        name="一号厅",
        language="zh-hans",
        queues=[card.pk],
    )
    link = re.search(r"testserver/board/([^/]+)/", answer.content.decode())[1]
    board = boards.by_link(link)
    assert (board.name, list(board.queues.all()), board.created_by) == ("一号厅", [card], wang)
    assert "no-store" in answer["Cache-Control"]
    page = client.get(f"/admin/desktop/board/{board.pk}/change/").content.decode()
    assert link not in page
    assert "收回链接" in page
    press(client, f"/admin/desktop/board/{board.pk}/revoke/")
    board.refresh_from_db()
    assert board.revoked_by == wang
    assert "已收回" in client.get("/admin/desktop/board/").content.decode()


def test_a_get_presses_no_button(client, wang, board):
    client.force_login(wang, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/admin/desktop/board/create_link/")
    client.get(f"/admin/desktop/board/{board[0].pk}/revoke/")
    assert Board.objects.get().revoked_at is None
