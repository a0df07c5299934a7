"""Bills: debited once, asked of the biller once, re-credited once where it rejects."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from banking import bills, customers, families, instructions, ledger, operations, orders
from banking.billers import Answer, Payment, embedded
from banking.errors import (
    AccountFrozen,
    AmountInvalid,
    BillAmountInvalid,
    BillAnswered,
    BillerUnavailable,
    ContractUnknown,
    InsufficientFunds,
    NothingOwed,
    SingleLimitExceeded,
)
from banking.models import (
    Account,
    Bill,
    Biller,
    BillerContract,
    BillerEntry,
    BillPayment,
    FeeTier,
    Instruction,
    Journal,
)
from banking.models.ledger import Internal
from banking.models.orders import Channel
from banking.requests import BillPayment as Request
from banking.settlement_desk import suspense
from people import approvals, staff
from people.models import User
from people.roles import Role
from tests import billers, cast
from tests.banking.test_settlement_desk import close
from tests.banking.together import together
from tests.billers import CABLE, GAS, WATER
from tests.cast import LONG_AGO, NOON, Person
from tests.clerks import checker, maker

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOON + timedelta(minutes=5)
STATE = BillPayment.State


@pytest.fixture
def wang() -> Person:
    return cast.wang()


@pytest.fixture
def known() -> dict[str, Biller]:
    return billers.all_kinds()


def wants(who: Person, biller: str, contract: str, amount: object) -> Request:
    return Request(
        payer_id=who.account.pk, biller=biller, contract=contract, amount=Decimal(str(amount))
    )


def confirmed(who: Person, biller: str, contract: str, amount: object, at: datetime = NOON) -> UUID:
    key = uuid4()
    request = wants(who, biller, contract, amount)
    orders.draft(key=key, request=request, channel=Channel.PHONE, at=at)
    instructions.confirm(key=key, at=at)
    return key


def paid(who: Person, biller: str, contract: str, amount: object, at: datetime = NOON) -> UUID:
    key = confirmed(who, biller, contract, amount, at)
    orders.execute(key=key, at=at)
    return key


def booked(key: UUID) -> list[Journal]:
    return list(families.of_order(Instruction.objects.get(key=key)))


def legs(journal: Journal) -> list[tuple[str, Decimal]]:
    return list(journal.postings.order_by("amount").values_list("account__number", "amount"))


def answers(biller: Biller, number: str, answer: BillerContract.Answer) -> None:
    contract, _ = BillerContract.objects.get_or_create(biller=biller, number=number)
    contract.answer = answer
    contract.save()


def payment(key: UUID) -> BillPayment:
    return BillPayment.objects.get(pk=key)


def balance(who: Person) -> Decimal:
    return Account.objects.get(pk=who.account.pk).balance


def outcome(key: UUID) -> str:
    return operations.outcome(Instruction.objects.get(key=key))


# -- the straight way ------------------------------------------------------------------------------


def test_a_bill_is_paid_whole(wang, known):
    key = paid(wang, "WATER", WATER, "133.75")
    assert balance(wang) == wang.opening - Decimal("133.75")
    assert ledger.internal_balance(Internal.BILLERS) == Decimal("133.75")
    assert payment(key).state == STATE.PAID
    assert outcome(key) == "done"
    assert embedded.owed(known["water"], WATER).amount == 0
    journal = Journal.objects.get(instruction_id=key)
    assert (journal.kind, journal.summary) == ("bill", "缴费 鹏城水务")
    assert Instruction.objects.get(key=key).payee_tail == WATER[-4:]


def test_a_part_goes_to_the_oldest_bill(wang, known):
    paid(wang, "WATER", WATER, "70.00")
    rests = [bill.owed for bill in Bill.objects.filter(contract__number=WATER)]
    assert rests == [Decimal(0), Decimal("63.75")]


def test_asked_again_it_is_paid_once(wang, known):
    key = paid(wang, "WATER", WATER, "62.40")
    again = orders.execute(key=key, at=LATER)
    assert again.receipt == Journal.objects.get(instruction_id=key).number
    assert BillerEntry.objects.count() == 1
    assert balance(wang) == wang.opening - Decimal("62.40")


def charges(yuan: int) -> None:
    FeeTier.objects.create(
        kind="bill", channel="phone", valid_from=LONG_AGO, above=0, flat=Decimal(yuan)
    )


def test_a_fee_is_a_journal_of_its_own_and_comes_back_with_the_money(wang, known):
    """Each undone by a journal of its own, of two legs."""
    charges(2)
    answers(known["gas"], GAS, BillerContract.Answer.REJECTS)
    key = confirmed(wang, "GAS", GAS, "55.20")
    assert Instruction.objects.get(key=key).fee == 2
    orders.execute(key=key, at=NOON)
    bill, fee, back, fee_back = booked(key)
    assert [one.kind for one in (bill, fee, back, fee_back)] == ["bill", "fee", *["reversal"] * 2]
    assert (back.part_of, fee_back.part_of) == (bill, fee)
    assert [legs(one) for one in (back, fee_back)] == [
        [("billers", Decimal("-55.20")), (wang.account.number, Decimal("55.20"))],
        [("fees", Decimal(-2)), (wang.account.number, Decimal(2))],
    ]
    assert payment(key).reversal == back
    assert balance(wang) == wang.opening
    assert ledger.internal_balance(Internal.FEES) == 0
    assert ledger.internal_balance(Internal.BILLERS) == 0


def test_a_top_up_of_an_amount_that_is_sold(wang, known):
    key = paid(wang, "MOBILE", "13800138000", 50)
    assert payment(key).state == STATE.PAID


# -- what is refused before anything moves ---------------------------------------------------------


@pytest.mark.parametrize(
    ("biller", "contract", "amount", "refusal"),
    [
        ("WATER", WATER, "133.76", BillAmountInvalid),  # more than is owed
        ("WATER", "20269999", "1", ContractUnknown),
        ("WATER", "2026000", "1", ContractUnknown),  # a digit short
        ("NOBODY", WATER, "1", ContractUnknown),
        ("GAS", GAS, "55.19", BillAmountInvalid),  # takes no part
        ("MOBILE", "13800138000", "40", BillAmountInvalid),  # not sold
        ("MOBILE", "18900138000", "50", ContractUnknown),  # another operator's
        ("WATER", WATER, "0", AmountInvalid),
        ("WATER", WATER, "1.005", AmountInvalid),
    ],
)
def test_what_a_biller_does_not_take(wang, known, biller, contract, amount, refusal):
    with pytest.raises(refusal):
        confirmed(wang, biller, contract, amount)
    assert not Instruction.objects.exists()


def test_who_owes_nothing_pays_nothing(wang, known):
    paid(wang, "GAS", GAS, "55.20")
    with pytest.raises(NothingOwed):
        confirmed(wang, "GAS", GAS, "55.20")


def test_a_biller_that_does_not_answer_to_a_question(wang, known):
    answers(known["gas"], GAS, BillerContract.Answer.DOWN)
    with pytest.raises(BillerUnavailable):
        confirmed(wang, "GAS", GAS, "55.20")


def test_a_biller_that_takes_no_payments_any_more(wang, known):
    Biller.objects.filter(code="GAS").update(is_active=False)
    with pytest.raises(ContractUnknown):
        confirmed(wang, "GAS", GAS, "55.20")


def test_the_rules_of_money_hold(wang, known):
    poor = cast.person("孙立", opening=10)
    with pytest.raises(InsufficientFunds):
        confirmed(poor, "GAS", GAS, "55.20")
    billers.contract(known["electricity"], "4403009999", "60000")
    rich = cast.person("林立新", opening=100_000)
    with pytest.raises(SingleLimitExceeded):
        confirmed(rich, "POWER", "4403009999", "60000")
    key = confirmed(wang, "GAS", GAS, "55.20")
    Account.objects.filter(pk=wang.account.pk).update(status="frozen")
    with pytest.raises(AccountFrozen):
        orders.execute(key=key, at=NOON)
    assert not BillPayment.objects.exists()


def test_of_several_billers_the_longest_beginning_counts(known):
    fixed = billers.biller(
        "FIXED", "phone", least_digits=11, most_digits=12, prefixes=["13", "0755"], top_ups=[50]
    )
    assert bills.find_biller("phone", "13800138000") == known["phone"]
    assert bills.find_biller("phone", "13000138000") == fixed
    assert bills.find_biller("phone", "075512345678") == fixed
    with pytest.raises(ContractUnknown):
        bills.find_biller("phone", "02012345678")


def test_a_check_digit_finds_a_slip(known):
    Biller.objects.filter(code="GAS").update(check_digit="luhn")
    gas = Biller.objects.get(code="GAS")
    assert gas.knows("79927398713"[-8:]) is gas.knows("27398713")
    right = [n for n in range(10) if gas.knows(f"8800012{n}")]
    assert len(right) == 1


# -- bad weather -----------------------------------------------------------------------------------


def test_a_rejected_payment_comes_back_once(wang, known):
    answers(known["gas"], GAS, BillerContract.Answer.REJECTS)
    key = paid(wang, "GAS", GAS, "55.20")
    orders.execute(key=key, at=LATER)
    bills.settle(key=key, answer=Answer("rejected"), at=LATER)
    assert balance(wang) == wang.opening
    assert outcome(key) == "returned"
    assert payment(key).reason == embedded.REFUSED
    reversal = Journal.objects.get(kind="reversal")
    assert (reversal.part_of.instruction_id, reversal.pk) == (key, payment(key).reversal_id)
    assert ledger.internal_balance(Internal.BILLERS) == 0


def test_the_ledger_itself_returns_a_payment_once(wang, known):
    """The control: whatever the service thought, PostgreSQL keeps one reversal a journal."""
    answers(known["gas"], GAS, BillerContract.Answer.REJECTS)
    key = paid(wang, "GAS", GAS, "55.20")
    again = payment(key)
    with pytest.raises(IntegrityError, match="one_part_of_a_kind"), transaction.atomic():
        bills._reverse(instructions.lock(key), again, at=LATER)
    assert balance(wang) == wang.opening


def test_no_answer_is_enquired_after_and_never_sent_again(wang, known):
    """It came, and only the answer was lost."""
    answers(known["gas"], GAS, BillerContract.Answer.SILENT)
    key = paid(wang, "GAS", GAS, "55.20")
    assert payment(key).state == STATE.ASKED
    assert outcome(key) == "checked"
    assert balance(wang) == wang.opening - Decimal("55.20")
    assert bills.resolve_open(at=NOON) == (0, 1)  # the first asker may still be waiting
    assert payment(key).enquiries == 0
    assert bills.resolve_open(at=LATER) == (1, 0)
    assert payment(key).state == STATE.PAID
    assert BillerEntry.objects.get().accepted
    assert balance(wang) == wang.opening - Decimal("55.20")


def test_a_payment_that_never_came_is_returned_and_cannot_come_late(wang, known):
    answers(known["gas"], GAS, BillerContract.Answer.LOST)
    key = paid(wang, "GAS", GAS, "55.20")
    assert bills.resolve_open(at=LATER) == (1, 0)
    assert outcome(key) == "returned"
    assert payment(key).reason == embedded.NEVER_CAME
    assert balance(wang) == wang.opening

    answers(known["gas"], GAS, BillerContract.Answer.TAKES)  # the late first try
    late = embedded.EmbeddedBiller(known["gas"])
    first = Payment(key=key, contract=GAS, amount=Decimal("55.20"), day=NOON.date())
    assert late.pay(first, at=LATER).outcome == "rejected"
    assert embedded.owed(known["gas"], GAS).amount == Decimal("55.20")


def test_a_biller_that_stays_away_leaves_it_open(wang, known):
    answers(known["gas"], GAS, BillerContract.Answer.SILENT)
    key = paid(wang, "GAS", GAS, "55.20")
    answers(known["gas"], GAS, BillerContract.Answer.DOWN)
    for minutes in (1, 2, 3):
        assert bills.resolve_open(at=NOON + timedelta(minutes=minutes)) == (0, 1)
    assert payment(key).enquiries == 3
    assert outcome(key) == "checked"


def test_a_worker_killed_before_it_asked(wang, known):
    """The debit is committed, nobody has been asked: the task asks, for the first time."""
    key = confirmed(wang, "GAS", GAS, "55.20")
    orders._execute(key=key, at=NOON)
    assert payment(key).state == STATE.DEBITED
    assert outcome(key) == "checked"
    assert bills.resolve_open(at=LATER) == (1, 0)
    assert outcome(key) == "done"


def test_a_fault_of_the_interface_is_no_answer(wang, known, monkeypatch):
    def breaks(self, payment, *, at):
        raise ValueError("a bug of the biller's class")

    key = confirmed(wang, "GAS", GAS, "55.20")
    with monkeypatch.context() as broken:
        broken.setattr(embedded.EmbeddedBiller, "pay", breaks)
        orders.execute(key=key, at=NOON)
    assert outcome(key) == "checked"
    bills.resolve_open(at=LATER)
    assert outcome(key) == "returned"  # the biller has never seen it


def test_money_for_a_closed_account_waits_in_suspense(wang, known):
    answers(known["gas"], GAS, BillerContract.Answer.LOST)
    other = cast.person("孙立", opening="55.20")
    key = paid(other, "GAS", GAS, "55.20")
    Account.objects.filter(pk=other.account.pk).update(status="closed")
    bills.resolve_open(at=LATER)
    assert outcome(key) == "returned"
    assert ledger.internal_balance(Internal.SUSPENSE) == Decimal("55.20")


def test_a_fee_for_a_closed_account_waits_beside_the_money(wang, known):
    """Two items under suspense, each explained by the order, and each paid out by itself."""
    charges(2)
    answers(known["gas"], GAS, BillerContract.Answer.LOST)
    key = paid(wang, "GAS", GAS, "55.20")
    customers.open_account(wang.customer, number="755700000007777", on=LONG_AGO)
    close(wang)
    bills.resolve_open(at=LATER)
    found = suspense.items()
    assert [item.amount for item in found] == [Decimal("55.20"), 2]
    xu, hu = maker(), checker()
    for item in found:
        asked = suspense.ask_payout(
            item.journal_id, "755700000007777", by=xu, reason="原账户已销户", at=LATER
        )
        approvals.approve(asked.pk, by=hu, at=LATER)
    assert (suspense.items(), ledger.internal_balance(Internal.SUSPENSE)) == ([], 0)
    assert [one.kind for one in booked(key)] == [
        *("bill", "fee", "reversal", "reversal", "returned", "returned")
    ]


# -- at the same time ------------------------------------------------------------------------------


def test_two_workers_ask_once(wang, known):
    key = confirmed(wang, "GAS", GAS, "55.20")
    orders._execute(key=key, at=NOON)
    order = Instruction.objects.get(key=key)
    assert sorted(together(*[lambda: bills._claim(key, at=NOON)] * 2)) == [False, True]
    bills.ask(order, at=NOON)  # claimed already: nobody else sends it
    assert not BillerEntry.objects.exists()


def test_two_payments_of_one_bill_pay_it_once(wang, known):
    chen = cast.chen(opening=1000)
    first, second = (confirmed(who, "GAS", GAS, "55.20") for who in (wang, chen))
    together(*[lambda key=key: orders.execute(key=key, at=NOON) for key in (first, second)])
    assert sorted([outcome(first), outcome(second)]) == ["done", "returned"]
    assert balance(wang) + balance(chen) == wang.opening + chen.opening - Decimal("55.20")
    assert ledger.internal_balance(Internal.BILLERS) == Decimal("55.20")


def test_two_answers_at_once_settle_once(wang, known):
    answers(known["gas"], GAS, BillerContract.Answer.SILENT)
    key = paid(wang, "GAS", GAS, "55.20")
    answer = Answer("rejected", "重复")
    together(*[lambda: bills.settle(key=key, answer=answer, at=LATER)] * 2)
    assert balance(wang) == wang.opening
    assert Journal.objects.filter(kind="reversal").count() == 1


# -- what PostgreSQL keeps -------------------------------------------------------------------------


def test_a_payment_goes_no_way_but_its_own(wang, known):
    key = paid(wang, "GAS", GAS, "55.20")
    for change in ({"state": STATE.ASKED}, {"amount": 1}, {"contract": "1"}):
        with pytest.raises(DatabaseError):
            BillPayment.objects.filter(pk=key).update(**change)
    with pytest.raises(DatabaseError):
        BillPayment.objects.filter(pk=key).delete()


def test_rejected_without_a_reversal_is_impossible(wang, known):
    answers(known["gas"], GAS, BillerContract.Answer.SILENT)
    key = paid(wang, "GAS", GAS, "55.20")
    with pytest.raises(IntegrityError, match="rejected_with_reversal"):
        BillPayment.objects.filter(pk=key).update(state=STATE.REJECTED, settled_at=LATER)


def test_what_goes_by_file_waits_for_it(wang, known):
    key = paid(wang, "CABLE", CABLE, 28)
    assert payment(key).state == STATE.QUEUED
    assert outcome(key) == "queued"
    bills.settle(key=key, answer=Answer("rejected"), at=LATER)  # only the file's reply says that
    assert payment(key).state == STATE.QUEUED
    assert bills.resolve_open(at=LATER) == (0, 0)


# -- what no machine finds out ---------------------------------------------------------------------


def _staff(number: str, *roles: Role) -> User:
    user = staff.hire(number=number, name=f"员工{number}", branch=None, roles=roles)
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize(("said", "back"), [("paid", 0), ("rejected", 1)])
def test_two_people_end_what_no_biller_answers(wang, known, said, back):
    answers(known["gas"], GAS, BillerContract.Answer.SILENT)
    key = paid(wang, "GAS", GAS, "55.20")
    answers(known["gas"], GAS, BillerContract.Answer.DOWN)
    clerk, chief = _staff("2001", Role.BACK_OFFICE), _staff("2002", Role.SUPERVISOR)
    asked = approvals.ask(
        "bill.outcome",
        payment(key),
        by=clerk,
        reason="燃气公司陈工，上午十点",
        at=LATER,
        details={"outcome": said, "word": "燃气公司陈工，上午十点"},
    )
    assert "55.20" in approvals.of(asked).summary(asked)
    with pytest.raises(approvals.OwnRequest):
        approvals.approve(asked.pk, by=clerk, at=LATER)
    approvals.approve(asked.pk, by=chief, at=LATER)
    assert payment(key).state == (STATE.REJECTED if back else STATE.PAID)
    assert balance(wang) == wang.opening - (0 if back else Decimal("55.20"))


def test_a_biller_that_answers_first_makes_the_decision_void(wang, known):
    answers(known["gas"], GAS, BillerContract.Answer.SILENT)
    key = paid(wang, "GAS", GAS, "55.20")
    clerk, chief = _staff("2001", Role.BACK_OFFICE), _staff("2002", Role.SUPERVISOR)
    asked = approvals.ask(
        "bill.outcome",
        payment(key),
        by=clerk,
        reason="未收到",
        at=LATER,
        details={"outcome": "rejected", "word": "未收到"},
    )
    bills.resolve_open(at=LATER)
    with pytest.raises(BillAnswered):
        approvals.approve(asked.pk, by=chief, at=LATER)
    assert outcome(key) == "done"
    assert balance(wang) == wang.opening - Decimal("55.20")
