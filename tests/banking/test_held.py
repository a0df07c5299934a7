"""An order under review: the money is set aside, and two people decide once what becomes of it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from banking import holds, instructions, ledger, losses, orders
from banking.errors import (
    AccountFrozen,
    HeldRefused,
    HoldUnknown,
    InsufficientFunds,
    NotHeld,
)
from banking.fraud import held
from banking.fraud.rules import Action, Age
from banking.models import Account, Hold, Instruction, Journal, TransferLimit
from banking.models.ledger import Internal
from banking.models.orders import Channel, FeeTier, State
from tests import cast
from tests.banking.guarded import confirmed, executed, in_force
from tests.banking.together import together
from tests.cast import NOON, Person

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOON + timedelta(hours=2)


@pytest.fixture
def wang() -> Person:
    return cast.wang()


@pytest.fixture
def chen() -> Person:
    return cast.chen()


@pytest.fixture
def review(wang) -> None:
    """Every order of hers is held; each costs two yuan."""
    in_force(Age(age=0), Action.HOLD)
    FeeTier.objects.update(flat=2)


def money(person: Person) -> tuple[Decimal, Decimal]:
    """(balance, available)"""
    account = Account.objects.get(pk=person.account.pk)
    return account.balance, account.available


def release(key, at=LATER) -> Instruction:
    with transaction.atomic(durable=True):
        return held.release(key, at=at)


def refuse(key, at=LATER) -> Instruction:
    with transaction.atomic(durable=True):
        return held.refuse(key, at=at)


def test_it_is_accepted_and_its_money_and_fee_are_set_aside(review, wang, chen):
    order = executed(wang, chen)
    assert (order.state, len(order.receipt)) == (State.HELD, 12)
    assert money(wang) == (10_000, 10_000 - 1502)
    assert money(chen) == (200, 200)
    again = orders.execute(key=order.key, at=LATER)
    assert (again.state, again.receipt) == (State.HELD, order.receipt)
    assert Hold.objects.get().amount == 1502


def test_released_it_is_carried_out_from_what_was_set_aside(review, wang, chen):
    order = executed(wang, chen, 9998)  # all she has: nothing else could pay for it
    assert money(wang) == (10_000, 0)
    done = release(order.key)
    assert (done.state, done.receipt, done.executed_at) == (State.EXECUTED, order.receipt, LATER)
    assert money(wang) == (0, 0)
    assert money(chen) == (10_198, 10_198)
    fee = Journal.objects.get(part_of__instruction_id=order.key)
    assert fee.kind == Journal.Kind.FEE
    assert not Hold.objects.filter(released_at=None).exists()


def test_refused_the_money_is_hers_again(review, wang, chen):
    order = executed(wang, chen)
    done = refuse(order.key)
    assert (done.state, done.refusal) == (State.REFUSED, "HeldRefused")
    assert money(wang) == (10_000, 10_000)
    with pytest.raises(HeldRefused):
        orders.execute(key=order.key, at=LATER)


def test_withdrawn_by_her_the_money_is_hers_again(review, wang, chen):
    order = executed(wang, chen)
    assert instructions.void(key=order.key, at=LATER).state == State.VOID
    assert money(wang) == (10_000, 10_000)
    with pytest.raises(NotHeld):
        release(order.key)


def test_due_later_it_is_scheduled_when_it_is_released(review, wang, chen):
    key = confirmed(wang, chen, speed="next_day")
    tomorrow = NOON + timedelta(days=1)
    order = orders.execute(key=key, at=NOON)
    assert order.state == State.HELD
    assert release(key).state == State.SCHEDULED
    assert money(wang) == (10_000, 10_000)
    assert orders.execute_due(at=tomorrow) == (1, 0)
    done = Instruction.objects.get(pk=key)
    assert (done.state, done.receipt) == (State.EXECUTED, order.receipt)


def test_released_after_it_was_due_it_is_carried_out_at_once(review, wang, chen):
    key = confirmed(wang, chen, speed="ordinary")  # in two hours
    orders.execute(key=key, at=NOON)
    assert orders.execute_due(at=LATER) == (0, 0)  # no clock releases it
    assert release(key).state == State.EXECUTED


# -- bad weather -------------------------------------------------------------------------------


def test_who_has_too_little_is_refused_at_once(review, wang, chen):
    key = confirmed(wang, chen, 9000)
    FeeTier.objects.update(flat=2)
    executed(wang, chen, 5000)  # set aside: the rest does not pay the other
    with pytest.raises(InsufficientFunds):
        orders.execute(key=key, at=NOON)
    assert Instruction.objects.get(pk=key).state == State.REFUSED
    assert Hold.objects.count() == 1


def test_an_account_stopped_meanwhile_pays_nothing_and_keeps_its_money(review, wang, chen):
    order = executed(wang, chen)
    losses.report(wang.pan, wang.id_number, channel=Channel.PHONE, call_ref="", at=NOON)
    done = release(order.key)
    assert (done.state, done.refusal) == (State.REFUSED, "AccountFrozen")
    assert money(wang) == (10_000, 10_000)
    assert money(chen) == (200, 200)
    with pytest.raises(AccountFrozen):
        orders.execute(key=order.key, at=LATER)


def test_a_limit_used_up_meanwhile_refuses_the_release(review, wang, chen):
    order = executed(wang, chen)
    TransferLimit.objects.create(
        channel=Channel.PHONE,
        customer=wang.customer,
        valid_from=NOON.date(),
        single=1000,
        daily=1000,
    )
    assert release(order.key).refusal == "SingleLimitExceeded"
    assert money(wang) == (10_000, 10_000)


def test_a_crash_after_the_release_leaves_it_held(review, wang, chen):
    order = executed(wang, chen)

    class Crash(Exception):
        pass

    with pytest.raises(Crash), transaction.atomic(durable=True):
        held.release(order.key, at=LATER)
        raise Crash
    assert Instruction.objects.get(pk=order.key).state == State.HELD
    assert money(wang) == (10_000, 10_000 - 1502)
    assert release(order.key).state == State.EXECUTED
    assert money(wang) == (10_000 - 1502, 10_000 - 1502)


def test_a_crash_between_the_hold_and_the_number_leaves_it_confirmed(
    review, wang, chen, monkeypatch
):
    key = confirmed(wang, chen)

    def crash(*args, **kwargs):
        raise RuntimeError("pulled plug")

    with monkeypatch.context() as broken:
        broken.setattr(instructions, "accept", crash)
        with pytest.raises(RuntimeError):
            orders.execute(key=key, at=NOON)
    assert Instruction.objects.get(pk=key).state == State.CONFIRMED
    assert money(wang) == (10_000, 10_000)
    assert orders.execute(key=key, at=NOON).state == State.HELD


def test_two_who_release_at_once_release_once(review, wang, chen):
    order = executed(wang, chen)
    outcomes = together(*[lambda: release(order.key)] * 2)
    assert sorted(type(one).__name__ for one in outcomes) == ["Instruction", "NotHeld"]
    assert money(chen) == (1700, 1700)


def test_a_release_against_a_refusal_one_of_them_stands(review, wang, chen):
    order = executed(wang, chen)
    released, refused = together(lambda: release(order.key), lambda: refuse(order.key))
    state = Instruction.objects.get(pk=order.key).state
    if isinstance(released, NotHeld):
        assert state == State.REFUSED
        assert money(wang) == (10_000, 10_000)
    else:
        assert isinstance(refused, NotHeld)
        assert state == State.EXECUTED
        assert money(wang) == (8498, 8498)
    assert not Hold.objects.filter(released_at=None).exists()


def test_a_hold_is_lifted_once(review, wang, chen):
    """The control of both races: without the order's lock the hold itself says no."""
    order = executed(wang, chen)

    def lift() -> None:
        with transaction.atomic():
            holds.lift(key=order.key, at=LATER)

    outcomes = together(lift, lift)
    assert sorted(type(one).__name__ for one in outcomes) == ["HoldUnknown", "NoneType"]
    assert money(wang) == (10_000, 10_000)
    with pytest.raises(HoldUnknown):
        release(order.key)


def test_nothing_of_a_held_order_is_on_the_bank_s_own_accounts(review, wang, chen):
    executed(wang, chen)
    assert ledger.internal_balance(Internal.FEES) == 0
    assert not Journal.objects.filter(kind=Journal.Kind.TRANSFER).exists()
