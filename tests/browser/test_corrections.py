"""A wrong fee is corrected, and its page lists who heard it: 50 calls, 8 orders, and no other."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from banking import instructions
from banking.models import FeeTier
from banking.models.orders import Channel
from calendars import clock
from kb import corrections, drafting, reading, reviewing
from kb.models import Correction
from kb.texts import Text
from people import staff
from people.models import Approval
from people.roles import Role
from tests import cast
from tests.browser.test_admin import latin_words
from tests.kb.heard import SECOND, TICK, a_call, asks, hears, online, pays, wrong_fee
from tests.kb.test_articles import WORDS, category

CALLS, ORDERS = 50, 8
FIRST_MS = 90_000  # the server may have just begun to start


@pytest.fixture
def planted(transactional_db):
    """Ids of the calls and keys of the orders of yesterday, when 20 yuan were told for 2.

    Beside them neighbours: the moments before and after, another product, another channel, an
    order that nobody heard of, and a test customer.
    """
    today = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    since, until = today - timedelta(days=1), today
    names = ("王小梅", "陈志强", "刘桂英", "赵云鹏", "孙丽", "周建国")
    people = [cast.person(name, is_test=False, opening=90_000) for name in names]
    tester = cast.person("测试", opening=90_000)
    wrong_fee(since, until)
    agents = [
        staff.hire(number=number, name=name, branch=None, roles=[Role.AGENT])
        for number, name in (("1023", "林晓"), ("1021", "田甜"))
    ]
    article = _quoting(at=since - timedelta(days=3))

    calls, orders = set(), set()
    for n in range(ORDERS):
        at = since + timedelta(hours=9, minutes=7 * n)
        who = people[n % len(people)]
        call = a_call(who, at=at)
        order = asks(who, call, at=at, amount=1000 * (n + 1))
        if n < 6:
            pays(order, at=at + 5 * SECOND)
        else:
            instructions.void(key=order.key, at=at + 5 * SECOND)
        calls.add(call.pk)
        orders.add(order.key)
    for n in range(CALLS - ORDERS):  # the fee was read to them out of an article
        at = since + timedelta(hours=13, minutes=5 * n)
        known = people[n % len(people)] if n % 3 == 0 else None
        call = a_call(known, at=at, caller=f"1390013{6000 + n % 20}")
        reading.opened(article.pk, by=agents[n % 2], call=call, at=at)
        calls.add(call.pk)
    reading.opened(article.pk, by=agents[0], call=None, at=since + timedelta(hours=8))

    for at in (since - TICK, until):
        reading.opened(article.pk, by=agents[0], call=a_call(at=at), at=at)
        asks(people[0], a_call(people[0], at=at), at=at)
    noon = since + timedelta(hours=12)
    hears(a_call(people[1], at=noon), "remittance.readback", at=noon)
    online((cast.LONG_AGO, 20))
    pays(asks(people[2], None, at=noon, channel=Channel.ONLINE), at=noon)
    left = asks(people[3], a_call(people[3], at=noon), at=noon, read_back=False)
    instructions.void(key=left.key, at=noon)
    pays(asks(tester, a_call(tester, at=noon), at=noon), at=noon)
    return calls, {str(key) for key in orders}, since


def _quoting(at):
    writer, reader = (
        staff.hire(number=number, name=name, branch=None, roles=[role])
        for number, name, role in (
            ("1003", "李娜", Role.KB_EDITOR),
            ("1004", "张敏", Role.KB_REVIEWER),
        )
    )
    text = Text(
        question="同城跨行转账怎么收费？",
        spoken="同城跨行转账电话办理的手续费是{{fee:interbank.phone}}。",
        answer=WORDS.answer,
        source=WORDS.source,
    )
    draft = drafting.begin("interbank-fee", category(), text, by=writer, at=at)
    drafting.submit(draft.pk, by=writer, at=at)
    return reviewing.approve(draft.pk, by=reader, at=at)


def test_a_wrong_fee_lists_its_50_calls_and_8_orders_and_no_other(
    planted, log_in, page, shoot, base_url
):
    calls, orders, since = planted
    page.set_default_navigation_timeout(FIRST_MS)
    log_in(Role.BACK_OFFICE)
    tier = FeeTier.objects.get(valid_from=since.date(), flat=20)
    page.goto(f"{base_url}/admin/banking/feetier/{tier.pk}/change/")
    shoot("correction-fee")
    page.get_by_role("link", name="哪些客户听到过此收费").click()
    page.get_by_label("差错说明").fill("手续费误录为20元，应为2元。")
    assert latin_words(page) == set()
    shoot("correction-ask")
    page.get_by_role("button", name="提交复核").click()
    expect(page.locator("[data-figure=calls]")).to_have_text(str(CALLS))  # counted beforehand
    shoot("correction-asked")

    boss = log_in(Role.SUPERVISOR)
    asked = Approval.objects.get(kind="correction")
    page.goto(f"{base_url}/admin/people/approval/{asked.pk}/change/")
    page.get_by_role("link", name="批准").or_(page.get_by_role("button", name="批准")).first.click()
    page.locator("#dialog").get_by_role("button", name="批准").click()
    page.wait_for_url("**/admin/people/approval/")
    row = Correction.objects.get()
    if row.state == "approved":  # it is just past midnight
        corrections.list_due(at=row.wrong_to + corrections.SETTLES)

    page.goto(f"{base_url}/admin/kb/correction/{row.pk}/change/")
    shown = page.locator("[data-call]").evaluate_all("all => all.map(a => Number(a.dataset.call))")
    assert set(shown) == calls
    listed = page.locator("[data-order]").evaluate_all("all => all.map(a => a.dataset.order)")
    assert set(listed) == orders and len(listed) == ORDERS
    expect(page.locator("[data-figure=calls]")).to_have_text(str(CALLS))
    expect(page.locator("[data-figure=orders]")).to_have_text(str(ORDERS))
    expect(page.locator("[data-figure=stake]")).to_have_text("108.00")  # six times 18
    expect(page.get_by_label("需告知的坐席")).to_contain_text("林晓")
    assert latin_words(page) == set()
    shoot("correction-zh")

    hearer = row.hearers.order_by("-at_stake").first()
    page.goto(f"{base_url}/admin/kb/hearer/{hearer.pk}/change/")
    _press(page, "领取")
    expect(page.get_by_text(hearer.customer.mobile)).to_be_visible()
    assert latin_words(page) == set()
    shoot("correction-hearer-zh")
    _press(page, "已联系上")
    hearer.refresh_from_db()
    assert (hearer.state, hearer.taken_by) == ("reached", boss)

    page.goto(f"{base_url}/admin/kb/hearer/")
    assert latin_words(page) == set()
    shoot("correction-list-zh")
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": base_url}])
    for name in (f"correction/{row.pk}/change", f"hearer/{hearer.pk}/change", "hearer"):
        page.goto(f"{base_url}/admin/kb/{name}/")
        shoot(f"correction-{name.split('/')[0]}-{name.count('/')}-en")


def _press(page, name: str) -> None:
    page.get_by_role("link", name=name).or_(page.get_by_role("button", name=name)).first.click()
    page.locator("#dialog").get_by_role("button", name=name).click()
    expect(page.locator("#dialog")).to_be_hidden()
