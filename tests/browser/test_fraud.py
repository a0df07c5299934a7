"""The fraud guard's pages as a clerk uses them: a dry run in its dialog, a held order with why."""

from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from banking import demo_fraud
from banking.models import Account, BoundNumber, FraudCase, FraudRule, HeldOrder
from calendars import clock
from people import staff
from people.roles import Role
from tests import cast
from tests.banking.guarded import executed
from tests.browser.test_admin import latin_words
from tests.browser.test_banking import open_dialog

PAGES = (
    *("heldorder", "fraudcase", "frauddecision", "fraudrule"),
    *("watchentry", "outboundcontact", "boundnumber", "callerterm"),
)


@pytest.fixture
def guard(log_in):
    """The demo's guard, over customers with money."""
    for number, name, role in (
        ("1001", "王丽", Role.SUPERVISOR),
        ("1002", "何静", Role.BACK_OFFICE),
    ):
        staff.hire(number=number, name=name, branch=None, roles=[role])
    payers = [cast.person(name, opening=60_000, is_test=False) for name in ("刘洋", "赵强", "孙丽")]
    payee = cast.chen()
    for days in (9, 6, 3):
        executed(payers[0], payee, Decimal(900), at=clock.now() - timedelta(days=days))
    demo_fraud.build(7, clock.now())
    log_in(Role.BACK_OFFICE)


def test_the_demo_s_guard_has_something_of_everything(guard, page, shoot, base_url):
    assert HeldOrder.objects.filter(state="held").count() == demo_fraud.HELD
    assert Account.objects.filter(held__gt=20_000).count() == demo_fraud.HELD
    assert BoundNumber.objects.exists() and FraudCase.objects.exists()
    for name in PAGES:
        page.goto(f"{base_url}/admin/banking/{name}/?when=all")
        assert latin_words(page) == set(), name
        shoot(f"fraud-{name}")


def test_a_draft_is_filled_in_and_tried(guard, page, shoot, base_url):
    page.goto(f"{base_url}/admin/banking/fraudrule/add/")
    page.get_by_label("代码").fill("tried")
    page.get_by_label("标题").fill("一小时内多笔")
    page.get_by_label("类别").select_option("burst")
    expect(page.get_by_label("隐藏号码")).to_be_hidden()
    page.get_by_label("分钟").fill("60")
    page.get_by_label("笔数", exact=True).fill("1")
    page.get_by_label("处置").select_option("hold")
    page.locator("[name=valid_from_0]").fill("2030-01-01")
    page.locator("[name=valid_from_1]").fill("00:00")
    shoot("fraud-rule-form")
    page.get_by_role("button", name="保存", exact=True).click()
    rule = FraudRule.objects.get(code="tried")

    page.goto(f"{base_url}/admin/banking/fraudrule/{rule.pk}/change/")
    open_dialog(page, "试运行")
    page.locator("#dialog").get_by_role("button", name="试运行").click()
    expect(page.locator("#dialog")).to_contain_text("900.00")
    shoot("fraud-rehearsal")


def test_a_held_order_says_why(guard, page, shoot, base_url):
    order = HeldOrder.objects.filter(state="held").first()
    page.goto(f"{base_url}/admin/banking/heldorder/{order.pk}/change/")
    expect(page.get_by_role("heading", name="暂扣原因")).to_be_visible()
    shoot("fraud-held")
    page.goto(f"{base_url}/admin/banking/frauddecision/?when=all")
    page.locator("#result_list tbody a").first.click()
    shoot("fraud-decision")
