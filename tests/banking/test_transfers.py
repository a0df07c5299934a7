"""Transfers within the bank: once, within limits, with an answer that stays the same."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError
from django.db.models import Sum

from banking import customers, holds, instructions, ledger, limits, orders
from banking.errors import (
    AccountClosed,
    AccountFrozen,
    AlreadySettled,
    AmountInvalid,
    DailyLimitExceeded,
    InsufficientFunds,
    KeyReused,
    NotConfirmed,
    NotSettled,
    OutcomeUnknown,
    PayeeSame,
    PayeeUnknown,
    SingleLimitExceeded,
    UnknownInstruction,
    Voided,
)
from banking.models import Account, FeeTier, Instruction, Journal, Posting, TransferLimit
from banking.models.ledger import Internal
from banking.models.orders import Channel, State
from banking.requests import InBankTransfer
from calendars.clock import SHANGHAI
from tests import cast
from tests.banking.together import Meeting, together
from tests.cast import NOON, Person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def wang() -> Person:
    return cast.wang()


@pytest.fixture
def chen() -> Person:
    return cast.chen()


def balance(person: Person) -> Decimal:
    return Account.objects.get(pk=person.account.pk).balance


def drafted(
    payer: Account, payee: Account, amount: int | str = 1500, at: datetime = NOON, **changes: object
) -> UUID:
    key = changes.pop("key", uuid4())
    order = {"payer_id": payer.pk, "payee_id": payee.pk, "amount": Decimal(amount)}
    how = {"channel": Channel.PHONE, "at": at}
    for name, value in changes.items():
        (order if name in order else how)[name] = value
    orders.draft(key=key, request=InBankTransfer(**order), **how)
    return key


def confirmed(payer: Person, payee: Person, amount: int | str = 1500, at: datetime = NOON) -> UUID:
    key = drafted(payer.account, payee.account, amount, at)
    instructions.confirm(key=key, at=at)
    return key


# -- the straight way --------------------------------------------------------------------------


def test_money_moves_once_and_the_receipt_stays_the_same(wang, chen):
    key = confirmed(wang, chen)
    first = orders.execute(key=key, at=NOON)
    again = orders.execute(key=key, at=NOON + timedelta(minutes=5))

    assert (balance(wang), balance(chen)) == (8500, 1700)
    assert again.receipt == first.receipt == Journal.objects.get(instruction_id=key).number
    assert again.executed_at == NOON
    assert len(first.receipt) == 12 and first.receipt.startswith("261124")


def test_two_workers_with_one_key_execute_it_once(wang, chen):
    key = confirmed(wang, chen)
    one, two = together(*[lambda: orders.execute(key=key, at=NOON)] * 2)
    assert one.receipt == two.receipt
    assert balance(wang) == 8500


def test_control_without_the_lock_the_second_worker_only_meets_the_constraint(
    wang, chen, monkeypatch
):
    monkeypatch.setattr(
        instructions,
        "_LOCK_ALL",
        instructions._LOCK_ALL.replace("FOR NO KEY UPDATE OF o, c, a", ""),
    )
    _meet_before_commit(monkeypatch)
    key = confirmed(wang, chen)
    outcomes = together(*[lambda: orders.execute(key=key, at=NOON)] * 2)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "Instruction",
        "IntegrityError",
    ]
    assert balance(wang) == 8500


def test_the_fee_is_a_journal_of_its_own(wang, chen):
    FeeTier.objects.create(
        kind="transfer", channel="phone", valid_from=NOON.date(), above=0, flat=2
    )
    order = orders.execute(key=confirmed(wang, chen), at=NOON)

    assert (order.amount, order.fee) == (1500, 2)
    assert (balance(wang), balance(chen)) == (8498, 1700)
    assert ledger.internal_balance(Internal.FEES) == 2
    fee = Journal.objects.get(kind=Journal.Kind.FEE)
    assert fee.part_of == order.journal and fee.number != order.receipt


def test_an_order_is_told_once_and_untold_until_then(wang, chen):
    key = confirmed(wang, chen)
    with pytest.raises(NotSettled):
        instructions.told(key=key, at=NOON)
    orders.execute(key=key, at=NOON)
    assert [order.key for order in instructions.untold(wang.id)] == [key]
    instructions.told(key=key, at=NOON)
    later = instructions.told(key=key, at=NOON + timedelta(days=1))
    assert later.told_at == NOON
    assert instructions.untold(wang.id) == []


# -- keys --------------------------------------------------------------------------------------


def test_one_key_has_one_content(wang, chen):
    key = drafted(wang.account, chen.account, 1500)
    assert drafted(wang.account, chen.account, 1500, key=key)
    with pytest.raises(KeyReused):
        drafted(wang.account, chen.account, 1501, key=key)
    assert Instruction.objects.get().amount == 1500


def test_what_is_not_confirmed_is_not_executed(wang, chen):
    key = drafted(wang.account, chen.account)
    with pytest.raises(NotConfirmed):
        orders.execute(key=key, at=NOON)
    assert Instruction.objects.get().state == State.READ_BACK
    assert balance(wang) == 10_000


def test_confirmed_twice_is_confirmed_once(wang, chen):
    key = confirmed(wang, chen)
    assert instructions.confirm(key=key, at=NOON + timedelta(seconds=1)).confirmed_at == NOON


def test_a_void_order_stays_void(wang, chen):
    key = confirmed(wang, chen)
    instructions.void(key=key, at=NOON)
    for verb in (instructions.confirm, orders.execute):
        with pytest.raises(Voided):
            verb(key=key, at=NOON)
    assert balance(wang) == 10_000


def test_an_executed_order_can_not_be_void(wang, chen):
    key = confirmed(wang, chen)
    orders.execute(key=key, at=NOON)
    with pytest.raises(AlreadySettled):
        instructions.void(key=key, at=NOON)


def test_a_key_never_seen_is_spent_by_an_enquiry(wang, chen):
    key = uuid4()
    assert instructions.enquire(key=key, at=NOON).state == State.VOID
    with pytest.raises(Voided):
        drafted(wang.account, chen.account, key=key)
    with pytest.raises(Voided):
        orders.execute(key=key, at=NOON)


def test_an_enquiry_waits_for_what_is_under_way(wang, chen, monkeypatch):
    meeting = _meet_before_commit(monkeypatch)
    key = confirmed(wang, chen)

    def enquire() -> Instruction:
        meeting.wait()  # the execution has written and not committed
        return instructions.enquire(key=key, at=NOON)

    executed, found = together(lambda: orders.execute(key=key, at=NOON), enquire)
    assert meeting.met
    assert found.state == State.EXECUTED and found.receipt == executed.receipt


def test_an_order_in_doubt_is_enquired_and_not_tried_again(wang, chen):
    key = confirmed(wang, chen)
    assert instructions.doubt(key=key, at=NOON).state == State.UNKNOWN
    with pytest.raises(OutcomeUnknown):
        orders.execute(key=key, at=NOON)
    assert instructions.enquire(key=key, at=NOON).state == State.VOID
    assert balance(wang) == 10_000


def test_doubt_does_not_touch_what_is_settled(wang, chen):
    key = confirmed(wang, chen)
    orders.execute(key=key, at=NOON)
    assert instructions.doubt(key=key, at=NOON).state == State.EXECUTED
    assert instructions.enquire(key=key, at=NOON).state == State.EXECUTED


@pytest.mark.parametrize(
    "verb",
    [
        instructions.confirm,
        instructions.void,
        instructions.told,
        instructions.doubt,
        orders.execute,
    ],
)
def test_a_key_that_nobody_drafted(verb, transactional_db):
    with pytest.raises(UnknownInstruction):
        verb(key=uuid4(), at=NOON)


# -- refusals ----------------------------------------------------------------------------------


def test_a_refusal_is_recorded_and_given_again(wang, chen):
    key = confirmed(wang, chen, 9000)
    orders.execute(key=confirmed(wang, chen, 5000), at=NOON)
    for _ in range(2):
        with pytest.raises(InsufficientFunds) as refusal:
            orders.execute(key=key, at=NOON)
        assert refusal.value.values == {"available": Decimal(5000), "needed": Decimal(9000)}
    order = Instruction.objects.get(key=key)
    assert (order.state, order.refusal, order.refused_at) == ("refused", "InsufficientFunds", NOON)
    # Money that comes later does not revive it.
    customers.deposit(wang.account.pk, Decimal(50_000), at=NOON)
    with pytest.raises(InsufficientFunds):
        orders.execute(key=key, at=NOON)
    assert instructions.told(key=key, at=NOON).told_at == NOON


def test_a_held_sum_is_not_available(wang, chen):
    hold = uuid4()
    key = confirmed(wang, chen, 9000)
    holds.place(
        key=hold, account_id=wang.account.pk, amount=Decimal(1001), reason="同城跨行", at=NOON
    )
    with pytest.raises(InsufficientFunds) as refusal:
        orders.execute(key=key, at=NOON)
    assert refusal.value.values["available"] == 8999
    holds.release(key=hold, at=NOON)
    assert orders.execute(key=confirmed(wang, chen, 9000), at=NOON).receipt


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "1.005", "NaN", "Infinity"])
def test_an_amount_is_above_zero_in_whole_fen(amount, wang, chen):
    with pytest.raises(AmountInvalid):
        drafted(wang.account, chen.account, amount)


def test_the_payee_is_another_account_of_a_customer(wang, chen):
    with pytest.raises(PayeeSame):
        drafted(wang.account, wang.account)
    cash = Account.objects.get(number=Internal.CASH)
    for stranger in (cash, Account(pk=999_999)):
        with pytest.raises(PayeeUnknown):
            drafted(wang.account, stranger)


@pytest.mark.parametrize("who", ["payer", "payee"])
def test_a_closed_account_neither_pays_nor_is_paid(who, wang, chen):
    empty = cast.person("空户", opening=0)
    if who == "payee":
        key = confirmed(wang, empty)
        Account.objects.filter(pk=empty.account.pk).update(status=Account.Status.CLOSED)
        with pytest.raises(AccountClosed):
            orders.execute(key=key, at=NOON)
        assert Instruction.objects.get(key=key).state == State.REFUSED
    else:
        Account.objects.filter(pk=empty.account.pk).update(status=Account.Status.CLOSED)
        with pytest.raises(AccountClosed):
            drafted(empty.account, chen.account)


def test_a_frozen_account_does_not_pay_but_is_paid(wang, chen):
    out, back = confirmed(wang, chen), confirmed(chen, wang, 100)
    Account.objects.filter(pk=wang.account.pk).update(status=Account.Status.FROZEN)
    with pytest.raises(AccountFrozen):
        orders.execute(key=out, at=NOON)
    assert orders.execute(key=back, at=NOON).receipt


# -- limits ------------------------------------------------------------------------------------


def limit(single: int, daily: int, person: Person | None = None) -> None:
    TransferLimit.objects.update_or_create(
        customer=person.customer if person else None,
        channel=Channel.PHONE,
        valid_from=cast.LONG_AGO,
        defaults={"single": single, "daily": daily},
    )


def test_a_single_transfer_has_a_limit(wang, chen):
    limit(1000, 5000)
    with pytest.raises(SingleLimitExceeded) as refusal:
        drafted(wang.account, chen.account, "1000.01")
    assert refusal.value.values == {"limit": 1000}
    assert drafted(wang.account, chen.account, 1000)


def test_her_own_limit_beats_the_default(wang, chen):
    limit(1000, 5000)
    limit(2000, 2500, wang)
    orders.execute(key=confirmed(wang, chen, 2000), at=NOON)
    with pytest.raises(DailyLimitExceeded) as refusal:
        drafted(wang.account, chen.account, 501)
    assert refusal.value.values == {"left": 500}


def test_a_channel_without_a_limit_allows_nothing(wang, chen):
    with pytest.raises(SingleLimitExceeded):
        drafted(wang.account, chen.account, 1, channel=Channel.COUNTER)


def test_the_limit_lowered_after_the_read_back_counts(wang, chen):
    key = confirmed(wang, chen, 1500)
    limit(1000, 5000)
    with pytest.raises(SingleLimitExceeded):
        orders.execute(key=key, at=NOON)
    assert Instruction.objects.get(key=key).refusal == "SingleLimitExceeded"


def test_the_day_ends_at_midnight_in_shanghai(wang, chen):
    limit(3000, 3000)
    evening = datetime(2026, 11, 24, 23, 59, 59, tzinfo=SHANGHAI)
    orders.execute(key=confirmed(wang, chen, 3000, evening), at=evening)
    with pytest.raises(DailyLimitExceeded):
        drafted(wang.account, chen.account, 1, evening)

    midnight = evening + timedelta(seconds=1)
    order = orders.execute(key=confirmed(wang, chen, 3000, midnight), at=midnight)
    assert str(order.booked_on) == "2026-11-25"
    assert order.receipt.startswith("261125")


def test_the_day_of_the_execution_counts_not_that_of_the_read_back(wang, chen):
    limit(3000, 3000)
    evening = datetime(2026, 11, 24, 23, 59, 50, tzinfo=SHANGHAI)
    orders.execute(key=confirmed(wang, chen, 2000, evening), at=evening)
    key = confirmed(wang, chen, 1000, evening)
    after = evening + timedelta(seconds=20)
    orders.execute(key=key, at=after)
    assert limits.allowance(wang.id, Channel.PHONE, day=after.date()).left == 2000


def second_account(person: Person) -> Account:
    account = customers.open_account(person.customer, number="75570000990001", on=cast.LONG_AGO)
    customers.deposit(account.pk, Decimal(10_000), at=NOON)
    return account


def both_accounts_at_once(wang: Person, chen: Person) -> list[object]:
    """Two transfers of 2000 from two accounts of hers to two payees, side by side."""
    liu = cast.old_liu()
    limit(3000, 3000)
    keys = [
        drafted(wang.account, chen.account, 2000),
        drafted(second_account(wang), liu.account, 2000),
    ]
    for key in keys:
        instructions.confirm(key=key, at=NOON)
    return together(*[lambda key=key: orders.execute(key=key, at=NOON) for key in keys])


def test_two_accounts_at_once_share_her_daily_limit(wang, chen, monkeypatch):
    meeting = _meet_before_commit(monkeypatch)
    outcomes = both_accounts_at_once(wang, chen)
    assert not meeting.met
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "DailyLimitExceeded",
        "Instruction",
    ]


def test_control_without_her_lock_the_daily_limit_is_passed(wang, chen, monkeypatch):
    monkeypatch.setattr(
        instructions, "_LOCK_ALL", instructions._LOCK_ALL.replace("OF o, c, a", "OF o, a")
    )
    meeting = _meet_before_commit(monkeypatch)
    both_accounts_at_once(wang, chen)
    assert meeting.met
    spent = Instruction.objects.filter(state=State.EXECUTED).aggregate(all=Sum("amount"))["all"]
    assert spent == 4000


def _meet_before_commit(monkeypatch: pytest.MonkeyPatch) -> Meeting:
    """Two executions wait for each other after they have written and before they commit."""
    meeting, carry_out = Meeting(), instructions.carry_out

    def carried_out(order: Instruction, *, at: datetime) -> int:
        journal = carry_out(order, at=at)
        meeting.wait()
        return journal

    monkeypatch.setattr(instructions, "carry_out", carried_out)
    return meeting


# -- the ledger --------------------------------------------------------------------------------


def test_two_who_pay_each_other_do_not_deadlock(wang, chen):
    there = [confirmed(wang, chen, 10) for _ in range(8)]
    back = [confirmed(chen, wang, 10) for _ in range(8)]

    def run(keys: list[UUID]) -> int:
        return len([orders.execute(key=key, at=NOON).receipt for key in keys])

    assert together(lambda: run(there), lambda: run(back)) == [8, 8]
    assert (balance(wang), balance(chen)) == (10_000, 200)


def test_an_internal_account_is_its_snapshot_and_what_came_since(wang):
    assert ledger.internal_balance(Internal.CASH) == -10_000
    first = ledger.take_snapshot(Internal.CASH, at=NOON)
    assert (first.balance, first.upto) == (-10_000, Posting.objects.latest("id").pk)
    customers.deposit(wang.account.pk, Decimal("0.50"), at=NOON)
    assert ledger.internal_balance(Internal.CASH) == Decimal("-10000.50")
    second = ledger.take_snapshot(Internal.CASH, at=NOON)
    assert second.balance == Decimal("-10000.50")
    assert ledger.internal_balance(Internal.CASH) == second.balance
    assert Account.objects.get(number=Internal.CASH).balance == 0
    assert ledger.internal_balance(Internal.FEES) == 0


def test_a_snapshot_waits_for_postings_under_way(wang, chen, monkeypatch):
    """Else it would miss an id below its own that commits later."""
    FeeTier.objects.create(kind="transfer", channel="phone", valid_from=NOON.date(), flat=2)
    key = confirmed(wang, chen)
    meeting, post = Meeting(patience_s=30), ledger.post

    def posted(*args: object, **kwargs: object) -> object:
        written = post(*args, **kwargs)  # type: ignore[arg-type]
        meeting.wait()
        return written

    monkeypatch.setattr(ledger, "post", posted)

    def snapshot() -> Decimal:
        meeting.wait()  # the fee is posted and not committed
        return ledger.take_snapshot(Internal.FEES, at=NOON).balance

    _, counted = together(lambda: orders.execute(key=key, at=NOON), snapshot)
    assert meeting.met
    assert counted == 2 == ledger.internal_balance(Internal.FEES)


def test_legs_that_do_not_sum_to_zero_are_refused_at_the_commit(wang, chen):
    from django.db import transaction

    def unbalanced() -> None:
        with transaction.atomic():
            legs = [
                ledger.Leg(wang.account.pk, Decimal(-5)),
                ledger.Leg(chen.account.pk, Decimal(6)),
            ]
            ledger.post(Journal.Kind.TRANSFER, legs, at=NOON)

    with pytest.raises(IntegrityError, match="legs that sum to"):
        unbalanced()
    assert balance(wang) == 10_000


def test_a_posting_needs_a_transaction(wang):
    from django.db.transaction import TransactionManagementError

    with pytest.raises(TransactionManagementError):
        ledger.post(Journal.Kind.DEPOSIT, [], at=NOON)


def test_a_hold_is_placed_once_a_key(wang):
    key = uuid4()

    def place(amount: int, at: datetime = NOON) -> None:
        holds.place(
            key=key, account_id=wang.account.pk, amount=Decimal(amount), reason="测试", at=at
        )

    place(400)
    place(400)
    with pytest.raises(KeyReused):
        place(401)
    assert Account.objects.get(pk=wang.account.pk).available == 9600
    holds.release(key=key, at=NOON)
    holds.release(key=key, at=NOON)
    assert Account.objects.get(pk=wang.account.pk).available == 10_000
    with pytest.raises(InsufficientFunds):
        holds.place(
            key=uuid4(), account_id=wang.account.pk, amount=Decimal(10_001), reason="", at=NOON
        )
