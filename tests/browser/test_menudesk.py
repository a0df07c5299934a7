"""The menu desk in a browser: a draft is edited, a saved call turns red and green, it is published
at an hour, and taken back."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from calendars import clock
from people.roles import Role
from routing import shipped as routing_shipped
from telephony import menus, publishing, shipped
from telephony.models import Menu, MenuVersion
from tests import cast
from tests.desktop import floors

SLOWLY_MS = 90_000  # what a cold server may take for its first page, or for the saved calls
LOG_IN = "1 1 {card}# {pin}#"


@pytest.fixture
def bank(transactional_db):
    cast.bank_terms()
    routing_shipped.install(at=clock.now())
    floors.hire("林晓", 1023, ("general",), None)
    return shipped.install(at=clock.now())


def select(page: Page, key: str) -> None:
    page.locator(f'[data-row][href^="?at={key}&"]').click()


def test_from_a_draft_to_callers_and_back(page: Page, base_url, bank, log_in, shoot):
    lina = log_in(Role.MENU_OWNER, name="李娜")
    page.set_default_timeout(SLOWLY_MS)
    page.goto(f"{base_url}/menus/")
    expect(page.locator("h1")).to_have_text("主菜单", timeout=SLOWLY_MS)
    page.get_by_role("button", name="新建草稿").click()
    expect(page.locator(".top")).to_contain_text("v2", timeout=SLOWLY_MS)

    page.locator(".calls .new summary").click()
    page.locator(".calls .new [name=name]").fill("查余额")
    page.locator(".calls .new [name=keys]").fill(f"{LOG_IN} 1 1")
    page.get_by_role("button", name="保存并运行").click()
    page.locator(".calls details", has_text="尚未设应有结果").locator("summary").click()
    page.locator(".calls details[open]:not(.new)").get_by_role(
        "button", name="实际结果无误"
    ).click()
    page.get_by_role("button", name="全部运行").click()
    expect(page.locator(".calls .st-met")).to_have_count(len(shipped.CALLS) + 1, timeout=SLOWLY_MS)

    select(page, "accounts.1")
    page.get_by_role("button", name="删除").first.click()
    page.get_by_role("button", name="全部运行").click()
    expect(page.locator(".calls .st-breach")).to_have_text(
        ["两键查余额", "查余额"], timeout=SLOWLY_MS
    )
    expect(page.locator(".calls .came .bad").first).to_have_text(
        "say menu.invalid", timeout=SLOWLY_MS
    )
    shoot("menudesk-red")
    page.get_by_role("button", name="立即发布").click()
    expect(page.locator('[role="status"].st-breach')).to_contain_text(
        "两键查余额", timeout=SLOWLY_MS
    )

    select(page, "personal.1")
    adding = page.locator('form[action$="/add-service/"]')
    adding.locator("[name=digit]").select_option("1")
    adding.locator("[name=title]").fill("余额")
    adding.locator("[name=flow]").fill("balance")
    adding.get_by_role("button").click()
    page.get_by_role("button", name="全部运行").click()
    expect(page.locator(".calls .st-met")).to_have_count(len(shipped.CALLS) + 1, timeout=SLOWLY_MS)

    due = clock.now() + timedelta(hours=1)
    page.locator("[name=due_at]").fill(f"{due.astimezone(clock.SHANGHAI):%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="定时发布", exact=True).last.click()
    expect(page.locator("#publish")).to_contain_text("李娜", timeout=SLOWLY_MS)
    draft = MenuVersion.objects.get(number=2)
    assert publishing.publish_due(at=due + timedelta(minutes=1)) == [draft]
    page.reload()
    expect(page.locator(".nums")).to_contain_text("第 2 版", timeout=SLOWLY_MS)

    page.get_by_role("button", name="回退到第 1 版").click()
    expect(page.locator('[role="status"]')).to_be_visible(timeout=SLOWLY_MS)
    now = menus.published(Menu.objects.get())
    assert (now.number, now.published_by) == (1, lina)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_how_it_looks(page: Page, base_url, bank, log_in, shoot, language, theme):
    """Nothing overlaps, nothing is cut off: the page never scrolls, its columns do."""
    from telephony import drafting

    lina = log_in(Role.MENU_OWNER, name="李娜")
    by = {"by": lina, "at": clock.now()}
    draft = menus.copy(bank.pk, **by)
    titles = {"title": "更多服务", "title_en": "More services"}
    drafting.add_menu(draft.pk, node="corporate", digit="2", slug="more", **titles, **by)
    drafting.move(draft.pk, node="accounts", digit="5", to_node="more", to_digit="1", **by)
    drafting.remove(draft.pk, node="complaints", digit="5", **by)
    page.emulate_media(color_scheme=theme)
    page.context.add_cookies([{"name": "django_language", "value": language, "url": base_url}])
    page.goto(f"{base_url}/menus/{draft.pk}/?at=corporate.2")
    title = titles["title_en" if language == "en" else "title"]
    expect(page.locator("tr.sel")).to_contain_text(title)
    shoot(f"menudesk-{language[:2]}-{theme}")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
