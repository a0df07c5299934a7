"""The bank's answers at an agent's desk, by keys alone."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from calendars import clock
from kb import attachments, drafting, reviewing
from kb import shipped as kb_shipped
from kb.models import Article, GapReport, Opinion, Reading, Receipt, Search
from kb.texts import Text
from people import staff
from people.roles import Role
from routing import offers
from routing import shipped as routing_shipped
from telephony import menus, shipped
from telephony.ivr import registry
from telephony.ivr.menus import Entry
from telephony.models import MenuVersion
from tests import cast
from tests.browser import desk as at_desk
from tests.browser.desk import Desk
from tests.browser.test_admin import latin_words
from tests.browser.test_desk import KEYS, does, fits
from tests.desktop import seats
from tests.kb.attached import pdf, png


@pytest.fixture
def lin(log_in):
    cast.bank_terms()
    routing_shipped.install(at=clock.now())
    shipped.install(at=clock.now())
    kb_shipped.install(at=clock.now())
    user = log_in(Role.AGENT, name="林晓")
    seats.seat(user, "general")
    return user


@pytest.fixture
def desk(lin, page):
    session = seats.sits_down(lin, at=clock.now())
    desk = Desk(page, lin)
    page.get_by_role("button", name="换到这个窗口").click()
    expect(page.locator("#elsewhere")).to_be_hidden()
    return desk, session


@pytest.fixture
def call(desk):
    """She talks to 王小梅, who came from a transfer."""
    desk, session = desk
    call = at_desk.in_the_ivr(cast.wang(is_test=False))
    offers.answered(at_desk.comes_to(desk, session, call), at=clock.now())
    expect(desk.panel("wrapup")).to_be_visible()
    return call


def test_an_answer_is_found_read_and_left_by_keys_alone(desk, call, page, shoot, base_url):
    desk, _session = desk
    suggested = desk.panel("suggested").locator("[data-hit]")
    expect(suggested.first).to_be_visible()
    shoot("knowledge-suggested-zh")
    fits(page)

    desk.press("/", "/")
    field = page.locator("#asked")
    expect(field).to_be_focused()
    page.keyboard.type("mima wangle", delay=20)
    expect(field).to_have_value("mima wangle")  # the key that led here is no letter of it
    found = desk.panel("knowledge").locator("[data-hit]")
    expect(found.first).to_contain_text("密码")
    expect(suggested.first).to_be_hidden()
    expect(found.first).to_have_attribute("aria-selected", "true")
    desk.press("ArrowDown")
    expect(found.nth(1)).to_have_attribute("aria-selected", "true")
    shoot("knowledge-found-zh")
    fits(page)
    question = found.nth(1).locator("b").inner_text()
    desk.press("Enter")
    answer = page.locator(".answer")
    expect(answer.locator("h2")).to_have_text(question)
    expect(answer).to_be_focused()
    shoot("knowledge-answer-zh")
    fits(page)
    assert latin_words(page) - KEYS - {"mima", "wangle", "K"} == set()
    kept = Reading.objects.get()
    assert (kept.call, kept.search.asked) == (call, "mima wangle")
    assert kept.version.question == question
    desk.press("+")
    expect(answer.get_by_text("已记：有用")).to_be_visible()
    desk.press("-")
    page.locator("#words").fill("手续费已经调整")
    shoot("knowledge-wrong-zh")
    desk.press("Control+Enter")
    expect(page.locator("#dialog")).to_be_hidden()
    assert set(Opinion.objects.values_list("useful", "words", "call")) == {
        (True, "", call.pk),
        (False, "手续费已经调整", call.pk),
    }

    answer.focus()
    desk.press("Escape")
    expect(found.first).to_be_visible()
    expect(field).to_be_focused()
    desk.press("F3")
    expect(page.get_by_text("已按“mima wangle”上报")).to_be_visible()
    shoot("knowledge-gap-zh")
    assert GapReport.objects.get().call == call
    desk.press("Escape")
    expect(found).to_have_count(0)
    expect(suggested.first).to_be_visible()
    desk.press("K", "1")
    expect(answer).to_be_visible()
    assert Reading.objects.filter(search=None, call=call).count() == 1
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": base_url}])
    page.reload()
    desk.press("K", "1")
    expect(answer).to_be_visible()
    shoot("knowledge-answer-en")


def test_an_answer_leads_on_to_its_form_to_keys_and_to_what_the_desk_does(
    desk, call, page, shoot, base_url
):
    desk, _session = desk
    writer, reviewer = (
        staff.hire(number=number, name=name, branch=None, roles=[role])
        for number, name, role in (
            ("1003", "李娜", Role.KB_EDITOR),
            ("1004", "张敏", Role.KB_REVIEWER),
        )
    )
    said = {"at": clock.now()}
    article = Article.objects.get(key="certificate-lost")
    draft = drafting.revise(article.pk, by=writer, **said)
    attachments.attach(draft.pk, "挂失申请书.pdf", pdf(), is_form=True, by=writer, **said)
    attachments.attach(draft.pk, "样张.png", png(), by=writer, **said)
    words = replace(Text.of(draft), services=("loss-report",))
    drafting.write(draft.pk, words, by=writer, **said)
    drafting.submit(draft.pk, by=writer, **said)
    reviewing.approve(draft.pk, by=reviewer, **said)

    def opened() -> None:
        desk.press("/")
        page.keyboard.type("存单丢了怎么挂失", delay=20)
        expect(desk.panel("knowledge").locator("[data-hit]").first).to_contain_text("存单")
        desk.press("Enter")
        expect(answer).to_be_visible()

    answer = page.locator(".answer")
    opened()
    keys = next(keys for keys, entry in _reached() if entry.flow == "loss-report")
    expect(answer).to_contain_text(f"按 {'-'.join(keys)} 可自助办理")
    expect(answer.locator(".attached")).to_contain_text("表单")
    shoot("knowledge-leads-zh")
    fits(page)
    with page.expect_download() as download:
        answer.get_by_role("link", name="挂失申请书.pdf").click()
    assert download.value.path().read_bytes() == pdf()
    answer.get_by_role("button", name="口头挂失").click()
    expect(page.locator("#dialog")).to_be_visible()
    shoot("knowledge-leads-dialog-zh")
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": base_url}])
    page.reload()
    opened()
    shoot("knowledge-leads-en")


def _reached() -> list[tuple[str, Entry]]:
    return list(menus.load(MenuVersion.objects.get(state="published").pk).reached(registry.names()))


def test_what_is_known_of_a_service_opens_in_its_dialog(desk, call, page, shoot):
    desk, _session = desk
    does(page, "挂失")
    known = page.locator("#dialog .known details")
    expect(known).to_have_count(3)
    known.first.locator("summary").click()
    expect(known.first.locator(".say")).to_be_visible()
    shoot("knowledge-of-service-zh")
    kept = Reading.objects.get()
    assert (kept.call, kept.search) == (call, None)
    assert "loss-report" in kept.version.services


def test_what_she_stopped_typing_is_kept_and_enter_does_not_outrun_the_answer(desk, page):
    desk, _session = desk
    desk.press("/")
    page.keyboard.type("挂失")
    desk.press("Enter")  # before anything was found
    answer = page.locator(".answer")
    expect(answer).to_contain_text("挂失")
    kept = Reading.objects.get()
    assert (kept.call, kept.search.asked) == (None, "挂失")
    desk.press("/")
    page.keyboard.press("Control+A")
    with page.expect_response("**/desk/knowledge/searched/"):
        page.keyboard.type("存折")
    expect(answer).to_have_count(0)
    assert list(Search.objects.order_by("id").values_list("asked", flat=True)) == ["挂失", "存折"]


def test_what_is_typed_stays_while_a_call_comes_and_what_was_read_goes(desk, page):
    desk, session = desk
    desk.press("/")
    page.keyboard.type("利率")
    found = desk.panel("knowledge").locator("[data-hit]")
    expect(found.first).to_be_visible()
    call = at_desk.in_the_ivr(cast.wang(is_test=False))
    leg = at_desk.comes_to(desk, session, call)
    expect(desk.panel("call").get_by_role("button", name="接听")).to_be_visible()
    expect(page.locator("#asked")).to_have_value("利率")
    with page.expect_response("**/desk/knowledge/*/"):
        desk.press("Enter")
    assert Reading.objects.get().call == call  # hers from now on
    offers.answered(leg, at=clock.now())
    expect(page.locator(".answer")).to_have_count(0)
    expect(page.locator("#asked")).to_have_value("")


def test_an_urgent_change_comes_at_once_and_is_read_by_keys(desk, page, lin, shoot, base_url):
    desk, _session = desk
    editor = staff.hire(number="1003", name="李娜", branch=None, roles=[Role.KB_EDITOR])
    reviewer = staff.hire(number="1004", name="张敏", branch=None, roles=[Role.KB_REVIEWER])
    article = Article.objects.get(key="demand-close")
    draft = drafting.revise(article.pk, by=editor, at=clock.now())
    words = replace(Text.of(draft), spoken="销户暂停办理，恢复时间另行通知。")
    drafting.write(draft.pk, words, by=editor, at=clock.now())
    drafting.submit(draft.pk, by=editor, at=clock.now())
    reviewing.approve(draft.pk, urgent=True, by=reviewer, at=clock.now())
    asked = desk.panel("urgent").locator(".hit")
    expect(asked).to_have_text(re.compile(words.question[:6]))
    shoot("knowledge-urgent-zh")
    fits(page)
    desk.press("U", "1")
    dialog = page.locator("#dialog")
    expect(dialog.locator("ins")).to_have_text(words.spoken)
    shoot("knowledge-urgent-read-zh")
    assert latin_words(page) - KEYS - {"U"} == set()
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": base_url}])
    page.reload()
    desk.press("U", "1")
    expect(dialog.get_by_text("I have read it")).to_be_visible()
    shoot("knowledge-urgent-read-en")
    desk.press("Enter")
    expect(dialog).to_be_hidden()
    expect(asked).to_have_count(0)
    assert Receipt.objects.get().by == lin
