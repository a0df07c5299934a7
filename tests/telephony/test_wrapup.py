"""Wrap-up: drafted from the facts, kept as typed, finished with a code, changed for 15 minutes."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from banking import core
from routing import entries, offers, presence
from routing import shipped as routing_shipped
from routing.states import State
from telephony import records, shipped, story, wrapup
from telephony.deeds import Deed
from telephony.models import Call, WrapUp, WrapUpCode
from telephony.wrapup import CallGoesOn, NoCode, NotYours, TooLate, TooLong, Written
from tests import cast
from tests.desktop import seats

pytestmark = pytest.mark.django_db(transaction=True)
AT = cast.NOON


@pytest.fixture
def lin():
    routing_shipped.install(at=AT)
    shipped.install(at=AT)
    user = seats.hire()
    seats.sits_down(user, at=AT)
    return user


def later(seconds: float):
    return AT + timedelta(seconds=seconds)


@pytest.fixture
def talk(lin):
    """A call that 林晓 has answered: the entry and the agent's leg."""
    call = seats.calls_in(at=AT)
    entry = seats.waits(call, at=AT)
    offer = seats.rings(at=later(1))
    offers.answered(offer.leg, at=later(3))
    return entry, offer.leg


def code(slug: str = "account-balance") -> int:
    return WrapUpCode.objects.get(slug=slug).pk


def drafted(call: Call) -> wrapup.Draft:
    return wrapup.draft(story.tell(call))


# -- what is drafted -----------------------------------------------------------------------------


def test_a_transfer_is_drafted_with_its_receipt_and_its_code_comes_first(lin):
    wang, chen = cast.wang(), cast.chen()
    call = seats.calls_in(wang, Deed.BALANCE, Deed.TRANSFERRED, at=AT)
    bank, key = core.default(), uuid4()
    bank.draft(
        key,
        cast.transfer(wang, chen, 1500),
        call_ref=str(call.uuid),
        at=AT,
    )
    bank.confirm(key, at=AT)
    receipt = bank.execute(key, at=AT)
    found = drafted(call)
    assert [c.slug for c in found.codes] == ["transfer-made", "account-balance", "transfer-enquiry"]
    assert found.note.splitlines() == [
        f"已核身：尾号 {wang.card.last4} 的卡和查询密码。",
        "自助语音：已报余额。",
        f"转账 1,500.00 元，尾号 {wang.card.last4} 转尾号 {chen.card.last4}："
        f"已办，流水号 {receipt.receipt}。",
        "从“个人业务 › 转账汇款”转人工。",
    ]


def test_a_loss_report_is_drafted_with_its_receipt(lin):
    from banking import losses
    from banking.models.orders import Channel

    liu = cast.old_liu()
    call = seats.calls_in(None, Deed.LOSS_REPORTED, at=AT, node="complaints")
    report = losses.report(
        liu.pan, liu.id_number, channel=Channel.PHONE, call_ref=str(call.uuid), at=AT
    )
    found = drafted(call)
    assert found.codes[0].slug == "card-loss"
    assert f"受理号 {report.number}" in found.note
    assert found.note.startswith("未核身。")


def test_what_the_agent_did_comes_first(lin):
    wang = cast.wang()
    call = seats.calls_in(wang, Deed.BALANCE, at=AT)
    for service, deed, number in (
        ("balance", Deed.BALANCE, ""),
        ("notice", Deed.REFUSED, ""),  # and then done
        ("balance", Deed.BALANCE, ""),
        ("limits", Deed.SETTING, ""),
        ("notice", Deed.NOTICE_GIVEN, "261124000001"),
        ("stop", Deed.REFUSED, ""),
    ):
        records.agent_did(call.pk, service, deed, number=number, by=lin, at=AT)
    found = drafted(call)
    assert [c.slug for c in found.codes] == ["phone-bank-use", "deposit-terms", "transfer-limit"]
    assert found.note.splitlines()[2:5] == [
        "坐席办理：余额、调低转账限额。",
        "坐席办理：登记支取通知，受理号 261124000001。",
        "未能办理：停用电话支付。",
    ]


def test_a_refused_password_is_told_and_a_bare_call_has_its_usual_codes(lin):
    assert "查询密码未通过" in drafted(seats.calls_in(None, Deed.PIN_REFUSED, at=AT)).note
    bare = drafted(seats.calls_in(at=AT, node="root"))
    assert [c.slug for c in bare.codes] == list(wrapup.OTHERWISE)


def test_a_code_out_of_use_is_not_suggested(lin):
    WrapUpCode.objects.filter(slug="other-enquiry").update(is_active=False)
    bare = drafted(seats.calls_in(at=AT, node="root"))
    assert "other-enquiry" not in [c.slug for c in bare.codes]


# -- what is kept --------------------------------------------------------------------------------


def test_it_is_saved_while_she_talks_and_finished_when_the_call_is_over(lin, talk):
    entry, leg = talk
    saved = wrapup.save(
        entry.pk, lin.pk, Written(0, "她问", None), drafted="未核身。", at=later(10)
    )
    assert (saved.note, saved.code, saved.finished_at) == ("她问", None, None)
    with pytest.raises(CallGoesOn):
        wrapup.finish(entry.pk, lin.pk, Written(code(), "她问余额", None), drafted="", at=later(20))
    offers.finished(leg, at=later(30))
    with pytest.raises(NoCode):
        wrapup.finish(entry.pk, lin.pk, Written(0, "她问余额", None), drafted="", at=later(31))
    done = wrapup.finish(
        entry.pk, lin.pk, Written(code(), "她问余额", later(3600)), drafted="", at=later(40)
    )
    assert (done.finished_at, done.drafted, done.pk) == (later(40), "未核身。", saved.pk)
    assert [row.pk for row in wrapup.due(lin.pk)] == [done.pk]
    again = wrapup.finish(
        entry.pk, lin.pk, Written(code(), "她问余额", None), drafted="", at=later(41)
    )
    assert again.finished_at == later(40)
    presence.heartbeat(lin.agent.sessions.get().pk, phone=True, at=later(42))
    presence.wrapped_up(lin.pk, at=later(42))
    assert presence.state_of(lin.pk) == State.READY


def test_a_refused_finish_keeps_the_note_that_was_saved_before(lin, talk):
    entry, _leg = talk
    wrapup.save(entry.pk, lin.pk, Written(0, "她问余额", None), drafted="", at=later(10))
    with pytest.raises(CallGoesOn):
        wrapup.finish(entry.pk, lin.pk, Written(code(), "", None), drafted="", at=later(20))
    assert WrapUp.objects.get().note == "她问余额"


def test_it_can_be_changed_for_fifteen_minutes(lin, talk):
    entry, leg = talk
    offers.finished(leg, at=later(30))
    wrapup.finish(entry.pk, lin.pk, Written(code(), "甲", None), drafted="", at=later(40))
    last = later(40) + wrapup.MAY_BE_CHANGED
    wrapup.save(entry.pk, lin.pk, Written(code(), "乙", None), drafted="", at=last)
    with pytest.raises(NoCode):
        wrapup.save(entry.pk, lin.pk, Written(0, "乙", None), drafted="", at=last)
    with pytest.raises(TooLate):
        wrapup.save(
            entry.pk,
            lin.pk,
            Written(code(), "丙", None),
            drafted="",
            at=last + timedelta(seconds=1),
        )
    assert WrapUp.objects.get().note == "乙"


def test_nobody_writes_up_the_call_of_another(lin, talk):
    entry, _leg = talk
    other = seats.hire("1107", "周敏")
    with pytest.raises(NotYours):
        wrapup.save(entry.pk, other.pk, Written(0, "甲", None), drafted="", at=later(10))
    with pytest.raises(NotYours):
        wrapup.save(0, lin.pk, Written(0, "甲", None), drafted="", at=later(10))


def test_limits(lin, talk):
    entry, _leg = talk
    longest = "长" * wrapup.LONGEST
    wrapup.save(entry.pk, lin.pk, Written(0, longest, None), drafted="", at=later(5))
    with pytest.raises(TooLong):
        wrapup.save(entry.pk, lin.pk, Written(0, longest + "长", None), drafted="", at=later(6))
    subject = WrapUpCode.objects.get(slug="account").pk
    with pytest.raises(NoCode):  # a subject is no matter
        wrapup.save(entry.pk, lin.pk, Written(subject, "", None), drafted="", at=later(7))


def test_a_follow_up_is_done_once_and_by_her(lin, talk):
    entry, leg = talk
    offers.finished(leg, at=later(30))
    row = wrapup.finish(
        entry.pk, lin.pk, Written(code(), "甲", later(3600)), drafted="", at=later(40)
    )
    with pytest.raises(NotYours):
        wrapup.followed_up(row.pk, lin.pk + 1, at=later(50))
    wrapup.followed_up(row.pk, lin.pk, at=later(50))
    wrapup.followed_up(row.pk, lin.pk, at=later(60))
    row.refresh_from_db()
    assert row.followed_up_at == later(50)
    assert not wrapup.due(lin.pk)


def test_two_agents_of_one_caller_write_each_her_own(lin, talk):
    entry, leg = talk
    offers.finished(leg, at=later(30))
    wrapup.finish(entry.pk, lin.pk, Written(code(), "甲", None), drafted="", at=later(31))
    zhou = seats.hire("1107", "周敏")
    seats.sits_down(zhou, at=later(32))
    call = Call.objects.get(uuid=entry.call_ref)
    second = seats.waits(call, at=later(33))
    offer = seats.rings(at=later(34))
    offers.answered(offer.leg, at=later(35))
    entries.leave(call.uuid, "abandoned", at=later(50))
    wrapup.finish(second.pk, zhou.pk, Written(code(), "乙", None), drafted="", at=later(51))
    assert sorted(WrapUp.objects.values_list("note", flat=True)) == ["乙", "甲"]


def test_the_database_wants_a_code_of_what_is_finished(lin, talk):
    entry, _leg = talk
    row = wrapup.save(entry.pk, lin.pk, Written(0, "甲", None), drafted="", at=later(10))
    with pytest.raises(IntegrityError), transaction.atomic():
        WrapUp.objects.filter(pk=row.pk).update(finished_at=later(11))


def test_the_codes_ship_once_and_what_the_bank_changed_stays(lin):
    WrapUpCode.objects.filter(slug="card-loss").update(name="挂失办理")
    shipped.install_codes()
    assert WrapUpCode.objects.get(slug="card-loss").name == "挂失办理"
    assert wrapup.codes().count() == sum(len(m) for _n, _e, m in shipped.CODES.values())
