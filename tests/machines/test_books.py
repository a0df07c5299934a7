"""Random transfers beside a dict: the ledger may refuse, it may not disagree.

On real PostgreSQL: several at once, under keys that come again, with connections killed in the
middle of a transaction. What was answered happened, once; what was not can be asked again.
"""

from decimal import Decimal
from threading import Event
from typing import ClassVar
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from banking import customers, holds, instructions, ledger, orders
from banking.errors import BankingError, InsufficientFunds
from banking.ledger import Leg
from banking.models import Account, Hold, Instruction, Journal, Posting
from banking.models.orders import Channel, State
from banking.requests import InBankTransfer
from tests import cast
from tests.banking.together import together
from tests.cast import NOON
from tests.machines.crashes import blocked

# The journal is there, its legs are not.
HALF_WRITTEN = "LOCK TABLE banking_posting IN SHARE MODE"

yuan = st.decimals(min_value=Decimal("0.01"), max_value=Decimal(400), places=2)


class Books(RuleBasedStateMachine):
    """`model` is what each account must have, `held` what of it is set aside."""

    orders = Bundle("orders")
    placed = Bundle("placed")

    @initialize(
        target=orders,
        openings=st.lists(yuan, min_size=3, max_size=4),
        amounts=st.lists(yuan, min_size=3, max_size=3),
    )
    def open(self, openings: list[Decimal], amounts: list[Decimal]) -> MultipleResults[UUID]:
        """Accounts with money, and an order from each of three to the next."""
        cast.bank_terms()
        self.model: dict[int, Decimal] = {}
        self.held: dict[int, Decimal] = {}
        self.answers: dict[UUID, str] = {}  # key → receipt, or the refusal's name
        for opening in openings:
            person = cast.person("储户", opening=opening)
            self.model[person.account.pk] = opening
            self.held[person.account.pk] = Decimal(0)
        return multiple(*(self.order(n, n + 1, amount) for n, amount in enumerate(amounts)))

    # -- what customers and agents do ----------------------------------------------------

    @rule(target=orders, ends=st.tuples(st.integers(0, 3), st.integers(0, 3)), amount=yuan)
    def draft(self, ends: tuple[int, int], amount: Decimal) -> UUID:
        return self.order(*ends, amount)

    @rule(keys=st.lists(orders, min_size=1, max_size=4))
    def execute(self, keys: list[UUID]) -> None:
        """All at once; the same key may be among them twice."""
        self.heard(keys, together(*[lambda key=key: self.attempt(key) for key in keys]))

    @rule(
        target=orders,
        ends=st.tuples(st.integers(0, 3), st.integers(0, 3)),
        amount=yuan,
        where=st.sampled_from(["waiting", "half written"]),
    )
    def crash(self, ends: tuple[int, int], amount: Decimal, where: str) -> UUID:
        """The connection is killed in mid-transaction; the retry under the key has the answer."""
        key = self.order(*ends, amount)
        order, done = Instruction.objects.filter(key=key).first(), Event()
        obstacle = (
            blocked(
                "SELECT FROM banking_account WHERE id = %s FOR UPDATE",
                [order.payee_id if order else 0],
            )
            if where == "waiting"  # before it has written
            else blocked(HALF_WRITTEN)
        )
        with obstacle as kill:
            answer, killed = together(lambda: self.attempt_until(done, key), lambda: kill(done))
        if isinstance(killed, Exception):
            raise killed
        if killed:
            self.killed.append(killed)
        self.heard([key], [answer])
        return key

    @rule(key=orders)
    def void(self, key: UUID) -> None:
        try:
            order = instructions.void(key=key, at=NOON)
        except BankingError:
            return
        self.heard([key], [order.state.capitalize() + "ed"])

    @rule(target=placed, account=st.integers(0, 3), amount=yuan)
    def hold(self, account: int, amount: Decimal) -> UUID:
        pk, key = list(self.model)[account % len(self.model)], uuid4()
        try:
            holds.place(key=key, account_id=pk, amount=amount, reason="", at=NOON)
        except InsufficientFunds:
            assert self.available(pk) < amount
        else:
            self.held[pk] += amount
        return key

    @rule(key=placed)
    def release(self, key: UUID) -> None:
        hold = Hold.objects.filter(key=key).first()
        if hold and hold.released_at is None:
            self.held[hold.account_id] -= hold.amount
        if hold:
            holds.release(key=key, at=NOON)

    @rule(account=st.integers(0, 3), amount=yuan)
    def deposit(self, account: int, amount: Decimal) -> None:
        pk = list(self.model)[account % len(self.model)]
        customers.deposit(pk, amount, at=NOON)
        self.model[pk] += amount

    # -- how it is done ------------------------------------------------------------------

    def order(self, payer_place: int, payee_place: int, amount: Decimal) -> UUID:
        """Read back and confirmed, if the bank would take it."""
        ids = list(self.model)
        payer, payee = ids[payer_place % len(ids)], ids[payee_place % len(ids)]
        key = uuid4()
        try:
            orders.draft(
                key=key,
                request=InBankTransfer(payer_id=payer, payee_id=payee, amount=amount),
                channel=Channel.PHONE,
                at=NOON,
            )
            instructions.confirm(key=key, at=NOON)
        except InsufficientFunds:
            assert self.available(payer) < amount
        except BankingError as refusal:
            assert payer == payee, refusal
        return key

    def available(self, account: int) -> Decimal:
        return self.model[account] - self.held[account]

    def attempt(self, key: UUID) -> str:
        try:
            return orders.execute(key=key, at=NOON).receipt
        except BankingError as refusal:
            return type(refusal).__name__

    def attempt_until(self, done: Event, key: UUID) -> str:
        try:
            return self.attempt(key)
        finally:
            done.set()

    def heard(self, keys: list[UUID], answers: list[str]) -> None:
        """A first answer moves the model; every later one must be the same."""
        for key, answer in zip(keys, answers, strict=True):
            assert isinstance(answer, str), answer
            if key not in self.answers and answer.isdigit():
                order = Instruction.objects.get(key=key)
                self.model[order.payer_id] -= order.amount
                self.model[order.payee_id] += order.amount
            assert self.answers.setdefault(key, answer) == answer

    killed: ClassVar[list[int]] = []  # sessions, over all examples

    # -- what must hold ------------------------------------------------------------------

    @invariant()
    def agree(self) -> None:
        rows = Account.objects.filter(pk__in=self.model).values_list("pk", "balance", "held")
        assert {pk: (balance, held) for pk, balance, held in rows} == {
            pk: (self.model[pk], self.held[pk]) for pk in self.model
        }

    @invariant()
    def laws(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce((SELECT sum(amount) FROM banking_posting), 0),"
                " (SELECT count(*) FROM banking_account WHERE balance < held OR held < 0),"
                " (SELECT count(*) FROM banking_journal WHERE instruction_id IS NOT NULL)"
                " - (SELECT count(*) FROM banking_instruction WHERE state = 'executed')"
            )
            assert cursor.fetchone() == (0, 0, 0)

    def teardown(self) -> None:
        """Every balance is its postings; every receipt is of one journal, applied once."""
        for pk, balance in getattr(self, "model", {}).items():
            amounts = Posting.objects.filter(account_id=pk).values_list("amount", flat=True)
            assert sum(amounts) == balance
        receipts = [answer for answer in getattr(self, "answers", {}).values() if answer.isdigit()]
        assert len(set(receipts)) == len(receipts)
        for key, answer in getattr(self, "answers", {}).items():
            journals = Journal.objects.filter(instruction_id=key)
            assert [j.number for j in journals] == ([answer] if answer.isdigit() else [])
            state = Instruction.objects.filter(key=key).values_list("state", flat=True).first()
            assert (state == State.EXECUTED) == answer.isdigit()


def play(machine: type[Books], examples: int, phases: tuple[Phase, ...] = tuple(Phase)) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=20,
            deadline=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


@pytest.mark.django_db(transaction=True)
def test_the_books_agree_with_a_dict():
    Books.killed.clear()
    play(Books, examples=20)
    assert Books.killed  # else no crash was tried at all


class Careless(Books):
    """Control: executes by posting, without asking the key."""

    def attempt(self, key: UUID) -> str:
        order = Instruction.objects.filter(key=key).first()
        if order is None:
            return "UnknownInstruction"
        legs = [Leg(order.payer_id, -order.amount), Leg(order.payee_id, order.amount)]
        try:
            with transaction.atomic():
                return ledger.post(Journal.Kind.TRANSFER, legs, at=NOON).number
        except IntegrityError:
            return "InsufficientFunds"


@pytest.mark.django_db(transaction=True)
def test_control_a_ledger_without_keys_is_found_out():
    with pytest.raises(AssertionError):
        play(Careless, examples=20, phases=(Phase.generate,))
