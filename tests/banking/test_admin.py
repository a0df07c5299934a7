"""Customers and money in the admin: who sees what, how it is masked, and what is written down."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory

from banking import core, holds, losses, pins
from banking.admin.money import MOST_LEGS
from banking.end_of_day import closing
from banking.errors import OrderRefused, PinWrong, TransactionPinWrong
from banking.models import FeeTier, Instruction, Journal, LossTerm, TransferLimit
from banking.models.customers import Purpose, Vip
from banking.models.orders import Channel
from banking.secret import Secret
from calendars import clock
from people import approvals, staff
from people.models import AccessLog, Approval
from people.roles import Role
from tests import cast
from tests.savers import published_rates

pytestmark = pytest.mark.django_db(transaction=True)

ASKED = {"_form_submitted": "True"}


def as_(role: Role, language: str = "en") -> Client:
    user = staff.hire(number=f"7{role.value[:6]}", name=role.value, branch=None, roles=[role])
    client = Client(headers={"accept-language": language})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.user = user
    return client


def text(response) -> str:
    """The page's words, tags and runs of blanks gone."""
    assert response.status_code == 200, response.status_code
    content = response.content.decode().partition('<div id="content"')[2].partition(">")[2]
    content = re.sub(r"<(script|style).*?</\1>", " ", content, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", content).split())


def shown(response) -> list:
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


def page_of(subject) -> str:
    model = subject._meta
    return f"/admin/banking/{model.model_name}/{subject.pk}/change/"


@pytest.fixture
def wang(db):
    return cast.wang(vip=Vip.GOLD, with_passbook=True)


def transfer(payer, payee, amount, *, ends: str = "told") -> Instruction:
    """An instruction's way as far as `ends`: read_back, confirmed, executed, told."""
    bank, key, at = core.default(), uuid4(), clock.now()
    bank.draft(
        key,
        cast.transfer(payer, payee, amount),
        call_ref="call 1",
        at=at,
    )
    for step in ("confirm", "execute", "told")[
        : ["read_back", "confirmed", "executed", "told"].index(ends)
    ]:
        getattr(bank, step)(key, at=at)
    return Instruction.objects.get(key=key)


SECRETS = ("mobile", "pan", "id_number", "account_number")


def secrets_of(who) -> dict[str, str]:
    return {
        "mobile": who.customer.mobile,
        "pan": who.pan.reveal(),
        "id_number": who.id_number.reveal(),
        "account_number": who.account.number,
    }


# -- masked by default -------------------------------------------------------------------------


def test_a_customers_page_tells_what_she_has(wang):
    holds.place(
        key=uuid4(),
        account_id=wang.account.pk,
        amount=Decimal("1234.50"),
        reason="法院冻结",
        at=clock.now(),
    )
    order = transfer(wang, cast.chen(), 1500)
    page = text(as_(Role.AGENT).get(page_of(wang.customer)))
    assert "gold" in page
    assert "Balance Held Available" in page
    assert "8,500.00 1,234.50 7,265.50" in page  # balance, held, available
    assert f"passbook {wang.passbook}" in page
    assert order.receipt in page
    assert "telephone 50,000.00 100,000.00 98,500.00" in page  # single, a day, left today


@pytest.mark.parametrize(
    "path",
    ["customer", "account", "instruction", "journal", "lossreport", "pinevent"],
)
def test_nothing_is_seen_in_full_on_any_page(wang, path):
    order = transfer(wang, cast.chen(), 1500)
    report = losses.report(
        Secret(wang.passbook), wang.id_number, channel=Channel.PHONE, call_ref="", at=clock.now()
    )
    pages = {
        "customer": wang.customer,
        "account": wang.account,
        "instruction": order,
        "journal": Journal.objects.get(number=order.receipt),
        "lossreport": report,
        "pinevent": wang.card.pinevent_set.first(),
    }
    client = as_(Role.AUDITOR)
    for address in (
        f"/admin/banking/{path}/",
        page_of(pages[path]),
        page_of(pages[path]).replace("change", "history"),
    ):
        response = client.get(address)
        assert response.status_code == 200
        content = response.content.decode()
        for name, secret in secrets_of(wang).items():
            assert secret not in content, (address, name)


def test_a_changed_mobile_is_hidden_in_her_history(wang):
    wang.customer.mobile = "13911112222"
    wang.customer.save()
    page = text(as_(Role.BACK_OFFICE).get(page_of(wang.customer).replace("change", "history")))
    assert "mobile" in page
    assert "****2222" in page
    assert "13911112222" not in page
    assert str(wang.customer.born_on) not in page


def test_the_list_says_who_she_is_and_no_more(wang):
    cast.chen(is_test=False)
    [row] = text_rows(as_(Role.BACK_OFFICE).get("/admin/banking/customer/?q=王小梅"))
    number, last4 = wang.customer.number, wang.customer.id_last4
    mobile = wang.customer.masked_mobile
    age = wang.customer.age(clock.bank_day(clock.now()))
    assert row == f"{number} 王小梅 gold {mobile} **** **** **** {last4} {age} 1 test"


def text_rows(response) -> list[str]:
    content = response.content.decode()
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", content.partition('id="result_list"')[2], flags=re.S)
    bare = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]
    return [row for row in bare if row and "Customer number" not in row]


# -- what is written down ----------------------------------------------------------------------


def test_opening_a_customer_is_written_down_and_listing_is_not(wang):
    client = as_(Role.AGENT)
    client.get("/admin/banking/customer/")
    assert not AccessLog.objects.exists()
    client.get(page_of(wang.customer))
    log = AccessLog.objects.get()
    assert (log.user, log.what, log.subject) == (
        client.user,
        "view",
        f"banking.customer:{wang.customer.pk}",
    )
    assert log.address == "127.0.0.1"


def test_a_journal_is_of_both_whose_money_moved(wang):
    chen = cast.chen()
    order = transfer(wang, chen, 1500)
    as_(Role.QC).get(page_of(Journal.objects.get(number=order.receipt)))
    assert set(AccessLog.objects.values_list("subject", flat=True)) == {
        f"banking.customer:{wang.customer.pk}",
        f"banking.customer:{chen.customer.pk}",
    }


def test_a_nights_journal_of_many_names_nobody(wang):
    """A quarter's interest of a batch: the bank's own leg, and how many others there are."""
    published_rates()
    for _ in range(MOST_LEGS):
        cast.person("李雪", opening=100_000)
    closing.close(date(2026, 12, 20), at=datetime(2026, 12, 21, 1, tzinfo=clock.SHANGHAI))
    journal = Journal.objects.get(kind="interest")
    client = as_(Role.AUDITOR)
    page = text(client.get(page_of(journal)))
    assert f"and {MOST_LEGS + 1} accounts of customers" in page
    assert "小梅" not in page and not AccessLog.objects.exists()
    journals = admin.site.get_model_admin(Journal)
    request = RequestFactory().get("/")
    request.user = client.user
    row = journals.get_queryset(request).get(pk=journal.pk)
    assert journals.tails(row) == "many accounts"


@pytest.mark.parametrize("name", ["account", "instruction", "lossreport", "pinevent"])
def test_every_page_of_a_customers_is_written_down(wang, name):
    pages = {
        "account": wang.account,
        "instruction": transfer(wang, cast.chen(), 1),
        "lossreport": losses.report(
            wang.pan, wang.id_number, channel=Channel.PHONE, call_ref="", at=clock.now()
        ),
        "pinevent": wang.card.pinevent_set.first(),
    }
    as_(Role.BRANCH_USER).get(page_of(pages[name]))
    assert AccessLog.objects.get().subject == f"banking.customer:{wang.customer.pk}"


def test_who_may_not_see_a_customer_leaves_no_trace(wang):
    response = as_(Role.ADMINISTRATOR).get(page_of(wang.customer))
    assert response.status_code == 403
    assert not AccessLog.objects.exists()


# -- to find and to reveal ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["pan", "id_number", "account_number", "passbook"])
def test_she_is_found_by_whatever_she_can_show(wang, name):
    cast.chen()
    number = {**secrets_of(wang), "passbook": wang.passbook}[name]
    spaced = f" {number[:4]} {number[4:].lower()} "
    response = as_(Role.AGENT).post("/admin/banking/customer/find/", {**ASKED, "number": spaced})
    assert response.headers["HX-Redirect"] == page_of(wang.customer)


def test_a_number_that_is_nobodys_finds_nobody(wang):
    almost = wang.pan.reveal()[:-1]
    response = as_(Role.AGENT).post("/admin/banking/customer/find/", {**ASKED, "number": almost})
    assert "HX-Redirect" not in response.headers
    assert "Nobody here has this number." in response.content.decode()


@pytest.mark.parametrize("name", ["pan", "id_number"])
def test_the_search_box_is_no_place_for_a_secret_number(wang, name):
    client = as_(Role.AGENT)
    response = client.get("/admin/banking/customer/", {"q": secrets_of(wang)[name]})
    assert shown(response) == []
    assert "by the button" in response.content.decode()


@pytest.mark.parametrize("term", ["number", "name", "mobile"])
def test_the_search_box_finds_by_number_name_and_mobile(wang, term):
    cast.chen()
    response = as_(Role.AGENT).get("/admin/banking/customer/", {"q": getattr(wang.customer, term)})
    assert shown(response) == [wang.customer]


def reveal(client, wang, what, reason="客户来电核对"):
    return client.post(
        f"/admin/banking/customer/{wang.customer.pk}/reveal/",
        {**ASKED, "what": what, "reason": reason},
    )


@pytest.mark.parametrize("name", SECRETS)
def test_what_is_revealed_is_shown_once_and_written_down(wang, name):
    what = {
        "mobile": "mobile",
        "pan": f"card {wang.card.pk}",
        "id_number": "id",
        "account_number": f"account {wang.account.pk}",
    }[name]
    client = as_(Role.SUPERVISOR)
    response = reveal(client, wang, what)
    assert secrets_of(wang)[name] in re.sub(r"\s", "", response.content.decode())
    assert "no-store" in response.headers["Cache-Control"]
    assert not any(secrets_of(wang)[name] in cookie.value for cookie in client.cookies.values())
    log = AccessLog.objects.get()
    assert (log.user, log.what, log.field, log.reason) == (
        client.user,
        "reveal",
        what,
        "客户来电核对",
    )


@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_nothing_is_shown(wang, reason):
    response = reveal(as_(Role.AGENT), wang, "mobile", reason)
    assert wang.customer.mobile not in re.sub(r"\s", "", response.content.decode())
    assert "Say why you need to see this." in response.content.decode()
    assert not AccessLog.objects.exists()


def test_the_card_of_another_is_not_revealed_under_her_name(wang):
    chen = cast.chen()
    response = reveal(as_(Role.AGENT), wang, f"card {chen.card.pk}")
    assert chen.pan.reveal() not in re.sub(r"\s", "", response.content.decode())
    assert not AccessLog.objects.exists()


@pytest.mark.parametrize("role", [Role.QC, Role.AUDITOR, Role.SETTLEMENT_MAKER, Role.BRANCH_USER])
def test_who_sees_her_masked_may_not_lift_the_mask(wang, role):
    client = as_(role)
    assert client.get(page_of(wang.customer)).status_code == 200
    assert reveal(client, wang, "mobile").status_code == 403


# -- locks, losses, states ---------------------------------------------------------------------


def test_a_locked_pin_is_seen_on_her_page(wang):
    client, wrong, at = as_(Role.SUPERVISOR), Secret("909090"), clock.now()
    assert "active works works" in text(client.get(page_of(wang.customer)))
    with pytest.raises(TransactionPinWrong):
        pins.verify(wang.card.pk, wrong, Purpose.TRANSACTION, call_ref="1", at=at)
    assert "works works, 2 tries left" in text(client.get(page_of(wang.customer)))
    for call in ("1", "1", "2", "2", "3"):
        with pytest.raises(pins.PinLocked if call == "3" else PinWrong):
            pins.verify(wang.card.pk, wrong, Purpose.QUERY, call_ref=call, at=at)
    assert "active locked works, 2 tries left" in text(client.get(page_of(wang.customer)))
    events = text(client.get("/admin/banking/pinevent/?what=failed"))
    assert events.count("query PIN") >= 5


def test_what_is_reported_lost_is_seen_everywhere(wang):
    report = losses.report(
        wang.pan, wang.id_number, channel=Channel.PHONE, call_ref="", at=clock.now()
    )
    client = as_(Role.BACK_OFFICE)
    page = text(client.get(page_of(wang.customer)))
    assert "reported lost until" in page
    assert "payments out stopped" in page
    assert report.number in page
    assert shown(client.get("/admin/banking/lossreport/")) == [report]
    assert shown(client.get("/admin/banking/lossreport/?state=over")) == []


def test_a_report_that_lapsed_is_over(wang):
    report = losses.report(
        wang.pan,
        wang.id_number,
        channel=Channel.PHONE,
        call_ref="",
        at=clock.now() - timedelta(days=6),
    )
    client = as_(Role.BACK_OFFICE)
    assert shown(client.get("/admin/banking/lossreport/")) == []
    assert shown(client.get("/admin/banking/lossreport/?state=over")) == [report]
    assert "lapsed" in text(client.get(page_of(report)))


# -- instructions and books --------------------------------------------------------------------


def test_the_list_begins_with_todays_instructions(wang):
    chen = cast.chen()
    told, executed = transfer(wang, chen, 1500), transfer(wang, chen, 20, ends="executed")
    open_ = transfer(wang, chen, 3, ends="read_back")
    client = as_(Role.SETTLEMENT_CHECKER)
    address = "/admin/banking/instruction/"
    assert shown(client.get(address)) == [open_, executed, told]
    assert shown(client.get(address + "?when=yesterday")) == []
    assert shown(client.get(address + "?state=read_back")) == [open_]
    assert shown(client.get(address, {"q": told.receipt})) == [told]
    page = text(client.get(address))
    assert "1,500.00" in page
    assert "not told yet" in page
    assert f"{wang.card.last4} → {chen.card.last4}" in page
    assert "*小梅" in page
    assert "王小梅" not in page


def test_an_instruction_tells_its_way_and_its_journal(wang):
    FeeTier.objects.update(flat=2)
    order = transfer(wang, cast.chen(), 1500)
    page = text(as_(Role.QC).get(page_of(order)))
    for station in ("read back", "confirmed", "executed", "told"):
        assert station in page
    for leg in ("−1,500.00", "+1,500.00", "−2.00", "+2.00"):
        assert leg in page
    assert page.count("Sum 0.00") == 2


def test_a_refused_one_says_why(wang):
    bank, key, at = core.default(), uuid4(), clock.now()
    chen = cast.chen()
    bank.draft(
        key,
        cast.transfer(wang, chen, 9_000),
        call_ref="",
        at=at,
    )
    bank.confirm(key, at=at)
    transfer(wang, chen, 5_000)
    with pytest.raises(OrderRefused):
        bank.execute(key, at=at)
    page = text(as_(Role.AGENT, "zh-hans").get(page_of(Instruction.objects.get(key=key))))
    assert "余额不足：可用 5,000.00 元，本次需要 9,000.00 元。未扣款。" in page


def test_a_spent_key_is_explained(wang):
    key = uuid4()
    core.default().enquire(key, at=clock.now())
    client = as_(Role.BACK_OFFICE)
    page = text(client.get(page_of(Instruction.objects.get(key=key))))
    assert "It is spent" in page
    assert shown(client.get("/admin/banking/instruction/")) != []


def test_the_banks_own_accounts_are_summed(wang):
    client = as_(Role.BACK_OFFICE)
    page = text(client.get("/admin/banking/account/?whose=internal"))
    assert "cash" in page
    assert "−10,000.00" in page
    [row] = shown(client.get("/admin/banking/account/?whose=internal"))
    assert "−10,000.00" in text(client.get(page_of(row)))
    assert row not in shown(client.get("/admin/banking/account/"))


def test_an_account_lists_its_entries_with_the_balance_after_each(wang):
    transfer(wang, cast.chen(), 1500)
    page = text(as_(Role.AGENT).get(page_of(wang.account)))
    assert "−1,500.00 8,500.00" in page
    assert "+10,000.00 10,000.00" in page


# -- dated rows --------------------------------------------------------------------------------


def days_from_now(days: int) -> str:
    return (clock.bank_day(clock.now()) + timedelta(days=days)).isoformat()


def fee(days: int, **changes: str) -> dict[str, str]:
    return {
        "kind": "transfer",
        "channel": "phone",
        "valid_from": days_from_now(days),
        "above": "0",
        "flat": "2",
        "rate": "0.0003",
        "cap": "50",
        "reason": "总行通知",
        **changes,
    }


def approved() -> None:
    """What was asked, by another: a supervisor."""
    hong = as_(Role.SUPERVISOR)
    approvals.approve(Approval.objects.get().pk, by=hong.user, at=clock.now())


def test_a_new_fee_is_a_new_row_from_tomorrow_on(wang):
    client = as_(Role.BACK_OFFICE)
    assert client.post("/admin/banking/feetier/add/", fee(1)).status_code == 302
    assert FeeTier.objects.filter(kind="transfer").count() == 1
    approved()
    assert FeeTier.objects.filter(kind="transfer").count() == 2
    page = text(client.get("/admin/banking/feetier/"))
    assert "not yet in force" in page
    assert "0.03 %" in page
    assert page.count("in force") == 4  # and the old one, still, and two of other businesses


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"valid_from": "2020-01-01"}, "It can take effect from"),
        ({"valid_from": "nonsense"}, "Enter a valid date"),
        ({"rate": "1"}, "below 1"),
        ({"flat": "-1"}, "violated"),
        ({"channel": "pigeon"}, "not one of the available choices"),
    ],
)
def test_a_fee_that_cannot_be_is_refused_in_words(wang, changes, says):
    response = as_(Role.BACK_OFFICE).post("/admin/banking/feetier/add/", fee(1, **changes))
    assert says in response.content.decode()
    assert FeeTier.objects.filter(kind="transfer").count() == 1


def test_a_fee_cannot_begin_today(wang):
    response = as_(Role.BACK_OFFICE).post("/admin/banking/feetier/add/", fee(0))
    assert f"from {days_from_now(1)} on" in response.content.decode()


def test_her_own_limit_may_begin_today_and_holds_at_once(wang):
    client = as_(Role.BACK_OFFICE)
    row = {
        "channel": "phone",
        "customer": wang.customer.pk,
        "valid_from": days_from_now(0),
        "single": "100",
        "daily": "1000",
    }  # no reason and no second: it is hers, and lower
    upside_down = client.post("/admin/banking/transferlimit/add/", {**row, "single": "1001"})
    assert "be more than a day" in upside_down.content.decode()
    assert client.post("/admin/banking/transferlimit/add/", row).status_code == 302
    page = text(client.get(page_of(wang.customer)))
    assert "telephone 100.00 1,000.00 1,000.00" in page
    again = client.post("/admin/banking/transferlimit/add/", row)
    assert again.status_code == 200  # one a day: the first stands
    assert TransferLimit.objects.filter(customer=wang.customer).count() == 1


def test_what_was_replaced_says_so(wang):
    TransferLimit.objects.create(
        channel=Channel.PHONE, valid_from=days_from_now(-3), single=10, daily=20
    )
    rows = text(as_(Role.BACK_OFFICE).get("/admin/banking/transferlimit/"))
    assert rows.count("replaced") == 1
    assert rows.count("in force") == 1


def test_a_term_holds_for_a_day_at_least(wang):
    client = as_(Role.BACK_OFFICE)
    row = {"instrument": "card", "valid_from": days_from_now(1), "days": "0", "reason": "制度修订"}
    response = client.post("/admin/banking/lossterm/add/", row)
    assert "one day at least" in response.content.decode()
    assert client.post("/admin/banking/lossterm/add/", {**row, "days": "7"}).status_code == 302
    approved()
    assert LossTerm.objects.filter(instrument="card", days=7).exists()


# -- nothing by hand ---------------------------------------------------------------------------


def test_no_role_changes_or_deletes_what_a_service_owns(rf):
    everybody = staff.hire(number="7000", name="所有角色", branch=None, roles=list(Role))
    request = rf.get("/")
    request.user = everybody
    pages = {m: a for m, a in admin.site._registry.items() if m._meta.app_label == "banking"}
    owned = {"customer", "account", "instruction", "journal", "lossreport", "pinevent"} | {
        *("settlementorder", "clearingfile", "billpayment", "deposit", "notice", "loan", "night"),
        *("frauddecision", "outboxmessage", "phoneblock", "unlockrequest"),
    }
    dated = {FeeTier, LossTerm, TransferLimit}
    found = {m: a for m, a in pages.items() if m in dated or m._meta.model_name in owned}
    assert len(found) == len(owned) + len(dated)
    for model, model_admin in found.items():
        assert model_admin.has_view_permission(request), model
        assert not model_admin.has_change_permission(request), model
        assert not model_admin.has_delete_permission(request), model
        assert model_admin.has_add_permission(request) is (model in dated), model


@pytest.mark.parametrize("name", ["customer", "account", "instruction", "feetier"])
def test_a_posted_form_changes_nothing(wang, name):
    subject = {
        "customer": wang.customer,
        "account": wang.account,
        "instruction": transfer(wang, cast.chen(), 1),
        "feetier": FeeTier.objects.get(kind="transfer"),
    }[name]
    before = type(subject).objects.values().get(pk=subject.pk)
    as_(Role.BACK_OFFICE).post(page_of(subject), {"name": "张三", "amount": "9", "flat": "9"})
    assert type(subject).objects.values().get(pk=subject.pk) == before
