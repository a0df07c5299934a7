"""Orders that internet banking hands in: signed, once, and answered alike ever after."""

import json
import re
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from banking import banks, customers, instructions, orders, vault
from banking.clearing_batches import files_out, take_in
from banking.errors import InsufficientFunds, PayeeUnregistered
from banking.fraud import two_eyes
from banking.fraud.rules import Action, Age
from banking.intake import clients, gate, signing
from banking.intake import orders as intake
from banking.models import (
    Account,
    ExternalPayee,
    FeeTier,
    FraudDecision,
    HeldOrder,
    Hold,
    Instruction,
    IntakeClient,
    IntakeNonce,
    IntakeOrder,
    OutboxMessage,
    SettlementOrder,
    TransferLimit,
)
from banking.models.orders import Channel, State
from banking.secret import Secret
from calendars import clock
from people import approvals, staff
from people.roles import Role
from tests import cast, clerks
from tests.banking.guarded import in_force
from tests.banking.test_clearing_batches import results as results_of
from tests.banking.test_clearing_batches import returned
from tests.banking.test_interbank import balance, remittance
from tests.banking.together import together
from tests.cast import IN_BEIJING, IN_THE_CITY, LONG_AGO, NOON, Person

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/api/settlement/orders"
DOC = Path(settings.BASE_DIR) / "docs" / "settlement-intake.md"
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _noon(monkeypatch) -> None:
    monkeypatch.setattr(clock, "_real", lambda: NOON)


@pytest.fixture
def wang(transactional_db) -> Person:
    made = cast.wang(opening=100_000)
    clerks.desk_rule()
    TransferLimit.objects.create(
        channel=Channel.ONLINE, valid_from=LONG_AGO, single=50_000, daily=60_000
    )
    return made


@pytest.fixture
def he(transactional_db):
    return staff.hire(number="1002", name="何静", branch=None, roles=[Role.BACK_OFFICE])


class Sender:
    """The system at the other end: it signs what it sends, rightly unless told otherwise."""

    def __init__(self, client: IntakeClient, secret: Secret) -> None:
        self.client, self.secret, self._sent = client, secret, 0

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        key: str = "",
        at: datetime = NOON,
        nonce: str = "",
        signed_body: bytes | None = None,
        signed_path: str = "",
        signature: str = "",
        key_id: str = "",
    ):
        self._sent += 1
        nonce = nonce or f"nonce-{self._sent:016}"
        request = signing.Signed(
            *(key_id or self.client.key_id, "", method, signed_path or path, at.isoformat()),
            *(nonce, key, body if signed_body is None else signed_body),
        )
        signed = signature or signing.signature(request, self.secret)
        headers = {
            "authorization": f"{signing.SCHEME} key={request.key_id}, signature={signed}",
            "bankline-timestamp": request.timestamp,
            "bankline-nonce": nonce,
            "accept-language": "en",
            **({"idempotency-key": key} if key else {}),
        }
        return Client(headers=headers).generic(method, path, body, content_type="application/json")

    def post(self, values: dict, *, key: str = "order-1", **how):
        return self.send("POST", PATH, json.dumps(values).encode(), key=key, **how)

    def get(self, key: str = "order-1", **how):
        return self.send("GET", f"{PATH}/{key}", **how)


@pytest.fixture
def bank_online(he) -> Sender:
    return Sender(*clients.issue("网上银行", by=he, at=NOON))


def wanted(payer: Person, **changes: object) -> dict[str, object]:
    return {
        "customer": payer.customer.number,
        "payer_account": payer.account.number,
        "payee_account": "6225880100046789",
        "payee_name": "赵云鹏",
        "bank_code": IN_BEIJING,
        "amount": "1500.00",
        **changes,
    }


def kind(answer) -> str:
    assert answer["Content-Type"] == "application/problem+json", answer.content
    assert answer.json()["status"] == answer.status_code
    return answer.json()["type"].removeprefix("urn:bankline:")


# -- taken ---------------------------------------------------------------------------------------


def test_an_order_goes_straight_through(wang, bank_online):
    answer = bank_online.post(wanted(wang))
    assert answer.status_code == 201
    told = answer.json()
    order = Instruction.objects.get()
    assert told == {
        "key": "order-1",
        "state": "accepted",
        "receipt": order.receipt,
        "amount": "1500.00",
        "fee": "0.00",
        "settles_by": NOON.replace(minute=30).isoformat(),
        "reason": "",
    }
    assert (order.channel, order.state, order.told_at) == ("online", "executed", NOON)
    settling = SettlementOrder.objects.get()
    assert (settling.state, settling.source) == ("debited", "online")
    assert balance(wang) == 98_500
    assert instructions.untold(wang.id) == []


def test_one_with_a_remark_waits_at_the_desk(wang, bank_online):
    answer = bank_online.post(wanted(wang, bank_code=IN_THE_CITY, remark="货款"))
    assert (answer.status_code, answer.json()["state"]) == (201, "in_process")
    settling = SettlementOrder.objects.get()
    assert (settling.state, settling.hands, settling.remark) == ("to_claim", "remark", "货款")
    assert balance(wang) == 98_500


def test_what_it_costs_there_is_a_schedule_of_its_own(wang, bank_online):
    FeeTier.objects.create(kind="remittance", channel="online", valid_from=LONG_AGO, flat=3)
    assert bank_online.post(wanted(wang)).json()["fee"] == "3.00"
    assert balance(wang) == 98_497


def test_for_tomorrow_it_is_scheduled(wang, bank_online):
    answer = bank_online.post(wanted(wang, speed="next_day"))
    assert (answer.status_code, answer.json()["state"]) == (201, "scheduled")
    assert answer.json()["receipt"]
    orders.execute_due(at=NOON + timedelta(days=1))
    assert bank_online.get().json()["state"] == "accepted"


def test_what_becomes_of_it(wang, bank_online):
    bank_online.post(wanted(wang))
    files_out(at=NOON)
    assert bank_online.get().json()["state"] == "sent"
    order = SettlementOrder.objects.select_related("instruction").get()
    take_in("r.csv", results_of(returned(order, "RJ03")), at=NOON)
    told = bank_online.get().json()
    assert (told["state"], told["reason"], told["settles_by"]) == ("returned", "RJ03", None)
    assert instructions.untold(wang.id) == []  # it is asked after where it came from


def test_whom_she_names_online_the_phone_does_not_pay(wang, bank_online):
    bank_online.post(wanted(wang))
    bank_online.post(wanted(wang, amount="20.00"), key="order-2")
    zhao = ExternalPayee.objects.get()  # named twice, one row
    assert zhao.channel == "online"
    assert not banks.in_force(wang.id).exists()
    by_phone = {"request": remittance(wang, zhao), "channel": Channel.PHONE, "at": NOON}
    with pytest.raises(PayeeUnregistered):
        orders.draft(key=uuid4(), **by_phone)
    registered = cast.payee_elsewhere(wang, bank_code=IN_BEIJING)
    assert list(banks.in_force(wang.id)) == [registered]


# -- once ----------------------------------------------------------------------------------------


def test_the_same_again_is_the_same_order(wang, bank_online):
    first, second = bank_online.post(wanted(wang)), bank_online.post(wanted(wang))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert Instruction.objects.count() == 1
    assert balance(wang) == 98_500


def test_the_same_key_with_another_body_is_a_conflict(wang, bank_online):
    bank_online.post(wanted(wang))
    answer = bank_online.post(wanted(wang, amount="1500.01"))
    assert (answer.status_code, kind(answer)) == (409, "intake-key-reused")
    assert balance(wang) == 98_500


def test_two_systems_may_use_one_key(wang, bank_online, he):
    other = Sender(*clients.issue("手机银行", by=he, at=NOON))
    assert bank_online.post(wanted(wang)).status_code == 201
    assert other.post(wanted(wang)).status_code == 201
    assert balance(wang) == 97_000
    assert IntakeOrder.objects.values("instruction_key").distinct().count() == 2


def test_an_order_of_another_system_is_not_found(wang, bank_online, he):
    bank_online.post(wanted(wang))
    other = Sender(*clients.issue("手机银行", by=he, at=NOON))
    answer = other.get()
    assert (answer.status_code, kind(answer)) == (404, "not-found")


def test_the_same_order_twice_at_once_is_debited_once(wang, bank_online):
    answers = together(*[lambda: bank_online.post(wanted(wang))] * 2)
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert len({answer.json()["receipt"] for answer in answers}) == 1
    assert balance(wang) == 98_500


def test_control_without_the_key_it_is_debited_twice(wang, bank_online, monkeypatch):
    monkeypatch.setattr(intake, "_uuid", lambda client, key: uuid4())
    bank_online.post(wanted(wang), key="order-1")
    bank_online.post(wanted(wang), key="order-2")
    assert balance(wang) == 97_000


@pytest.mark.parametrize("broken", ["draft", "confirm"])
def test_where_it_broke_off_it_goes_on(wang, bank_online, monkeypatch, broken):
    """Killed after the draft, or after the yes: the same again carries it out, once."""
    with monkeypatch.context() as patch:
        name = {"draft": "confirm", "confirm": "execute"}[broken]
        module = instructions if broken == "draft" else orders

        def killed(**how):
            raise ConnectionError

        patch.setattr(module, name, killed)
        with pytest.raises(ConnectionError):
            bank_online.post(wanted(wang))
        assert balance(wang) == 100_000
        assert bank_online.get().json()["state"] == "received"
    answer = bank_online.post(wanted(wang))
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    assert balance(wang) == 98_500


# -- refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "status", "name"),
    [
        ({"amount": "100000.01"}, 409, "single-limit-exceeded"),
        ({"bank_code": cast.OUR_BANK}, 409, "bank-code-invalid"),
        ({"customer": "1099999999"}, 422, "payer-unknown"),
        ({"payer_account": "75570000"}, 422, "payer-unknown"),
        ({"amount": "1.001"}, 422, "invalid-order"),
        ({"amount": 1500}, 422, "invalid-order"),
        ({"amount": "0.00"}, 422, "invalid-order"),
        ({"amount": "-5.00"}, 422, "invalid-order"),
        ({"payee_account": "1234567"}, 422, "invalid-order"),
        ({"payee_name": "赵" * 61}, 422, "invalid-order"),
        ({"remark": "x" * 61}, 422, "invalid-order"),
        ({"speed": "yesterday"}, 422, "invalid-order"),
        ({"urgent": True}, 422, "invalid-order"),
    ],
)
def test_what_is_refused_and_moves_nothing(wang, bank_online, changes, status, name):
    answer = bank_online.post(wanted(wang, **changes))
    assert (answer.status_code, kind(answer)) == (status, name)
    if name == "invalid-order":
        assert answer.json()["errors"].keys() == changes.keys()
    assert balance(wang) == 100_000
    assert not Instruction.objects.exists()
    assert bank_online.get().status_code == 404


def test_a_refusal_after_the_yes_is_final(wang, bank_online, monkeypatch):
    """The money was there when it was drafted, and gone when it was to be debited."""

    def gone(*, key, at):
        raised = InsufficientFunds(available=Decimal(1), needed=Decimal(1500))
        instructions.refuse(key=key, refusal=raised, at=at)
        raise raised

    with monkeypatch.context() as patch:
        patch.setattr(orders, "execute", gone)
        answer = bank_online.post(wanted(wang))
    assert (answer.status_code, kind(answer)) == (409, "insufficient-funds")
    assert answer.json()["state"] == "refused"
    again, read = bank_online.post(wanted(wang)), bank_online.get()
    assert kind(again) == "insufficient-funds"
    assert read.json()["refusal"]["type"] == "urn:bankline:insufficient-funds"
    assert balance(wang) == 100_000
    assert Instruction.objects.get().state == State.REFUSED


def test_limits_of_the_day_hold_there_as_well(wang, bank_online):
    assert bank_online.post(wanted(wang, amount="50000.00")).status_code == 201
    answer = bank_online.post(wanted(wang, amount="10000.01"), key="order-2")
    assert kind(answer) == "daily-limit-exceeded"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"{'amount': 1}", b'{"amount": NaN}'])
def test_what_is_no_order_at_all(wang, bank_online, body):
    answer = bank_online.send("POST", PATH, body, key="order-1")
    assert answer.status_code in {400, 422}
    assert kind(answer) in {"parse-error", "invalid-order"}


def test_a_post_needs_a_key_and_has_a_limit(wang, bank_online):
    for key in ("", "a b", "x" * 65):
        answer = bank_online.send("POST", PATH, json.dumps(wanted(wang)).encode(), key=key)
        assert (answer.status_code, kind(answer)) == (400, "parse-error")
    for size in (20_000, 3_000_000):
        answer = bank_online.send("POST", PATH, b" " * size, key="k")
        assert (answer.status_code, kind(answer)) == (413, "too-large")


# -- a person is wanted ---------------------------------------------------------------------------


def decided(order: Instruction, he, *, release: bool) -> None:
    """One asks, another decides."""
    checker = staff.hire(number="1009", name="陆薇", branch=None, roles=[Role.BACK_OFFICE])
    order.refresh_from_db()
    asked = two_eyes.ask_held(order, release=release, by=he, reason="已核实", at=NOON)
    with pytest.raises(approvals.OwnRequest):
        approvals.approve(asked.pk, by=he, at=NOON)
    approvals.approve(asked.pk, by=checker, at=NOON)


@pytest.mark.parametrize("action", [Action.AGENT, Action.HOLD])
def test_where_a_rule_wants_a_person_it_is_held_for_two(wang, bank_online, action):
    rule = in_force(Age(age=0), action)
    first, second = bank_online.post(wanted(wang)), bank_online.post(wanted(wang))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json() == bank_online.get().json()
    assert first.json()["state"] == "under_review"
    order = HeldOrder.objects.get()
    assert (order.state, order.channel, order.receipt) == (
        "held",
        "online",
        first.json()["receipt"],
    )
    assert FraudDecision.objects.get().rule == rule
    account = Account.objects.get(pk=wang.account.pk)
    assert (account.balance, account.available) == (100_000, 98_500)
    assert not SettlementOrder.objects.exists()
    assert instructions.untold(wang.id) == []  # the telephone does not tell her again


def test_released_it_goes_its_way(wang, bank_online, he):
    in_force(Age(age=0), Action.AGENT)
    bank_online.post(wanted(wang))
    decided(Instruction.objects.get(), he, release=True)
    for answer in (bank_online.get(), bank_online.post(wanted(wang))):
        assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    assert balance(wang) == 98_500
    assert SettlementOrder.objects.count() == 1
    assert OutboxMessage.objects.get().template == "held.executed"


def test_released_before_it_is_due_it_is_scheduled(wang, bank_online, he):
    in_force(Age(age=0), Action.AGENT)
    bank_online.post(wanted(wang, speed="next_day"))
    decided(Instruction.objects.get(), he, release=True)
    assert bank_online.get().json()["state"] == "scheduled"
    assert orders.execute_due(at=NOON + timedelta(days=1)) == (1, 0)
    assert bank_online.get().json()["state"] == "accepted"


def test_refused_nothing_is_debited_and_it_stays_so(wang, bank_online, he):
    in_force(Age(age=0), Action.AGENT)
    bank_online.post(wanted(wang))
    decided(Instruction.objects.get(), he, release=False)
    again, read = bank_online.post(wanted(wang)), bank_online.get()
    assert (again.status_code, kind(again), again.json()["state"]) == (
        409,
        "held-refused",
        "refused",
    )
    assert (read.status_code, read.json()["state"]) == (200, "refused")
    account = Account.objects.get(pk=wang.account.pk)
    assert (account.balance, account.available) == (100_000, 100_000)


def test_held_twice_at_once_it_is_held_once(wang, bank_online):
    in_force(Age(age=0), Action.AGENT)
    answers = together(*[lambda: bank_online.post(wanted(wang))] * 2)
    assert len({answer.json()["receipt"] for answer in answers}) == 1
    assert Hold.objects.get().amount == 1500


def test_a_rule_that_refuses_still_refuses(wang, bank_online):
    in_force(Age(age=0), Action.REFUSE)
    answer = bank_online.post(wanted(wang))
    assert (answer.status_code, kind(answer)) == (409, "fraud-suspected")
    assert not Instruction.objects.exists()


def test_who_decides_sees_it_among_the_held_orders_with_its_rule(wang, bank_online, he):
    in_force(Age(age=0), Action.AGENT, title="网银大额核实")
    bank_online.post(wanted(wang))
    browser = Client(headers={"accept-language": "zh-hans"})
    browser.force_login(he, backend="django.contrib.auth.backends.ModelBackend")
    listed = browser.get(reverse("admin:banking_heldorder_changelist")).content.decode()
    page = browser.get(
        reverse("admin:banking_heldorder_change", args=[Instruction.objects.get().pk])
    ).content.decode()
    assert "网银大额核实" in listed
    assert "网银大额核实" in page


# -- the signature --------------------------------------------------------------------------------


def test_whoever_did_not_sign_learns_only_that(wang, bank_online, he):
    body = json.dumps(wanted(wang)).encode()
    forged = [
        {"signature": "0" * 64},
        {"signed_body": body.replace(b"1500.00", b"15.00")},
        {"signed_path": f"{PATH}?x=1"},
        {"key_id": "ik_nobody"},
        {"nonce": "short"},
    ]
    for how in forged:
        answer = bank_online.send("POST", PATH, body, key="order-1", **how)
        assert (answer.status_code, kind(answer)) == (401, "signature-refused"), how
        assert answer["WWW-Authenticate"] == signing.SCHEME
    other = Sender(bank_online.client, Secret("another"))
    assert kind(other.post(wanted(wang))) == "signature-refused"
    assert Client().post(PATH, body, content_type="application/json").status_code == 401
    assert not IntakeNonce.objects.exists()
    assert not IntakeOrder.objects.exists()


def test_the_idempotency_key_is_signed_as_well(wang, bank_online):
    body = json.dumps(wanted(wang)).encode()
    request = signing.Signed(
        *(bank_online.client.key_id, "", "POST", PATH, NOON.isoformat(), "n" * 16, "order-1", body)
    )
    signature = signing.signature(request, bank_online.secret)
    answer = bank_online.send(
        "POST", PATH, body, key="order-2", nonce="n" * 16, signature=signature
    )
    assert kind(answer) == "signature-refused"


def test_a_clock_may_differ_by_five_minutes(wang, bank_online):
    five = timedelta(minutes=5)
    assert bank_online.post(wanted(wang), at=NOON - five).status_code == 201
    assert bank_online.post(wanted(wang), at=NOON + five).status_code == 200
    for at in (NOON - five - SECOND, NOON + five + SECOND):
        assert kind(bank_online.post(wanted(wang), at=at)) == "clock-differs"


def test_a_signed_request_is_taken_once(wang, bank_online):
    first = bank_online.post(wanted(wang), nonce="n" * 16)
    again = bank_online.post(wanted(wang), nonce="n" * 16)
    assert first.status_code == 201
    assert (again.status_code, kind(again)) == (401, "replayed")


def test_control_without_its_nonce_it_is_taken_again(wang, bank_online):
    bank_online.post(wanted(wang), nonce="n" * 16)
    IntakeNonce.objects.all().delete()
    assert bank_online.post(wanted(wang), nonce="n" * 16).status_code == 200


def test_a_replay_at_the_same_moment_is_refused(wang, bank_online):
    answers = together(*[lambda: bank_online.post(wanted(wang), nonce="n" * 16)] * 2)
    assert sorted(answer.status_code for answer in answers) == [201, 401]


def test_nonces_are_forgotten_when_time_refuses_them(wang, bank_online):
    bank_online.post(wanted(wang), at=NOON + timedelta(minutes=5))
    assert gate.forget(at=NOON + timedelta(minutes=10)) == 0
    assert gate.forget(at=NOON + timedelta(minutes=10, seconds=1)) == 1


def test_a_revoked_key_opens_nothing(wang, bank_online, he):
    clients.revoke(bank_online.client.pk, by=he, at=NOON)
    assert kind(bank_online.post(wanted(wang))) == "signature-refused"
    assert clients.revoke(bank_online.client.pk, by=he, at=NOON + SECOND).revoked_at == NOON
    with pytest.raises(DatabaseError), transaction.atomic():
        IntakeClient.objects.update(revoked_at=None)


def test_a_secret_is_sealed_and_never_shown_again(bank_online):
    secret = bank_online.secret.reveal().encode()
    assert secret not in bytes(IntakeClient.objects.values_list("secret_box", flat=True).get())
    assert clients.secret_of(bank_online.client) == bank_online.secret


# -- in the admin ---------------------------------------------------------------------------------


def test_a_clerk_issues_a_key_and_sees_its_secret_once(he):
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(he, backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("admin:banking_intakeclient_issue")
    answer = browser.post(page, {"name": "网上银行", "_form_submitted": "True"})
    client = IntakeClient.objects.get()
    secret = clients.secret_of(client).reveal()
    assert secret in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    for url in (
        reverse("admin:banking_intakeclient_changelist"),
        reverse("admin:banking_intakeclient_change", args=[client.pk]),
        reverse("admin:banking_intakeclient_history", args=[client.pk]),
    ):
        shown = browser.get(url).content.decode()
        assert secret not in shown
        assert client.key_id in shown or "history" in url


# -- the document ---------------------------------------------------------------------------------


TOLD = [json.loads(told) for told in re.findall(r"```json\n(.*?)```", DOC.read_text(), re.DOTALL)]


@pytest.fixture
def example(wang, he) -> dict[str, object]:
    """The document's own code, run; its customer and its system are known here."""
    doc = DOC.read_text()
    example: dict[str, object] = {}
    exec(re.search(r"```python\n(.*?)```", doc, re.DOTALL)[1], example)  # type: ignore[index]
    assert f"The signature is `{example['signature']}`" in doc
    secret = Secret(str(example["secret"]))
    sealed = vault.seal(secret, IntakeClient.PURPOSE)
    IntakeClient.objects.create(
        key_id=example["key"],
        name="网上银行",
        secret_box=sealed.box,
        secret_key_version=sealed.version,
        issued_by=he,
        issued_at=NOON,
    )
    type(wang.customer).objects.filter(pk=wang.id).update(number="1000000001")
    account = customers.open_account(wang.customer, number="7557000000000001", on=LONG_AGO)
    customers.deposit(account.pk, Decimal(2000), at=NOON)
    return example


def post_of(example: dict[str, object]):
    headers = dict(example["headers"])  # type: ignore[call-overload]
    content_type = headers.pop("Content-Type")
    answer = Client(headers=headers).generic(
        "POST", PATH, example["body"], content_type=content_type
    )
    assert answer.status_code == 201
    return answer.json()


def test_the_worked_example_works(example):
    answer = post_of(example)
    assert answer == {**TOLD[0], "receipt": Instruction.objects.get().receipt}


def test_the_worked_example_of_an_order_under_review_works(example, he):
    in_force(Age(age=0), Action.AGENT)
    answer = post_of(example)
    order = Instruction.objects.get()
    assert answer == {**TOLD[1], "receipt": order.receipt}
    decided(order, he, release=False)
    reader = Sender(IntakeClient.objects.get(), Secret(str(example["secret"])))
    told = reader.get(str(answer["key"])).json()
    assert told == {**TOLD[2], "receipt": order.receipt}
