"""A procedure at the desk: walked in her call, to a form that is filled in, and what came of it."""

import re
from collections.abc import Iterator

import pytest

from banking import core
from banking.models import Instruction
from calendars import clock
from complaints import shipped as complaints_shipped
from complaints.models import Complaint
from desktop.agent import services
from desktop.agent.services.views import form_of
from kb import guides, shipped
from kb.guides import End, Guide, Node, Sets
from kb.models import ProcedureVersion, Reading, Walk, WalkEnd
from kb.procedures import PROCEDURES, Wording
from people import staff
from people.roles import Role
from telephony import story, wrapup
from telephony.deeds import Deed
from telephony.models import AgentDeed, Call, Command
from tests import cast
from tests.desktop.test_desk import desk, panel, ringing, shown, talking, wang  # noqa: F401
from tests.kb.test_articles import category
from tests.savers import published_rates, puts

GUIDE = """
[做什么]
> 请问您要做什么？
- 转账 (speed=ordinary, payee=other) -> 账户
- 查余额 -> 余额
- 投诉 -> 投诉
- 转人工 -> 转接
- 看知识 -> 知识
- 改密码 -> 密码
[账户]
* 从哪个账户转出
? transfer.payer -> 金额
[金额]
> 请问转多少元？
? transfer.amount -> 办理
[办理]
> 我给您登记。
= service transfer
[余额]
> 我帮您查。
= service balance
[投诉]
> 我给您登记。
= complaint
[转接]
> 请稍等。
= queue card
[知识]
> 我给您说明。
= article time-early
[密码]
> 我给您转过去。
= service query-password
"""


@pytest.fixture
def known(talking):  # noqa: F811
    call, _offer = talking
    return call


@pytest.fixture
def version(lin, monkeypatch) -> ProcedureVersion:
    (early,) = (article for article in shipped.articles() if article.key == "time-early")
    monkeypatch.setattr(shipped, "articles", lambda: [early])
    monkeypatch.setattr(shipped, "guided", lambda: [])
    shipped.install(at=clock.now())
    editor = staff.hire(number="1003", name="李娜", branch=None, roles=[Role.KB_EDITOR])
    reviewer = staff.hire(number="1004", name="张敏", branch=None, roles=[Role.KB_REVIEWER])
    wording = Wording("什么都办", "规定", GUIDE, services=("in-bank-transfer",))
    draft = PROCEDURES.begin("all", wording, category=category(), by=editor, at=clock.now())
    PROCEDURES.submit(draft.pk, by=editor, at=clock.now())
    return PROCEDURES.approve(draft.pk, by=reviewer, at=clock.now())


def goes(desk, *steps: dict) -> str:  # noqa: F811
    """Posts each step to her walk, with its number; the last answer's words."""
    walk = Walk.objects.latest("id")
    html = ""
    for step in steps:
        seq = walk.steps.count() + 1
        answer = desk.post(f"/desk/walk/{walk.pk}/answer/", {"seq": seq, **step})
        assert answer.status_code == 200, answer.content.decode()
        html = re.sub(r"\s+", " ", answer.content.decode())
    return html


def ways(guide: Guide, node: Node, filled: Sets) -> Iterator[tuple[End, Sets]]:
    """Every way through a guide: its end, and what the answers on it fill in."""
    if node.end:
        yield node.end, (*filled, *node.end.sets)
    if node.ask:
        yield from ways(guide, guide.node(node.ask.to), filled)
    for answer in node.answers:
        yield from ways(guide, guide.node(answer.to), (*filled, *answer.sets))


def begins(desk, version) -> str:  # noqa: F811
    return desk.post(f"/desk/procedure/{version.pk}/").content.decode()


def test_a_walk_fills_the_form_in_and_the_journal_stands_with_it(desk, known, wang, version):  # noqa: F811
    chen = cast.chen(is_test=False)
    assert "什么都办" in shown(desk, "/desk/knowledge/?asked=什么都办")
    assert "什么都办" in panel(shown(desk), "suggested")
    begins(desk, version)
    asked = goes(desk, {"place": 0})
    assert f'"value": "{wang.account.pk}"' in asked and wang.account_tail in asked
    html = goes(desk, {"value": wang.account.pk}, {"value": "4,80"})
    assert "wrong" in html and "walk-value" in html  # asked again
    assert "转账 ›" not in goes(desk, {"value": "480"})
    walk = Walk.objects.get()
    form = shown(desk, f"/desk/service/transfer/?walk={walk.pk}")
    assert 'value="480"' in form and '<option value="ordinary" selected>' in form
    assert '<option value="other" selected>' in form
    assert f'name="walk" value="{walk.pk}"' in form

    typed = {
        "payer": wang.account.pk,
        "payee": "other",
        "number": chen.pan.reveal(),
        "amount": "480",
        "speed": "now",
        "walk": walk.pk,
    }
    answer = desk.post("/desk/service/transfer/act/", typed)
    assert answer.status_code == 204 and "walk-ended" in answer["HX-Trigger"]
    order = Instruction.objects.get()
    assert WalkEnd.objects.get().order == order
    bank = core.default()
    bank.confirm(order.key, at=clock.now())
    bank.execute(order.key, at=clock.now())
    order.refresh_from_db()
    told = panel(shown(desk), "walked")
    for words in ("什么都办", "转账", "480.00", "行内转账", order.receipt):
        assert words in told
    (walked,) = story.tell(known).guided
    assert (walked.number, walked.journals[0].number in told) == (order.receipt, True)
    note = wrapup.draft(story.tell(known)).note
    assert "流程“什么都办”：转账 → " in note and "→ 480.00 → 行内转账。" in note


def test_each_other_end_is_kept_with_what_came_of_it(desk, known, wang, version):  # noqa: F811
    complaints_shipped.install()
    begins(desk, version)
    goes(desk, {"place": 1})
    walk = Walk.objects.latest("id")
    answer = desk.post("/desk/service/balance/act/", {"walk": walk.pk})
    assert "walk-ended" in answer["HX-Trigger"]
    assert walk.end.deed == AgentDeed.objects.get(service="balance", deed=Deed.BALANCE)
    assert "已结束：余额" in shown(desk, f"/desk/walk/{walk.pk}/")

    begins(desk, version)
    goes(desk, {"place": 2})
    walk = Walk.objects.latest("id")
    assert desk.post(f"/desk/walk/{walk.pk}/end/").status_code == 409  # with its case alone
    form = shown(desk, f"/desk/complaint/?walk={walk.pk}")
    (key,) = re.findall(r'name="key" value="([^"]+)"', form)
    desk.post("/desk/complaint/take/", {"key": key, "words": "排队太久", "walk": walk.pk})
    assert walk.end.number == Complaint.objects.get().number

    begins(desk, version)
    goes(desk, {"place": 4})
    walk = Walk.objects.latest("id")
    html = desk.post(f"/desk/walk/{walk.pk}/end/").content.decode()
    assert "提前支取" in html and walk.end.way == "article"
    assert Reading.objects.get().call == known

    for place, verb, argument in ((5, "to_ivr", "change-query-password"), (3, "transfer", "card")):
        begins(desk, version)
        goes(desk, {"place": place})
        walk = Walk.objects.latest("id")
        assert desk.post(f"/desk/walk/{walk.pk}/end/").status_code == 204
        assert walk.end is not None
        assert Command.objects.latest("id").argument == argument
        assert Command.objects.latest("id").verb == verb


def test_what_can_not_be_asked_is_said_and_another_service_does_not_end_it(
    desk,  # noqa: F811
    known,
    version,
):
    begins(desk, version)
    goes(desk, {"place": 1})
    walk = Walk.objects.latest("id")
    for name, typed in (("deposits", {}), ("last", {})):
        answer = desk.post(f"/desk/service/{name}/act/", {"walk": walk.pk, **typed})
        assert answer.status_code == 409
    goes(desk, {"back": 1})
    assert not AgentDeed.objects.exists()
    Call.objects.update(verified_until=None)
    html = goes(desk, {"place": 0})
    assert "尚未通过身份核实" in html and "identify" in html
    assert desk.get("/desk/walk/999999/").status_code == 409


def test_whatever_a_shipped_guide_fills_in_is_offered_by_the_form(known, wang):  # noqa: F811
    published_rates()
    cast.loan(wang)
    puts(wang, 1_000, "time", "1y", at=clock.now())
    cast.payee_elsewhere(wang)
    cast.payee_elsewhere(wang, bank_code=cast.OTHER_BANKS[-1][0], number="6225880100046790")
    call = Call.objects.get(pk=known.pk)
    ends: set[tuple[str, str, str]] = set()
    for row in shipped.guided():
        guide = guides.read(row.wording.guide)
        for end, filled in ways(guide, guide.nodes[0], ()):
            if service := services.of(end.name):
                ends |= {(service.name, *pair) for pair in filled if pair[0] in service.takes}
    assert len(ends) > 30
    for name, field, value in sorted(ends):
        service = services.of(name)
        assert service is not None
        form = form_of(service, call, filled={field: value})
        assert form.unfilled == [], (name, field, value)
    save = services.of("save")
    assert save is not None
    assert form_of(save, call, filled={"offer": "time:9y"}).unfilled != []
