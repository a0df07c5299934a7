"""The admin as a person meets it: log-in, language, home, keyboard, and no English in Chinese."""

import re
from datetime import UTC

import pytest
from playwright.sync_api import Page, expect

from calendars import clock, days
from people import staff
from people.models import Branch
from people.roles import Role
from tests.desktop import busy

# Latin letters that belong in Chinese pages: the other language's own name, names of keys, codes.
ALLOWED = {"English", "Ctrl", "K", "IVR", "PIN", "VIP", "v"}

PAGES = {
    "staff": "/admin/people/user/",
    "staff-add": "/admin/people/user/add/",
    "branches": "/admin/people/branch/",
    "holidays": "/admin/calendars/specialday/",
    "hours": "/admin/calendars/openinghours/",
    "hours-add": "/admin/calendars/openinghours/add/",
    "password": "/admin/password_change/",
    "failures": "/admin/django_q/failure/",
}


def latin_words(page: Page) -> set[str]:
    """The words of Latin letters that can be seen, icons' names apart."""
    page.wait_for_load_state()  # until its styles are there, they would be read as text
    text = page.evaluate(
        """() => {
            for (const icon of document.querySelectorAll(".material-symbols-outlined"))
                icon.remove()
            return document.body.innerText + [...document.querySelectorAll(
                "[placeholder], [aria-label], [title]")].map(e =>
                " " + [e.placeholder, e.ariaLabel, e.title].join(" ")).join("")
        }"""
    )
    return set(re.findall("[A-Za-z]+", text)) - ALLOWED


@pytest.fixture
def morning(transactional_db, page, client, log_in, base_url, monkeypatch):
    """The home page as it was at 10:24: this process renders it, the server brings the rest."""
    monkeypatch.setattr(clock, "_real", lambda: busy.TEN_PAST.astimezone(UTC))
    days.seed_year(2026)
    busy.morning()
    user = log_in(Role.SUPERVISOR)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def render(route) -> None:
        cookies = {c["name"]: c["value"] for c in page.context.cookies()}
        client.cookies["django_language"] = cookies.get("django_language", "zh-hans")
        answer = client.get("/admin/")
        route.fulfill(
            status=answer.status_code, content_type="text/html; charset=utf-8", body=answer.content
        )

    page.route(f"{base_url}/admin/", render)
    return user


def test_a_person_logs_in_and_out(transactional_db, page, shoot):
    user = staff.hire(number="2001", name="何静", branch=None, roles=[Role.ADMINISTRATOR])
    password = staff.issue_password(user)
    page.goto("/admin/")
    shoot("login")
    assert latin_words(page) == set()
    page.get_by_label("工号").fill("2001")
    page.locator("[name=password]").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_text("请输入一个正确的")).to_be_visible()
    shoot("login-refused")
    page.locator("[name=password]").fill(password)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("password_change"))
    shoot("password-first")
    page.locator("[name=old_password]").fill(password)
    page.locator("[name=new_password1]").fill("Peng-2026-fei")
    page.locator("[name=new_password2]").fill("Peng-2026-fei")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("password_change/done"))
    page.goto("/admin/")
    expect(page.get_by_role("heading", name="今天")).to_be_visible()
    page.get_by_role("button", name="何静 2001").click()
    page.get_by_role("button", name="注销").click()
    expect(page.get_by_text("何静")).to_have_count(0)


def test_five_wrong_passwords_are_answered_in_chinese(transactional_db, page, shoot):
    staff.issue_password(staff.hire(number="2001", name="何静", branch=None, roles=[]))
    page.goto("/admin/")
    for _ in range(5):
        page.get_by_label("工号").fill("2001")
        page.locator("[name=password]").fill("wrong")
        with page.expect_navigation():
            page.keyboard.press("Enter")
    expect(page.get_by_text("15 分钟内不能登录")).to_be_visible()
    assert latin_words(page) == set()
    shoot("locked-out")


def test_the_language_is_chosen_and_kept(log_in, page, shoot):
    log_in(Role.ADMINISTRATOR)
    page.goto("/admin/people/branch/")
    assert page.locator("html").get_attribute("lang") == "zh-hans"
    page.locator(".bl-me > button").click()
    shoot("menu-zh-hans")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Branches")).to_be_visible()
    assert not re.search("[一-鿿]", page.locator(".bl-side").inner_text())
    [cookie] = [c for c in page.context.cookies() if c["name"] == "django_language"]
    assert cookie["value"] == "en"
    assert cookie["expires"] > 0  # it outlives the browser
    page.goto("/admin/people/user/")
    assert page.locator("html").get_attribute("lang") == "en"
    page.locator(".bl-me > button").click()
    page.get_by_role("button", name="简体中文").click()
    expect(page.get_by_role("heading", name="员工")).to_be_visible()


def test_the_home_page_is_a_picture_of_the_day(morning, page, shoot):
    page.goto("/admin/")
    expect(page.get_by_role("img", name="今天 08:00 到 20:00")).to_be_visible()
    assert page.locator(".day .done").count() == 5
    shoot("home-zh-hans")
    assert latin_words(page) == set()
    # Everything fits: nothing is cut off sideways, and 1440 × 900 need no scrolling.
    assert page.evaluate("document.documentElement.scrollWidth") == 1440
    assert page.evaluate("document.documentElement.scrollHeight") == 900
    page.emulate_media(color_scheme="dark")
    page.reload()
    shoot("home-dark")
    page.emulate_media(color_scheme="light")
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": page.url}])
    page.goto("/admin/")
    shoot("home-en")
    visible = page.locator("#main").inner_text()
    assert not re.search("[一-鿿]", visible.replace("*小梅", "").replace("*桂英", ""))


@pytest.mark.parametrize("name", PAGES)
def test_no_english_in_a_chinese_page(log_in, page, shoot, name):
    Branch.objects.create(code="0101", name="福田支行", district="福田区")
    days.seed_year(clock.now().year)
    log_in(Role.ADMINISTRATOR)
    page.goto(PAGES[name])
    shoot(name)
    assert latin_words(page) == set()


def test_every_stop_of_the_keyboard_can_be_seen(log_in, page):
    log_in(Role.ADMINISTRATOR)
    page.goto("/admin/")
    seen = set()
    for _ in range(24):  # as many as the side bar has lines, and some more
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => {
                const e = document.activeElement, s = getComputedStyle(e)
                return [e.innerText.trim(), s.outlineStyle, parseFloat(s.outlineWidth)]
            }"""
        )
        assert stop[1:] == ["solid", 2], stop
        seen.add(stop[0])
    assert {"今天", "员工与角色", "网点"} <= seen


def test_the_side_bar_shows_where_one_is(log_in, page):
    log_in(Role.ADMINISTRATOR)
    page.goto("/admin/people/user/add/")
    here = page.locator(".bl-side [aria-current=page]")
    expect(here).to_have_text("员工与角色")


def test_issuing_a_password_asks_first_and_shows_it_once(log_in, page, shoot):
    log_in(Role.ADMINISTRATOR)
    lin = staff.hire(number="1023", name="林晓", branch=None, roles=[Role.AGENT])
    page.goto(f"/admin/people/user/{lin.pk}/change/")
    page.get_by_text("发放新密码").first.click()
    expect(page.get_by_text("原密码立即失效")).to_be_visible()
    shoot("issue-password")
    page.get_by_role("button", name="发放", exact=True).click()
    expect(page.get_by_text("的新密码是")).to_be_visible()
    shoot("issued-password")
    assert latin_words(page) - set(re.findall("[a-z]+", page.inner_text("#main"))) == set()
    page.reload()
    expect(page.get_by_text("的新密码是")).to_have_count(0)


def test_a_history_says_who_changed_what(log_in, page, shoot):
    branch = Branch.objects.create(code="0101", name="福田支行", district="福田区")
    branch.district = "南山区"
    branch.save()
    log_in(Role.AUDITOR)
    page.goto(f"/admin/people/branch/{branch.pk}/history/")
    shoot("history")
    row = page.locator("#history tbody").first.locator("tr")
    expect(row).to_contain_text("福田区")
    expect(row).to_contain_text("南山区")
    assert latin_words(page) == set()
