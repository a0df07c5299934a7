"""The supervisor's page, by eye and by key."""

import re

import pytest
from playwright.sync_api import expect

from people.roles import Role
from reporting import shipped as reporting_shipped
from routing import presence, shipped
from routing.models import Dispatcher
from telephony.models import CallbackRequest
from tests.browser.test_admin import latin_words
from tests.desktop import floors
from tests.desktop.floors import TEN_PAST
from tests.reporting.stories import asks
from tests.reporting.test_lost import rings_and_gives_up
from tests.serving import Web

LIVE_MS = 30_000  # a busy machine is no reason to fail


@pytest.fixture
def web(transactional_db, log_in):
    """The page's server, at 10:24:36."""
    log_in(Role.SUPERVISOR, name="王丽")
    with Web(at=TEN_PAST) as served:
        yield served


def alive(page) -> None:
    """Its socket has spoken: a picture that is read is less than a beat old."""
    expect(page.locator("[data-age]")).to_contain_text(re.compile("秒前|old"), timeout=LIVE_MS)


def test_trouble_stands_first_and_everything_fits(transactional_db, log_in, page, shoot):
    morning = floors.busy()
    log_in(Role.SUPERVISOR, name="王丽")
    with Web(at=TEN_PAST) as web:
        page.goto(f"{web.url}/floor/")
        alive(page)
        rows = page.locator(".need li")
        expect(rows).to_have_count(7)
        expect(rows.first).to_contain_text("个贷 4 人等")
        expect(page.locator(".tile.over-b")).to_have_count(2)
        page.keyboard.press("2")
        expect(page.locator("[data-picked]")).to_have_text("周颖 1001")
        shoot("floor-zh")
        assert latin_words(page) - {"Esc", "O", "C"} == set()
        assert page.evaluate("document.documentElement.scrollWidth") == 1440
        assert page.evaluate("document.documentElement.scrollHeight") == 900
        page.emulate_media(color_scheme="dark")
        shoot("floor-dark")
        page.emulate_media(color_scheme="light")
        page.get_by_role("button", name="English").click()
        alive(page)
        expect(page.get_by_role("heading", name="Needs attention")).to_be_visible()
        shoot("floor-en")
        right = page.locator(".q table").evaluate("table => table.getBoundingClientRect().right")
        assert right <= 1440 - 16
        names = "".join([*morning.seats, *floors.STAFF])
        seen = page.locator("body").inner_text().replace("简体中文", "")
        assert not set(re.findall("[一-鿿]", seen)) - set(names)


def test_a_click_on_a_figure_lists_the_calls_behind_it(transactional_db, log_in, page, shoot):
    floors.busy()
    log_in(Role.SUPERVISOR, name="王丽")
    with Web(at=TEN_PAST) as web:
        page.goto(f"{web.url}/floor/")
        alive(page)
        page.locator(".q tbody tr", has_text="信用卡").locator("td").nth(6).get_by_role(
            "link"
        ).click()
        chips = page.locator(".presets [aria-current]")
        expect(chips).to_have_text(["今天", "客户来电", "放弃", "信用卡"])
        shoot("calls-behind-zh")
        assert latin_words(page) == set()
        assert page.evaluate("document.documentElement.scrollWidth") == 1440
        page.get_by_role("link", name="接听", exact=True).click()
        expect(chips).to_have_text(["今天", "客户来电", "接听", "信用卡"])
        page.goto(f"{web.url}/floor/?queue=card")
        page.get_by_role("button", name="English").click()
        alive(page)
        page.locator(".kpi dl").first.get_by_role("link").click()
        expect(chips).to_have_text(["All days", "Both", "Waiting now", "Credit cards"])
        shoot("calls-behind-en")


def test_a_selection_stays_while_the_page_moves(web, page):
    shipped.install(at=TEN_PAST)
    reporting_shipped.install(at=TEN_PAST)
    in_an_hour = floors.ago(-60)  # on a slow machine it would seem to have stopped by the end
    Dispatcher.objects.create(holder="node1", beat_at=in_an_hour, round_ms=12)
    lin = floors.hire("林晓", 1023, ("general",), floors.ago(30))
    page.goto(f"{web.url}/floor/")
    alive(page)
    page.locator(".tile button").click()
    expect(page.locator("[data-picked]")).to_have_text("林晓 1023")
    lin.beats(TEN_PAST)
    presence.ready(lin.pk, at=TEN_PAST)
    expect(page.locator(".tile .word")).to_contain_text("空闲")
    expect(page.locator(".tile button")).to_have_attribute("aria-pressed", "true")
    asks(floors.ago(2), "loan")
    expect(page.locator(".need li")).to_have_count(1)
    page.keyboard.press("1")
    expect(page.locator(".need li")).to_have_attribute("aria-current", "true")
    asks(floors.ago(3), "loan")
    expect(page.locator(".need li")).to_contain_text("2 人等")
    expect(page.locator(".need li")).to_have_attribute("aria-current", "true")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("queue=loan"))
    expect(page.locator("nav [aria-current]")).to_have_text("个贷")


def test_a_call_back_by_two_keys(web, page):
    shipped.install(at=TEN_PAST)
    call = rings_and_gives_up("13900001234", floors.ago(5))
    page.goto(f"{web.url}/floor/")
    alive(page)
    expect(page.locator(".lost li")).to_contain_text("139****1234")
    page.keyboard.press("c")
    page.keyboard.press("1")
    expect(page.locator(".lost li")).to_contain_text("已登记回电")
    asked = CallbackRequest.objects.get(call=call)
    expect(page.locator("[data-says]")).to_have_text(f"已登记回电 {asked.receipt}。")


def test_every_key_is_told(web, page):
    page.goto(f"{web.url}/floor/")
    alive(page)
    page.keyboard.press("Shift+Slash")
    expect(page.get_by_role("dialog", name="全部按键")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="全部按键")).to_be_hidden()


def test_the_way_to_the_floor(transactional_db, log_in, page, base_url):
    log_in(Role.SUPERVISOR)
    page.goto("/admin/")
    page.locator(".top").get_by_role("link", name="现场").click()
    expect(page).to_have_url(re.compile("/floor/$"))
    log_in(Role.BACK_OFFICE)
    page.goto("/admin/")
    expect(page.get_by_role("link", name="现场")).to_have_count(0)
