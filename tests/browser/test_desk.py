"""The agent's page in a browser: how it looks, and what it does without a switch."""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from banking import customers
from banking.models import LossReport, Notice
from calendars import clock
from people.roles import Role
from routing import offers
from routing import shipped as routing_shipped
from routing.models import Session
from telephony import shipped
from telephony.models import WrapUp
from tests.browser import desk as at_desk
from tests.browser.desk import Desk
from tests.browser.test_admin import latin_words
from tests.desktop import seats
from tests.savers import published_rates, puts

NAMES = "王小梅|小梅|福田支行|买房|林晓|陈志强"
KEYS = {f"F{n}" for n in (2, 4, 6, 7, 8, 9, 10)} | set("ABCDFGHKORSTWXY") | {"Esc", "ZB"}


@pytest.fixture
def lin(log_in):
    at_desk.cast.bank_terms()
    routing_shipped.install(at=clock.now())
    shipped.install(at=clock.now())
    user = log_in(Role.AGENT, name="林晓")
    seats.seat(user, "general", "ebank")
    return user


@pytest.fixture
def morning(lin, page):
    """She has taken some calls, and sits at her page."""
    wang, chen = at_desk.customer()
    session = seats.sits_down(lin, at=clock.now() - at_desk.timedelta(minutes=100))
    for minutes, who, code, lasted in (
        (90, None, "other-branch", 48),
        (70, chen, "transfer-enquiry", 246),
        (42, wang, "transfer-limit", 117),
        (12, chen, "account-balance", 182),
    ):
        at_desk.past_call(
            lin,
            who,
            code,
            "客户问限额，已说明单笔和当日额度，当场告知。",
            minutes_ago=minutes,
            lasted_s=lasted,
            session=session,
        )
    at_desk.callback(chen, 51)
    at_desk.callback(wang, 8)
    at_desk.untold_transfer(wang, chen)
    at_desk.lost_passbook(wang)
    desk = Desk(page, lin)
    page.get_by_role("button", name="换到这个窗口").click()
    expect(page.locator("#elsewhere")).to_be_hidden()
    return desk, session, wang


def dark(page: Page) -> None:
    page.get_by_role("button", name="深色").or_(page.get_by_role("button", name="Dark")).click()


def fits(page: Page) -> None:
    """The page itself never scrolls, and no column is cut off sideways."""
    assert page.evaluate("document.documentElement.scrollWidth") == 1440
    assert page.evaluate("document.documentElement.scrollHeight") == 900
    wide = page.evaluate(
        """() => [...document.querySelectorAll(".col, .col *, .top *")]
            .filter(e => e.checkVisibility() && getComputedStyle(e).overflowX !== "hidden"
                && e.scrollWidth > e.clientWidth + 1
                && !["inline", "contents"].includes(getComputedStyle(e).display))
            .map(e => `${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 40)}`)"""
    )
    assert wide == []


def test_pictures_of_a_call(morning, page, shoot, base_url):
    desk, session, wang = morning
    desk.is_ready_now(session)
    desk.is_in("ready")
    shoot("desk-idle-zh")
    fits(page)
    assert latin_words(page) - KEYS == set()
    # As a browser's extension does, or who takes a picture: what is swapped has it no more.
    page.evaluate("for (const each of document.querySelectorAll('[id]')) each.style.top = 0")
    leg = at_desk.comes_to(desk, session, at_desk.in_the_ivr(wang))
    expect(desk.panel("call").get_by_role("button", name="接听")).to_be_visible()
    shoot("desk-ringing-zh")
    offers.answered(leg, at=clock.now())
    expect(desk.panel("wrapup")).to_be_visible()
    shoot("desk-call-zh")
    fits(page)
    assert latin_words(page) - KEYS == set()
    dark(page)
    shoot("desk-call-dark")
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": base_url}])
    page.reload()
    expect(desk.panel("wrapup")).to_be_visible()
    shoot("desk-call-en-dark")
    page.get_by_role("button", name="Light").click()
    shoot("desk-call-en")
    fits(page)
    # What she heard is Chinese in any language, and so is what was drafted of it.
    for part in ("#panel-ivr", "#note"):
        page.locator(part).evaluate("element => element.remove()")
    visible = re.sub(NAMES, "", page.locator("desk-page").inner_text())
    assert not re.findall("[一-鿿]+", visible.replace("简体中文", ""))


def test_dialogs_by_keys_alone(morning, page, shoot):
    desk, session, wang = morning
    desk.press("B", "1")
    expect(page.locator("#edit-note")).to_be_focused()
    shoot("desk-edit-zh")
    page.keyboard.type("已补充。")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#dialog")).to_be_hidden()
    assert WrapUp.objects.filter(note__endswith="已补充。").count() == 1
    leg = at_desk.comes_to(desk, session, at_desk.in_the_ivr(wang))
    offers.answered(leg, at=clock.now())
    expect(desk.panel("wrapup")).to_be_visible()
    for keys, name in ((("F6",), "pauses"), (("F8",), "transfer"), (("F10",), "to-ivr")):
        desk.press(*keys)
        expect(page.locator("dialog[open]")).to_be_visible()
        shoot(f"desk-{name}-zh")
        assert latin_words(page) - KEYS == set(), name
        desk.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("Shift+?")
    expect(page.locator("#all-keys")).to_be_visible()
    shoot("desk-keys-zh")
    desk.press("Escape")
    desk.press("D", "4", "2")
    expect(page.locator("[data-typed]")).to_have_text("42")
    shoot("desk-pad-zh")
    desk.press("Escape")
    desk.press("C", "1")
    expect(page.locator("#reason")).to_be_focused()
    page.keyboard.type("核对证件 F")
    shoot("desk-reveal-zh")
    desk.press("Enter")
    number = wang.id_number.reveal()
    expect(page.locator(".revealed")).to_have_text(f"{number[:6]} {number[6:14]} {number[14:]}")
    shoot("desk-revealed-zh")
    desk.press("Escape")
    expect(page.locator(".revealed")).to_have_count(0)
    assert number not in page.content().replace(" ", "")
    desk.press("F6", "2")  # a meal, once this is written up
    expect(desk.presence).to_contain_text("用餐")
    desk.press("W", "4")
    expect(page.locator("[name=follow_up_at]").first).to_be_visible()
    desk.press("O", "1")
    expect(desk.panel("open")).not_to_contain_text("4,800.00")  # she has been told


def does(page: Page, *typed: str) -> None:
    """S, what it is called, ↵."""
    page.keyboard.press("s")
    expect(page.locator("service-list input")).to_be_focused()
    page.keyboard.type(" ".join(typed))
    page.keyboard.press("Enter")


def turns_pages(page: Page, shoot) -> None:
    """The first 15 of her movements, the others, and back."""
    does(page, "rqmx")
    expect(page.locator("#id_which")).to_be_focused()
    page.keyboard.press("Enter")
    first, more = page.locator("#dialog tbody tr").first, page.locator("#dialog [data-digit='1']")
    expect(page.locator("#dialog .readback")).to_contain_text("第 1 至 15 笔")
    shoot("desk-pages-zh")
    assert page.locator("#dialog .read").evaluate("read => read.scrollHeight <= read.clientHeight")
    newest = first.inner_text()
    page.keyboard.press("1")
    expect(page.locator("#dialog .readback")).to_contain_text("第 16 至")
    expect(more).to_be_disabled()
    page.keyboard.press("1")
    page.keyboard.press("2")
    expect(first).to_have_text(newest, use_inner_text=True)
    page.keyboard.press("Escape")


def test_a_loss_and_a_notice_by_keys_alone(morning, page, shoot):
    desk, session, wang = morning
    for yuan in range(1, 20):
        customers.deposit(wang.account.pk, Decimal(yuan), at=clock.now())
    published_rates()
    deposit = puts(wang, 50_000, "notice", "7d", at=clock.now())
    leg = at_desk.comes_to(desk, session, at_desk.in_the_ivr(wang))
    offers.answered(leg, at=clock.now())
    expect(desk.panel("wrapup")).to_be_visible()
    page.keyboard.press("s")
    expect(page.locator("service-list input")).to_be_focused()
    shoot("desk-services-zh")
    fits(page)
    assert latin_words(page) - KEYS == set()
    page.keyboard.type("zqtz")
    expect(page.locator("service-list [data-typed]:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#id_deposit")).to_be_focused()
    shoot("desk-notice-zh")
    page.keyboard.press("Tab")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    expect(page.locator("#dialog .readback")).to_contain_text("1.00")
    shoot("desk-readback-zh")
    page.keyboard.press("Enter")  # she agrees; the bank does not
    expect(page.locator("#dialog .wrong")).to_contain_text("50,000.00")
    expect(page.locator("#id_amount")).to_have_value("1")
    shoot("desk-refused-zh")
    page.locator("#id_amount").press("Control+a")
    page.keyboard.type("50000")
    page.keyboard.press("Enter")
    expect(page.locator("#dialog .readback")).to_contain_text("50,000.00")
    page.keyboard.press("Enter")
    number = page.locator("#dialog .link")
    expect(number).to_have_text(re.compile(r"^\d{12}$"))
    notice = Notice.objects.get(deposit=deposit, state="open")
    assert number.inner_text() == notice.number
    shoot("desk-done-zh")
    page.keyboard.press("Enter")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(desk.panel("services")).to_contain_text(notice.number)

    does(page, "挂失")
    expect(page.locator("#id_lost")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#dialog .readback")).to_contain_text("挂失")
    page.keyboard.press("Enter")
    expect(number).to_have_text(re.compile(r"^\d{12}$"))
    report = LossReport.objects.get(card=wang.card)
    assert number.inner_text() == report.number
    page.keyboard.press("Escape")
    expect(desk.panel("open")).to_contain_text(report.number)
    expect(page.locator("#note")).to_have_value(re.compile(report.number))
    does(page, "mx")
    expect(page.locator("#id_which")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#dialog table")).to_be_visible()
    shoot("desk-entries-zh")
    page.keyboard.press("Escape")
    turns_pages(page, shoot)
    shoot("desk-after-zh")
    fits(page)


def test_the_list_in_english(morning, page, shoot, base_url):
    desk, session, wang = morning
    leg = at_desk.comes_to(desk, session, at_desk.in_the_ivr(wang))
    offers.answered(leg, at=clock.now())
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": base_url}])
    page.reload()
    expect(desk.panel("wrapup")).to_be_visible()
    page.keyboard.press("s")
    expect(page.locator("service-list input")).to_be_focused()
    shoot("desk-services-en")
    fits(page)
    assert not re.findall("[一-鿿]+", page.locator("#dialog").inner_text())
    page.keyboard.type("lower")
    page.keyboard.press("Enter")
    expect(page.locator("#id_single")).to_be_focused()
    shoot("desk-limits-en")
    page.keyboard.press("Escape")
    does(page, "loans")
    expect(page.locator("#dialog")).to_contain_text("owes nothing")
    page.keyboard.press("Escape")
    does(page, "change the query")
    expect(page.get_by_role("button", name="Hand her to the IVR")).to_be_focused()
    shoot("desk-errand-en")


def test_letters_do_nothing_inside_a_field(morning, page):
    desk, session, _wang = morning
    leg = at_desk.comes_to(desk, session, seats.calls_in(at=clock.now(), node="root"))
    offers.answered(leg, at=clock.now())
    expect(desk.panel("wrapup")).to_be_visible()
    desk.press("W", "5")
    page.keyboard.type("d w1 ? x")
    assert page.locator("dialog[open]").count() == 0
    expect(page.locator("#note")).to_have_value(re.compile("d w1 [?] x$"))
    desk.press("F6")  # function keys work there as well
    expect(page.locator("#pauses")).to_be_visible()
    desk.press("Escape")
    desk.press("Escape")
    desk.press("D")
    expect(page.locator("#pad")).to_be_visible()


# -- one acts, the others look -------------------------------------------------------------------


def test_two_tabs_do_not_fight(lin, page, context):
    first = Desk(page, lin)
    first.signs_in()
    other = context.new_page()
    second = Desk(other, lin)
    expect(other.get_by_role("heading", name="工作台已在另一个窗口打开")).to_be_visible()
    expect(page.locator("#elsewhere")).to_be_hidden()
    other.keyboard.press("1")
    expect(other.locator("#elsewhere")).to_be_hidden()
    expect(page.locator("#elsewhere")).to_be_visible()  # the first was told
    tab = other.evaluate("document.querySelector('desk-page').tab")
    assert str(Session.objects.get(ended_at=None).tab) == tab
    second.press("X")
    second.is_in("offline")
    expect(page.locator("#elsewhere")).to_be_hidden()


def test_a_copied_tab_is_another_tab_and_a_reloaded_one_the_same(lin, page, context):
    desk = Desk(page, lin)
    desk.signs_in()
    tab = page.evaluate("document.querySelector('desk-page').tab")
    page.reload()
    assert page.evaluate("document.querySelector('desk-page').tab") == tab
    expect(page.locator("#elsewhere")).to_be_hidden()
    with context.expect_page() as opened:
        page.evaluate("window.open('/desk/')")
    copied = opened.value
    expect(copied.locator("#elsewhere")).to_be_visible()
    assert copied.evaluate("document.querySelector('desk-page').tab") != tab


def test_another_language_is_the_same_window(lin, page):
    """A form and a way back, as to the back office: she has not opened a second one."""
    desk = Desk(page, lin)
    desk.signs_in()
    tab = page.evaluate("document.querySelector('desk-page').tab")
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="简体中文").wait_for()
    assert page.evaluate("document.querySelector('desk-page').tab") == tab
    expect(page.locator("#elsewhere")).to_be_hidden()
    page.goto("/admin/")
    page.goto("/desk/")
    assert page.evaluate("document.querySelector('desk-page').tab") == tab
    expect(page.locator("#elsewhere")).to_be_hidden()


# -- the connection --------------------------------------------------------------------------------


def test_what_is_typed_outlives_a_lost_connection_and_a_reload(lin, page, context):
    desk = Desk(page, lin)
    session = desk.signs_in()
    call = seats.calls_in(at=clock.now(), node="root")
    leg = at_desk.comes_to(desk, session, call)
    offers.answered(leg, at=clock.now())
    expect(desk.panel("wrapup")).to_be_visible()
    context.set_offline(True)
    expect(page.locator("[data-says]")).to_contain_text("起与服务器断开")
    desk.press("W", "5")
    page.keyboard.type("客户问网点时间")
    offers.finished(leg, at=clock.now())  # the page can't hear of it
    context.set_offline(False)
    desk.is_in("wrap_up")
    expect(page.locator("[data-says]")).to_have_text("已重新连接。")
    expect(page.locator("#note")).to_have_value(re.compile("客户问网点时间"))
    expect(page.locator("[data-saved]")).to_contain_text("自动保存")
    assert "客户问网点时间" in WrapUp.objects.get().note
    page.reload()
    expect(page.locator("#note")).to_have_value(re.compile("客户问网点时间"))
    page.keyboard.press("Control+Enter")
    expect(desk.panel("wrapup")).to_be_hidden()
