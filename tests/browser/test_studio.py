"""The prompt studio in a browser: a prompt is reworded, rendered, heard, approved, called."""

from contextlib import ExitStack

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from calendars import clock
from people.models import User
from people.roles import Role
from routing import shipped as routing_shipped
from telephony import laying, rendering, rewording, shipped
from telephony.models import OwnPrompt, Reading
from telephony.prompts import voice
from tests import cast
from tests.browser.callers import Callers
from tests.browser.contrast import too_faint
from tests.browser.test_answering import _session
from tests.browser.test_contrast import AA
from tests.browser.test_phone import SLOWLY_MS, WORD, House

WORDS = "个人银行业务，请按 1。"


@pytest.fixture
def studio(page, transactional_db, tmp_path, monkeypatch):
    """The whole bank, with a folder of its own and a voice that hums."""
    own = str(tmp_path / "own")
    monkeypatch.setenv("VOICE", "tests.voices.Hum")
    monkeypatch.setenv("OWN_PROMPTS", own)
    monkeypatch.setattr(settings, "VOICE", "tests.voices.Hum")
    monkeypatch.setattr(settings, "OWN_PROMPTS", tmp_path / "own")
    monkeypatch.setattr(settings, "SWITCH_OWN_PROMPTS", own)
    voice._made.cache_clear()
    expect.set_options(timeout=SLOWLY_MS)
    cast.bank_terms()
    routing_shipped.install(at=clock.now())
    shipped.install(at=clock.now())
    with ExitStack() as stack:
        yield House(stack, tmp_path, 1)
        page.close()
    voice._made.cache_clear()


def come(page: Page, house: House, log_in, *roles: Role, name: str) -> None:
    """The browser is hers from here on."""
    log_in(*roles, name=name)
    page.context.add_cookies([{**cookie, "url": house.address} for cookie in _session(page)])


def listens(page: Page, button) -> None:
    """Presses a play button; the sound comes, and the button says that it plays."""
    with page.expect_response(lambda r: r.url.endswith((".wav", "/audio/"))) as sound:
        button.click()
    assert sound.value.status in (200, 206)
    assert sound.value.headers["content-type"] == "audio/wav"


def test_from_a_prompt_to_a_caller(page: Page, studio, log_in, shoot):
    come(page, studio, log_in, Role.MENU_OWNER, name="李娜")
    page.goto(f"{studio.address}/prompts/", timeout=60_000)
    page.get_by_role("searchbox").fill("个人业务")
    page.get_by_role("button", name="查找").click()
    page.locator("[data-row]", has_text="个人业务，请按 1。").first.click()
    panel = page.locator(".side")
    expect(panel.locator(".said").first).to_have_text("个人业务，请按 1。")
    expect(panel).to_contain_text("主菜单")
    listens(page, panel.locator(".pieces .play").first)

    panel.locator("textarea").fill(WORDS)
    panel.locator('form[action$="/do/words/"] [name=reason]').fill("更清楚")
    panel.get_by_role("button", name="提交复核").click()
    expect(panel.locator("#asked")).to_contain_text(WORDS)
    panel.locator("#asked").get_by_role("button", name="语音合成").click()
    expect(page.locator(".far b")).to_contain_text("0")
    while rendering.go_on(at=clock.now()):
        pass
    expect(page.locator("#main")).to_have_attribute("data-over", "")
    shoot("studio-rendered")
    listens(page, page.locator("td .play").first)
    page.locator("td.key a").click()
    expect(panel.get_by_role("button", name="撤回我的提交")).to_be_visible()
    expect(panel.get_by_role("button", name="全部批准")).to_have_count(0)

    come(page, studio, log_in, Role.SUPERVISOR, name="张敏")
    page.reload()
    listens(page, panel.locator("#asked .play").first)
    shoot("studio-to-approve")
    panel.get_by_role("button", name="批准").click()
    expect(panel.get_by_role("status")).to_be_visible()
    expect(panel.locator(".said").first).to_have_text(WORDS)
    expect(panel.locator(".events")).to_contain_text("张敏")
    shoot("studio-in-force")

    callers = Callers(studio.phone_port, WORD)
    try:
        caller = callers.dial()
        caller.hears("menu.language.1")
        caller.keys("1")
        heard = caller.hears("menu.root.1")
        assert any("/own/zh/menu.root.1." in file for file in heard.files)
        caller.hangs_up()
    finally:
        callers.close()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_how_it_looks(page: Page, studio, log_in, shoot, language):
    """The page never scrolls, its columns do."""
    OwnPrompt.objects.create(key="menu.own.more", lang="zh", text="更多服务，请按 5。")
    OwnPrompt.objects.create(key="menu.own.less", lang="zh", text="X 服务，请按 6。")
    laying.lay_out()
    row = Reading.objects.create(word="重听", said="chong2 ting4", note="试")
    come(page, studio, log_in, Role.MENU_OWNER, name="李娜")
    by = {"by": User.objects.get(name="李娜"), "at": clock.now()}
    left = "密码不对，您还有{left:times}机会。"
    rewording.ask("zh", "identify.pin_wrong", left, reason="更短", **by)
    order = rendering.ask(rendering.lacking(), reason="合成", **by)
    while rendering.go_on(at=clock.now()):
        pass
    page.context.add_cookies(
        [{"name": "django_language", "value": language, "url": studio.address}]
    )
    for name, address in {
        "list": "/prompts/?in=zh&at=balance.one",
        "none": "/prompts/?q=xyzzy",
        "asked": "/prompts/?in=zh&at=identify.pin_wrong",
        "order": f"/prompts/renderings/{order.pk}/",
        "reading": f"/admin/telephony/reading/{row.pk}/change/",
        "readings": "/admin/telephony/reading/",
        "rewordings": "/admin/telephony/rewording/",
        "recordings": "/admin/telephony/recording/",
    }.items():
        page.goto(f"{studio.address}{address}", timeout=60_000)
        shoot(f"studio-{name}-{language[:2]}")
        if address.startswith("/prompts"):
            assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert too_faint(page, **AA) == []
            page.emulate_media(color_scheme="dark")
            assert too_faint(page, **AA) == []
            shoot(f"studio-{name}-{language[:2]}-dark")
            page.emulate_media(color_scheme="light")
