"""The settlement desk in a browser: a maker and a checker settle an order by keyboard alone."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from banking.models import SettlementOrder
from banking.settlement_desk import queue, suspending
from calendars import clock
from people.models import User
from people.roles import Role
from tests import cast, clerks
from tests.browser.contrast import too_faint
from tests.browser.test_contrast import AA
from tests.cast import IN_BEIJING, Person
from tests.clerks import order_for_hands

SLOWLY_MS = 60_000  # what a cold server may take for its first page


@pytest.fixture
def wang(transactional_db) -> Person:
    clerks.desk_rule()
    return cast.person("王小梅", opening=300_000, vip="gold", at=clock.now())


def keys(page: Page, *pressed: str) -> None:
    for key in pressed:
        page.keyboard.press(key)


def test_settled_by_keyboard_alone(page: Page, base_url, wang, log_in, shoot):
    order = order_for_hands(wang, "25000.00", at=clock.now())
    page.set_default_timeout(SLOWLY_MS)

    maker = log_in(Role.SETTLEMENT_MAKER, name="徐芳")
    page.goto(f"{base_url}/settlement/")
    expect(page.locator(".lead")).to_have_text("您手中没有落单。", timeout=SLOWLY_MS)
    keys(page, "F2")
    expect(page.locator("#q")).to_be_focused(timeout=SLOWLY_MS)
    keys(page, "Escape", "h")  # a letter is typed where the cursor stands, until she leaves it
    expect(page).to_have_url(f"{base_url}/settlement/handover/", timeout=SLOWLY_MS)
    page.go_back()
    expect(page.locator("#q")).to_be_focused(timeout=SLOWLY_MS)
    page.keyboard.press("Control+a")
    page.keyboard.type("工商 北京")
    expect(page.locator("#banks input[name=bank_code]:checked")).to_have_value(IN_BEIJING)
    expect(page.locator("#ways input:checked")).to_have_count(1)
    keys(page, "F3")
    expect(page.locator("#dialog")).to_contain_text("6225880100046789")
    expect(page.locator("#dialog")).to_contain_text("25,000.00")
    shoot("settlement-original")
    keys(page, "Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    page.locator("#number").focus()
    page.keyboard.type("6225880100046780")
    keys(page, "Enter")
    page.keyboard.type("25000")
    keys(page, "Control+Enter")
    expect(page.locator(".told [role=alert]")).to_contain_text("请两项都重新录入")
    expect(page.locator("#q")).to_have_value("工商 北京")
    shoot("settlement-miskeyed")
    keys(page, "F4", "Enter", "Enter", "Enter")
    expect(page.locator("#postscript")).to_be_focused()
    page.keyboard.type("货款")
    keys(page, "Enter")
    page.keyboard.type("6225880100046789")
    keys(page, "Enter")
    page.keyboard.type("25000.00")
    keys(page, "Control+Enter")
    expect(page.locator(".told [role=status]").first).to_contain_text("经办完成，待复核")
    expect(page.locator(".mine [data-n=count]")).to_have_text("1")

    log_in(Role.SETTLEMENT_CHECKER, name="胡军")
    page.goto(f"{base_url}/settlement/")
    keys(page, "F2")
    expect(page.locator(".made")).to_contain_text("货款")
    shoot("settlement-check")
    keys(page, "Control+Enter")
    expect(page.locator(".told [role=status]").first).to_contain_text("复核通过")
    order.refresh_from_db()
    assert (order.state, order.maker, order.postscript) == ("debited", maker, "货款")
    assert order.mismatches == 1


def test_sent_back_with_a_reason_by_keys(page: Page, base_url, wang, log_in):
    order = order_for_hands(wang, at=clock.now())
    clerks.make(order, clerks.maker(), at=clock.now(), system=_open_system(order))
    log_in(Role.SETTLEMENT_CHECKER, name="胡军")
    page.goto(f"{base_url}/settlement/", timeout=SLOWLY_MS)
    keys(page, "F2")
    expect(page.locator(".made")).to_be_visible(timeout=SLOWLY_MS)
    keys(page, "F6")
    expect(page.locator("#send-back-words")).to_be_focused()
    page.keyboard.type("行号应为分行")
    keys(page, "Enter")
    expect(page.locator(".told [role=status]").first).to_contain_text("已退给经办")
    order.refresh_from_db()
    assert order.state == SettlementOrder.State.IN_HAND


def _open_system(order: SettlementOrder) -> str:
    from banking import timetables

    return timetables.ways_to(IN_BEIJING, order.amount, at=clock.now())[0].system


def busy_desk(wang: Person, xu: User) -> None:
    """Something of each."""
    at = clock.now()
    for amount in (800, 800, 12_000, 45_000, 25_000, 3_300):
        order_for_hands(wang, amount, at=at)
    waiting = list(SettlementOrder.objects.order_by("amount"))
    clerks.make(waiting[-1], xu, at=at, system=_open_system(waiting[-1]))
    queue.claim(waiting[3].pk, xu, at=at)
    suspending.suspend(waiting[3].pk, xu, words="待客户确认户名", at=at + timedelta(seconds=8))
    queue.claim(waiting[2].pk, clerks.maker("马超"), at=at)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_how_it_looks(page: Page, base_url, wang, log_in, shoot, language, theme):
    """Nothing overlaps, nothing is cut off: the page never scrolls, its columns do."""
    busy_desk(wang, clerks.maker())
    log_in(Role.SETTLEMENT_MAKER, name="朱琳")
    page.emulate_media(color_scheme=theme)
    page.context.add_cookies([{"name": "django_language", "value": language, "url": base_url}])
    page.goto(f"{base_url}/settlement/", timeout=SLOWLY_MS)
    keys(page, "F2")
    expect(page.locator("#q")).to_be_focused(timeout=SLOWLY_MS)
    shoot(f"settlement-{language[:2]}-{theme}")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for column in (page.locator("#queue"), page.locator("#main")):
        assert column.evaluate("element => element.scrollWidth <= element.clientWidth")
    assert too_faint(page, **AA) == []
    page.goto(f"{base_url}/settlement/handover/")
    expect(page.locator("h1")).to_be_visible()
    shoot(f"settlement-handover-{language[:2]}-{theme}")
