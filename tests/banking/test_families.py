"""Whichever journal one enters by, the whole family is found, to any depth."""

import pytest

from banking import customers, families
from banking.models import Instruction, Journal, SettlementOrder
from banking.settlement_desk import suspense
from people import approvals
from tests import cast, clerks
from tests.banking.test_settlement_desk import close, given_back
from tests.cast import NOON, Person
from tests.clerks import checker, maker, order_for_hands

pytestmark = pytest.mark.django_db(transaction=True)

FAMILY = ["outward", "fee", "returned", "reversal", "returned", "returned"]


@pytest.fixture
def wang() -> Person:
    clerks.desk_rule()
    return cast.wang(opening=300_000)


@pytest.fixture
def order(wang) -> SettlementOrder:
    return paid_out(wang)


def paid_out(wang: Person) -> SettlementOrder:
    """Given back, found her account closed, and paid out of suspense to another: fee and all."""
    order = order_for_hands(wang, 1500)
    close(wang)
    given_back(order)
    other = customers.open_account(wang.customer, number="7557000000000199", on=cast.LONG_AGO)
    xu, hu = maker("马超"), checker("高洁")
    for item in suspense.items():
        asked = suspense.ask_payout(
            item.journal_id, other.number, by=xu, reason="客户另开账户", at=NOON
        )
        approvals.approve(asked.pk, by=hu, at=NOON)
    return order


def test_each_of_them_leads_to_all(order):
    main = order.instruction.journal
    family = families.of(main)
    assert [journal.kind for journal in family] == FAMILY
    assert [journal.part_of_id for journal in family].count(main.pk) == 2  # the rest lie deeper
    for journal in family:
        assert families.head_of(journal) == main
        assert list(families.of(journal)) == list(family)
    assert list(families.of_order(order.instruction)) == list(family)


def test_of_many_each_knows_its_own(order, wang):
    person = cast.person("林立新", opening=5_000)
    other = order_for_hands(person, 700)
    rows, owners = families.of_orders([order.instruction_id, other.instruction_id])
    mine = [row.kind for row in rows if owners[row.pk] == other.instruction_id]
    assert mine == ["outward", "fee"]
    assert len(rows) == len(FAMILY) + 2
    assert set(owners.values()) == {order.instruction_id, other.instruction_id}


def test_what_has_no_journal_has_no_family(wang):
    drafted = Instruction(pk="00000000-0000-4000-8000-000000000000")
    assert not families.of_order(drafted).exists()
    assert families.of_orders([])[1] == {}


def test_money_that_nobody_ordered_is_a_family_too(wang):
    deposit = Journal.objects.get(kind=Journal.Kind.DEPOSIT)
    assert families.head_of(deposit) == deposit
    assert list(families.of(deposit)) == [deposit]
