"""What an agent says, at her desk by keys alone; and how an editor words it."""

import re

import pytest
from playwright.sync_api import expect

from calendars import clock
from complaints import shipped as complaints_shipped
from complaints.models import Complaint
from kb import shipped as kb_shipped
from kb.models import ScriptReading, ScriptVersion
from people.roles import Role
from routing import offers
from routing import shipped as routing_shipped
from telephony import shipped
from tests import cast
from tests.browser import desk as at_desk
from tests.browser.test_admin import latin_words
from tests.browser.test_desk import KEYS, fits
from tests.browser.test_knowledge_panel import desk  # noqa: F401
from tests.desktop import seats


def terms(monkeypatch) -> None:
    """Without articles: what is said is enough, and sooner installed."""
    monkeypatch.setattr(kb_shipped, "articles", lambda: [])
    cast.bank_terms()
    routing_shipped.install(at=clock.now())
    shipped.install(at=clock.now())
    kb_shipped.install(at=clock.now())
    complaints_shipped.install()


@pytest.fixture
def lin(log_in, monkeypatch):
    terms(monkeypatch)
    user = log_in(Role.AGENT, name="林晓")
    seats.seat(user, "general")
    return user


def test_a_caller_is_greeted_held_and_handed_on_in_the_banks_words(
    desk,  # noqa: F811
    lin,
    page,
    shoot,
    base_url,
):
    desk, session = desk
    call = at_desk.in_the_ivr(cast.wang(is_test=False))
    leg = at_desk.comes_to(desk, session, call)
    said = desk.panel("scripts")
    greeting = said.locator(".say")
    expect(greeting).to_contain_text(f"王先生／女士，工号{lin.username}为您服务")
    shoot("scripts-ringing-zh")
    fits(page)
    offers.answered(leg, at=clock.now())
    expect(desk.panel("wrapup")).to_be_visible()
    expect(greeting).to_contain_text("王先生／女士")
    shoot("scripts-greeting-zh")
    fits(page)

    desk.press("H", "1")
    script = page.locator(".script")
    expect(script).to_be_focused()
    expect(script.locator("#script-words")).to_contain_text("王先生／女士")
    shoot("scripts-opened-zh")
    fits(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=base_url)
    desk.press("1")
    expect(script.get_by_role("button", name="已复制")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == script.locator("#script-words").inner_text().strip()
    script.locator("[lang=en]").evaluate("element => element.remove()")  # as she may say it too
    assert latin_words(page) - KEYS - {"K"} == set()
    kept = ScriptReading.objects.get()
    assert (kept.call, kept.by) == (call, lin)

    offers.held(leg, at=clock.now())
    expect(greeting).to_contain_text("感谢您的耐心等候")
    script.focus()
    desk.press("H", "1")  # over what is open
    expect(script.locator("#script-words")).to_contain_text("感谢您的耐心等候")
    desk.press("Escape")
    expect(script).to_have_count(0)
    page.locator("#asked").blur()
    shoot("scripts-hold-zh")
    offers.retrieved(leg, at=clock.now())
    expect(said).not_to_contain_text("取回通话")
    desk.press("F8")
    dialog = page.locator("#dialog")
    expect(dialog.locator(".readback .blank").first).to_have_text("〔部门〕")
    shoot("scripts-transfer-zh")
    desk.press("Escape")

    desk.press("G", "1")
    dialog.locator("textarea").fill("在网点排队等了两个小时。")
    desk.press("Control+Enter")
    expect(dialog.locator(".readback")).to_contain_text(re.compile(r"投诉编号是\d+"))
    shoot("scripts-complaint-zh")
    desk.press("Escape")
    expect(greeting).to_contain_text(Complaint.objects.get().number)

    desk.press("/")
    page.keyboard.type("qingxu jidong", delay=20)
    found = desk.panel("knowledge").locator("[data-hit]", has_text="话术").first
    expect(found).to_contain_text("客户情绪激动")
    shoot("scripts-found-zh")
    fits(page)
    key = found.get_attribute("data-key")
    assert key is not None
    page.locator("#asked").blur()
    desk.press(*key.split())
    expect(script).to_contain_text("换作是我")
    shoot("scripts-found-opened-zh")
    desk.press("Escape")
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": base_url}])
    page.reload()
    expect(said).to_be_visible()
    shoot("scripts-en")
    fits(page)
    offers.finished(leg, at=clock.now())
    expect(said).to_be_hidden()  # in the wrap-up: nothing


def test_who_chose_english_is_spoken_to_in_it(desk, lin, page, shoot):  # noqa: F811
    desk, session = desk
    call = at_desk.in_the_ivr(cast.wang(is_test=False))
    type(call).objects.filter(pk=call.pk).update(language="en")
    at_desk.comes_to(desk, session, call)
    expect(desk.panel("scripts").locator(".say")).to_contain_text(
        f"This is agent {lin.username}. You have already been verified"
    )
    desk.press("H", "1")
    expect(page.locator(".script")).to_contain_text("您的身份已经核实过了")
    shoot("scripts-english-zh")


def test_an_editor_words_a_script_and_an_unknown_variable_is_named(
    log_in, page, shoot, monkeypatch, base_url
):
    terms(monkeypatch)
    log_in(Role.KB_EDITOR, name="李娜")
    page.goto("/admin/kb/scriptversion/")
    expect(page.locator("#result_list tbody tr").first).to_be_visible()
    shoot("scripts-list-zh")
    page.goto("/admin/kb/scriptversion/add/")
    page.locator("#id_key").fill("greet-vip")
    page.locator("#id_title").fill("贵宾客户的开头语")
    page.locator("#id_words").fill("{问候}，{称乎}，工号{工号}为您服务。")
    page.locator("#id_source").fill("《鹏城商业银行客户服务中心服务规范》")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("没有“称乎”这个变量，您是不是要用“称呼”？")).to_be_visible()
    shoot("scripts-fault-zh")
    page.locator("#id_words").fill("{问候}，{称呼}，工号{工号}为您服务，{事项}我来办。")
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_url("**/scriptversion/**")
    draft = ScriptVersion.objects.get(script__key="greet-vip")
    page.goto(f"/admin/kb/scriptversion/{draft.pk}/change/")
    expect(page.locator(".said")).to_have_text(
        "下午好，王先生／女士，工号1023为您服务，〔事项〕我来办。"
    )
    shoot("scripts-draft-zh")

    shown = ScriptVersion.objects.get(script__key="complaint-number")
    page.goto(f"/admin/kb/scriptversion/{shown.pk}/change/")
    expect(page.locator(".said").first).to_contain_text("12月14日")
    expect(page.locator(".said").last).to_contain_text("by December 14")
    shoot("scripts-page-zh")
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": base_url}])
    page.reload()
    expect(page.get_by_role("heading", name="As it is said")).to_be_visible()
    shoot("scripts-page-en")
    page.goto("/admin/kb/scriptversion/")
    shoot("scripts-list-en")
