"""A file a day to a biller, its rejects back, and the day with each biller by count and amount."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banking import bill_days, bill_exchange, bill_files, bills, instructions, ledger, orders
from banking.billers import Answer
from banking.errors import ReplyInvalid
from banking.models import (
    Account,
    BillerContract,
    BillerDay,
    BillerEntry,
    BillerFile,
    BillerReply,
    BillPayment,
    Journal,
)
from banking.models.ledger import Internal
from banking.models.orders import Channel
from banking.requests import BillPayment as Request
from tests import billers, cast
from tests.banking.together import together
from tests.billers import GAS
from tests.cast import NOON

pytestmark = pytest.mark.django_db(transaction=True)

DAY = NOON.date()
NIGHT = NOON + timedelta(hours=12, minutes=45)  # 00:45 of the next day
MORNING = NOON + timedelta(hours=20)
STATE = BillPayment.State


@pytest.fixture
def wang():
    return cast.wang()


@pytest.fixture
def known():
    return billers.all_kinds()


@pytest.fixture
def three(wang, known) -> list[UUID]:
    """Three payments to the cable, of 28, 30 and 32 yuan."""
    keys = [_paid(wang, known, f"7550010{n}", 28 + 2 * n) for n in range(3)]
    assert {p.state for p in BillPayment.objects.all()} == {STATE.QUEUED}
    return keys


def _paid(who, known, number: str, amount: int, *, code: str = "CABLE", at=NOON) -> UUID:
    kind = {"CABLE": "cable", "GAS": "gas"}[code]
    if not BillerContract.objects.filter(biller=known[kind], number=number).exists():
        billers.contract(known[kind], number, amount)
    key = uuid4()
    request = Request(payer_id=who.account.pk, biller=code, contract=number, amount=Decimal(amount))
    orders.draft(key=key, request=request, channel=Channel.PHONE, at=at)
    instructions.confirm(key=key, at=at)
    orders.execute(key=key, at=at)
    return key


def reply(rejected: list[tuple[UUID, int]], paid: int, amount: int, **changes: str) -> str:
    lines = [changes.get("head", "H|CABLE|20261124")]
    lines += [f"R|{key}|{yuan}.00|户号已停用" for key, yuan in rejected]
    total = sum(yuan for _key, yuan in rejected)
    lines.append(changes.get("tail", f"T|{paid}|{amount}.00|{len(rejected)}|{total}.00"))
    return "\n".join(lines) + "\n"


def written(known) -> BillerFile:
    ((biller, day),) = bill_files.due(at=NIGHT)
    file = bill_files.write(biller, day, at=NIGHT)
    assert file
    return file


# -- out -------------------------------------------------------------------------------------------


def test_the_day_goes_out_when_it_is_over(three, known):
    assert bill_files.due(at=NOON) == []
    assert bill_files.due(at=NOON + timedelta(hours=12, minutes=15)) == []  # its hour: 0:30
    file = written(known)
    assert (file.count, file.amount, file.name) == (3, Decimal(90), "CABLE-20261124.txt")
    first, *payments, last = file.text.splitlines()
    assert (first, last) == ("H|CABLE|20261124", "T|3|90.00")
    assert payments[1] == f"D|{three[1]}|75500101|30.00"
    assert {p.state for p in BillPayment.objects.all()} == {STATE.SENT}
    assert bill_files.due(at=NIGHT) == []


def test_written_by_two_it_is_one_file(three, known):
    together(*[lambda: bill_files.write(known["cable"], DAY, at=NIGHT)] * 2)
    assert BillerFile.objects.count() == 1
    assert BillPayment.objects.filter(state=STATE.SENT).count() == 3


def test_a_day_waits_for_the_payment_that_is_still_open(three, known, wang):
    key = uuid4()
    billers.contract(known["cable"], "75500199", 50)
    request = Request(
        payer_id=wang.account.pk, biller="CABLE", contract="75500199", amount=Decimal(50)
    )
    orders.draft(key=key, request=request, channel=Channel.PHONE, at=NOON)
    instructions.confirm(key=key, at=NOON)
    orders._execute(key=key, at=NOON)  # the worker is killed before it asks
    assert bill_files.due(at=NIGHT) == []
    bills.resolve_open(at=NIGHT)
    assert written(known).count == 4


# -- in --------------------------------------------------------------------------------------------


def test_rejects_go_back_and_the_rest_is_paid(three, known, wang):
    written(known)
    before = Account.objects.get(pk=wang.account.pk).balance
    taken = bill_files.take_in(reply([(three[1], 30)], 2, 60), at=MORNING)
    bill_files.carry_through(taken, at=MORNING)
    states = {p.pk: p.state for p in BillPayment.objects.all()}
    assert [states[key] for key in three] == [STATE.PAID, STATE.REJECTED, STATE.PAID]
    assert Account.objects.get(pk=wang.account.pk).balance == before + 30
    assert BillPayment.objects.get(pk=three[1]).reason == "户号已停用"
    assert ledger.internal_balance(Internal.BILLERS) == 60
    assert bill_files.unfinished() == []


def test_taken_in_twice_it_is_carried_through_once(three, known):
    written(known)
    text = reply([(three[1], 30)], 2, 60)
    for _ in range(2):
        bill_files.carry_through(bill_files.take_in(text, at=MORNING), at=MORNING)
    assert BillerReply.objects.count() == 1
    assert Journal.objects.filter(kind="reversal").count() == 1
    with pytest.raises(ReplyInvalid):  # another answer to the same file
        bill_files.take_in(reply([], 3, 90), at=MORNING)


def test_interrupted_between_two_rejects_it_goes_on(three, known):
    written(known)
    taken = bill_files.take_in(reply([(three[0], 28), (three[2], 32)], 1, 30), at=MORNING)
    bills.settle(key=three[0], answer=Answer("rejected", "户号已停用"), at=MORNING)
    assert bill_files.unfinished() == [taken]  # and here the worker was killed
    bill_files.carry_through(taken, at=MORNING)
    assert Journal.objects.filter(kind="reversal").count() == 2
    assert ledger.internal_balance(Internal.BILLERS) == 30


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"head": "H|CABLE|20261123"}, 1),  # no such file
        ({"head": "H|WATER|20261124"}, 1),
        ({"head": "X|CABLE|20261124"}, 1),
        ({"head": "H|CABLE|20261324"}, 1),
        ({"tail": "T|3|90.00|1|30.00"}, 3),  # counts what it rejects as well
        ({"tail": "T|2|60.00|1|29.00"}, 3),
        ({"tail": "T|2|60.00|2|30.00"}, 3),
        ({"tail": "T|2|nan|1|30.00"}, 3),
        ({"tail": "T|2"}, 3),
    ],
)
def test_an_answer_that_does_not_fit_is_not_believed(three, known, changes, line):
    written(known)
    with pytest.raises(ReplyInvalid) as wrong:
        bill_files.take_in(reply([(three[1], 30)], 2, 60, **changes), at=MORNING)
    assert wrong.value.values["line"] == line
    assert not BillerReply.objects.exists()
    assert {p.state for p in BillPayment.objects.all()} == {STATE.SENT}


def test_a_reject_of_what_was_never_sent(three, known):
    written(known)
    for key, yuan in ((uuid4(), 30), (three[1], 29)):
        with pytest.raises(ReplyInvalid):
            bill_files.take_in(reply([(key, yuan)], 2, 90 - yuan), at=MORNING)
    twice = reply([(three[1], 30), (three[1], 30)], 1, 30)
    with pytest.raises(ReplyInvalid):
        bill_files.take_in(twice, at=MORNING)


@given(st.text(alphabet="HTRD|0123456789.\n-ab", max_size=200))
def test_whatever_comes_is_read_or_refused(text):
    with suppress(ReplyInvalid):
        bill_files.parse(text)


# -- the folders -----------------------------------------------------------------------------------


def test_from_folder_to_folder(three, known, settings, tmp_path):
    settings.EXCHANGE = tmp_path
    bill_exchange.run(at=NIGHT)
    out, into = tmp_path / "billers" / "out", tmp_path / "billers" / "in"
    sent = out / "CABLE-20261124.txt"
    assert sent.read_text() == BillerFile.objects.get().text
    sent.unlink()  # lost on the way: it is put out again
    bill_exchange.run(at=NIGHT)
    assert sent.exists()

    (into / "CABLE-20261124.txt").write_text(reply([(three[1], 30)], 2, 60))
    (into / "noise.txt").write_bytes(b"\xff\xfe\x00garbage")
    bill_exchange.run(at=MORNING)
    assert (into / "read" / "CABLE-20261124.txt").exists()
    assert (into / "wrong" / "noise.txt").exists()
    assert not list(into.glob("*.txt"))
    assert BillPayment.objects.filter(state=STATE.PAID).count() == 2


# -- the day ---------------------------------------------------------------------------------------


def test_a_day_balances_by_count_and_amount(three, known, wang):
    _paid(wang, known, "88000555", 50, code="GAS")
    written(known)
    (cable, gas) = bill_days.reconcile_due(at=NIGHT)
    if cable.biller.code == "GAS":
        cable, gas = gas, cable
    assert (gas.paid_count, gas.paid_amount, gas.owed, gas.difference) == (1, 50, 50, 0)
    assert gas.is_balanced
    assert (cable.open_count, cable.open_amount, cable.their_count) == (3, 90, None)
    assert not cable.is_balanced

    taken = bill_files.take_in(reply([(three[1], 30)], 2, 60), at=MORNING)
    bill_files.carry_through(taken, at=MORNING)
    (again,) = bill_days.reconcile_due(at=MORNING)  # the balanced one is not looked at again
    assert again.pk == cable.pk
    assert (again.paid_count, again.rejected_count, again.their_count) == (2, 1, 2)
    assert (again.owed, again.their_amount, again.is_balanced) == (60, 60, True)
    assert bill_days.reconcile_due(at=MORNING) == []


def test_a_difference_is_named(known, wang):
    """The biller has one that we don't."""
    _paid(wang, known, GAS, Decimal("55.20"), code="GAS")
    BillerEntry.objects.create(
        key=uuid4(),
        biller=known["gas"],
        contract=GAS,
        amount=Decimal(7),
        day=DAY,
        at=NOON,
        accepted=True,
    )
    (row,) = bill_days.reconcile_due(at=NIGHT)
    assert (row.difference, row.is_balanced, row.books_agree) == (Decimal(7), False, True)
    assert BillerDay.objects.count() == 1
