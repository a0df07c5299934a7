"""Customers and money as a back office clerk reads them."""

import re
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from banking import core, customers, holds, losses
from banking.models import FeeTier, Instruction, Journal, TransferLimit, WrongTry
from banking.models.customers import Vip
from banking.models.orders import Channel
from banking.secret import Secret
from calendars import clock
from people.models import AccessLog, Branch
from people.roles import Role
from tests import cast
from tests.browser.test_admin import latin_words


def transfer(payer, payee, amount, *steps: str) -> Instruction:
    bank, key = core.default(), uuid4()
    bank.draft(
        key,
        cast.transfer(payer, payee, Decimal(amount)),
        call_ref=str(uuid4()),
        at=clock.now(),
    )
    for step in steps:
        getattr(bank, step)(key, at=clock.now())
    return Instruction.objects.get(key=key)


@pytest.fixture
def bank(log_in):
    """A customer with something of everything, seen by a back office clerk."""
    log_in(Role.BACK_OFFICE)
    today = clock.bank_day(clock.now())
    futian = Branch.objects.create(code="0101", name="福田支行", district="福田区")
    wang = cast.wang(vip=Vip.GOLD, opening=62_421, is_test=False)
    chen = cast.chen(opening=200)
    savings = customers.open_account(
        wang.customer,
        number="7557888800001177",
        on=cast.LONG_AGO,
        branch=futian,
        passbook="ZB10010077",
        nickname="买房",
    )
    customers.deposit(savings.pk, Decimal("180000.00"), at=clock.now() - timedelta(days=40))
    customers.register_payee(wang.customer, chen.account, name="陈志强", on=cast.LONG_AGO)
    FeeTier.objects.update(flat=2)
    told = transfer(wang, chen, 1500, "confirm", "execute", "told")
    transfer(wang, chen, 320, "confirm", "execute")
    transfer(wang, chen, 48_000, "void")
    transfer(wang, chen, 60, "confirm", "doubt")
    holds.place(
        key=uuid4(),
        account_id=wang.account.pk,
        amount=Decimal("5000.00"),
        reason="司法冻结",
        at=clock.now(),
    )
    losses.report(
        Secret("ZB10010077"), wang.id_number, channel=Channel.PHONE, call_ref="", at=clock.now()
    )
    for what in WrongTry.What:
        WrongTry.objects.create(phone="13900139000", what=what, at=clock.now())
    FeeTier.objects.create(
        kind="transfer",
        channel="phone",
        valid_from=today + timedelta(days=30),
        above=50_000,
        rate=Decimal("0.0003"),
        cap=50,
    )
    TransferLimit.objects.create(
        customer=wang.customer, channel="phone", valid_from=today, single=20_000, daily=50_000
    )
    return {"wang": wang, "told": told}


LISTS = (
    "customer",
    "account",
    "instruction",
    "journal",
    "lossreport",
    "pinevent",
    "wrongtry",
    "transferlimit",
    "feetier",
    "feetier/add",
    "transferlimit/add",
)


def pages(bank) -> dict[str, str]:
    wang, told = bank["wang"], bank["told"]
    journal = Journal.objects.get(number=told.receipt)
    return {
        **{name.replace("/", "-"): f"/admin/banking/{name}/" for name in LISTS},
        "customer-page": f"/admin/banking/customer/{wang.customer.pk}/change/",
        "account-page": f"/admin/banking/account/{wang.account.pk}/change/",
        "instruction-page": f"/admin/banking/instruction/{told.pk}/change/",
        "journal-page": f"/admin/banking/journal/{journal.pk}/change/",
        "loss-page": f"/admin/banking/lossreport/{wang.customer.lossreport_set.get().pk}/change/",
        "customer-history": f"/admin/banking/customer/{wang.customer.pk}/history/",
    }


def test_no_english_in_the_chinese_pages_and_nothing_is_cut_off(bank, page, shoot):
    for name, address in pages(bank).items():
        page.goto(address)
        shoot(f"bank-{name}-zh")
        keys = set(re.findall("[a-z]+", " ".join(page.locator(".facts dd").all_inner_texts())))
        assert latin_words(page) - {"ZB"} - keys == set(), name
        assert page.evaluate("document.documentElement.scrollWidth") == 1440, name


def test_no_chinese_in_the_english_pages_but_names(bank, page, shoot, base_url):
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": base_url}])
    named = "王小梅|陈志强|小梅|志强|福田支行|买房|司法冻结"
    for name, address in pages(bank).items():
        page.goto(address)
        shoot(f"bank-{name}-en")
        assert not re.findall("[一-鿿]+", re.sub(named, "", page.locator("#main").inner_text())), (
            name
        )


def test_figures_line_up(bank, page):
    page.goto("/admin/banking/instruction/")
    ends = page.locator("#result_list td .r").evaluate_all(
        """cells => cells.map(e =>
            [e.closest("td").className, Math.round(e.getBoundingClientRect().right)])"""
    )
    columns: dict[str, set] = {}
    for column, right in ends:
        columns.setdefault(re.search(r"field-\w+", column)[0], set()).add(right)
    assert set(columns) == {"field-amount_shown", "field-fee_shown"}
    assert all(len(rights) == 1 for rights in columns.values()), columns


def open_dialog(page, verb: str) -> None:
    """Press the verb and wait until htmx has taken the dialog's form: a form that it has not
    taken yet goes to the page below, which no person is quick enough to see."""
    page.get_by_text(verb).first.click()
    expect(page.locator("#dialog form")).to_be_visible()
    expect(page.locator("#dialog.htmx-added")).to_have_count(0)


def test_a_clerk_finds_her_by_card_and_lifts_one_mask(bank, page, shoot):
    wang = bank["wang"]
    page.goto("/admin/banking/customer/")
    open_dialog(page, "按号码查找")
    page.get_by_label("证件号、卡号、存折号或账号").fill(wang.pan.reveal())
    shoot("bank-find-zh")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="王小梅").first).to_be_visible()
    assert wang.pan.reveal() not in page.url

    open_dialog(page, "显示全号")
    page.get_by_label("显示").select_option("mobile")
    page.get_by_role("button", name="显示", exact=True).click()
    expect(page.get_by_text("请填写查看原因")).to_be_visible()  # not without a reason
    page.get_by_label("事由").fill("客户来电核对手机号")
    shoot("bank-reveal-zh")
    page.get_by_role("button", name="显示", exact=True).click()
    mobile = wang.customer.mobile
    in_full = page.get_by_text(f"{mobile[:3]} {mobile[3:7]} {mobile[7:]}")
    expect(in_full).to_be_visible()
    shoot("bank-revealed-zh")
    assert latin_words(page) - {"ZB"} == set()
    page.get_by_role("button", name="关闭").click()
    expect(in_full).to_have_count(0)
    assert AccessLog.objects.get(what="reveal").reason == "客户来电核对手机号"
