"""The agent's page as the server renders it, and her verbs as requests."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils.translation import override

from banking import core, losses
from banking.models.orders import Channel
from calendars import clock
from people import staff
from people.errors import Refusal
from people.models import AccessLog
from people.roles import Role
from routing import entries, offers, presence
from routing.errors import PhoneAway, SignedInElsewhere
from routing.states import State
from telephony import wrapup
from telephony.deeds import Deed
from telephony.models import Command, WrapUp, WrapUpCode
from tests import cast
from tests.desktop import seats

TAB = uuid4()


@pytest.fixture
def desk(client, lin):
    """Her browser: every request says which tab it is."""
    client.force_login(lin, backend="django.contrib.auth.backends.ModelBackend")
    client.defaults["HTTP_X_TAB"] = str(TAB)
    client.cookies["django_language"] = "zh-hans"
    return client


@pytest.fixture
def wang(lin):
    return cast.wang(is_test=False, vip="gold")


def sits_down(lin):
    session = presence.sign_in(lin, tab=TAB, at=clock.now())
    presence.heartbeat(session.pk, phone=True, at=clock.now())
    presence.ready(lin.pk, at=clock.now())
    return session


@pytest.fixture
def ringing(lin, wang):
    """王小梅 rings at her desk: the call and the agent's leg."""
    sits_down(lin)
    call = seats.calls_in(wang, Deed.BALANCE, at=clock.now(), caller=wang.customer.mobile)
    seats.waits(call, at=clock.now())
    return call, seats.rings(at=clock.now())


@pytest.fixture
def talking(ringing):
    call, offer = ringing
    offers.answered(offer.leg, at=clock.now())
    return call, offer


def shown(client, address: str = "/desk/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def panel(html: str, name: str) -> str:
    found = re.search(rf'<section id="panel-{name}".*?</section>', html)
    assert found, f"no panel {name}"
    return found[0]


def said(refusal: type[Refusal]) -> str:
    with override("zh-hans"):
        return str(refusal())


# -- the page ------------------------------------------------------------------------------------


def test_between_calls_every_place_says_what_will_appear(desk, lin):
    html = shown(desk)
    for words in ("未上线", "没有通话", "没有到点要办的事", "今天接听的电话列在这里"):
        assert words in html
    assert "hidden" in panel(html, "customer")
    assert "hidden" not in panel(html, "nobody")


def test_a_ringing_caller_is_there_with_all_that_is_known(desk, ringing, wang):
    html = shown(desk)
    assert wang.customer.name in panel(html, "customer")
    assert "黄金" in panel(html, "customer") or "金卡" in panel(html, "customer")
    assert wang.customer.mobile not in html
    assert wang.pan.reveal() not in html
    assert wang.id_number.reveal() not in html
    assert "查询密码" in panel(html, "verification")
    assert "来电为登记手机" in panel(html, "verification")
    assert "已报余额" in panel(html, "ivr")
    assert "10,000.00" in panel(html, "accounts")
    assert 'data-key="F2"' in panel(html, "call")
    assert "hidden" in panel(html, "wrapup")  # nothing to write of before the answer


def test_whom_she_talked_to_before_is_told_though_nobody_wrote_it_up(desk, talking, lin, wang):
    _call, offer = talking
    offers.finished(offer.leg, at=clock.now())
    presence.wrapped_up(lin.pk, at=clock.now())
    again = seats.calls_in(wang, at=clock.now())
    seats.waits(again, at=clock.now())
    seats.rings(at=clock.now())
    contacts = panel(shown(desk), "contacts")
    assert "坐席" in contacts
    assert str(lin) in contacts
    assert "自助" not in contacts


def test_each_view_of_a_customer_is_written_down_once_a_call(desk, ringing, wang):
    shown(desk)
    shown(desk, "/desk/now/")
    log = AccessLog.objects.get(subject=f"banking.customer:{wang.id}")
    assert (log.what, log.reason) == ("view", f"call {ringing[0].pk}")


def test_the_answer_brings_the_draft_and_the_keys_of_the_call(desk, talking):
    html = shown(desk)
    assert "已核身：尾号" in panel(html, "wrapup")
    for key in ("F4", "F7", "F8", "F9", "F10", "D"):
        assert f'data-key="{key}"' in panel(html, "call")
    assert 'data-answered="yes"' in html


def test_a_stranger_is_not_guessed_at(desk, lin, wang):
    sits_down(lin)
    seats.waits(
        seats.calls_in(at=clock.now(), caller=wang.customer.mobile, node="root"), at=clock.now()
    )
    seats.rings(at=clock.now())
    html = shown(desk)
    assert "未核身" in panel(html, "customer")
    assert "*小梅" in panel(html, "customer")  # by her number: a hint, masked
    assert wang.customer.name not in html
    assert "hidden" in panel(html, "accounts")
    assert not AccessLog.objects.exists()


def test_what_is_open_is_told(desk, talking, wang):
    chen, bank, key = cast.chen(), core.default(), uuid4()
    bank.draft(
        key,
        cast.transfer(wang, chen, 480),
        call_ref="",
        at=clock.now(),
    )
    bank.confirm(key, at=clock.now())
    receipt = bank.execute(key, at=clock.now())
    report = losses.report(
        wang.pan, wang.id_number, channel=Channel.PHONE, call_ref="", at=clock.now()
    )
    html = panel(shown(desk), "open")
    for words in ("480.00", receipt.receipt, report.number, "已告知客户"):
        assert words in html
    assert desk.post(f"/desk/told/{key}/").status_code == 204
    assert receipt.receipt not in panel(shown(desk), "open")


def test_a_loss_that_was_confirmed_in_writing_has_no_end(desk, talking, wang):
    report = losses.report(
        wang.pan, wang.id_number, channel=Channel.PHONE, call_ref="", at=clock.now()
    )
    clerk = staff.hire(number="3001", name="何静", branch=None, roles=[Role.BRANCH_USER])
    losses.confirm(report.pk, form_number="GS1", by=clerk, at=clock.now())
    html = shown(desk)
    assert report.number in panel(html, "open") and "已书面挂失" in panel(html, "open")
    assert "已书面挂失" in panel(html, "accounts")


def test_what_she_confirmed_and_nobody_carried_out_is_open_until_she_is_told(desk, talking, wang):
    chen, bank, confirmed, dropped = cast.chen(), core.default(), uuid4(), uuid4()
    for key, amount in ((confirmed, 480), (dropped, 590)):
        bank.draft(key, cast.transfer(wang, chen, amount), call_ref="", at=clock.now())
    bank.confirm(confirmed, at=clock.now())
    for key in (confirmed, dropped):
        bank.void(key, at=clock.now())
    html = panel(shown(desk), "open")
    assert ("480.00" in html, "590.00" in html) == (True, False)
    assert "已告知客户" in html
    assert desk.post(f"/desk/told/{confirmed}/").status_code == 204
    assert "480.00" not in panel(shown(desk), "open")


def test_the_parts_are_the_same_and_unchanged_ones_say_so(desk, talking):
    digests = re.findall(r'id="panel-(\w+)".*?data-digest="(\w*)"', shown(desk))
    again = re.findall(r'id="panel-(\w+)".*?data-digest="(\w*)"', shown(desk, "/desk/now/"))
    assert dict(digests) == dict(again)
    assert 'hx-swap-oob="true"' in shown(desk, "/desk/now/")
    offers.held(talking[1].leg, at=clock.now())
    held = dict(re.findall(r'id="panel-(\w+)".*?data-digest="(\w*)"', shown(desk, "/desk/now/")))
    assert {name for name, digest in digests if held[name] != digest} >= {"call"}
    assert held["customer"] == dict(digests)["customer"]


def test_her_own_figures_come_from_the_reports(desk, lin, talking):
    offers.finished(talking[1].leg, at=clock.now() + timedelta(seconds=90))
    html = shown(desk, "/desk/now/")
    assert re.search(r"<dt>今日接听</dt><dd>1</dd>", html)
    assert "综合" in html


def test_who_is_no_agent_is_told_so(client, transactional_db):
    user = staff.hire(number="1001", name="王丽", branch=None, roles=[Role.SUPERVISOR])
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = "zh-hans"
    assert "未设为坐席" in shown(client)
    client.defaults["HTTP_X_TAB"] = str(TAB)
    assert client.post("/desk/sign-in/").status_code == 409


# -- presence ------------------------------------------------------------------------------------


def test_signing_in_pausing_and_out_again(desk, lin):
    assert desk.post("/desk/sign-in/").status_code == 204
    assert presence.state_of(lin.pk) == State.PAUSED
    refused = desk.post("/desk/ready/")
    assert (refused.status_code, refused.content.decode()) == (409, said(PhoneAway))
    presence.heartbeat(lin.agent.sessions.get().pk, phone=True, at=clock.now())
    ready = desk.post("/desk/ready/")
    assert (ready.status_code, ready["HX-Trigger"]) == (204, "desk-changed")
    assert desk.post("/desk/pause/", {"reason": "meal"}).status_code == 204
    assert "用餐" in shown(desk)
    assert desk.post("/desk/pause/", {"reason": "missed"}).status_code == 409  # the system's own
    assert desk.post("/desk/sign-out/").status_code == 204
    assert presence.state_of(lin.pk) == State.OFFLINE


def test_during_a_call_a_pause_is_a_wish_and_can_be_taken_back(desk, lin, talking):
    assert desk.post("/desk/pause/", {"reason": "break"}).status_code == 204
    assert presence.state_of(lin.pk) == State.TALKING
    assert 'hx-post="/desk/stay/"' in shown(desk)
    desk.post("/desk/stay/")
    assert 'hx-post="/desk/stay/"' not in shown(desk)
    assert desk.post("/desk/sign-out/").status_code == 409


VERBS = ["sign-out", "ready", "pause", "stay", "call/hold", "phone"]


@pytest.mark.parametrize("verb", VERBS)
def test_another_tab_does_nothing_until_it_has_taken_over(desk, lin, talking, verb):
    desk.defaults["HTTP_X_TAB"] = str(uuid4())
    refused = desk.post(f"/desk/{verb}/", {"reason": "break"})
    assert refused.status_code == 409
    assert refused.content.decode() == said(SignedInElsewhere)
    assert desk.post("/desk/sign-in/").status_code == 409
    assert desk.post("/desk/take-over/").status_code == 204
    assert desk.post("/desk/pause/", {"reason": "break"}).status_code == 204
    assert presence.state_of(lin.pk) == State.TALKING  # the call went on


def test_a_request_that_names_no_tab_does_nothing(desk, lin):
    del desk.defaults["HTTP_X_TAB"]
    assert desk.post("/desk/sign-in/").status_code == 404
    desk.defaults["HTTP_X_TAB"] = "no uuid"
    assert desk.post("/desk/sign-in/").status_code == 404
    assert desk.post("/desk/ready/").status_code == 409


# -- the call ------------------------------------------------------------------------------------


def test_what_she_asks_of_the_call_is_a_command(desk, lin, talking):
    assert desk.post("/desk/call/hold/").status_code == 204
    command = Command.objects.get()
    assert (command.verb, command.call, command.asked_by) == ("hold", talking[0], lin)
    assert desk.post("/desk/call/dance/").status_code == 404


def test_without_a_call_there_is_nothing_to_ask(desk, lin):
    sits_down(lin)
    assert desk.post("/desk/call/hold/").status_code == 409
    assert not Command.objects.exists()


def test_a_transfer_says_where_somebody_is(desk, talking):
    html = shown(desk, "/desk/transfer/")
    assert re.search(r"综合</span> <span class=\"mute\">空闲 0 人", html)
    assert re.search(r'aria-disabled="true"> <span>信用卡</span> <span class="mute">无人在岗', html)


# -- the customer --------------------------------------------------------------------------------


def test_a_mask_is_lifted_with_a_reason_and_no_other(desk, talking, wang):
    assert 'value="id" selected' in shown(desk, "/desk/reveal/?what=id")
    asked = {"customer": wang.id, "what": "id", "reason": " "}
    assert desk.post("/desk/revealed/", asked).status_code == 409
    answer = desk.post("/desk/revealed/", {**asked, "reason": "核对证件"})
    digits = re.sub(r"\s", "", answer.content.decode())
    assert wang.id_number.reveal() in digits
    assert answer["Cache-Control"] == "no-store"
    log = AccessLog.objects.get(what="reveal")
    assert (log.field, log.reason) == ("id", "核对证件")


def test_the_customer_of_another_call_is_not_shown(desk, talking):
    other = cast.person("周平", is_test=False)
    asked = {"customer": other.id, "what": "id", "reason": "核对证件"}
    assert desk.post("/desk/revealed/", asked).status_code == 409
    asked = {"customer": talking[0].customer_id, "what": "shoe size", "reason": "核对证件"}
    assert desk.post("/desk/revealed/", asked).status_code == 409
    assert not AccessLog.objects.filter(what="reveal").exists()
    assert desk.post(f"/desk/told/{uuid4()}/").status_code == 409


# -- the wrap-up ---------------------------------------------------------------------------------


def entry_of(html: str) -> int:
    return int(re.search(r'<wrap-up entry="(\d+)"', html)[1])


def test_she_writes_up_and_takes_the_next(desk, lin, talking):
    entry = entry_of(shown(desk))
    code = WrapUpCode.objects.get(slug="account-balance").pk
    typed = {"code": code, "note": "问余额", "drafted": "未核身。"}
    saved = desk.post(f"/desk/wrap-up/{entry}/save/", typed)
    assert re.fullmatch(r"\d\d:\d\d:\d\d", saved.content.decode())
    assert "HX-Trigger" not in saved
    assert "问余额" in panel(shown(desk), "wrapup")
    assert desk.post(f"/desk/wrap-up/{entry}/finish/", typed).status_code == 409  # she still talks
    entries.leave(talking[0].uuid, "abandoned", at=clock.now())
    follow = {**typed, "follows": "on", "follow_up_at": "2026-12-24T15:00"}
    assert desk.post(f"/desk/wrap-up/{entry}/finish/", follow).status_code == 204
    assert presence.state_of(lin.pk) == State.READY
    html = shown(desk)
    assert "15:00" in panel(html, "due")
    assert "问余额" in panel(html, "last")
    row = WrapUp.objects.get()
    assert row.follow_up_at.isoformat() == "2026-12-24T07:00:00+00:00"
    assert desk.post(f"/desk/followed-up/{row.pk}/").status_code == 204
    assert "没有到点要办的事" in panel(shown(desk), "due")


def test_without_a_code_it_is_not_finished_and_the_note_is_kept(desk, talking):
    entry = entry_of(shown(desk))
    entries.leave(talking[0].uuid, "abandoned", at=clock.now())
    desk.post(f"/desk/wrap-up/{entry}/save/", {"note": "问余额"})
    refused = desk.post(f"/desk/wrap-up/{entry}/finish/", {"note": "问余额"})
    assert (refused.status_code, refused.content.decode()) == (409, "请选择小结码。备注已保留。")
    assert WrapUp.objects.get().note == "问余额"


def test_a_finished_one_is_changed_in_a_dialog(desk, lin, talking):
    entry = entry_of(shown(desk))
    assert desk.get(f"/desk/wrap-up/{entry}/").status_code == 404
    code = WrapUpCode.objects.get(slug="account-balance").pk
    entries.leave(talking[0].uuid, "abandoned", at=clock.now())
    desk.post(f"/desk/wrap-up/{entry}/finish/", {"code": code, "note": "甲"})
    assert "甲</textarea>" in shown(desk, f"/desk/wrap-up/{entry}/")
    other = WrapUpCode.objects.get(slug="card-loss").pk
    desk.post(f"/desk/wrap-up/{entry}/save/", {"code": other, "note": "乙"})
    row = wrapup.of(entry, lin.pk)
    assert (row.note, row.code.slug) == ("乙", "card-loss")


@pytest.mark.parametrize("code", ["", "x", "-1", "99999999"])
def test_a_code_that_is_none_is_refused_or_none(desk, talking, code):
    entry = entry_of(shown(desk))
    answer = desk.post(f"/desk/wrap-up/{entry}/save/", {"code": code, "note": "甲"})
    assert answer.status_code == (409 if code == "99999999" else 200)


@pytest.mark.parametrize("when", ["", "soon", "2026-13-45T99:99"])
def test_a_time_that_is_none_is_no_follow_up(desk, talking, when):
    entry = entry_of(shown(desk))
    typed = {"note": "甲", "follows": "on", "follow_up_at": when}
    assert desk.post(f"/desk/wrap-up/{entry}/save/", typed).status_code == 200
    assert WrapUp.objects.get().follow_up_at is None
