"""挂失: reported orally it lapses at its hour, confirmed in writing it stays; two lift it."""

from datetime import datetime, timedelta
from decimal import Decimal
from threading import Event, local
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from banking import core, customers, losses, orders, transfers, two_eyes
from banking.errors import AccountFrozen, LossAlready, LossConfirmed, LossOver
from banking.models import Account, Instruction, Journal, LossReport
from banking.models.orders import Channel
from banking.requests import InBankTransfer
from banking.secret import Secret
from people import approvals, staff
from people.models import Approval, User
from people.roles import Role
from tests import cast
from tests.banking.together import Meeting, together
from tests.cast import NOON, Person
from tests.savers import does, told_to

pytestmark = pytest.mark.django_db(transaction=True)

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
LAPSE = NOON + 5 * DAY


@pytest.fixture
def wang(transactional_db) -> Person:
    return cast.wang()


@pytest.fixture
def chen(transactional_db) -> Person:
    return cast.chen()


@pytest.fixture
def zhao(transactional_db) -> Person:
    """A card and a passbook on one account."""
    return cast.person("赵国强", with_passbook=True)


@pytest.fixture
def clerk(transactional_db) -> User:
    return staff.hire(number="3001", name="何静", branch=None, roles=[Role.BRANCH_USER])


@pytest.fixture
def colleague(transactional_db) -> User:
    return staff.hire(number="3002", name="孙伟", branch=None, roles=[Role.BACK_OFFICE])


def report(person: Person, number: Secret | None = None, *, at: datetime = NOON) -> LossReport:
    return losses.report(
        number or person.pan, person.id_number, channel=Channel.PHONE, call_ref="c", at=at
    )


def confirm(written: LossReport, by: User, *, at: datetime = NOON + DAY) -> LossReport:
    return losses.confirm(written.pk, form_number="GS202611240001", by=by, at=at)


def asks(written: LossReport, by: User, *, at: datetime) -> Approval:
    return two_eyes.ask_lift(
        LossReport.objects.get(pk=written.pk), by=by, reason="卡在家中找到", at=at
    )


def lifts(written: LossReport, clerk: User, colleague: User, *, at: datetime) -> None:
    approvals.approve(asks(written, clerk, at=at).pk, by=colleague, at=at)


def pays(person: Person, to: Person) -> InBankTransfer:
    return InBankTransfer(payer_id=person.account.pk, payee_id=to.account.pk, amount=Decimal(10))


def can_pay(person: Person, to: Person, *, at: datetime) -> bool:
    """Through the ledger, to the end; what is stopped leaves no trace in it."""
    before = Journal.objects.count()
    try:
        order = does(pays(person, to), at)
    except AccountFrozen:
        assert Journal.objects.count() == before
        return False
    return order.executed_at == at


def stands(written: LossReport) -> LossReport:
    return LossReport.objects.select_related("lifting").get(pk=written.pk)


# -- it lapses, or it stays ----------------------------------------------------------------------


def test_reported_and_not_confirmed_it_lapses_at_its_hour(wang, chen):
    assert report(wang).lapses_at == LAPSE
    assert [can_pay(wang, chen, at=at) for at in (NOON, LAPSE - SECOND, LAPSE)] == [
        *(False, False),
        True,
    ]


def test_confirmed_in_writing_it_stays(wang, chen, clerk):
    written = confirm(report(wang), clerk, at=LAPSE - SECOND)
    assert (written.confirmed_by, written.form_number) == (clerk, "GS202611240001")
    for at in (LAPSE - SECOND, LAPSE, LAPSE + 400 * DAY):
        assert not can_pay(wang, chen, at=at)
        assert can_pay(chen, wang, at=at)  # it may still be paid into
        assert stands(written).is_in_force(at)
    bank = core.default()
    later = LAPSE + DAY
    assert bank.accounts(wang.id, at=later)[0].status == "stopped"
    assert bank.find_card(wang.pan, at=later).status == "lost"
    (card,) = bank.instruments(wang.id, at=later)
    assert (card.lost, card.lost_until) == (True, None)
    with pytest.raises(LossAlready):
        report(wang, at=later)


def test_once_lapsed_it_is_reported_anew(wang, chen, clerk):
    first = report(wang)
    with pytest.raises(LossOver):
        confirm(first, clerk, at=LAPSE)
    assert can_pay(wang, chen, at=LAPSE)
    second = report(wang, at=LAPSE + DAY)
    confirm(second, clerk, at=LAPSE + 2 * DAY)
    assert not can_pay(wang, chen, at=LAPSE + 30 * DAY)
    assert not stands(first).is_in_force(LAPSE + 30 * DAY)


def test_it_is_confirmed_once_and_at_the_counter(wang, clerk):
    written = report(wang)
    agent = staff.hire(number="1003", name="林晓", branch=None, roles=[Role.AGENT])
    with pytest.raises(approvals.NotYours):
        confirm(written, agent)
    confirm(written, clerk)
    with pytest.raises(LossConfirmed):
        confirm(written, clerk)


def test_a_due_order_is_refused_after_the_hour_it_would_have_lapsed(wang, chen, clerk):
    key = told_to(pays(wang, chen))
    confirm(report(wang), clerk)
    with pytest.raises(AccountFrozen):
        orders.execute(key=key, at=LAPSE + DAY)
    assert Instruction.objects.get(key=key).state == "refused"


def test_what_lapses_frees_nothing_that_was_confirmed(zhao, chen, clerk):
    report(zhao)
    confirm(report(zhao, Secret(zhao.passbook)), clerk)
    assert not can_pay(zhao, chen, at=LAPSE)
    assert core.default().find_card(zhao.pan, at=LAPSE).status == "active"


# -- found again ---------------------------------------------------------------------------------


@pytest.mark.parametrize("in_writing", [False, True], ids=["oral", "written"])
def test_it_is_lifted_by_two(wang, chen, clerk, colleague, in_writing):
    written = report(wang)
    if in_writing:
        confirm(written, clerk)
    asked = asks(written, clerk, at=NOON + 2 * DAY)
    with pytest.raises(approvals.OwnRequest):
        approvals.approve(asked.pk, by=clerk, at=NOON + 2 * DAY)
    assert not can_pay(wang, chen, at=NOON + 2 * DAY)
    approvals.approve(asked.pk, by=colleague, at=NOON + 3 * DAY)
    assert can_pay(wang, chen, at=NOON + 3 * DAY)
    lifted = stands(written)
    assert (lifted.lifted_at, lifted.lifting) == (NOON + 3 * DAY, asked)
    assert core.default().find_card(wang.pan, at=NOON + 3 * DAY).status == "active"
    with pytest.raises(LossOver):
        asks(written, clerk, at=NOON + 3 * DAY)
    report(wang, at=NOON + 4 * DAY)  # and lost again
    assert not can_pay(wang, chen, at=NOON + 4 * DAY)


def test_an_agent_neither_asks_nor_decides(wang, clerk):
    agent = staff.hire(number="1003", name="林晓", branch=None, roles=[Role.AGENT])
    written = report(wang)
    with pytest.raises(approvals.NotYours):
        asks(written, agent, at=NOON)
    asked = asks(written, clerk, at=NOON)
    assert written.number in approvals.of(asked).summary(asked)
    with pytest.raises(approvals.NotYours):
        approvals.approve(asked.pk, by=agent, at=NOON)


def test_what_lapsed_while_it_was_asked_is_not_lifted(wang, clerk, colleague):
    written = report(wang)
    asked = asks(written, clerk, at=LAPSE - SECOND)
    with pytest.raises(LossOver):
        approvals.approve(asked.pk, by=colleague, at=LAPSE)
    asked.refresh_from_db()
    assert (asked.state, stands(written).lifted_at) == ("open", None)


def test_another_report_still_stops_the_account(zhao, chen, clerk, colleague):
    card, _book = report(zhao), report(zhao, Secret(zhao.passbook), at=NOON + DAY)
    confirm(card, clerk)
    lifts(card, clerk, colleague, at=NOON + 2 * DAY)
    assert not can_pay(zhao, chen, at=LAPSE)
    assert can_pay(zhao, chen, at=LAPSE + DAY)


def test_all_accounts_behind_a_card_are_free_again(wang, chen, clerk, colleague):
    second = customers.open_account(
        wang.customer, number="75570000990001", on=cast.LONG_AGO, card=wang.card
    )
    written = confirm(report(wang), clerk)
    assert all(Account.objects.filter(card=wang.card).values_list("stopped", flat=True))
    lifts(written, clerk, colleague, at=NOON + 2 * DAY)
    assert not Account.objects.get(pk=second.pk).is_stopped(NOON + 2 * DAY)
    assert can_pay(wang, chen, at=NOON + 2 * DAY)


# -- at the same time ----------------------------------------------------------------------------


def debit_and_confirmation(
    wang: Person, chen: Person, clerk: User, monkeypatch
) -> tuple[Meeting, list[Any]]:
    """A debit a second after the report lapsed has been let through, and has not ended, when who
    pressed the button a second before it comes to look."""
    written = report(wang)
    key = told_to(pays(wang, chen), LAPSE + SECOND)
    passed, meeting = Event(), Meeting()
    charge, lapsed = transfers.charge, losses._lapsed

    def slowly(*args: Any, **kwargs: Any) -> None:
        charge(*args, **kwargs)
        passed.set()
        meeting.wait()

    def looks(*args: Any) -> bool:
        found = lapsed(*args)
        meeting.wait()
        return found

    monkeypatch.setattr(transfers, "charge", slowly)
    monkeypatch.setattr(losses, "_lapsed", looks)

    def confirms() -> LossReport:
        assert passed.wait(timeout=10)
        return confirm(written, clerk, at=LAPSE - SECOND)

    return meeting, together(lambda: orders.execute(key=key, at=LAPSE + SECOND), confirms)


def test_who_waited_for_a_debit_after_the_lapse_comes_too_late(wang, chen, clerk, monkeypatch):
    """Else the books had a debit out of an account that was stopped without an end."""
    meeting, (order, refusal) = debit_and_confirmation(wang, chen, clerk, monkeypatch)
    assert not meeting.met
    assert order.executed_at == LAPSE + SECOND
    assert isinstance(refusal, LossOver)
    assert LossReport.objects.get().confirmed_at is None
    assert can_pay(wang, chen, at=LAPSE + 2 * SECOND)


def test_control_without_the_accounts_lock_it_is_confirmed_and_debited(
    wang, chen, clerk, monkeypatch
):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: self)
    meeting, (order, written) = debit_and_confirmation(wang, chen, clerk, monkeypatch)
    assert meeting.met
    assert written.confirmed_at < order.executed_at


def test_a_debit_that_comes_after_the_confirmation_is_refused(wang, chen, clerk):
    written, key = report(wang), told_to(pays(wang, chen), LAPSE + SECOND)
    outcomes = together(
        lambda: confirm(written, clerk, at=LAPSE - SECOND),
        lambda: orders.execute(key=key, at=LAPSE + SECOND),
    )
    came_first = isinstance(outcomes[0], LossReport)
    assert isinstance(outcomes[1], AccountFrozen if came_first else Instruction)
    assert isinstance(outcomes[0], LossReport if came_first else LossOver)


def card_lifted_and_book_confirmed(
    zhao: Person, clerk: User, colleague: User, monkeypatch
) -> list[Any]:
    """The card's report is lifted; when it was counted what still stops the account, the
    passbook's is confirmed."""
    card, book = confirm(report(zhao), clerk), report(zhao, Secret(zhao.passbook))
    asked = asks(card, clerk, at=NOON + DAY)
    here, counted, confirmed = local(), Event(), Event()
    longest = losses._longest

    def slowly(which: Any) -> tuple[bool, datetime | None]:
        found = longest(which)
        here.times = getattr(here, "times", 0) + 1
        if getattr(here, "lifts", False) and here.times == 2:  # after the card the account
            counted.set()
            confirmed.wait(timeout=0.5)
        return found

    monkeypatch.setattr(losses, "_longest", slowly)

    def lift() -> Approval:
        here.lifts = True
        return approvals.approve(asked.pk, by=colleague, at=NOON + DAY)

    def confirm_book() -> None:
        assert counted.wait(timeout=10)
        confirm(book, clerk)
        confirmed.set()

    return together(lift, confirm_book)


def is_stopped(person: Person) -> bool:
    return Account.objects.get(pk=person.account.pk).stopped


def test_what_is_lifted_and_what_is_confirmed_at_once_are_counted_together(
    zhao, clerk, colleague, monkeypatch
):
    lifted, _ = card_lifted_and_book_confirmed(zhao, clerk, colleague, monkeypatch)
    assert (lifted.state, is_stopped(zhao)) == ("approved", True)


def test_control_without_the_lock_a_confirmed_loss_stops_nothing(
    zhao, clerk, colleague, monkeypatch
):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: self)
    card_lifted_and_book_confirmed(zhao, clerk, colleague, monkeypatch)
    assert LossReport.objects.filter(confirmed_at__isnull=False, lifted_at=None).exists()
    assert not is_stopped(zhao)


def test_two_counters_confirm_once(wang, clerk, colleague):
    written = report(wang)
    outcomes = together(lambda: confirm(written, clerk), lambda: confirm(written, colleague))
    assert {type(one) for one in outcomes} == {LossReport, LossConfirmed}


# -- what PostgreSQL keeps -----------------------------------------------------------------------


def refuses(match: str, **changed: object) -> None:
    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        LossReport.objects.update(**changed)


def test_confirmed_too_late_or_by_nobody_is_impossible(wang, clerk):
    report(wang)
    for changed in (
        {"confirmed_at": LAPSE, "confirmed_by": clerk, "form_number": "1"},
        {"confirmed_at": NOON, "confirmed_by": None, "form_number": "1"},
        {"confirmed_at": NOON, "confirmed_by": clerk, "form_number": ""},
        {"confirmed_at": None, "confirmed_by": clerk, "form_number": "1"},
    ):
        refuses("loss_confirmed_in_time", **changed)
    refuses("loss_lifted_by_two", lifted_at=NOON)


def test_what_was_reported_and_lifted_stays_so(wang, clerk, colleague, app):
    written = confirm(report(wang), clerk)
    for attack in (
        f"UPDATE banking_lossreport SET lapses_at = '{LAPSE + DAY}'",
        "UPDATE banking_lossreport SET number = '1'",
        "DELETE FROM banking_lossreport",
    ):
        with pytest.raises(psycopg.Error):
            app.execute(attack)
    lifts(written, clerk, colleague, at=NOON + 2 * DAY)
    with pytest.raises(psycopg.Error, match="lifted_once|Cannot update"):
        app.execute("UPDATE banking_lossreport SET lifted_at = NULL, lifting_id = NULL")
