"""The blind re-key: the figure stands on no page of who may key it, until it has left the desk."""

from datetime import timedelta

import pytest
from django.urls import reverse

from banking.admin.parts import page_of
from banking.errors import SeenAlready
from banking.models import DeskRule, Journal, SettlementOrder
from banking.secret import Secret
from banking.settlement_desk import balancing, blind, checking, making, queue, suspending
from banking.settlement_desk.making import Keyed
from calendars.clock import bank_day
from people import staff
from people.roles import Role
from tests import cast
from tests.cast import NOON
from tests.clerks import check, checker, make, maker, order_for_hands
from tests.desktop.test_settlement import as_

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("noon")]

FIGURE = "25,678.90"
MINUTE = timedelta(minutes=1)
State = SettlementOrder.State


@pytest.fixture
def order(wang) -> SettlementOrder:
    """Not alone: a sum over one order would be its figure."""
    order_for_hands(cast.person("林立新", opening=5_000), 700)
    return order_for_hands(wang, "25678.90")


def hired(number: str, *roles: Role):
    return staff.hire(number=number, name=f"员工{number}", branch=None, roles=roles)


def both(number: str = "B1"):
    return hired(number, Role.SETTLEMENT_MAKER, Role.SETTLEMENT_CHECKER)


def pages(order: SettlementOrder) -> list[str]:
    """All that show an order or its money to who works at the desk."""
    whole = balancing.draw_up(bank_day(NOON), at=NOON)
    payer, journal = order.instruction.payer, order.instruction.journal
    clearing = Journal.objects.get(pk=journal.pk).postings.get(amount__gt=0).account
    return [
        reverse("settlement:queue"),
        f"{reverse('settlement:desk')}?order={order.pk}",
        reverse("settlement:handover"),
        reverse("receipts:receipt", args=[order.instruction.receipt]),
        *(page_of(one) for one in (order, order.instruction, journal, payer, clearing, whole)),
        page_of(journal.parts.get()),
        page_of(order.instruction.customer),
        *(
            reverse(f"admin:banking_{name}_changelist")
            for name in ("settlementorder", "instruction", "journal")
        ),
    ]


def showing(reader, order: SettlementOrder) -> list[str]:
    client = as_(reader)
    found = []
    for url in pages(order):
        answer = client.get(url)
        assert answer.status_code == 200, url
        if FIGURE in answer.content.decode() or "25678.9" in answer.content.decode():
            found.append(url)
    return found


def suspended(order: SettlementOrder) -> None:
    xu = maker()
    queue.claim(order.pk, xu, at=NOON)
    suspending.suspend(order.pk, xu, words="查户名", at=NOON)


def sent_back(order: SettlementOrder) -> None:
    hu = checker()
    make(order, maker())
    queue.claim(order.pk, hu, at=NOON)
    checking.send_back(order.pk, hu, words="行号有误", at=NOON)


STAGES = {
    "waits": lambda order: None,
    "in hand": lambda order: queue.claim(order.pk, maker(), at=NOON),
    "made": lambda order: make(order, maker()),
    "suspended": suspended,
    "sent back": sent_back,
}


@pytest.mark.parametrize("stage", STAGES)
def test_no_page_shows_it_to_who_may_make_or_check(order, stage):
    STAGES[stage](order)
    for reader in (maker("马超"), checker("高洁"), both()):
        assert showing(reader, order) == [], reader


def test_who_has_no_part_in_the_desk_reads_as_ever(order):
    client = as_(hired("4001", Role.BACK_OFFICE))
    for page in (page_of(order), page_of(order.instruction)):
        assert FIGURE in client.get(page).content.decode()


def test_what_is_not_keyed_again_stands_there(wang):
    small = order_for_hands(wang, "19678.90")
    client = as_(maker())
    for url in pages(small)[:5]:
        assert "19,678.90" in client.get(url).content.decode(), url


def test_without_a_rule_nothing_on_the_desk_is_shown(order):
    DeskRule.objects.all().delete()
    assert blind.hides(maker(), order, at=NOON)


def test_who_checks_it_sees_it_in_her_hand_and_that_is_written_down(order):
    hu = checker()
    make(order, maker())
    assert blind.hides(hu, order, at=NOON)
    queue.claim(order.pk, hu, at=NOON)
    assert not blind.hides(hu, order, at=NOON)
    shown = as_(hu).get(reverse("settlement:desk")).content.decode()
    assert FIGURE in shown and "by who had keyed it before" not in shown
    assert order.steps.get(what="saw").by == hu
    queue.put_back(order.pk, hu, at=NOON)
    queue.claim(order.pk, hu, at=NOON)
    assert order.steps.filter(what="saw").count() == 1
    assert blind.hides(hu, order, at=NOON + 6 * MINUTE)  # her lease is over


def test_what_is_below_the_threshold_leaves_no_such_step(wang):
    small = order_for_hands(wang, 700)
    make(small, maker())
    check(small, checker())
    assert not small.steps.filter(what="saw").exists()


def test_once_it_has_left_everybody_reads_it(order):
    make(order, maker())
    check(order, checker())
    order.refresh_from_db()
    assert order.state == State.DEBITED
    client = as_(maker("马超"))
    assert FIGURE in client.get(page_of(order)).content.decode()


def test_who_saw_it_as_its_checker_never_keys_it(order):
    one, xu = both(), maker()
    make(order, xu)
    queue.claim(order.pk, one, at=NOON)
    suspending.suspend(order.pk, one, words="查户名", at=NOON)
    suspending.resume(order.pk, one, words="户名无误", at=NOON)
    with pytest.raises(SeenAlready):
        queue.claim(order.pk, one, at=NOON)
    assert queue.claim_next(one, makes=True, checks=True, at=NOON) != order
    assert queue.claim_next(both("B2"), makes=True, checks=True, at=NOON) == order


def test_control_without_the_step_she_could(order, monkeypatch):
    monkeypatch.setattr(blind, "saw", lambda *order, **when: None)
    one = both()
    make(order, maker())
    queue.claim(order.pk, one, at=NOON)
    suspending.suspend(order.pk, one, words="查户名", at=NOON)
    suspending.resume(order.pk, one, words="户名无误", at=NOON)
    assert queue.claim(order.pk, one, at=NOON).claimed_by == one


def test_keyed_a_second_time_by_the_same_clerk_her_checker_is_told(order):
    xu, hu = maker(), checker()
    make(order, xu)
    queue.claim(order.pk, hu, at=NOON)
    checking.send_back(order.pk, hu, words="行号有误", at=NOON)
    making.make(
        order.pk,
        xu,
        bank_code=cast.IN_BEIJING,
        system="large_value",
        postscript="",
        keyed=Keyed(Secret("6225880100046789"), order.amount),
        at=NOON,
    )
    queue.claim(order.pk, hu, at=NOON)
    assert "by who had keyed it before" in as_(hu).get(reverse("settlement:desk")).content.decode()
