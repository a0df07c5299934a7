"""The call page and its list, as a supervisor reads them."""

import pytest

from calendars import clock
from people.roles import Role
from telephony import shipped
from telephony.models import MenuVersion
from tests import cast
from tests.telephony.recorded import Recorded, transfer_call


@pytest.fixture
def transfer(log_in):
    log_in(Role.SUPERVISOR)
    shipped.install(at=clock.now())
    call, _ = transfer_call(cast.wang(), cast.chen())
    Recorded(caller="075526008888").ends()
    Recorded(caller="13700001111", dialled="25198888").moves("accounts")
    return call


def test_one_click_leads_from_the_list_to_the_conversation(page, transfer, shoot):
    page.goto("/admin/telephony/call/")
    rows = page.locator("#result_list tbody tr")
    assert rows.count() == 3
    shoot("calls-zh")
    rows.filter(has_text="自助办结").get_by_role("link").first.click()
    talk = page.get_by_role("list", name="通话过程")
    assert talk.get_by_text("请输入六位查询密码").is_visible()
    assert talk.get_by_text("******#", exact=True).is_visible()
    assert page.get_by_label("资金").get_by_text("−1,500.00").is_visible()
    shoot("call-zh")
    page.goto(f"/admin/telephony/menuversion/{MenuVersion.objects.get().pk}/change/")
    shoot("menu-version-zh")
    page.goto("/admin/telephony/callbackrequest/")
    shoot("callbacks-zh")


def test_the_same_in_english(page, transfer, shoot, base_url):
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": base_url}])
    page.goto(f"/admin/telephony/call/{transfer.pk}/change/")
    assert (
        page.get_by_role("list", name="Conversation").get_by_text("Transfer executed").is_visible()
    )
    shoot("call-en")
    page.goto("/admin/telephony/call/")
    shoot("calls-en")
