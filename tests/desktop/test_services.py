"""What an agent drafts for her caller from her page: asked, refused, and among what is open."""

from datetime import timedelta

import pytest

from banking import operations
from banking.models import Instruction
from calendars import clock
from desktop.agent import services
from telephony.models import Call
from tests import cast
from tests.desktop.test_desk import desk, panel, ringing, shown, talking, wang  # noqa: F401
from tests.savers import published_rates

ORDERS = [service for service in services.every() if service.is_order]


@pytest.fixture
def known(talking):  # noqa: F811
    call, _offer = talking
    until = clock.now().replace(microsecond=0) + timedelta(minutes=30)
    Call.objects.filter(pk=call.pk).update(verified_until=until)
    return call


@pytest.fixture
def chen(lin):
    return cast.chen(is_test=False)


def typed(wang, **changes):  # noqa: F811
    return {
        "payer": wang.account.pk,
        "payee": "other",
        "number": "",
        "amount": "480",
        "speed": "now",
        **changes,
    }


def test_nothing_is_drafted_for_who_has_not_proved_who_she_is(desk, talking, wang):  # noqa: F811
    Call.objects.update(verified_until=None)
    assert "客户尚未核身" in panel(shown(desk), "services")
    assert "尚未通过身份核实" in shown(desk, "/desk/service/transfer/")
    answer = desk.post("/desk/service/transfer/act/", typed(wang))
    assert answer.status_code == 409
    assert not Instruction.objects.exists()


def test_a_transfer_is_drafted_and_waits_for_her_yes(desk, known, wang, chen):  # noqa: F811
    assert "行内转账" in shown(desk, "/desk/services/")
    number = chen.pan.reveal()
    answer = desk.post("/desk/service/transfer/act/", typed(wang, number=number))
    assert answer.status_code == 204, answer.content.decode()
    order = Instruction.objects.get()
    assert (order.state, order.channel, order.call_ref) == ("read_back", "agent", str(known.uuid))
    told = panel(shown(desk), "open")
    assert "480.00" in told and "请客户确认" in told and str(order.key) in told


@pytest.mark.parametrize(("speed", "waits"), [("ordinary", False), ("next_day", True)])
def test_within_the_city_by_the_next_session_or_the_next_day(desk, known, wang, speed, waits):  # noqa: F811
    given = {"payer": wang.account.pk, "payee": cast.payee_elsewhere(wang).pk, "amount": "480"}
    assert "普通（下一场清算）" in shown(desk, "/desk/service/interbank/")
    real_time = desk.post("/desk/service/interbank/act/", given | {"speed": "now"})
    assert real_time.status_code != 204 and not Instruction.objects.exists()
    answer = desk.post("/desk/service/interbank/act/", given | {"speed": speed})
    assert answer.status_code == 204, answer.content.decode()
    order = Instruction.objects.get()
    assert (order.kind, order.due_at is not None) == ("interbank", waits)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": "12"}, "本行没有这个收款账户"),
        ({"number": ""}, "请输入收款人的卡号或账号"),
        ({"amount": "0"}, "金额"),
        ({"amount": "4,80"}, "输入一个数字"),
        ({"amount": "99999999"}, "单笔"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(desk, known, wang, chen, changes, words):  # noqa: F811
    given = typed(wang, number=chen.pan.reveal()) | changes
    answer = desk.post("/desk/service/transfer/act/", given)
    html = answer.content.decode()
    assert answer.status_code == 200 and words in html
    assert f'value="{given["amount"]}"' in html
    assert not Instruction.objects.exists()


def test_an_unknown_service(desk, known):  # noqa: F811
    assert desk.get("/desk/service/mortgage/").status_code == 404


def test_an_agent_can_draft_every_kind_of_order():
    assert {service.name for service in ORDERS} == operations.kinds()


def test_each_form_opens_for_who_has_nothing(desk, known):  # noqa: F811
    for service in ORDERS:
        html = desk.get(f"/desk/service/{service.name}/").content.decode()
        opens = 'name="amount"' in html
        assert opens != (service.name in ("interbank", "remittance")), service.name
        assert opens or "客户名下没有已登记的此类收款人" in html


def test_a_payee_in_this_city_is_none_in_another(desk, known, wang):  # noqa: F811
    cast.payee_elsewhere(wang)
    assert 'name="amount"' in shown(desk, "/desk/service/interbank/")
    assert "客户名下没有已登记的此类收款人" in shown(desk, "/desk/service/remittance/")


def test_terms_are_written_as_people_say_them(desk, known):  # noqa: F811
    published_rates()
    html = shown(desk, "/desk/service/save/")
    assert "整存整取 三个月 0.65%" in html and "3m 0" not in html
