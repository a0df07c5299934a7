"""A wallboard on its screen: what it shows, how old that is, and that it comes back."""

from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from desktop.board import boards
from people import staff
from people.roles import Role
from reporting import shipped as reporting_shipped
from routing import entries, shipped
from routing.models import QueueEntry
from telephony import records
from telephony.records import Arrival
from tests.browser.test_admin import latin_words
from tests.cast import NOON
from tests.desktop import floors
from tests.desktop.floors import TEN_PAST
from tests.reporting.stories import asks
from tests.serving import Web

SCREEN = {"width": 1920, "height": 1080}
LIVE_MS, STALE_MS, BACK_MS = 30_000, 40_000, 60_000  # a busy machine is no reason to fail


def board(language: str = "zh-hans", name: str = "一号厅"):
    """A new wallboard, and its link."""
    user = staff.hire(
        number=str(uuid4().int)[:9], name="王丽", branch=None, roles=[Role.SUPERVISOR]
    )
    return boards.create(name=name, language=language, queues=[], by=user, at=NOON)


@pytest.fixture
def link(transactional_db) -> str:
    shipped.install(at=NOON)
    reporting_shipped.install(at=NOON)
    return board()[1]


@pytest.fixture
def screen(page):
    page.set_viewport_size(SCREEN)
    return page


CUT_OFF = """() => {
    const page = document.documentElement
    const cut = [...document.querySelectorAll(".fact, .fact *, header *")].filter(e =>
        !(e instanceof SVGElement) && getComputedStyle(e).textOverflow !== "ellipsis"
        && getComputedStyle(e).display !== "inline" && e.scrollWidth > e.clientWidth + 1)
    const small = [...document.querySelectorAll("h1, h2, p, span, b, dt, dd, time")].filter(e =>
        e.innerText && parseFloat(getComputedStyle(e).fontSize) < 36)
    return [...cut, ...small].map(e => `${e.tagName} ${e.className} ${e.innerText}`)
        .concat(page.scrollWidth > 1920 || page.scrollHeight > 1080 ? ["the page"] : [])
}"""


def cut_off(screen) -> list[str]:
    """What does not fit, and words smaller than 36 px."""
    return screen.evaluate(CUT_OFF)


def test_six_facts_fill_a_screen(screen, transactional_db, shoot):
    floors.busy()
    floors.weeks_before()
    with Web(at=TEN_PAST) as web:
        screen.goto(f"{web.url}/board/{board()[1]}/")
        expect(screen.locator("[data-age]")).to_contain_text("秒前", timeout=LIVE_MS)
        expect(screen.locator(".fact")).to_have_count(6)
        expect(screen.locator(".wait.over .big").first).to_have_text("9")
        expect(screen.locator("[data-n=forecast]")).to_contain_text("高于预测")
        shoot("board-zh")
        assert latin_words(screen) == set()
        assert cut_off(screen) == []
        english = board("en", "Hall 2")[1]
        screen.goto(f"{web.url}/board/{english}/")
        expect(screen.locator("[data-age]")).to_contain_text("s old", timeout=LIVE_MS)
        expect(screen.locator("[data-n=forecast]")).to_contain_text("above forecast")
        shoot("board-en")
        assert cut_off(screen) == []


def test_it_says_how_old_its_data_is_turns_grey_and_comes_back(screen, link, shoot):
    asks(TEN_PAST, "loan")
    with Web(at=TEN_PAST) as web:
        screen.goto(f"{web.url}/board/{link}/")
        expect(screen.locator("[data-age]")).to_contain_text("秒前", timeout=LIVE_MS)
        web.kill()
        age = screen.locator("[data-age]")
        expect(age).to_contain_text("正在重连", timeout=STALE_MS)
        expect(age).to_contain_text("数据停在 10:2")
        shoot("board-stale")
        waited = screen.locator(".wait state-clock").first
        stands = waited.inner_text()
        asks(TEN_PAST, "card")  # while nobody looks
        web.start()
        expect(age).to_contain_text("秒前", timeout=BACK_MS)
        expect(screen.locator(".wait .big").first).to_have_text("2")
        assert waited.inner_text() > stands  # it stood while the data was old


def test_a_number_that_moved_flashes(page, browser, link):
    context = browser.new_context(viewport=SCREEN, locale="zh-CN")  # motion is not reduced
    screen = context.new_page()
    with Web(at=TEN_PAST) as web:
        screen.goto(f"{web.url}/board/{link}/")
        expect(screen.locator("[data-age]")).to_contain_text("秒前", timeout=LIVE_MS)
        asks(TEN_PAST, "loan")
        waiting = screen.locator('[data-n="waiting"]')
        expect(waiting).to_have_text("1")
        expect(waiting).to_have_class("big changed")
        expect(screen.locator(".changed")).to_have_count(1)
        assert waiting.evaluate("e => getComputedStyle(e).animationDuration") == "0.6s"
    context.close()


def test_a_revoked_link_stops_the_screen(screen, transactional_db, base_url, shoot):
    shipped.install(at=NOON)
    made, link = board()
    screen.goto(f"/board/{link}/")
    expect(screen.locator("[data-age]")).to_contain_text("秒前", timeout=LIVE_MS)
    boards.revoke(made.pk, by=made.created_by, at=made.created_at)
    expect(screen.get_by_role("alert")).to_have_text("这块大屏的链接已收回，请另领一个。")
    expect(screen.locator(".fact")).to_have_count(0)
    shoot("board-revoked")
    sockets = []
    screen.on("websocket", lambda socket: sockets.append(socket.url))
    screen.reload()
    expect(screen.get_by_role("alert")).to_be_visible()
    assert sockets == []  # it does not ask again


def test_day_after_day_goes_by(screen, link):
    """At 8,640 times life's pace a day is ten seconds. Every other day has one call."""
    evening = TEN_PAST.replace(hour=22, minute=0, second=0)
    entry = asks(evening, "loan")
    entries.leave(entry.call_ref, QueueEntry.Outcome.ABANDONED, at=evening + timedelta(seconds=30))
    for day in range(0, 40, 2):
        at = evening + timedelta(days=day)
        records.open_call(Arrival(uuid4(), "node1", "961202", "1", at), at=at)
    lost, total = screen.locator('[data-n="3"]').first, screen.locator('[data-n="total"]')
    with Web(at=evening, rate=8640) as web:
        screen.goto(f"{web.url}/board/{link}/")
        expect(total).to_have_text("0", timeout=LIVE_MS)
        expect(lost).to_have_text("—")  # that was another day
        expect(total).to_have_text("1", timeout=LIVE_MS)
        expect(total).to_have_text("0", timeout=LIVE_MS)
