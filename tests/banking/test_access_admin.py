"""At the counter, in the admin: what is asked there, what is shown once, what is written down."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from banking import limits, losses, outbox, phone_debits, pins, unlocking
from banking.errors import PinLocked, PinWrong
from banking.models import (
    AccessRule,
    Customer,
    LossReport,
    OutboxMessage,
    PhoneBlock,
    UnlockRequest,
)
from banking.models.customers import Purpose
from banking.models.orders import Channel
from banking.secret import Secret
from calendars import clock
from people.models import AccessLog, Approval
from people.roles import Role
from tests import cast
from tests.banking.test_admin import ASKED, as_, page_of, shown, text

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def wang() -> cast.Person:
    return cast.wang()


def lock_out(person: cast.Person) -> None:
    for refusal in (PinWrong, PinWrong, PinLocked):
        with pytest.raises(refusal):
            pins.verify(
                person.card.pk,
                Secret("135791"),
                Purpose.TRANSACTION,
                call_ref="",
                at=clock.now(),
            )


def press(client, verb: str, subject, **given):
    model = subject._meta.model_name
    page = reverse(f"admin:banking_{model}_{verb}", args=[subject.pk])
    return client.post(page, {**ASKED, **given})


def approves(client, kind: str) -> None:
    waiting = Approval.objects.get(kind=kind, state="open")
    page = reverse("admin:people_approval_approve", args=[waiting.pk])
    assert client.post(page, ASKED).status_code == 200


def test_the_code_is_shown_once_and_its_issue_written_down(wang):
    clerk = as_(Role.BRANCH_USER)
    answer = press(clerk, "issue_code", wang.customer, card=wang.card.pk, reason="at the counter")
    assert "no-store" in answer["Cache-Control"]
    (code,) = re.findall(r"\b(\d{4} \d{4})\b", text_of_dialog(answer))
    logged = AccessLog.objects.get(what="reveal")
    assert logged.field == f"activation code of card {wang.card.pk}"
    pins.verify(
        wang.card.pk,
        Secret(code.replace(" ", "")),
        Purpose.ACTIVATION,
        call_ref="c1",
        at=clock.now(),
    )
    page = clerk.get(page_of(wang.customer)).content.decode()
    assert code not in page and code.replace(" ", "") not in page


def text_of_dialog(response) -> str:
    return re.sub(r"<[^>]+>", " ", response.content.decode())


def test_nothing_is_issued_without_a_reason(wang):
    answer = press(as_(Role.BRANCH_USER), "issue_code", wang.customer, card=wang.card.pk)
    assert "Say why" in text_of_dialog(answer)
    assert not AccessLog.objects.filter(what="reveal").exists()


def test_an_agent_is_offered_none_of_it(wang):
    agent = as_(Role.AGENT)
    for verb in ("issue_code", "ask_unlock", "ask_raise", "ask_phone_on"):
        assert press(agent, verb, wang.customer, reason="she called").status_code == 403


def test_a_locked_card_is_unlocked_by_two(wang):
    lock_out(wang)
    clerk, colleague = as_(Role.BRANCH_USER), as_(Role.BACK_OFFICE)
    assert "locked" in text(clerk.get(page_of(wang.customer)))
    press(clerk, "ask_unlock", wang.customer, card=wang.card.pk, reason="at the counter")
    approves(colleague, "unlock-pin")
    assert "locked" not in text(clerk.get(page_of(wang.customer)))


def test_a_card_that_is_not_locked_is_not_offered(wang):
    answer = press(
        as_(Role.BRANCH_USER),
        "ask_unlock",
        wang.customer,
        card=wang.card.pk,
        reason="at the counter",
    )
    assert "HX-Redirect" not in answer
    assert not Approval.objects.exists()


def test_a_request_by_telephone_is_followed_up_when_she_comes(wang):
    lock_out(wang)
    request = unlocking.request(wang.card.pk, call_ref="c1", at=clock.now())
    clerk = as_(Role.BRANCH_USER)
    waiting = clerk.get("/admin/banking/unlockrequest/")
    assert shown(waiting) == [request]
    press(clerk, "follow_up", request, reason="came in")
    assert Approval.objects.get().details == {"purposes": ["transaction"]}
    assert shown(clerk.get("/admin/banking/unlockrequest/")) == []
    assert press(clerk, "follow_up", request, reason="again").status_code == 403
    page = text(clerk.get(f"/admin/banking/unlockrequest/{request.pk}/change/"))
    assert "waits for a decision" in page and wang.customer.name not in page


def reported(person: cast.Person) -> LossReport:
    return losses.report(
        person.pan, person.id_number, channel=Channel.PHONE, call_ref="", at=clock.now()
    )


def test_a_loss_is_confirmed_in_writing_where_she_signed(wang):
    report, clerk = reported(wang), as_(Role.BRANCH_USER)
    assert "required" in text_of_dialog(press(clerk, "confirm", report, number=" "))
    press(clerk, "confirm", report, number="GS202611240001")
    page = text(clerk.get(page_of(report)))
    for words in ("confirmed in writing", "GS202611240001"):
        assert words in page
    assert "reported lost in writing" in text(clerk.get(page_of(wang.customer)))
    assert press(clerk, "confirm", report, number="GS202611240002").status_code == 403
    assert shown(clerk.get("/admin/banking/lossreport/")) == [report]
    history = text(clerk.get(page_of(report).replace("change", "history")))
    assert "form number" in history and "GS202611240001" in history


def test_a_loss_is_lifted_by_two(wang):
    report, clerk, colleague = reported(wang), as_(Role.BRANCH_USER), as_(Role.BACK_OFFICE)
    press(clerk, "confirm", report, number="GS202611240001")
    press(clerk, "ask_lift", report, reason="it lay at home")
    assert shown(clerk.get("/admin/banking/lossreport/")) == [report]
    approves(colleague, "lift-loss")
    assert shown(clerk.get("/admin/banking/lossreport/")) == []
    assert shown(clerk.get("/admin/banking/lossreport/?state=over")) == [report]
    assert "lost" not in text(clerk.get(page_of(wang.customer))).split("Loss reports")[0]
    assert press(clerk, "ask_lift", report, reason="again").status_code == 403


def test_an_agent_confirms_and_lifts_nothing(wang):
    report, agent = reported(wang), as_(Role.AGENT)
    assert press(agent, "confirm", report, number="GS1").status_code == 403
    assert press(agent, "ask_lift", report, reason="she called").status_code == 403


def test_a_request_that_lapsed_is_listed_no_more(wang):
    lock_out(wang)
    long_ago = clock.now() - timedelta(days=6)
    unlocking.request(wang.card.pk, call_ref="c1", at=long_ago)
    assert UnlockRequest.objects.exists()
    assert shown(as_(Role.BRANCH_USER).get("/admin/banking/unlockrequest/")) == []


def test_limits_are_raised_by_two_and_lowered_by_one(wang):
    clerk, colleague = as_(Role.BACK_OFFICE), as_(Role.BRANCH_USER)
    row = {
        "channel": "phone",
        "customer": wang.id,
        "valid_from": clock.bank_day(clock.now()).isoformat(),
    }
    page = "/admin/banking/transferlimit/add/"
    refused = clerk.post(page, {**row, "single": "60000", "daily": "90000"})
    assert "decided by another" in text(refused)
    assert clerk.post(page, {**row, "single": "600", "daily": "900"}).status_code == 302
    given = {"channel": "phone", "single": "60000", "daily": "200000", "reason": "buys a flat"}
    press(clerk, "ask_raise", wang.customer, **given)
    assert now(wang) == 600
    approves(colleague, "raise-limits")
    assert now(wang) == 60_000


def now(person: cast.Person) -> Decimal:
    return limits.allowance(person.id, "phone", day=clock.bank_day(clock.now())).single


def test_debits_by_telephone_are_allowed_again_by_two(wang):
    phone_debits.stop(wang.id, channel=Channel.PHONE, call_ref="c1", at=clock.now())
    clerk, colleague = as_(Role.BRANCH_USER), as_(Role.SUPERVISOR)
    assert "stopped by the customer" in text(clerk.get(page_of(wang.customer)))
    assert len(shown(clerk.get("/admin/banking/phoneblock/"))) == 1
    press(clerk, "ask_phone_on", wang.customer, reason="came in")
    approves(colleague, "phone-on")
    assert "stopped by the customer" not in text(clerk.get(page_of(wang.customer)))
    assert shown(clerk.get("/admin/banking/phoneblock/")) == []
    assert PhoneBlock.objects.get().ended_at


def test_a_message_is_read_on_record_and_its_address_is_masked(wang):
    Customer.objects.filter(pk=wang.id).update(mobile="13912345678")
    values = dict.fromkeys(("tail", "count", "income", "outgo", "opening", "closing"), "7")
    outbox.send(
        Customer.objects.get(pk=wang.id),
        "statement.sms",
        at=clock.now(),
        first="2026-11-01",
        last="2026-11-24",
        **values,
    )
    agent = as_(Role.AGENT)
    listed = text(agent.get("/admin/banking/outboxmessage/"))
    assert "139****5678" in listed and "13912345678" not in listed
    opened = text(agent.get(page_of(OutboxMessage.objects.get())))
    assert "2026-11-01至2026-11-24" in opened and "13912345678" not in opened
    assert AccessLog.objects.get().subject == f"banking.customer:{wang.id}"


def test_a_rule_is_added_for_a_day_to_come(wang):
    clerk, page = as_(Role.BACK_OFFICE), "/admin/banking/accessrule/add/"
    today = clock.bank_day(clock.now())
    row = {"name": "dormant_months", "value": "12", "reason": "制度修订"}
    assert "It can take effect from" in text(
        clerk.post(page, {**row, "valid_from": today.isoformat()})
    )
    tomorrow = today + timedelta(days=1)
    assert clerk.post(page, {**row, "valid_from": tomorrow.isoformat()}).status_code == 302
    assert not AccessRule.objects.filter(name="dormant_months").exists()
    approves(as_(Role.SUPERVISOR), "terms")
    assert AccessRule.objects.get(name="dormant_months").value == 12
