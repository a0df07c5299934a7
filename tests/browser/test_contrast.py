"""Every text can be read: AAA on the wallboard, AA on the pages that people sit before."""

import pytest
from playwright.sync_api import expect

from people.roles import Role
from routing import shipped
from telephony import shipped as telephony_shipped
from tests.browser.contrast import texts, too_faint
from tests.browser.desk import Desk
from tests.browser.test_board import LIVE_MS, SCREEN, board
from tests.browser.test_floor import alive
from tests.desktop import busy, floors, seats
from tests.desktop.floors import TEN_PAST
from tests.serving import Web

AAA = {"at_least": 7.0, "large": 4.5}
AA = {"at_least": 4.5, "large": 3.0}
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])
# Every verdict and every fill of the wallboard, whatever the day brings.
SHAPES = ("st-met", "st-warn", "st-breach", "st-off", "st-stale", "st-pause", "st-talk", "st-wrap")
PAINT = """([shape, fill]) => {
    for (const e of document.querySelectorAll("main .st, .fact .st")) {
        e.classList.remove(...[...e.classList].filter(name => name.startsWith("st-")))
        e.classList.add(shape)
    }
    document.querySelector(".wait")?.classList.toggle("over", fill)
}"""


@pytest.fixture
def web(transactional_db):
    with Web(at=TEN_PAST) as served:
        yield served


@SCHEMES
def test_a_wallboard_is_read_from_ten_metres_in_every_state(page, web, scheme):
    floors.busy()
    page.set_viewport_size(SCREEN)
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{web.url}/board/{board()[1]}/")
    expect(page.locator("[data-age]")).to_contain_text("秒前", timeout=LIVE_MS)
    assert too_faint(page, **AAA) == []
    for shape in SHAPES:
        for fill in (True, False):
            page.evaluate(PAINT, [shape, fill])
            assert too_faint(page, **AAA) == [], (shape, fill)
            page.evaluate("document.documentElement.toggleAttribute('data-stale', true)")
            assert too_faint(page, **AAA) == [], (shape, fill, "stale")
            page.evaluate("document.documentElement.toggleAttribute('data-stale', false)")


@SCHEMES
def test_the_floor(page, web, log_in, scheme):
    floors.busy()
    log_in(Role.SUPERVISOR, name="王丽")
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{web.url}/floor/")
    alive(page)
    page.keyboard.press("2")  # a selected row has a ground of its own
    assert too_faint(page, **AA) == []
    page.evaluate("document.documentElement.toggleAttribute('data-stale', true)")
    assert too_faint(page, **AA) == [], "stale"


@SCHEMES
def test_the_admins_home(page, web, log_in, scheme):
    busy.morning()
    log_in(Role.SUPERVISOR, name="王丽")
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{web.url}/admin/")
    expect(page.get_by_role("heading", name="今天")).to_be_visible()
    assert too_faint(page, **AA) == []


@SCHEMES
def test_the_agents_desk(page, base_url, log_in, scheme):
    shipped.install(at=TEN_PAST)
    telephony_shipped.install(at=TEN_PAST)
    user = log_in(Role.AGENT, name="林晓")
    seats.seat(user, "general")
    page.emulate_media(color_scheme=scheme)
    desk = Desk(page, user)
    assert too_faint(page, **AA) == []
    desk.signs_in()
    assert too_faint(page, **AA) == []


def test_a_text_too_faint_is_found(page):
    """The control: colours, layers, opacity and pictures of text are all looked at."""
    page.set_content(
        """<body style="background: #fff"><p>clear</p><p style="color: #767676">enough</p>
        <p style="color: #777">not enough</p><p style="color: #777; font-size: 24px">large</p>
        <p style="opacity: .5">half there</p>
        <div style="background: rgb(0 0 0 / .5)"><p style="color: #555">on grey</p></div>
        <svg><text y="20" fill="#999">drawn</text></svg>
        <p style="display: none; color: #eee">unseen</p></body>"""
    )
    faint = {text.words for text in texts(page) if text.ratio < (3 if text.is_large else 4.5)}
    assert faint == {"not enough", "half there", "on grey", "drawn"}
