"""Every verb of one row × every role, pressed on a row that is there and in the state for it.

`test_urls.py` asks each address with a row that does not exist: of these it is refused to all.
"""

from collections.abc import Callable
from decimal import Decimal
from uuid import uuid4

import pytest
from django.contrib.messages.storage import default_storage
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.test import RequestFactory

from banking import bills, bound, instructions, losses, orders, pins, unlocking
from banking.errors import TransactionPinLocked, TransactionPinWrong
from banking.fraud import cases as fraud_cases
from banking.fraud import keeping, two_eyes, watching
from banking.fraud.rules import Action, Age
from banking.models import BillerContract, BillPayment, FraudRule, HeldOrder, WatchEntry
from banking.models.customers import Purpose
from banking.models.orders import Channel
from banking.requests import BillPayment as PayBill
from banking.secret import Secret
from calendars import clock
from complaints import handling
from complaints import shipped as complaints_shipped
from complaints.models import Complaint
from desktop.board import boards
from kb import drafting, gaps, importing, opinions, reviewing
from kb.models import (
    ArticleVersion,
    Correction,
    Hearer,
    ProcedureVersion,
    RegulationVersion,
    ScriptVersion,
)
from kb.procedures import PROCEDURES, Wording
from kb.regulations import REGULATIONS
from kb.regulations import Wording as Rule
from kb.scripts import SCRIPTS
from kb.scripts import Wording as Spoken
from kb.sheets.columns import Row
from people import approvals
from people.models import Branch, User
from people.roles import Role, table
from telephony import studio
from telephony.models import CallbackRequest, EmergencyMessage, Reading, Recording
from telephony.tasks import check_uploads
from tests import billers, cast
from tests.banking.guarded import executed, in_force, wording
from tests.complaints.test_cases import call, graded, replied, told_agent
from tests.kb.test_articles import category, written
from tests.people import expected
from tests.people.test_urls import PAGES, people  # noqa: F401  # a fixture
from tests.prompting import hum, own  # noqa: F401  # fixtures
from tests.telephony.test_studio import FILE, tone
from tests.telephony.test_studio_batch import received

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own", "hum")]

Staff = dict[Role, User]


def draft_rule(staff: Staff) -> FraudRule:
    return keeping.draft("rule-0", wording(Age(age=0), Action.HOLD), by=None)


def active_rule(staff: Staff) -> FraudRule:
    return in_force(Age(age=0), Action.HOLD)


def watched(staff: Staff) -> WatchEntry:
    number = Secret("13911112222")
    return watching.add(WatchEntry.What.PHONE, number, source="反诈中心", by=None, at=clock.now())


def held(staff: Staff) -> HeldOrder:
    active_rule(staff)
    order = executed(cast.wang(opening=100_000), cast.chen())
    return HeldOrder.objects.get(pk=order.pk)


def bound_number(staff: Staff) -> Model:
    return bound.bind(cast.wang().id, by=staff[Role.BACK_OFFICE], at=clock.now())


def fraud_case(staff: Staff) -> Model:
    return fraud_cases.open_case(cast.wang().id, caller="", call_ref="", at=clock.now())


def taken_case(staff: Staff) -> Model:
    return fraud_cases.take(fraud_case(staff).pk, by=staff[Role.BACK_OFFICE], at=clock.now())


def asked_payment(staff: Staff) -> BillPayment:
    """The biller does not answer: 待查."""
    billers.all_kinds()
    BillerContract.objects.filter(number=billers.GAS).update(answer=BillerContract.Answer.SILENT)
    owed = {"biller": "GAS", "contract": billers.GAS, "amount": Decimal("55.20")}
    request = PayBill(payer_id=cast.wang().account.pk, **owed)
    key = uuid4()
    orders.draft(key=key, request=request, channel=Channel.PHONE, at=clock.now())
    instructions.confirm(key=key, at=clock.now())
    orders.execute(key=key, at=clock.now())
    bills.resolve_open(at=clock.now())
    return BillPayment.objects.get()


def unlock_request(staff: Staff) -> Model:
    card, wrong = cast.wang().card, Secret("112233")
    with pytest.raises(TransactionPinLocked):
        for _try in range(9):
            try:
                pins.verify(card.pk, wrong, Purpose.TRANSACTION, call_ref="", at=clock.now())
            except TransactionPinWrong:
                continue
    return unlocking.request(card.pk, call_ref="", at=clock.now())


def loss_report(staff: Staff) -> Model:
    person = cast.wang()
    how = {"channel": Channel.PHONE, "call_ref": "", "at": clock.now()}
    return losses.report(person.pan, person.id_number, **how)


def call_back(staff: Staff) -> CallbackRequest:
    return CallbackRequest.objects.create(
        call=call(), phone="13800136027", language="zh", asked_at=clock.now()
    )


def message(staff: Staff) -> EmergencyMessage:
    return EmergencyMessage.objects.create(
        channel=uuid4(), file="nobody/x.wav", seconds=3, left_at=clock.now()
    )


def reading(staff: Staff) -> Reading:
    return Reading.objects.create(word="重听", said="chong2 ting4")


def used_recording(staff: Staff) -> Recording:
    made = studio.upload(FILE, tone(), reason="新录", by=staff[Role.MENU_OWNER], at=clock.now())
    asked = approvals.Approval.objects.get(state="open")
    approvals.approve(asked.pk, by=staff[Role.SUPERVISOR], at=clock.now())
    return made


def zipped(staff: Staff) -> Model:
    batch = received(staff[Role.MENU_OWNER])
    check_uploads()
    return batch


def board(staff: Staff) -> Model:
    made, _link = boards.create(
        name="一号厅", language="zh-hans", queues=[], by=staff[Role.SUPERVISOR], at=clock.now()
    )
    return made


def complaint(state: str) -> Callable[[Staff], Complaint]:
    def case(staff: Staff) -> Complaint:
        complaints_shipped.install()
        desk, clerk = staff[Role.COMPLAINT_HANDLER], staff[Role.BRANCH_USER]
        clerk.branch = Branch.objects.create(code="001002", name="福田支行")
        clerk.save()
        made = told_agent(desk)
        if state == "graded":
            graded(made, desk)
        if state == "assigned":
            graded(made, desk)
            handling.assign(made.pk, clerk.branch, by=desk, at=cast.NOON)
        if state in ("replied", "reviewed", "told"):
            replied(made, desk, clerk.branch, clerk)
        if state in ("reviewed", "told"):
            handling.approve(made.pk, by=staff[Role.SUPERVISOR], at=cast.NOON)
        if state == "told":
            handling.told(made.pk, "已电话答复", by=desk, at=cast.NOON)
        return made

    return case


def request_to_release(staff: Staff) -> approvals.Approval:
    order = held(staff)
    terms = {"by": staff[ASKER], "reason": "已核实", "at": clock.now()}
    return two_eyes.ask_held(order, release=True, **terms)


def article(state: str) -> Callable[[Staff], Model]:
    def made(staff: Staff) -> ArticleVersion:
        version = written(staff[Role.KB_EDITOR])
        if state != "draft":
            drafting.submit(version.pk, by=staff[Role.KB_EDITOR], at=clock.now())
        if state == "published":
            reviewing.approve(version.pk, by=staff[Role.KB_REVIEWER], at=clock.now())
        return version

    return made


def second_draft(staff: Staff) -> Model:
    version = article("published")(staff)
    assert isinstance(version, ArticleVersion)
    return drafting.revise(version.article_id, by=staff[Role.KB_EDITOR], at=clock.now())


def call_back_for(state: str) -> Callable[[Staff], Model]:
    """Of a caller who was read an article that stood wrong; taken by nobody, or by all at once."""

    def made(staff: Staff) -> Hearer:
        version = article("published")(staff)
        row = Correction.objects.create(
            kind="article", version=version, wrong_from=cast.NOON, why="错",
            by=staff[Role.SUPERVISOR], asked_at=cast.NOON,
        )  # fmt: skip
        return Hearer.objects.create(
            correction=row,
            phone="13800136027",
            first_at=cast.NOON,
            state=state,
            taken_by=staff[Role.BACK_OFFICE] if state == "taken" else None,
        )

    return made


def procedure(state: str) -> Callable[[Staff], Model]:
    def made(staff: Staff) -> ProcedureVersion:
        wording = Wording("挂失", "章程", "[挂失]\n> 我马上帮您挂失。\n= service loss")
        said = {"by": staff[Role.KB_EDITOR], "at": clock.now()}
        version = PROCEDURES.begin("loss", wording, category=category(), **said)
        if state != "draft":
            PROCEDURES.submit(version.pk, **said)
        if state == "published":
            PROCEDURES.approve(version.pk, by=staff[Role.KB_REVIEWER], at=clock.now())
        return version

    return made


def regulation(state: str) -> Callable[[Staff], Model]:
    def made(staff: Staff) -> RegulationVersion:
        roles = tuple(role.value for role in Role if role != Role.AUDITOR)
        wording = Rule("服务规范", "鹏商银客服〔2025〕9号", "章程", "第一条 先听清。", roles)
        said = {"by": staff[Role.KB_EDITOR], "at": clock.now()}
        version = REGULATIONS.begin("service", wording, **said)
        if state != "draft":
            REGULATIONS.submit(version.pk, **said)
        if state == "published":
            REGULATIONS.approve(version.pk, by=staff[Role.KB_REVIEWER], at=clock.now())
        return version

    return made


def script(state: str) -> Callable[[Staff], Model]:
    def made(staff: Staff) -> ScriptVersion:
        wording = Spoken(title="开头语", words="您好，工号{工号}为您服务。", source="规范")
        said = {"by": staff[Role.KB_EDITOR], "at": clock.now()}
        version = SCRIPTS.begin("hello", wording, situation="greeting", **said)
        if state != "draft":
            SCRIPTS.submit(version.pk, **said)
        if state == "published":
            SCRIPTS.approve(version.pk, by=staff[Role.KB_REVIEWER], at=clock.now())
        return version

    return made


def gap(staff: Staff) -> Model:
    return gaps.report("数字人民币", by=staff[Role.AGENT], call=None, at=clock.now())


def correction(staff: Staff) -> Model:
    version = written(staff[Role.KB_EDITOR])
    said = {"by": staff[Role.AGENT], "call": None, "at": clock.now()}
    return opinions.give(version.pk, useful=False, words="利率是旧的", **said)


def brought(staff: Staff) -> Model:
    rows = [Row(2, {"key": "early"})]
    return importing.bring("a.csv", rows, by=staff[Role.KB_EDITOR], at=clock.now())


ASKER = Role.BACK_OFFICE
ROWS: dict[str, Callable[[Staff], Model]] = {
    "banking.fraudrule:rehearse": draft_rule,
    "banking.fraudrule:ask_begin": draft_rule,
    "banking.fraudrule:drop": draft_rule,
    "banking.fraudrule:ask_end": active_rule,
    "banking.fraudrule:new_version": active_rule,
    "banking.watchentry:take_off": watched,
    "banking.heldorder:release": held,
    "banking.heldorder:refuse": held,
    "banking.boundnumber:unbind": bound_number,
    "banking.fraudcase:take": fraud_case,
    "banking.fraudcase:close": taken_case,
    "banking.billpayment:say_outcome": asked_payment,
    "banking.unlockrequest:follow_up": unlock_request,
    "banking.lossreport:confirm": loss_report,
    "banking.lossreport:ask_lift": loss_report,
    "telephony.callbackrequest:called_back": call_back,
    "telephony.emergencymessage:taken_care_of": message,
    "telephony.reading:try_it": reading,
    "telephony.reading:render_again": reading,
    "telephony.recording:take_back": used_recording,
    "telephony.recordingbatch:ask": zipped,
    "telephony.recordingbatch:drop": zipped,
    "desktop.board:revoke": board,
    "complaints.complaint:grade": complaint("registered"),
    "complaints.complaint:assign": complaint("graded"),
    "complaints.complaint:reply": complaint("assigned"),
    "complaints.complaint:approve": complaint("replied"),
    "complaints.complaint:send_back": complaint("replied"),
    "complaints.complaint:told": complaint("reviewed"),
    "complaints.complaint:archive": complaint("told"),
    "kb.gap:write": gap,
    "kb.gap:dismiss": gap,
    "kb.opinion:take_up": correction,
    "kb.opinion:decline": correction,
    "kb.articleversion:mark": second_draft,
    **{
        f"kb.hearer:{verb}": call_back_for("waiting" if verb == "take" else "taken")
        for verb in ("take", "tried", "reached", "give_up", "put_back")
    },
    "kb.articlefile:take": brought,
    "kb.articlefile:leave": brought,
    "kb.articleversion:submit": article("draft"),
    "kb.articleversion:drop": article("draft"),
    "kb.articleversion:approve": article("review"),
    "kb.articleversion:send_back": article("review"),
    "kb.articleversion:revise": article("published"),
    "kb.articleversion:withdraw": article("published"),
    "kb.articleversion:verify": article("published"),
    "kb.articleversion:hand_over": article("published"),
    "kb.procedureversion:submit": procedure("draft"),
    "kb.procedureversion:drop": procedure("draft"),
    "kb.procedureversion:approve": procedure("review"),
    "kb.procedureversion:send_back": procedure("review"),
    "kb.procedureversion:revise": procedure("published"),
    "kb.procedureversion:withdraw": procedure("published"),
    "kb.regulationversion:submit": regulation("draft"),
    "kb.regulationversion:drop": regulation("draft"),
    "kb.regulationversion:approve": regulation("review"),
    "kb.regulationversion:send_back": regulation("review"),
    "kb.regulationversion:revise": regulation("published"),
    "kb.regulationversion:withdraw": regulation("published"),
    "kb.regulationversion:attest": regulation("published"),
    "kb.scriptversion:submit": script("draft"),
    "kb.scriptversion:drop": script("draft"),
    "kb.scriptversion:approve": script("review"),
    "kb.scriptversion:send_back": script("review"),
    "kb.scriptversion:revise": script("published"),
    "kb.scriptversion:withdraw": script("published"),
    "people.approval:approve": request_to_release,
    "people.approval:refuse": request_to_release,
    "people.approval:withdraw": request_to_release,
}


def page_of(key: str) -> str:
    return "admin:" + key.replace(".", "_").replace(":", "_")


def may_press(key: str, subject: Model) -> frozenset[Role]:
    """Of a request, who decides its kind and did not ask it; of others, whom they are offered.

    A call back is its taker's.
    """
    if isinstance(subject, Hearer) and key.endswith(("tried", "reached", "give_up")):
        return frozenset({Role.BACK_OFFICE})  # who has taken it
    if not isinstance(subject, approvals.Approval):
        return frozenset(expected.actions()[key])
    if key.endswith(":withdraw"):
        return frozenset({ASKER})
    decide = approvals.of(subject).decide
    return frozenset(role for role, may in table().items() if decide in may) - {ASKER}


def presses(key: str, subject: Model, user: User, *, asked: bool) -> bool:
    """Opens the dialog, or answers it; whether that was let through."""
    request = RequestFactory().post("/", {"_form_submitted": "True"} if asked else {})
    if not asked:
        request = RequestFactory().get("/")
    request.user, request.session = User.objects.get(pk=user.pk), {}
    request._messages, request._dont_enforce_csrf_checks = default_storage(request), True
    request.LANGUAGE_CODE = "zh-hans"
    pattern = PAGES[page_of(key)]
    try:
        response = pattern.callback(request, **pattern.default_args, object_id=str(subject.pk))
    except PermissionDenied:
        return False
    return response.status_code not in (401, 403) and "/login/" not in response.get("Location", "")


def test_every_verb_of_a_row_has_a_row_here():
    refused = {name for name, roles in expected.pages().items() if roles == expected.NOBODY}
    verbs = {n for n in refused if n.startswith("admin:") and not n.endswith(("_add", "_delete"))}
    assert {page_of(key) for key in ROWS} == verbs


@pytest.mark.parametrize("key", ROWS)
def test_a_verb_is_pressed_by_whom_it_should(people, key):  # noqa: F811
    subject = ROWS[key](people)
    rows = type(subject)._base_manager.filter(pk=subject.pk)
    before, allowed = rows.values().get(), may_press(key, subject)
    assert allowed
    for role in set(Role) - allowed:
        assert not presses(key, subject, people[role], asked=False), role
        assert not presses(key, subject, people[role], asked=True), role
    assert rows.values().get() == before
    for role in allowed:
        assert presses(key, subject, people[role], asked=False), role
    assert rows.values().get() == before  # a dialog that was opened has done nothing
    assert presses(key, subject, people[min(allowed)], asked=True)
