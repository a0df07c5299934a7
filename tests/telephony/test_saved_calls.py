"""Calls that a version must pass: the real walker, the real ledger, and nothing that remains."""

from datetime import datetime, timedelta

import pytest

from banking.models import Account, Customer, FeeTier, Journal
from banking.models.orders import Channel, Instruction
from calendars.clock import SHANGHAI
from complaints import shipped as complaints_shipped
from complaints.models import Complaint
from people import staff
from people.roles import Role
from routing import shipped as routing_shipped
from telephony import drafting, menus, publishing, saved_calls, shipped
from telephony.models import Call, MenuVersion, SavedCall
from telephony.rehearsal.play import Script, UnknownKeys, play
from telephony.rehearsal.stage import Stage
from telephony.wording import prompts
from tests import cast
from tests.cast import NOON
from tests.desktop import floors

pytestmark = pytest.mark.django_db(transaction=True)

LOG_IN = "1 1 {card}# {pin}#"
TRANSFER = f"{LOG_IN} 2 1 1 1 1500*50# 1 1 {{transaction_pin}}#"


@pytest.fixture
def bank(db):
    cast.bank_terms()
    routing_shipped.install(at=NOON)
    floors.hire("林晓", 1023, ("general",), None)
    return shipped.install(at=NOON)


@pytest.fixture
def lina(db):
    return staff.hire(number="6001", name="李娜", branch=None, roles=[Role.MENU_OWNER])


@pytest.fixture
def draft(bank, lina) -> MenuVersion:
    return menus.copy(bank.pk, by=lina, at=NOON)


@pytest.fixture
def by(lina):
    return {"by": lina, "at": NOON}


def comes(version: MenuVersion, keys: str, *, at: datetime = NOON) -> list[str]:
    script = Script("961202", ("welcome.961202",), at, keys)
    return play(menus.load(version.pk), script, prompts())


def test_a_balance_is_heard_as_callers_hear_it(bank):
    assert comes(bank, f"{LOG_IN} 1 1") == [
        "say welcome.961202",
        "say menu.language.1",
        "say menu.language.3",
        "menu root",
        "say menu.hint",
        "say identify.card",
        "say identify.pin",
        "menu personal",
        "menu accounts",
        "say balance.same",
        "say balance.next",
        "end caller",
    ]


def test_a_complaint_is_said_and_nothing_of_it_remains(bank, settings, tmp_path):
    settings.RECORDINGS = tmp_path
    complaints_shipped.install()
    assert comes(bank, "1 5 1 # 1 *")[4:] == [
        "say menu.hint",
        "menu complaints",
        "say complaint.speak",
        "say record.review",
        "say complaint.done",
        "say order.receipt_again",
        "say complaint.due",
        "say complaint.agent",
        "menu complaints",
        "end caller",
    ]
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]
    assert not Complaint.objects.exists()
    assert not Call.objects.exists()


def test_a_transfer_posts_its_journal_and_its_fee(bank):
    FeeTier.objects.create(
        kind=Instruction.Kind.TRANSFER,
        channel=Channel.PHONE,
        valid_from=NOON.date(),
        above=0,
        flat=2,
    )
    came = comes(bank, TRANSFER)
    assert came[came.index("say transfer.readback") :] == [
        "say transfer.readback",
        "say confirm.ask",
        "say order.pin",
        "say transfer.done",
        "say order.receipt",
        "say order.receipt_again",
        "menu transfer",
        "end caller",
        "journal transfer card -1500.50 payee +1500.50",
        "journal fee card -2.00 fees +2.00",
    ]


def test_nothing_of_it_remains(bank):
    before = Journal.objects.count(), Customer.objects.count(), Account.objects.count()
    comes(bank, TRANSFER)
    assert before == (Journal.objects.count(), Customer.objects.count(), Account.objects.count())
    assert not Instruction.objects.exists()
    assert not Call.objects.exists()


def test_a_second_run_comes_to_the_same(bank):
    assert comes(bank, TRANSFER) == comes(bank, TRANSFER)


def test_a_journal_that_does_not_balance_is_caught_as_at_a_commit(bank):
    """The laws that PostgreSQL keeps when a transaction commits hold in one that never does."""
    from django.db import IntegrityError, transaction

    from banking import ledger
    from banking.ledger import Leg
    from banking.models.ledger import Internal

    @transaction.atomic(durable=True)
    def unbalanced() -> None:
        cash = ledger.internal(Internal.CASH)
        ledger.post(Journal.Kind.DEPOSIT, [Leg(cash, 1), Leg(cash, 1)], at=NOON)

    with Stage() as stage, pytest.raises(IntegrityError):
        stage.do(unbalanced)


def test_silence_and_a_wrong_key_are_keys_as_well(bank):
    came = comes(bank, "1 - 8 4")
    assert came.count("menu root") == 3
    assert "say entry.silence" in came
    assert "say menu.invalid" in came


def test_nought_leads_to_the_queue_of_the_subject_in_its_hours(bank):
    assert "queue card" in comes(bank, "1 3 0")
    assert "queue general" in comes(bank, "1 0")
    assert "queue english" in comes(bank, "3 3 0")
    assert "queue corporate" in comes(bank, "1 2 1")
    night = datetime(2026, 11, 24, 23, 0, tzinfo=SHANGHAI)
    assert "queue general" in comes(bank, "1 2 1", at=night)  # 公司业务 has gone home


def test_keys_that_nobody_asked_for_are_told(bank):
    wrong = " ".join(["111111#"] * 3)
    came = comes(bank, f"1 1 {{card}}# {wrong} 1")
    assert came[-2:] == ["end bank", "unkeyed 1"]


def test_what_stands_for_nothing_is_refused(bank):
    with pytest.raises(UnknownKeys):
        comes(bank, "1 {passport}#")


# -- before publishing -------------------------------------------------------------------------


def saved(draft: MenuVersion, by, keys: str = f"{LOG_IN} 1 1") -> SavedCall:
    call = saved_calls.save(draft.pk, name="余额", number="961202", hour=NOON, keys=keys, **by)
    saved_calls.run(draft.pk, at=NOON)
    return saved_calls.expect(draft.pk, call.pk, **by)


def test_a_call_that_expects_nothing_yet_is_red(draft, by, lina):
    saved_calls.save(draft.pk, name="余额", number="961202", hour=NOON, keys="1 1", **by)
    with pytest.raises(publishing.CallsRed, match="余额"):
        publishing.publish(draft.pk, by=lina, at=NOON)


def test_publishing_waits_until_the_calls_are_green_again(draft, by, lina):
    call = saved(draft, by)
    drafting.remove(draft.pk, node="accounts", digit="1", **by)
    with pytest.raises(publishing.CallsRed, match="余额"):
        publishing.publish(draft.pk, by=lina, at=NOON)
    call.refresh_from_db()
    first = saved_calls.first_difference(call.expected, call.came)
    assert first
    assert (first.expected, first.came) == ("say balance.same", "say menu.invalid")
    drafting.add_service(draft.pk, node="accounts", digit="1", flow="balance", title="余额", **by)
    assert publishing.publish(draft.pk, by=lina, at=NOON).state == "published"


def test_a_version_that_must_pass_nothing_is_not_published(draft, lina, by):
    for call in draft.saved_calls.all():
        saved_calls.forget(draft.pk, call.pk, **by)
    with pytest.raises(publishing.NoCalls):
        publishing.publish(draft.pk, by=lina, at=NOON)
    assert menus.published(draft.menu).number == 1


def test_a_draft_takes_the_saved_calls_along(draft, by, lina):
    saved(draft, by)
    publishing.publish(draft.pk, by=lina, at=NOON)
    again = menus.copy(draft.pk, by=lina, at=NOON + timedelta(days=1))
    call = again.saved_calls.get(name="余额")
    assert call.expected
    assert call.came is None
    assert saved_calls.run(again.pk, at=NOON) == []


def test_what_came_is_expected_only_after_a_run(draft, by):
    call = saved_calls.save(draft.pk, name="余额", number="961202", hour=NOON, keys="1", **by)
    with pytest.raises(saved_calls.NotRun):
        saved_calls.expect(draft.pk, call.pk, **by)
    with pytest.raises(saved_calls.NameTaken):
        saved_calls.save(draft.pk, name="余额", number="961202", hour=NOON, keys="1", **by)


def test_what_ships_passes_the_calls_that_ship(bank):
    assert bank.saved_calls.count() == len(shipped.CALLS)
    told = {saved.name: (saved.expected, saved.came) for saved in saved_calls.run(bank.pk, at=NOON)}
    assert told == {}


def test_the_first_difference_is_named_on_either_side():
    differs = saved_calls.first_difference
    assert differs(["a"], ["a"]) is None
    assert differs(["a", "b"], ["a"]) == saved_calls.First(2, "b", None)
    assert differs(["a"], ["a", "b"]) == saved_calls.First(2, None, "b")
