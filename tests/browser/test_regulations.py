"""A regulation read and attested, and who has not yet: in both languages."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from calendars import clock
from kb import attesting, shipped
from kb.models import Attestation, RegulationVersion
from people import staff
from people.models import Branch, User
from people.roles import Role
from routing import shipped as routing_shipped
from tests.browser.desk import Desk
from tests.browser.test_admin import latin_words
from tests.browser.test_desk import KEYS, fits
from tests.desktop import seats


@pytest.fixture
def issued(transactional_db):
    shipped.issue(at=clock.now())
    return RegulationVersion.objects.get(regulation__key="service-standards")


def test_an_agent_reads_a_regulation_and_attests_it(issued, log_in, page, shoot, base_url):
    agent = log_in(Role.AGENT)
    page.goto(f"{base_url}/admin/")
    due = page.get_by_role("link", name="待签认的制度")
    expect(due).to_contain_text("6")
    shoot("regulations-home")
    due.click()
    expect(page.locator("#result_list tbody tr")).to_have_count(6)
    assert latin_words(page) == set()
    shoot("regulations-list")

    page.locator("#searchbar").fill("禁止使用下列语言")
    page.keyboard.press("Enter")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    page.get_by_role("link", name=issued.title).click()
    expect(page.get_by_role("heading", name="第一章 总则")).to_be_visible()
    assert latin_words(page) == {"GB", "T"}  # the standard that it stands on
    shoot("regulation-zh")
    contents = page.get_by_role("navigation", name="目录")
    contents.get_by_role("link", name="第七章").click()
    expect(page.get_by_role("heading", name="第七章 结束语与记录")).to_be_in_viewport()
    expect(contents).to_be_in_viewport(ratio=1)  # it goes along
    shoot("regulation-further-down")

    page.get_by_role("link", name="阅读签认").or_(
        page.get_by_role("button", name="阅读签认")
    ).first.click()
    page.locator("#dialog").get_by_role("button", name="阅读签认").click()
    expect(page.get_by_text("已签认。")).to_be_visible()
    assert Attestation.objects.get().by == agent
    expect(page.locator("a", has_text="阅读签认")).to_have_count(0)


def test_who_has_not_attested_is_seen_by_her_supervisor(issued, log_in, page, shoot, base_url):
    centre = Branch.objects.create(code="000100", name="客户服务中心")
    branch = Branch.objects.create(code="001002", name="福田支行")
    lin = staff.hire(number="1023", name="林晓", branch=centre, roles=[Role.AGENT])
    staff.hire(number="3001", name="韩梅", branch=branch, roles=[Role.BRANCH_USER])
    attesting.attest(issued.pk, by=lin, at=clock.now())
    log_in(Role.SUPERVISOR)
    for language in ("en", "zh-hans"):
        page.context.add_cookies([{"name": "django_language", "value": language, "url": base_url}])
        page.goto(f"{base_url}/admin/kb/attestation/")
        expect(page.get_by_role("cell", name="韩梅 3001").first).to_be_visible()
        shoot(f"attestations-{language}")
    assert latin_words(page) == set()
    with page.expect_download() as download:
        page.locator("a[href*='/export/']").click()
    assert "韩梅" in download.value.path().read_text("utf-8-sig")


def test_at_the_desk_what_is_open_stands_between_calls(issued, log_in, page, shoot, base_url):
    routing_shipped.install(at=clock.now())
    agent = log_in(Role.AGENT, name="林晓")
    User.objects.update(date_joined=clock.now() - timedelta(days=30))
    for version in RegulationVersion.objects.exclude(pk=issued.pk):
        attesting.attest(version.pk, by=agent, at=clock.now())
    seats.seat(agent, "general")
    seats.sits_down(agent, at=clock.now())
    desk = Desk(page, agent)
    page.get_by_role("button", name="换到这个窗口").click()
    expect(page.locator("#elsewhere")).to_be_hidden()
    open_ = desk.panel("to-attest")
    expect(open_.get_by_role("link", name=issued.title)).to_be_visible()
    assert latin_words(page) - KEYS == set()
    shoot("regulations-desk")
    fits(page)
