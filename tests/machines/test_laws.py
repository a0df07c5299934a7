"""The laws of `laws.py` find who breaks them: each breach is made by the owner, with the guards of
PostgreSQL off, and rolled back."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest
from django.db import connection

from banking import holds, instructions
from banking.end_of_day import closing
from banking.fraud.rules import Action, Age
from banking.models import Instruction
from banking.models.orders import State
from banking.requests import BillPayment, Remittance
from calendars.clock import bank_day
from config.postgres import OWNER
from tests import billers, cast, database
from tests.banking.guarded import confirmed, executed, in_force
from tests.billers import GAS
from tests.cast import NOON
from tests.machines import laws
from tests.machines.test_bank import Bank
from tests.savers import does, published_rates, puts

BREACHES: dict[str, str] = {
    "every journal sums to zero": "DELETE FROM banking_posting WHERE id = (SELECT max(id)"
    " FROM banking_posting)",
    "assets equal liabilities": "UPDATE banking_account SET balance = balance + 1"
    " WHERE kind = 'demand'",
    "a balance is its postings, and each says what it left behind": "UPDATE banking_posting"
    " SET balance = balance + 1 WHERE balance IS NOT NULL",
    "nobody has less than nothing": "UPDATE banking_account SET held = balance + 1"
    " WHERE kind = 'demand'",
    "what is held of an account is its open holds": "UPDATE banking_hold SET amount = amount - 1",
    "what is lost, and for how long, is what its reports say that nobody lifted": "UPDATE"
    " banking_account SET stopped = true WHERE kind = 'demand'",
    "an order under review has its hold, and no other order has one": "UPDATE banking_hold"
    " SET released_at = placed_at",
    "an executed order has one journal of its number, any other none": "UPDATE banking_journal"
    " SET number = '000000000000' WHERE kind = 'transfer'",
    "an order took what was read back, once, or nothing": "UPDATE banking_posting"
    " SET amount = 2 * amount WHERE journal_id IN (SELECT id FROM banking_journal"
    " WHERE kind = 'fee')",
    "what stands in suspense, clearing and with billers has an order's name": "UPDATE"
    " banking_journal SET instruction_id = NULL WHERE kind = 'outward'",
    "clearing is what is on its way or arrived": "UPDATE banking_settlementorder"
    " SET amount = amount + 1",
    "the billers' account is what they were not refused": "UPDATE banking_billpayment"
    " SET amount = amount + 1",
    "every bill paid is with its biller as we have it": "UPDATE banking_billerentry"
    " SET accepted = false",
    "an executed bill has its payment, an order to elsewhere its settlement": "DELETE"
    " FROM banking_billpayment",
    "a deposit is closed with its account, and empty": "UPDATE banking_deposit"
    " SET closed_on = began_on",
    "a loan owes what its schedule still asks for": "UPDATE banking_scheduleline"
    " SET principal = principal + 1",
    "a night that ended did or named all that was due": "UPDATE banking_nighttask"
    " SET finished_at = NULL",
}


@pytest.fixture
def owner(django_db_setup: None) -> Iterator[psycopg.Connection]:
    params = connection.get_connection_params() | {"user": OWNER}
    for name in ("cursor_factory", "context"):
        params.pop(name, None)
    with psycopg.connect(**params, autocommit=True) as session:
        yield session


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker):
    """One of everything. Staged once: what is rolled back leaves nothing behind."""
    with django_db_blocker.unblock():
        staged()
        assert laws.broken() == {}
        yield
        database.empty()


def staged() -> None:
    published_rates()
    billers.all_kinds()
    wang, chen = cast.wang(opening=100_000), cast.chen()
    executed(wang, chen)
    payee = cast.payee_elsewhere(wang, bank_code=cast.IN_BEIJING)
    away = Remittance(payer_id=wang.account.pk, payee_id=payee.pk, amount=Decimal(100))
    gas = {"biller": "GAS", "contract": GAS, "amount": Decimal("55.20")}
    does(away)
    does(BillPayment(payer_id=wang.account.pk, **gas))
    puts(wang, 10_000, "time", "3m")
    cast.loan(chen)
    in_force(Age(age=0), Action.HOLD)
    assert executed(wang, chen).state == State.HELD
    closing.close(bank_day(NOON) - timedelta(days=1), at=NOON)


def test_every_law_has_its_breach():
    assert list(BREACHES) == list(laws.LAWS)


@pytest.mark.parametrize("law", BREACHES)
def test_control_a_breach_is_found(law, scene, owner):
    constraints = owner.execute(
        "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)"
        " FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
        " AND conrelid::regclass::text LIKE 'banking_%'"
    ).fetchall()
    table = BREACHES[law].split()[2 if BREACHES[law].startswith("DELETE") else 1]
    with owner.transaction(force_rollback=True):
        for (drop,) in constraints:
            owner.execute(drop)
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        owner.execute(BREACHES[law])
        assert law in laws.broken(owner.cursor())


# -- bugs in services, found by the machine's own eyes -----------------------------------------


@pytest.fixture
def bank(transactional_db) -> Bank:
    bank = Bank()
    bank.opens()
    return bank


def all_laws_hold(bank: Bank) -> None:
    bank.the_laws_hold()
    bank.nobody_passes_a_limit()
    bank.what_was_answered_stands()


def spends(bank: Bank, amount: int, times: int) -> None:
    """Read back while each by itself was within her day, and then carried out."""
    payer, payee, _ = bank.people
    for key in [confirmed(payer, payee, amount, at=bank.now) for _ in range(times)]:
        bank.heard(key, bank.attempt(key))


def test_within_its_limits_the_bank_is_sound(bank):
    spends(bank, 900, 3)
    all_laws_hold(bank)
    assert Instruction.objects.filter(state=State.REFUSED).count() == 1


def test_control_a_limit_that_is_not_asked_is_missed(bank, monkeypatch):
    asked = "WHERE NOT %(counted)s OR (%(amount)s <= single AND %(amount)s <= daily - used)"
    assert asked in instructions._CARRY_OUT
    monkeypatch.setattr(instructions, "_CARRY_OUT", instructions._CARRY_OUT.replace(asked, ""))
    spends(bank, 900, 3)
    with pytest.raises(AssertionError, match="2700"):
        all_laws_hold(bank)


def test_control_a_hold_that_is_forgotten_is_found(bank, monkeypatch):
    bank.fraud_rule(action=Action.HOLD, which=0)
    spends(bank, 900, 1)
    all_laws_hold(bank)
    monkeypatch.setattr(holds, "lift", lambda **_: None)
    bank.decide(key=Instruction.objects.get(state=State.HELD).key, release=False, agrees=True)
    with pytest.raises(AssertionError, match="no other order has one"):
        all_laws_hold(bank)


def test_control_an_answer_that_changes_is_found(bank):
    spends(bank, 900, 1)
    [key] = bank.answers
    bank.answers[key] = "000000000000"
    with pytest.raises(AssertionError):
        all_laws_hold(bank)
