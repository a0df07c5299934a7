"""Scripts at the desk: by the moment of the call, filled in from it, and never a secret."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils.translation import override

from banking import core
from calendars import clock
from complaints import cases
from complaints import shipped as complaints_shipped
from complaints.models import Complaint
from desktop.agent.moments import FRESH, addressed, greeting
from kb import shipped
from kb.models import ScriptReading, ScriptVersion
from people.models import User
from routing import offers, presence
from telephony import records
from telephony.deeds import Deed
from telephony.models import Call, Step
from tests import cast
from tests.desktop import seats
from tests.desktop.test_desk import (  # noqa: F401
    desk,
    panel,
    ringing,
    shown,
    sits_down,
    talking,
    wang,
)


@pytest.fixture(autouse=True)
def scripts(lin, monkeypatch):
    monkeypatch.setattr(shipped, "articles", lambda: [])
    monkeypatch.setattr(shipped, "guided", lambda: [])
    shipped.install(at=clock.now())


def first(client) -> str:
    """The script that stands on top, and its wording in full."""
    return panel(shown(client), "scripts").split("</button>")[0]


def titles(client) -> list[str]:
    return [part.split("</b>")[0] for part in panel(shown(client), "scripts").split("<b>")[1:]]


def opens(client, key: str) -> str:
    version = ScriptVersion.objects.get(script__key=key, state="published")
    answer = client.post(f"/desk/script/{version.pk}/")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    return answer.content.decode()


def later(monkeypatch, spent: timedelta) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + spent)


def test_who_is_verified_is_greeted_by_name_and_then_served(desk, ringing, lin, monkeypatch):  # noqa: F811
    call, offer = ringing
    greets = first(desk)
    assert "客户已在自助语音核过身份" in greets
    assert f"王先生／女士，工号{lin.username}为您服务" in greets
    with override("zh-hans"):
        assert greeting(clock.now()) in greets
    offers.answered(offer.leg, at=clock.now())
    assert first(desk).count("王先生／女士") == 1  # it stays while she says it
    later(monkeypatch, FRESH)
    assert "客户已在自助语音核过身份" not in titles(desk)
    assert {"请客户稍等，准备保持通话", "结束语"} <= set(titles(desk))
    assert "办业务前请客户核实身份" not in titles(desk)
    Call.objects.filter(pk=call.pk).update(verified_until=clock.now())
    assert "办业务前请客户核实身份" in first(desk)
    offers.finished(offer.leg, at=clock.now())
    assert "hidden" in panel(shown(desk), "scripts")  # in the wrap-up: nothing


def test_a_stranger_is_a_blank_and_never_guessed_at(desk, lin, wang):  # noqa: F811
    sits_down(lin)
    call = seats.calls_in(at=clock.now(), caller=wang.customer.mobile, node="root")
    seats.waits(call, at=clock.now() - timedelta(seconds=150))
    offer = seats.rings(at=clock.now())
    assert "接通后的开头语" in first(desk) and "王" not in panel(shown(desk), "scripts")
    offers.answered(offer.leg, at=clock.now())
    assert titles(desk)[:2] == ["接通后的开头语", "办业务前请客户核实身份"]
    html = opens(desk, "verify-ask")
    assert '<span class="blank">〔称呼〕</span>' in html
    assert "{" not in html and "王" not in html
    assert "让您等了3分钟" in opens(desk, "greet-long-wait")
    number = opens(desk, "transfer-closed")
    assert wang.customer.mobile not in number and wang.customer.mobile[:3] + "****" in number


def test_on_hold_away_and_before_a_transfer_the_desk_says_what_fits(desk, talking):  # noqa: F811
    call, offer = talking
    offers.held(offer.leg, at=clock.now())
    assert titles(desk) == ["取回通话，感谢等候", "还要再等一会儿"]
    assert "感谢您的耐心等候" in first(desk)
    offers.retrieved(offer.leg, at=clock.now())
    dialog = shown(desk, "/desk/transfer/")
    assert "我把您的情况写清楚一并转过去" in dialog and "〔部门〕" in dialog
    Step.objects.create(
        call=call, seq=900, at=clock.now(), kind=Step.Kind.DID, deed=Deed.TO_IVR, menu_node="root"
    )
    assert titles(desk)[0] == "客户从自动语音转回来"


def test_a_complaint_is_told_by_its_number_and_its_day(desk, talking, wang):  # noqa: F811
    complaints_shipped.install()
    assert "〔投诉编号〕" in opens(desk, "complaint-number")
    answer = desk.post("/desk/complaint/take/", {"key": str(uuid4()), "words": "排队太久"})
    case = Complaint.objects.get()
    day = f"{case.due_on.month}月{case.due_on.day}日"
    assert f"投诉编号是{case.number}" in answer.content.decode()
    assert f"最晚在{day}前" in answer.content.decode()
    assert f"投诉编号是{case.number}" in first(desk)


def test_an_earlier_complaint_is_hers_who_is_verified(desk, talking, wang, lin):  # noqa: F811
    complaints_shipped.install()
    for who in (wang, cast.chen(is_test=False)):
        earlier = seats.calls_in(who, at=clock.now())
        words = {"key": uuid4(), "by": lin, "at": clock.now()}
        cases.told_an_agent(earlier.pk, "排队太久", **words)
    case = Complaint.objects.get(customer=wang.id)
    assert f"编号{case.number}已经在处理" in opens(desk, "complaint-urge")
    assert "登记完告诉客户编号和时限" not in titles(desk)  # it was another call's


def test_what_was_done_is_told_with_its_receipt(desk, talking, wang, lin):  # noqa: F811
    call, _offer = talking
    said = {"number": "26112900018", "by": lin, "at": clock.now()}
    records.agent_did(call.pk, "loss", Deed.LOSS_REPORTED, **said)
    assert "挂失已经办好了。请记一下流水号：26112900018" in first(desk)
    bank, key = core.default(), uuid4()
    chen = cast.chen(is_test=False)
    bank.draft(key, cast.transfer(wang, chen, 480), call_ref=str(call.uuid), at=clock.now())
    bank.confirm(key, at=clock.now())
    receipt = bank.execute(key, at=clock.now()).receipt
    assert f"行内转账已经办好了。请记一下流水号：{receipt}" in first(desk)


def test_what_was_done_before_she_answered_is_not_told_again(desk, ringing, wang, lin):  # noqa: F811
    call, offer = ringing
    before = clock.now() - timedelta(minutes=2)
    records.agent_did(call.pk, "loss", Deed.LOSS_REPORTED, number="26112900018", by=lin, at=before)
    offers.answered(offer.leg, at=clock.now())
    assert "〔流水号〕" in opens(desk, "close-receipt")


def test_who_chose_english_is_spoken_to_in_it(desk, ringing, lin):  # noqa: F811
    call, _offer = ringing
    Call.objects.filter(pk=call.pk).update(language="en")
    assert 'lang="en"' in first(desk) and f"This is agent {lin.username}." in first(desk)
    html = opens(desk, "transfer-ask")
    assert "〔desk〕" in html and "〔部门〕" in html  # below it in Chinese
    assert "亲人" in opens(desk, "calm-bereaved")  # there is no English of it


def test_opened_it_is_written_down_with_the_call(desk, talking, lin):  # noqa: F811
    assert not ScriptReading.objects.exists()
    first(desk)
    assert not ScriptReading.objects.exists()  # what was only suggested was not read
    opens(desk, "close")
    kept = ScriptReading.objects.get()
    assert (kept.call, kept.by, kept.version.script.key) == (talking[0], lin, "close")
    assert desk.post("/desk/script/999999/").status_code == 409


def test_it_is_found_beside_articles(desk, lin):  # noqa: F811
    html = shown(desk, "/desk/knowledge/?asked=找领导")
    assert "客户要找领导" in html and "话术" in html
    assert "话术" not in shown(desk, "/desk/knowledge/?asked=利率")


def test_between_calls_there_is_nothing_to_say(desk, lin):  # noqa: F811
    assert "hidden" in panel(shown(desk), "scripts")
    html = opens(desk, "greet-identified")
    assert "〔称呼〕" in html and f"工号{lin.username}" in html
    assert ScriptReading.objects.get().call is None
    assert presence.state_of(User.objects.get(pk=lin.pk).pk) == "offline"


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("王小梅", "王先生／女士"),
        ("欧阳雪", "欧阳先生／女士"),
        ("欧阳", "欧先生／女士"),
        ("John Smith", "John Smith先生／女士"),
    ],
)
def test_a_family_name_is_one_character_or_two(name, called):
    with override("zh-hans"):
        assert addressed(name) == called


@pytest.mark.parametrize(
    ("hour", "words"),
    [
        (4, "您好"),
        (5, "早上好"),
        (9, "上午好"),
        (12, "中午好"),
        (14, "下午好"),
        (18, "晚上好"),
        (23, "晚上好"),
    ],
)
def test_the_greeting_is_of_the_hour(hour, words):
    with override("zh-hans"):
        assert greeting(cast.NOON.astimezone(clock.SHANGHAI).replace(hour=hour)) == words
