"""Calls, menus and call-backs in the admin: who sees what, and how it reads."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from calendars import clock
from people import staff
from people.models import AccessLog
from people.roles import Role
from routing import shipped as routing_shipped
from telephony import records, shipped
from telephony.deeds import Deed
from telephony.models import Call, CallbackRequest, Number
from tests import cast
from tests.telephony.recorded import Recorded, transfer_call

pytestmark = pytest.mark.django_db(transaction=True)


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
    icons = r"<span class=\"[^\"]*material-symbols[^>]*>[^<]*<"  # words that are pictures
    content = re.sub(rf"<(script|style).*?</\1>|{icons}", " <", content, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", content).split())


@pytest.fixture
def menu(db):
    return shipped.install(at=clock.now())


@pytest.fixture
def wang(menu):
    return cast.wang()


def page_of(call: Call) -> str:
    return reverse("admin:telephony_call_change", args=[call.pk])


CALLS = "/admin/telephony/call/"
YES = {"_form_submitted": "True"}


def assert_in_order(page: str, told: list[str]) -> None:
    at = 0
    for words in told:
        found = page.find(words, at)
        assert found >= 0, f"{words!r} not after {page[max(0, at - 60) : at]!r}"
        at = found + len(words)


def test_a_call_reads_as_it_was_held(wang):
    call, receipt = transfer_call(wang, cast.chen())
    page = text(as_(Role.SUPERVISOR).get(page_of(call)))
    told = [
        "Conversation",
        "00:00",
        "您好，欢迎致电鹏城商业银行。",
        "interrupted after 3.2 s",
        "keyed 1",
        "请输入您的卡号，按井号键结束。",
        f"keyed ************{wang.card.last4}#",
        "keyed ******#",
        "Identified by card and query password",
        "Personal banking › Transfers › To an account with us",
        "keyed 1500#",
        "Transfer executed",
        "Receipt heard to the end",
        "Ended by: caller (hung up)",
    ]
    assert_in_order(page, told)
    assert "1,500.00" in page
    assert receipt.receipt in page
    assert f"ending {wang.account_tail} −1,500.00" in page
    assert "+1,500.00" in page


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "zh-hans",
            ["等候人工 综合", "坐席接听 林晓 1003", "坐席转入语音验证", "转接至其他队列 信用卡"],
        ),
        (
            "en",
            [
                *("Waits for a person General", "Answered by an agent 林晓 1003"),
                *("Sent to the IVR by the agent", "Transferred to another queue Credit cards"),
            ],
        ),
    ],
)
def test_a_talk_is_told_with_who_and_where(menu, language, told):
    routing_shipped.install(at=clock.now())
    staff.hire(number="1003", name="林晓", branch=None, roles=[Role.AGENT])
    call = Recorded()
    call.did(Deed.QUEUED, about="general")
    call.did(Deed.ANSWERED, about="1003")
    call.did(Deed.TO_IVR)
    call.did(Deed.FORWARDED, about="card")
    page = text(as_(Role.SUPERVISOR, language).get(page_of(call.ends())))
    assert_in_order(page, told)


def test_the_money_leads_to_its_own_page(wang):
    call, _ = transfer_call(wang, cast.chen())
    reader = as_(Role.BACK_OFFICE)
    page = reader.get(page_of(call)).content.decode()
    (order,) = set(re.findall(r"/admin/banking/instruction/[0-9a-f-]{36}/change/", page))
    assert reader.get(order).status_code == 200
    (customer,) = set(re.findall(r"/admin/banking/customer/\d+/change/", page))
    assert reader.get(customer).status_code == 200


def test_what_was_not_heard_of_a_breath_is_set_apart(wang):
    call, _ = transfer_call(wang, cast.chen())
    page = as_(Role.QC).get(page_of(call)).content.decode()
    assert '<span class="unheard">For English, press 3.</span>' in page
    assert '<span class="unheard">普通话服务，请按 1。</span>' not in page


def test_the_caller_and_the_customer_are_masked(wang):
    call, _ = transfer_call(wang, cast.chen())
    client = as_(Role.SUPERVISOR)
    for page in (client.get(page_of(call)), client.get(CALLS)):
        shown = page.content.decode()
        assert "138****6027" in shown
        assert "13800136027" not in shown
        assert "*小梅" in shown
        assert "王小梅" not in shown
        assert wang.pan.reveal() not in shown


def test_opening_a_customers_call_is_written_down(wang):
    call, _ = transfer_call(wang, cast.chen())
    client = as_(Role.SUPERVISOR)
    client.get(CALLS)
    assert not AccessLog.objects.exists()
    client.get(page_of(call))
    log = AccessLog.objects.get()
    assert (log.user, log.what, log.subject) == (
        client.user,
        "view",
        f"banking.customer:{wang.customer.pk}",
    )
    assert log.reason == f"call {call.pk}"
    assert log.address == "127.0.0.1"


def test_a_call_that_nobody_identified_herself_in_is_no_customers_data(menu):
    call = Recorded().ends()
    assert text(as_(Role.SUPERVISOR).get(page_of(call))).count("not identified") == 1
    assert not AccessLog.objects.exists()


def test_the_list_begins_with_todays_callers(wang):
    today = Recorded(caller="13900001111").ends()
    old = Recorded(caller="13900002222", ago=timedelta(days=2)).ends()
    test = Recorded(caller="13900003333", is_test=True).ends()
    client = as_(Role.SUPERVISOR)
    assert shown(client.get(CALLS)) == [today]
    assert shown(client.get(CALLS + "?when=week")) == [today, old]
    assert shown(client.get(CALLS + "?whose=test")) == [test]
    assert set(shown(client.get(CALLS + "?when=all&whose=all"))) == {today, old, test}
    assert shown(client.get(CALLS + "?when=yesterday")) == []
    assert shown(client.get(CALLS + "?when=nonsense&whose=nonsense")) == [today]


def shown(response) -> list[Call]:
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


def test_a_row_says_how_far_she_came_and_what_it_came_to(wang):
    transfer_call(wang, cast.chen())
    live = Recorded(caller="13900001111")
    live.moves("accounts")
    page = text(as_(Role.SUPERVISOR).get(CALLS))
    assert "Personal banking › Transfers › To an account with us" in page
    assert "served by the IVR" in page
    assert "Personal banking › Balances and transactions" in page
    assert "on the line" in page


def test_a_receipt_finds_the_call_it_was_given_in(wang):
    call, receipt = transfer_call(wang, cast.chen())
    Recorded().ends()
    client = as_(Role.SUPERVISOR)
    assert shown(client.get(CALLS, {"q": receipt.receipt})) == [call]
    assert shown(client.get(CALLS, {"q": wang.customer.number})) == [call]
    assert shown(client.get(CALLS, {"q": "000000000000"})) == []


def test_the_list_reads_as_many_rows_with_as_many_queries(wang, django_assert_max_num_queries):
    for _ in range(3):
        transfer_call(wang, cast.chen())
    client = as_(Role.SUPERVISOR)
    client.get(CALLS)
    with django_assert_max_num_queries(16):
        client.get(CALLS)


@pytest.mark.parametrize("role", [Role.AGENT, Role.ADMINISTRATOR, Role.MARKETER])
def test_who_may_not_read_calls_is_refused(wang, role):
    call, _ = transfer_call(wang, cast.chen())
    client = as_(role)
    assert client.get(CALLS).status_code == 403
    assert client.get(page_of(call)).status_code == 403
    assert not AccessLog.objects.exists()


def test_nobody_writes_a_call_by_hand(wang):
    call, _ = transfer_call(wang, cast.chen())
    for role in (Role.SUPERVISOR, Role.AUDITOR, Role.MENU_OWNER):
        client = as_(role)
        before = Call.objects.values().get(pk=call.pk)
        client.post(page_of(call), {"caller": "0", "outcome": "fault"})
        assert Call.objects.values().get(pk=call.pk) == before
        assert client.get(CALLS + "add/").status_code == 403
        assert client.post(f"{CALLS}{call.pk}/delete/", {"post": "yes"}).status_code == 403


# -- call-backs --------------------------------------------------------------------------------


@pytest.fixture
def wish(menu) -> CallbackRequest:
    call = Recorded()
    records.request_callback(call.row.pk, phone="13700004444", at=call.at)
    call.ends()
    return CallbackRequest.objects.get()


def test_who_calls_back_sees_the_number_and_is_written_down(wish):
    client = as_(Role.BACK_OFFICE)
    listed = client.get("/admin/telephony/callbackrequest/").content.decode()
    assert "137****4444" in listed
    assert "13700004444" not in listed
    page = reverse("admin:telephony_callbackrequest_change", args=[wish.pk])
    assert "13700004444" in text(client.get(page))
    log = AccessLog.objects.get()
    assert (log.what, log.field, log.subject) == (
        "reveal",
        "phone",
        f"telephony.callbackrequest:{wish.pk}",
    )


def test_who_only_reads_call_backs_sees_no_number(wish):
    page = reverse("admin:telephony_callbackrequest_change", args=[wish.pk])
    words = text(as_(Role.AUDITOR).get(page))
    assert "137****4444" in words
    assert "13700004444" not in words
    assert not AccessLog.objects.exists()


def test_a_call_back_is_done_once_by_somebody(wish):
    client, other = as_(Role.BACK_OFFICE), as_(Role.SUPERVISOR)
    verb = reverse("admin:telephony_callbackrequest_called_back", args=[wish.pk])
    client.get(verb)  # the dialog
    wish.refresh_from_db()
    assert wish.state == "waiting"
    client.post(verb, YES)
    wish.refresh_from_db()
    assert (wish.state, wish.done_by) == ("done", client.user)
    assert other.post(verb, YES).status_code == 403
    with pytest.raises(records.CalledBackAlready):
        records.called_back(wish.pk, by=other.user, at=clock.now())
    wish.refresh_from_db()
    assert wish.done_by == client.user


def test_an_auditor_calls_nobody_back(wish):
    verb = reverse("admin:telephony_callbackrequest_called_back", args=[wish.pk])
    assert as_(Role.AUDITOR).post(verb, YES).status_code == 403
    wish.refresh_from_db()
    assert wish.state == "waiting"


# -- numbers -----------------------------------------------------------------------------------


def test_a_number_s_greeting_is_chosen_by_its_words(menu):
    number = Number.objects.get(number="961202")
    page = reverse("admin:telephony_number_change", args=[number.pk])
    owner = as_(Role.MENU_OWNER)
    assert "您好，欢迎致电鹏城商业银行。" in text(owner.get("/admin/telephony/number/"))
    assert "客户服务中心" in text(owner.get(page))
    change = {
        "menu": number.menu_id,
        "is_active": "on",
        "hours": "",
        "closed_greeting": "welcome.closed",
    }
    owner.post(page, change | {"greeting": "no.such.prompt"})
    number.refresh_from_db()
    assert number.greeting == "welcome.961202"
    owner.post(page, change | {"greeting": "welcome.25198888"})
    number.refresh_from_db()
    assert number.greeting == "welcome.25198888"
    history = text(owner.get(reverse("admin:telephony_number_history", args=[number.pk])))
    assert "welcome.961202 welcome.25198888" in history
    assert owner.user.name in history


@pytest.mark.parametrize("language", ["zh-hans"])
def test_the_chinese_pages_hold_no_english(wang, wish, language):
    call, _ = transfer_call(wang, cast.chen())
    client, owner = as_(Role.SUPERVISOR, language), as_(Role.MENU_OWNER, language)
    for address in (
        page_of(call),
        CALLS,
        "/admin/telephony/announcement/",
        "/admin/telephony/recording/",
        "/admin/telephony/recording/add/",
        "/admin/telephony/ownprompt/add/",
        "/admin/telephony/number/",
        "/admin/telephony/menuversion/",
        "/admin/telephony/callbackrequest/",
        "/admin/telephony/command/",
        reverse("admin:telephony_callbackrequest_change", args=[wish.pk]),
    ):
        reader = owner if address.endswith("/add/") else client
        main = text(reader.get(address))
        main = re.sub(r"\b[0-9a-f-]{36}\b|For English, press 3\.", "", main)
        assert set(re.findall(r"[A-Za-z]{3,}", main)) <= KNOWN, address


# Short names of data, the switch's own words, the other language's own name, icons.
KNOWN = {"esc", "English", "node", "goodbye", "wav"}
