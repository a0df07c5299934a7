"""Loans and what anybody is told, as the back office sees and keeps them."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from banking import customers, ledger
from banking.models import Announcement, ExchangeRate, Journal, LoanRate
from banking.models.ledger import Internal
from banking.models.loans import Product, Series
from calendars import clock
from people import approvals, staff
from people.models import Approval
from people.roles import Role
from tests import cast
from tests.borrowers import night

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def loans(transactional_db) -> None:
    """One in order, one overdue, one paid off."""
    now = clock.now()
    lent = now - timedelta(days=100)
    wang, chen = cast.wang(opening=0), cast.chen(opening=0)
    cast.loan(wang, at=lent, repay_day=5, series=Series.LPR_5Y, margin=Decimal("0.2"), percent=None)
    cast.loan(wang, at=lent, months=2, repay_day=6, product=Product.CONSUMER, method="linear")
    cast.loan(chen, at=lent, repay_day=7, product=Product.BUSINESS, percent=Decimal("4.45"))
    _spend(chen, Decimal(100_000), lent)
    customers.deposit(wang.account.pk, Decimal(2_000), at=lent)
    day = lent.date()
    while day < now.date():
        night(day.month, day.day, day.year)
        day += timedelta(days=1)


def _spend(person: cast.Person, amount: Decimal, at: datetime) -> None:
    with transaction.atomic():
        ledger.lock(person.account.pk)
        cash = ledger.internal(Internal.CASH)
        legs = [ledger.Leg(person.account.pk, -amount), ledger.Leg(cash, amount)]
        ledger.post(Journal.Kind.WITHDRAWAL, legs, at=at)


def test_a_loan_with_its_schedule(page: Page, base_url, log_in, loans, shoot):
    log_in(Role.BACK_OFFICE)
    page.goto(f"{base_url}/admin/banking/loan/")
    rows = page.locator("#result_list tbody tr")
    expect(rows).to_have_count(2)  # not those that are paid off
    shoot("loans")
    rows.first.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="还款计划")).to_be_visible()
    expect(page.locator("section.sec tbody tr")).to_have_count(12)
    shoot("loan")


def test_english_pages_are_english(page: Page, base_url, log_in, loans, shoot):
    log_in(Role.BACK_OFFICE)
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": base_url}])
    page.goto(f"{base_url}/admin/banking/loan/")
    page.locator("#result_list tbody tr").first.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Schedule")).to_be_visible()
    shoot("loan-en")


def _approves() -> None:
    """A colleague, what waits."""
    she = staff.hire(number="7300", name="方敏", branch=None, roles=[Role.SUPERVISOR])
    for asked in Approval.objects.filter(state="open"):
        approvals.approve(asked.pk, by=she, at=clock.now())


def test_a_rate_and_a_quotation_are_asked_for_and_approved(
    page: Page, base_url, log_in, loans, shoot
):
    log_in(Role.BACK_OFFICE)
    tomorrow = clock.bank_day(clock.now()) + timedelta(days=1)
    page.goto(f"{base_url}/admin/banking/loanrate/add/")
    page.locator("[name=series]").select_option("lpr_1y")
    page.locator("[name=valid_from]").fill(tomorrow.isoformat())
    page.locator("[name=percent]").fill("2.9")
    page.locator("[name=reason]").fill("央行公布")
    shoot("loan-rate-form")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("由他人在“双人复核”中处理")).to_be_visible()
    shoot("loan-rates")
    assert not LoanRate.objects.filter(valid_from=tomorrow, percent=Decimal("2.9")).exists()

    page.goto(f"{base_url}/admin/banking/exchangerate/add/")
    page.locator("[name=currency]").select_option("usd")
    for field, price in (("buy", "709.6"), ("cash_buy", "720"), ("sell", "712.6")):
        page.locator(f"[name={field}]").fill(price)
    page.locator("[name=reason]").fill("早盘报价")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("现钞买入价不得高于现汇买入价")).to_be_visible()
    shoot("quotation-refused")
    page.locator("[name=cash_buy]").fill("703.86")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("由他人在“双人复核”中处理")).to_be_visible()
    page.goto(f"{base_url}/admin/people/approval/")
    expect(page.locator("#result_list")).to_contain_text("现钞买入价")
    shoot("terms-asked")
    _approves()
    page.goto(f"{base_url}/admin/banking/exchangerate/")
    expect(page.locator("#result_list")).to_contain_text("703.86")
    shoot("quotations")
    assert ExchangeRate.objects.get().sell == Decimal("712.60")
    assert LoanRate.objects.filter(valid_from=tomorrow, percent=Decimal("2.9")).exists()


def test_an_announcement_names_a_prompt_of_its_kind(page: Page, base_url, log_in, shoot):
    log_in(Role.MENU_OWNER)
    page.goto(f"{base_url}/admin/banking/announcement/add/")
    page.locator("[name=kind]").select_option("notice")
    page.locator("[name=title]").fill("防诈骗提示")
    page.locator("[name=prompt]").select_option("product.home")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("该语音属于另一类")).to_be_visible()
    shoot("announcement-refused")
    page.locator("[name=prompt]").select_option("notice.fraud")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("#result_list")).to_contain_text("播报中")
    shoot("announcements")
    assert Announcement.objects.get().prompt == "notice.fraud"
