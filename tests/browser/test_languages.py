"""Languages of the telephone and zips of recordings, as who owns the menus sees them."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from calendars import clock
from people.roles import Role
from telephony import studio_batch
from telephony.models import OfferedLanguage
from telephony.tasks import check_uploads
from tests.telephony.test_studio_batch import FILES, zipped_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def withdrawn(transactional_db) -> None:
    now = clock.now()
    OfferedLanguage.objects.create(lang="zh", since=now - timedelta(days=40))
    OfferedLanguage.objects.create(
        lang="yue", since=now - timedelta(days=9), until=now - timedelta(hours=2), lacked=3
    )


def in_english(page: Page, base_url: str) -> None:
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": base_url}])


def test_a_language_that_was_withdrawn(page: Page, base_url, log_in, withdrawn, shoot):
    log_in(Role.MENU_OWNER)
    page.goto(f"{base_url}/admin/")
    shoot("home-language-withdrawn")
    page.get_by_role("link", name="语种已停用").click()
    expect(page.get_by_role("heading", name="粤语")).to_contain_text("停用")
    expect(page.get_by_role("link", name="缺少的录音清单")).to_have_count(1)
    shoot("languages")
    in_english(page, base_url)
    page.reload()
    expect(page.get_by_role("heading", name="Cantonese")).to_contain_text("withdrawn")
    shoot("languages-en")


def test_a_zip_of_recordings(page: Page, base_url, log_in, transactional_db, shoot):
    owner = log_in(Role.MENU_OWNER)
    page.goto(f"{base_url}/admin/telephony/recordingbatch/add/")
    expect(page.locator("input[type=file]")).to_have_count(1)
    shoot("zip-upload")
    batch = studio_batch.receive("粤语.zip", zipped_of(FILES), by=owner, at=clock.now())
    check_uploads()
    page.goto(f"{base_url}/admin/telephony/recordingbatch/{batch.pk}/change/")
    expect(page.locator("section.sec tbody tr")).to_have_count(8)
    shoot("zip")
    page.get_by_role("link", name="提交复核").click()
    page.locator("dialog input[name=reason], #dialog input[name=reason]").fill("粤语上线")
    shoot("zip-ask")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("申请启用：粤语上线")).to_be_visible()
    in_english(page, base_url)
    page.reload()
    expect(page.get_by_text("asks to use them: 粤语上线")).to_be_visible()
    expect(page.get_by_role("link", name="Ask for approval")).to_have_count(0)
    shoot("zip-en")
    page.goto(f"{base_url}/admin/telephony/recordingbatch/")
    shoot("zips-en")
