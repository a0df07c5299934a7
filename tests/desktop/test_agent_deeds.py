"""What an agent does for her caller that is no order: done, written down, refused and kept."""

import re
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils.translation import override

from banking import bound, contacts, customers, pins
from banking.access import DEFAULTS, Name
from banking.errors import (
    LossAlready,
    LossNotFound,
    NoAddress,
    NothingLocked,
    PhoneStoppedAlready,
    PinLocked,
    PinWrong,
)
from banking.models import (
    Account,
    Announcement,
    Atm,
    District,
    ExchangeRate,
    FraudCase,
    Instruction,
    LoanRate,
    LossReport,
    NicknameWord,
    Notice,
    OutboxMessage,
    Outlet,
    PhoneBlock,
    TransferLimit,
    UnlockRequest,
)
from banking.models.customers import Purpose
from banking.secret import Secret
from calendars import clock
from calendars.clock import bank_day
from desktop.agent import services
from desktop.agent.services import accounts
from people.models import AccessLog, Branch
from routing import offers
from telephony import records, story, wrapup
from telephony.deeds import Deed
from telephony.models import AgentDeed, Call
from tests import cast
from tests.desktop.test_desk import desk, panel, ringing, said, shown, talking  # noqa: F401
from tests.savers import does, published_rates, puts

KEPT = 'name="%s" value="%s"'


@pytest.fixture
def branch():
    return Branch.objects.create(
        code="001002", name="福田支行", address="福田区深南大道 1 号", phone="0755-25198002"
    )


@pytest.fixture
def wang(lin, branch):
    """王小梅 with 300,000 yuan on a card, kept at 福田支行."""
    made = cast.wang(is_test=False, opening=300_000)
    Account.objects.filter(pk=made.account.pk).update(branch=branch)
    return made


@pytest.fixture
def known(talking):  # noqa: F811
    return talking[0]


@pytest.fixture
def unknown(talking):  # noqa: F811
    """Somebody who talks to 林晓 and has proved nothing."""
    call = talking[0]
    Call.objects.filter(pk=call.pk).update(customer=None, card_id=None, verified_until=None)
    return call


@pytest.fixture
def book(wang):
    """Her second account, with a passbook and without a card."""
    account = customers.open_account(
        wang.customer, number="755799990042", on=cast.LONG_AGO, passbook="ZB10010077"
    )
    customers.deposit(account.pk, Decimal(800), at=clock.now())
    return account


def acts(desk, name: str, **typed) -> str:  # noqa: F811
    answer = desk.post(f"/desk/service/{name}/act/", typed)
    assert answer.status_code == 200, answer.content.decode()
    return re.sub(r"\s+", " ", answer.content.decode())


def agreed(desk, name: str, **typed) -> str:  # noqa: F811
    """Read back, and then done."""
    html = acts(desk, name, **typed)
    assert "客户同意" in html, html
    assert not AgentDeed.objects.filter(service=name).exists()
    return acts(desk, name, said="agreed", **typed)


def only_deed(service: str) -> AgentDeed:
    return AgentDeed.objects.get(service=service)


def seen_by(lin, who, title: str, call: Call) -> None:
    """The look at her data is in the access log, with the call and the service as its reason."""
    with override("zh-hans"):
        reasons = AccessLog.objects.filter(user=lin, subject=f"banking.customer:{who.id}")
        assert f"call {call.pk}: {title}" in reasons.values_list("reason", flat=True)


# -- the list ----------------------------------------------------------------------------------


def test_the_list_holds_everything_and_finds_it_by_initials(desk, known):  # noqa: F811
    html = shown(desk, "/desk/services/")
    for service in services.every():
        with override("zh-hans"):
            assert f'data-typed="{service.title} {service.typed}"' in html
    assert "ktgs gs lost" in html


def test_every_service_has_one_way_and_one_name():
    every = services.every()
    assert len({service.name for service in every}) == len(every) > 35
    for service in every:
        assert bool(service.form) + bool(service.errand) + bool(service.page) == 1, service.name
        assert re.match("[a-z]+( |$)", service.typed), service.name


def test_for_who_is_unknown_what_needs_a_password_says_so(desk, unknown):  # noqa: F811
    html = shown(desk, "/desk/services/")
    assert re.search(r'class="btn btn-row mute"[^>]*data-typed="最近明细', html)
    assert re.search(r'class="btn btn-row"[^>]*data-typed="口头挂失', html)
    for service in services.every():
        if service.identified and not service.unheard:
            assert "尚未通过身份核实" in shown(desk, f"/desk/service/{service.name}/"), service.name
            assert desk.post(f"/desk/service/{service.name}/act/").status_code == 409
    assert not AgentDeed.objects.exists()


def test_what_anybody_may_ask_opens_for_who_is_unknown(desk, unknown):  # noqa: F811
    for service in services.every():
        if not service.identified and not service.page:
            assert "<h2>" in shown(desk, f"/desk/service/{service.name}/"), service.name
    for name in ("calls", "report"):  # unless her bound number calls
        assert "尚未通过身份核实" in shown(desk, f"/desk/service/{name}/")


def test_nothing_is_done_once_the_call_is_over(desk, talking, wang):  # noqa: F811
    offers.finished(talking[1].leg, at=clock.now())
    answer = desk.post("/desk/service/balance/act/")
    assert answer.status_code == 409
    assert "没有通话" in answer.content.decode()
    assert not AgentDeed.objects.exists()


def test_a_proof_that_runs_out_while_she_types_costs_nothing_typed(desk, known):  # noqa: F811
    Call.objects.filter(pk=known.pk).update(verified_until=clock.now() - timedelta(seconds=1))
    html = acts(desk, "limits", single="100", daily="200")
    assert "尚未通过身份核实" in html
    assert KEPT % ("single", "100") in html
    assert not AgentDeed.objects.exists()


# -- loss --------------------------------------------------------------------------------------


def test_a_loss_of_hers_is_reported_with_its_term_receipt_and_lapse(
    desk,  # noqa: F811
    known,
    wang,
    lin,
):
    lost = f"card:{wang.card.pk}"
    html = agreed(desk, "loss", lost=lost)
    report = LossReport.objects.get()
    assert (report.channel, report.call_ref, report.customer_id) == (
        *("agent", str(known.uuid)),
        wang.id,
    )
    assert report.number in html and "有效 5 天" in html
    deed = only_deed("loss")
    assert (deed.deed, deed.number, deed.by) == (Deed.LOSS_REPORTED, report.number, lin)
    assert report.number in panel(shown(desk), "open")
    assert report.number in panel(shown(desk), "services")
    assert "挂失" in shown(desk, f"/receipt/{report.number}/")
    drafted = wrapup.draft(story.tell(known))
    assert drafted.codes[0].slug == "card-loss"
    assert f"受理号 {report.number}" in drafted.note

    again = acts(desk, "loss", lost=lost, said="agreed")
    assert said(LossAlready) in again and f'value="{lost}" selected' in again
    refused = AgentDeed.objects.filter(service="loss").latest("id")
    assert refused.deed == Deed.REFUSED
    assert LossReport.objects.count() == 1


def test_who_is_unknown_reports_by_number_and_id(desk, unknown, wang, book, lin):  # noqa: F811
    typed = {
        "lost": "other",
        "number": "7557 9999 0042",  # the account's; its passbook is lost
        "identity": wang.id_number.reveal(),
    }
    wrong = acts(desk, "loss", **{**typed, "identity": "440304197001010011"}, said="agreed")
    assert said(LossNotFound) in wrong
    assert KEPT % ("number", typed["number"]) in wrong
    assert "客户同意" in acts(desk, "loss", **typed)
    html = acts(desk, "loss", **typed, said="agreed")
    report = LossReport.objects.get()
    assert report.passbook is not None and report.number in html
    seen_by(lin, wang, "口头挂失", unknown)


def test_without_numbers_nothing_is_reported(desk, unknown):  # noqa: F811
    html = acts(desk, "loss", lost="other", number="", identity="")
    assert html.count("请按客户报的号码输入") == 2


def test_nobody_elses_card_can_be_chosen(desk, known):  # noqa: F811
    chen = cast.chen(is_test=False)
    html = acts(desk, "loss", lost=f"card:{chen.card.pk}", said="agreed")
    assert "wrong" in html
    assert not LossReport.objects.exists()


def test_what_was_read_back_can_be_changed(desk, known, wang):  # noqa: F811
    html = acts(desk, "loss", lost=f"card:{wang.card.pk}", said="change")
    assert "<select" in html and "客户同意" not in html
    assert not AgentDeed.objects.exists()


# -- stop, limits, unlocking ---------------------------------------------------------------------


def test_debits_by_telephone_are_stopped_and_the_desk_says_so(desk, known, wang):  # noqa: F811
    assert "恢复须到网点" in shown(desk, "/desk/service/stop/")  # read back at once
    html = acts(desk, "stop", said="agreed")
    block = PhoneBlock.objects.get()
    assert (block.customer_id, block.channel, block.call_ref) == (
        *(wang.id, "agent"),
        str(known.uuid),
    )
    assert block.number in html and block.number in shown(desk, f"/receipt/{block.number}/")
    assert only_deed("stop").deed == Deed.PHONE_STOPPED
    assert "电话支付自" in panel(shown(desk), "allowance")
    assert f"受理号 {block.number}" in shown(desk, "/desk/service/stop/")


def test_card_and_id_number_are_enough_to_stop(desk, unknown, wang, lin):  # noqa: F811
    typed = {"number": wang.pan.reveal(), "identity": wang.id_number.reveal()}
    wrong = acts(desk, "stop", **{**typed, "number": cast.chen().pan.reveal()}, said="agreed")
    assert KEPT % ("identity", typed["identity"]) in wrong
    assert not PhoneBlock.objects.exists()
    acts(desk, "stop", **typed, said="agreed")
    assert PhoneBlock.objects.get().customer_id == wang.id
    seen_by(lin, wang, "停用电话支付", unknown)
    again = acts(desk, "stop", **typed, said="agreed")
    assert said(PhoneStoppedAlready) in again


def test_limits_go_down_and_up_only_at_the_counter(desk, known, wang, branch):  # noqa: F811
    html = agreed(desk, "limits", single="2000", daily="5000")
    assert "2,000.00" in html and "5,000.00" in html
    row = TransferLimit.objects.get(customer=wang.customer)
    assert (row.single, row.daily) == (2000, 5000)
    assert only_deed("limits").deed == Deed.SETTING

    refused = acts(desk, "limits", single="2000", daily="9000")
    for words in (branch.name, branch.address, branch.phone, "身份证", KEPT % ("daily", "9000")):
        assert words in refused
    assert TransferLimit.objects.get(customer=wang.customer).daily == 5000


def test_unlocking_is_asked_for_where_something_is_locked(desk, known, wang):  # noqa: F811
    typed = {"card": wang.card.pk}
    assert said(NothingLocked) in acts(desk, "unlock", **typed)
    for _try in range(DEFAULTS[Name.IN_ALL]):
        with suppress(PinWrong, PinLocked):
            pins.verify(
                *(wang.card.pk, Secret("112233"), Purpose.TRANSACTION), call_ref="", at=clock.now()
            )
    html = acts(desk, "unlock", **typed)
    request = UnlockRequest.objects.get()
    assert request.number in html and request.call_ref == str(known.uuid)
    assert "解锁申请" in shown(desk, f"/receipt/{request.number}/")


def test_who_is_unknown_asks_by_card_and_id_number(desk, unknown, wang):  # noqa: F811
    html = acts(desk, "unlock", number=wang.pan.reveal(), identity=wang.id_number.reveal().lower())
    assert said(NothingLocked) in html


def test_passwords_are_handed_over_and_never_asked_here(desk, known):  # noqa: F811
    for kind in ("query", "transaction"):
        html = shown(desk, f"/desk/service/{kind}-password/")
        assert f"change-{kind}-password" in html and "<input" not in html
        assert desk.post(f"/desk/service/{kind}-password/act/").status_code == 404
    assert "激活码" in shown(desk, "/desk/service/activation/")


# -- accounts ----------------------------------------------------------------------------------


def test_balances_and_transactions_are_told_and_written_down(
    desk,  # noqa: F811
    known,
    wang,
    book,
    lin,
):
    html = acts(desk, "balance")
    assert "300,000.00" in html and "800.00" in html
    seen_by(lin, wang, "余额", known)
    html = acts(desk, "last", which=book.pk, many=5)
    assert "+800.00" in html
    today = bank_day(clock.now())
    html = acts(desk, "by-date", which=book.pk, first=today, last=today)
    assert "+800.00" in html
    nothing = acts(desk, "by-date", which=book.pk, first="2024-02-01", last="2024-02-02")
    assert "没有交易" in nothing
    deeds = list(AgentDeed.objects.order_by("id").values_list("service", "deed"))
    assert deeds == [
        *(("balance", "balance"), ("last", "entries"), ("by-date", "entries")),
        ("by-date", "entries"),
    ]


def _turned(html: str, to: str) -> dict[str, str]:
    """What that key of the page sends; nothing where it leads nowhere."""
    button = re.search(rf'<button[^>]*name="pages" value="([^"]*)"([^>]*)>{to}', html)
    assert button, html
    return {} if "disabled" in button[2] else {"pages": button[1]}


def test_a_period_is_turned_page_by_page_and_nothing_is_lost(
    desk,  # noqa: F811
    known,
    book,
    monkeypatch,
):
    monkeypatch.setattr(accounts, "A_PAGE", 2)
    for yuan in range(1, 5):
        customers.deposit(book.pk, Decimal(yuan), at=clock.now())
    today = bank_day(clock.now())
    typed = {"which": book.pk, "first": today, "last": today}

    def amounts(html: str) -> list[str]:
        return re.findall(r"\+(\d+)\.00", html)

    newest = acts(desk, "by-date", **typed)
    assert amounts(newest) == ["4", "3"] and "第 1 至 2 笔" in newest
    assert not _turned(newest, "更近")
    customers.deposit(book.pk, Decimal(5), at=clock.now())  # moves nothing to another page
    middle = acts(desk, "by-date", **typed, **_turned(newest, "更早"))
    assert amounts(middle) == ["2", "1"] and "第 3 至 4 笔" in middle
    oldest = acts(desk, "by-date", **typed, **_turned(middle, "更早"))
    assert amounts(oldest) == ["800"] and "第 5 至 5 笔" in oldest
    assert not _turned(oldest, "更早")
    assert amounts(acts(desk, "by-date", **typed, **_turned(oldest, "更近"))) == ["2", "1"]
    assert amounts(acts(desk, "by-date", **typed, **_turned(middle, "更近"))) == ["5", "4"]


def test_another_period_is_asked_from_its_newest_page(desk, known, book):  # noqa: F811
    day = {"which": book.pk, "first": "2024-02-02", "last": "2024-02-01"}
    html = acts(desk, "by-date", **day, pages="700000007")
    assert "wrong" in html and 'name="pages"' in html and "700000007" not in html


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-01-31", "2026-01-01", "wrong"),
        ("2020-01-01", "2026-01-01", "366"),
        ("31.1.", "2026-01-01", "wrong"),
    ],
)
def test_a_wrong_period_is_refused_and_kept(desk, known, book, first, last, words):  # noqa: F811
    html = acts(desk, "by-date", which=book.pk, first=first, last=last)
    assert words in html
    assert KEPT % ("first", first) in html or f'value="{first}"' in html


def test_another_customers_account_is_no_choice(desk, known):  # noqa: F811
    chen = cast.chen(is_test=False)
    html = acts(desk, "last", which=chen.account.pk, many=5)
    assert "wrong" in html and not AgentDeed.objects.exists()


def test_a_statement_goes_to_the_address_that_the_bank_knows(desk, known, wang):  # noqa: F811
    typed = {"which": wang.account.pk, "first": "2026-01-01", "last": "2026-01-31"}
    assert "wrong" in acts(desk, "statement", **typed, medium="email")  # it knows none
    html = acts(desk, "statement", **typed, medium="sms")
    message = OutboxMessage.objects.get()
    assert message.customer == wang.customer
    assert wang.customer.mobile[-4:] in html and wang.customer.mobile not in html
    assert only_deed("statement").deed == Deed.STATEMENT
    wang.customer.mobile = ""
    wang.customer.save()
    assert said(NoAddress) in shown(desk, "/desk/service/statement/")


def test_an_account_gets_a_name_and_leads(desk, known, wang, book):  # noqa: F811
    assert "没有可办理" in shown(desk, "/desk/service/nickname/")
    NicknameWord.objects.create(slug="salary", word="工资")
    assert "工资" in acts(desk, "nickname", which=book.pk, word="salary")
    acts(desk, "default", which=book.pk)
    book.refresh_from_db()
    assert (book.nickname, book.leads) == ("工资", True)


def test_who_has_one_account_has_no_default_to_choose(desk, known):  # noqa: F811
    assert "只有一个账户" in shown(desk, "/desk/service/default/")


# -- deposits and loans ------------------------------------------------------------------------


def test_a_withdrawal_is_announced_changed_and_cancelled(desk, known, wang):  # noqa: F811
    assert "没有可办理" in shown(desk, "/desk/service/notice/")
    published_rates()
    deposit = puts(wang, 200_000, "notice", "7d", at=clock.now())
    assert "wrong" in acts(desk, "notice", deposit=deposit.pk, amount="400", said="agreed")
    html = acts(desk, "notice", deposit=deposit.pk, amount="60000")
    due = bank_day(clock.now()) + timedelta(days=7)
    assert "60,000.00" in html and due.isoformat() in html
    html = acts(desk, "notice", deposit=deposit.pk, amount="60000", said="agreed")
    first = Notice.objects.get()
    assert first.number in html and first.call_ref == str(known.uuid)
    assert "支取通知" in shown(desk, f"/receipt/{first.number}/")
    assert first.due_on.isoformat() in acts(desk, "deposits")

    html = acts(desk, "notice-change", deposit=deposit.pk, amount="70000", said="agreed")
    second = Notice.objects.get(state="open")
    assert second.amount == 70_000 and second.number in html
    html = acts(desk, "notice-cancel", deposit=deposit.pk)
    assert "不计息" in html and "70,000.00" in html
    acts(desk, "notice-cancel", deposit=deposit.pk, said="agreed")
    assert not Notice.objects.filter(state="open").exists()
    assert "<form hx-post" not in shown(desk, "/desk/service/notice-cancel/")
    given = AgentDeed.objects.filter(deed=Deed.NOTICE_GIVEN).order_by("id")
    assert list(given.values_list("number", flat=True)) == [
        *(first.number, second.number),
        second.number,
    ]


def test_what_happens_at_maturity_is_changed(desk, known, wang):  # noqa: F811
    assert "没有可办理" in shown(desk, "/desk/service/maturity/")
    published_rates()
    deposit = puts(wang, 10_000, "time", "1y", at=clock.now())
    html = acts(desk, "maturity", deposit=deposit.pk, then="renews")
    assert "自动转存，请客户确认" in html
    deposit.refresh_from_db()
    assert not deposit.renews
    acts(desk, "maturity", deposit=deposit.pk, then="renews", said="agreed")
    deposit.refresh_from_db()
    assert deposit.renews
    html = acts(desk, "maturity", deposit=deposit.pk, then=wang.account.pk, said="agreed")
    assert "到期支付" in html
    deposit.refresh_from_db()
    assert (deposit.renews, deposit.pays_to_id) == (False, wang.account.pk)
    assert AgentDeed.objects.filter(deed=Deed.SETTING).count() == 2


def test_what_she_owes_is_told_whole(desk, known, wang):  # noqa: F811
    assert "没有未结清的贷款" in acts(desk, "loans")
    cast.loan(wang)
    html = acts(desk, "loans")
    assert "120,000.00" in html and "4.20%" in html and "今天结清应还" in html
    assert "没有存款" in acts(desk, "deposits")


# -- orders that wait ----------------------------------------------------------------------------


def test_a_delayed_order_is_told_and_withdrawn(desk, known, wang):  # noqa: F811
    assert "没有转账记录" in acts(desk, "transfers")
    assert "无可撤销" in shown(desk, "/desk/service/withdraw/")
    chen = cast.chen(is_test=False)
    request = replace(cast.transfer(wang, chen, 480), speed="next_day")
    order = does(request, at=clock.now())
    assert "尚未扣款" in acts(desk, "transfers")
    html = agreed(desk, "withdraw", order=order.pk)
    assert order.receipt in html
    order.refresh_from_db()
    assert order.state == "void"
    assert "已撤销" in acts(desk, "transfers")
    assert desk.get("/desk/service/withdraw/").content.decode().count("<form hx-post") == 0


# -- what anybody may ask ------------------------------------------------------------------------


def test_rates_places_and_notices_are_told_to_anybody(desk, unknown, branch):  # noqa: F811
    published_rates()
    LoanRate.objects.create(series="lpr_1y", valid_from=date(2025, 5, 20), percent=3)
    ExchangeRate.objects.create(
        currency="usd",
        quoted_at=clock.now() - timedelta(hours=1),
        units=100,
        buy=Decimal("709.62"),
        cash_buy=Decimal("703.86"),
        sell=Decimal("712.60"),
    )
    futian = District.objects.create(code="440304", name="福田区")
    Outlet.objects.create(branch=branch, district=futian)
    Atm.objects.create(code="A1", branch=branch, place="大堂", since=clock.now(), cassette_pct=50)
    for kind, prompt in (("product", "product.phone_bank"), ("notice", "notice.fraud")):
        Announcement.objects.create(
            kind=kind, title="x", prompt=prompt, valid_from=clock.now() - timedelta(days=1)
        )
    rates = acts(desk, "deposit-rates")
    assert "三个月" in rates and "0.65%" in rates and "3m" not in rates
    assert "3.00%" in acts(desk, "loan-rates")
    assert "美元" in acts(desk, "exchange-rates")
    places = acts(desk, "branches", district="440304")
    assert branch.address in places and "1 台可取现" in places
    assert "电话银行" in acts(desk, "products")
    assert "密码" in acts(desk, "announcements")
    informed = AgentDeed.objects.filter(deed=Deed.INFORMED)
    assert informed.count() == 6
    assert not AccessLog.objects.filter(reason__contains=":").exists()


# -- was it the bank? ----------------------------------------------------------------------------


def test_who_was_called_in_the_banks_name_is_protected(desk, known, wang):  # noqa: F811
    assert "没有银行致电" in acts(desk, "calls")
    contacts.note(
        wang.id,
        desk=contacts.Desk.LENDING,
        reason=contacts.Reason.REPAYMENT,
        at=clock.now() - timedelta(hours=1),
    )
    assert "还款" in acts(desk, "calls")
    html = acts(desk, "report", said="agreed")
    case = FraudCase.objects.get()
    assert case.number in html and case.call_ref == str(known.uuid)
    assert PhoneBlock.objects.get().channel == "agent"
    assert "反诈案件" in shown(desk, f"/receipt/{case.number}/")


def test_her_bound_number_is_enough_to_ask_and_to_report(desk, unknown, wang, lin):  # noqa: F811
    bound.bind(wang.id, by=None, at=clock.now())
    assert "没有银行致电" in acts(desk, "calls")
    seen_by(lin, wang, "核实银行来电", unknown)
    acts(desk, "report", said="agreed")
    assert FraudCase.objects.get().customer == wang.customer


# -- the record ----------------------------------------------------------------------------------


def test_the_conversation_names_the_agent_and_what_she_did(desk, known, wang, lin):  # noqa: F811
    acts(desk, "balance")
    with override("zh-hans"):
        told = story.tell(known)
    line = next(line for line in told.lines if line.by)
    assert (str(line.deed), line.by) == (str(Deed.BALANCE.label), str(lin))
    assert [line.at for line in told.lines] == sorted(line.at for line in told.lines)


def test_a_deed_of_an_agent_stays_as_it_was_written(known, lin):
    row = records.agent_did(known.pk, "balance", Deed.BALANCE, by=lin, at=clock.now())
    row.number = "1"
    with pytest.raises(Exception, match="append_only|Cannot update|permission denied"):
        row.save()


def test_no_order_was_made_by_any_of_this(desk, known):  # noqa: F811
    acts(desk, "balance")
    assert not Instruction.objects.exists()
