"""A procedure walked at an agent's desk by digits alone, to the transfer that it ends in."""

import re

import pytest
from playwright.sync_api import expect

from banking import core, customers
from banking.models import Instruction
from calendars import clock
from kb import shipped as kb_shipped
from kb.models import WalkEnd
from people.roles import Role
from routing import shipped as routing_shipped
from telephony import shipped
from tests import cast
from tests.browser.test_admin import latin_words
from tests.browser.test_desk import KEYS, fits
from tests.browser.test_knowledge_panel import call, desk  # noqa: F401
from tests.desktop import seats

SLOWLY_MS = 60_000  # where the machine does other things


@pytest.fixture
def lin(log_in, monkeypatch):
    """Without articles: what is walked is enough, and sooner installed."""
    expect.set_options(timeout=SLOWLY_MS)
    monkeypatch.setattr(kb_shipped, "articles", lambda: [])
    cast.bank_terms()
    routing_shipped.install(at=clock.now())
    shipped.install(at=clock.now())
    kb_shipped.install(at=clock.now())
    user = log_in(Role.AGENT, name="林晓")
    seats.seat(user, "general")
    yield user
    expect.set_options(timeout=None)


def test_a_procedure_is_walked_by_digits_and_ends_in_a_journal(
    desk,  # noqa: F811
    call,  # noqa: F811
    page,
    shoot,
    base_url,
    log_in,
):
    desk, _session = desk
    chen = cast.chen(is_test=False)
    customers.register_payee(call.customer, chen.account, name="陈志强", on=cast.LONG_AGO)
    suggested = desk.panel("suggested").locator("[data-hit]", has_text="流程")
    expect(suggested.first).to_contain_text("行内转账")
    shoot("procedure-suggested-zh")

    desk.press("/")
    page.keyboard.type("行内转账", delay=20)
    found = desk.panel("knowledge").locator("[data-hit]", has_text="流程").first
    expect(found).to_contain_text("行内转账")
    shoot("procedure-found-zh")
    fits(page)
    suggested_key = found.get_attribute("data-key")
    assert suggested_key is not None
    page.locator("#asked").blur()
    desk.press(*suggested_key.split())
    walk = page.locator(".walk")
    expect(walk).to_be_focused()
    expect(walk.locator(".say")).to_contain_text("转给谁")
    shoot("procedure-begun-zh")
    fits(page)

    desk.press("2")  # somebody on the net wants it: not today
    expect(walk.locator(".say")).to_contain_text("先别转")
    desk.press("0")
    expect(walk.locator(".say")).to_contain_text("转给谁")
    for digit, asks in (("1", "我行的"), ("1", "登记过吗"), ("1", "转给哪一位"), ("1", "哪个账户")):
        desk.press(digit)
        expect(walk).to_contain_text(asks)
    shoot("procedure-asked-zh")
    desk.press("1")
    expect(page.locator("#walk-value")).to_be_focused()
    page.keyboard.type("1500")
    shoot("procedure-amount-zh")
    desk.press("Enter")
    expect(walk).to_contain_text("次日到账")
    desk.press("1")
    expect(walk).to_contain_text("我给您登记好了")
    shoot("procedure-end-zh")
    fits(page)
    assert latin_words(page) - KEYS - {"K"} == set()

    desk.press("1")
    dialog = page.locator("#dialog")
    expect(dialog.locator("#id_amount")).to_have_value("1500")
    expect(dialog.locator("#id_payee option:checked")).to_contain_text("陈志强")
    expect(dialog.locator("#id_speed")).to_have_value("now")
    shoot("procedure-form-zh")
    dialog.locator("#id_amount").focus()
    desk.press("Enter")
    expect(dialog).to_be_hidden()
    expect(walk).to_contain_text("已结束：行内转账")
    shoot("procedure-ended-zh")

    order = Instruction.objects.get()
    assert WalkEnd.objects.get().order == order
    bank = core.default()
    bank.confirm(order.key, at=clock.now())  # as she does in the IVR
    bank.execute(order.key, at=clock.now())
    receipt = Instruction.objects.get().receipt
    page.reload()
    told = desk.panel("walked")
    expect(told).to_contain_text(re.compile(rf"行内转账.*{receipt}.*陈志强.*1,500.00.*实时", re.S))
    shoot("procedure-walked-zh")
    fits(page)
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": base_url}])
    page.reload()
    expect(told).to_contain_text(receipt)
    shoot("procedure-walked-en")

    log_in(Role.SUPERVISOR)
    page.context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": base_url}])
    page.goto(f"/admin/telephony/call/{call.pk}/change/")
    walked = page.get_by_role("region", name="本次通话的流程")
    expect(walked).to_contain_text(re.compile(rf"认识，本人要转.*实时.*{receipt}", re.S))
    shoot("procedure-call-zh")
