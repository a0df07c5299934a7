"""Files to clearing and back: each order once, whatever breaks off, comes twice or does not fit."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import DatabaseError
from hypothesis import given
from hypothesis import strategies as st

from banking import clearing_batches, clearing_files, clearing_folder, ledger, settlement
from banking.clearing_batches import deem_paid, files_out, take_in
from banking.clearing_files import BadFile, Header, Payment, Result
from banking.models import (
    Account,
    ClearingFile,
    ClearingItem,
    Instruction,
    Journal,
    SettlementOrder,
    TransferRule,
)
from banking.models.ledger import Internal
from tests import cast, clearing_house
from tests.banking.test_interbank import balance, done, interbank, remittance
from tests.banking.together import Meeting, together
from tests.cast import IN_BEIJING, NOON, OUR_BANK, Person

database = pytest.mark.django_db(transaction=True)

CUT_OFF = NOON.replace(hour=15)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture
def wang(transactional_db) -> Person:
    return cast.wang(opening=100_000)


@pytest.fixture
def order(wang) -> SettlementOrder:
    """1,500 yuan to another bank in the city, debited at noon; 2 yuan were charged."""
    done(interbank(wang, cast.payee_elsewhere(wang)))
    return SettlementOrder.objects.get()


@pytest.fixture
def three(wang) -> list[SettlementOrder]:
    """100, 200 and 300 yuan to Beijing, at once; sent at noon."""
    payee = cast.payee_elsewhere(wang, bank_code=IN_BEIJING)
    for amount in (100, 200, 300):
        done(remittance(wang, payee, amount))
    files_out(at=NOON)
    return list(SettlementOrder.objects.select_related("instruction").order_by("amount"))


def results(*items: Result, name: str = "results-1.csv", bank: str = OUR_BANK) -> bytes:
    header = Header("RESULTS", name, bank, "large_value", "20261124", NOON)
    numbered = [replace(item, line=line) for line, item in enumerate(items, start=1)]
    return clearing_files.write(header, numbered)


def paid(order: SettlementOrder, amount: Decimal | None = None) -> Result:
    return Result(1, order.instruction.receipt, amount or order.amount, "PAID")


def returned(order: SettlementOrder, reason: str = "RJ02") -> Result:
    return Result(1, order.instruction.receipt, order.amount, "RETURNED", reason)


def states() -> list[str]:
    return list(SettlementOrder.objects.order_by("amount").values_list("state", flat=True))


def outcomes(file: ClearingFile) -> list[tuple[str, str]]:
    return list(file.items.order_by("line").values_list("outcome", "problem"))


# -- out -----------------------------------------------------------------------------------------


@database
def test_a_file_leaves_at_the_cut_off_and_not_before(order):
    assert files_out(at=CUT_OFF - SECOND) == []
    (file,) = files_out(at=CUT_OFF)
    assert (file.name, file.count, file.total) == ("city_exchange-20261124-2-01.csv", 1, 1500)
    assert files_out(at=CUT_OFF) == []
    order.refresh_from_db()
    assert (order.state, order.sent_at) == ("sent", CUT_OFF)


@database
def test_what_stands_in_it(order, wang):
    (file,) = files_out(at=CUT_OFF)
    content = clearing_folder.content(file)
    header, (item,) = clearing_house.payments(content)
    assert (header.bank_code, header.session) == (OUR_BANK, "20261124-2")
    assert (item.payee_number, item.payee_name, item.amount) == (
        "6225880100046789",
        "赵云鹏",
        1500,
    )
    assert (item.payer_number, item.receipt) == (wang.account.number, str(order))
    assert content not in bytes(file.box)


@database
def test_a_file_a_session_and_the_next_ones_are_counted(wang):
    payee = cast.payee_elsewhere(wang, bank_code=IN_BEIJING)
    done(remittance(wang, payee, 100))
    done(remittance(wang, payee, 100, "now"), NOON.replace(hour=18))
    names = [file.name for file in files_out(at=NOON)]
    done(remittance(wang, payee, 100))
    names += [file.name for file in files_out(at=NOON + SECOND)]
    names += [file.name for file in files_out(at=NOON.replace(hour=18, minute=30))]
    assert names == [
        "large_value-20261124-01.csv",
        "large_value-20261124-02.csv",
        "small_value-20261124-37-01.csv",
    ]


@database
def test_a_long_queue_is_split(wang, monkeypatch):
    monkeypatch.setattr(clearing_batches, "MOST_ITEMS", 2)
    payee = cast.payee_elsewhere(wang, bank_code=IN_BEIJING)
    for _ in range(5):
        done(remittance(wang, payee, 100))
    assert [file.count for file in files_out(at=NOON)] == [2, 2, 1]


@database
def test_what_waits_for_a_clerk_is_in_no_file(wang):
    done(remittance(wang, cast.payee_elsewhere(wang, bank_code=cast.UNLISTED)))
    assert files_out(at=NOON + DAY) == []


@database
def test_who_missed_the_session_goes_with_the_next(order):
    late = CUT_OFF.replace(hour=17)  # the returns of that session are over
    assert files_out(at=late) == []
    order.refresh_from_db()
    assert order.session == "20261125-1"
    (file,) = files_out(at=order.sends_at)
    assert file.session == "20261125-1"


@database
def test_two_workers_write_a_session_once(order):
    one, two = together(*[lambda: files_out(at=CUT_OFF)] * 2)
    assert len(one + two) == 1
    assert ClearingItem.objects.count() == 1


@database
def test_control_without_the_lock_only_the_constraint_saves_the_session(order, monkeypatch):
    meeting, write = Meeting(patience_s=30), clearing_files.write

    def both_read(*args: object) -> bytes:
        meeting.wait()
        return write(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(clearing_files, "write", both_read)
    query = type(SettlementOrder.objects.all())
    monkeypatch.setattr(query, "select_for_update", lambda self, **kwargs: self)
    found = together(*[lambda: files_out(at=CUT_OFF)] * 2)
    assert meeting.met
    assert "IntegrityError" in [type(outcome).__name__ for outcome in found]


# -- in ------------------------------------------------------------------------------------------


@database
def test_paid_and_returned(three, wang):
    before = balance(wang)
    file = take_in("x", results(paid(three[0]), returned(three[1])), at=NOON)
    assert outcomes(file) == [("paid", ""), ("returned", "")]
    assert states() == ["succeeded", "bounced", "sent"]
    assert balance(wang) == before + 200 + 5  # the fee, as the rule of the day says
    back = SettlementOrder.objects.get(amount=200).return_journal
    assert back.kind == Journal.Kind.RETURNED
    assert back.part_of == three[1].instruction.journal


@database
def test_the_fee_stays_where_the_rule_says_so(three, wang):
    TransferRule.objects.create(
        valid_from=NOON.date(), ordinary_min=120, desk_above=50_000, fee_back=False
    )
    before = balance(wang)
    take_in("x", results(returned(three[0])), at=NOON)
    assert balance(wang) == before + 100
    assert not Journal.objects.filter(kind=Journal.Kind.REVERSAL).exists()


@database
def test_the_same_file_twice_is_one_file(three, wang):
    content = results(paid(three[0]), returned(three[1]))
    first, second = (take_in("x", content, at=NOON) for _ in range(2))
    assert first == second
    assert ClearingItem.objects.filter(file=first).count() == 2
    assert Journal.objects.filter(kind=Journal.Kind.RETURNED).count() == 1


@database
def test_two_workers_with_one_file(three, wang):
    content = results(*(returned(order) for order in three))
    before = balance(wang)
    together(*[lambda: take_in("x", content, at=NOON)] * 2)
    assert balance(wang) == before + 600 + 15
    assert ClearingItem.objects.filter(outcome="returned").count() == 3


@database
def test_an_item_returned_again_in_another_file_does_not_fit(three, wang):
    take_in("x", results(returned(three[0])), at=NOON)
    before = balance(wang)
    again = take_in("y", results(returned(three[0]), name="results-2.csv"), at=NOON)
    assert outcomes(again) == [("odd", "state")]
    assert balance(wang) == before


@database
def test_even_past_the_service_a_second_return_is_refused(three):
    take_in("x", results(returned(three[0])), at=NOON)
    from django.db import transaction

    order = SettlementOrder.objects.get(pk=three[0].pk)
    with pytest.raises(DatabaseError, match="one_part_of_a_kind"), transaction.atomic():
        settlement.bounced(order, "RJ01", at=NOON)


@database
def test_what_does_not_fit_moves_nothing_and_holds_up_nobody(three, wang):
    unknown = Result(1, "999999999999", Decimal(5), "PAID")
    other = paid(three[0], Decimal("100.01"))
    file = take_in("x", results(unknown, other, paid(three[1])), at=NOON)
    assert outcomes(file) == [("odd", "unknown"), ("odd", "amount"), ("paid", "")]
    assert states() == ["sent", "succeeded", "sent"]


@database
def test_an_answer_to_what_was_never_sent_does_not_fit(order):
    file = take_in("x", results(paid(SettlementOrder.objects.get())), at=NOON)
    assert outcomes(file) == [("odd", "state")]
    assert states() == ["debited"]


@database
def test_a_return_may_come_after_it_was_paid(three, wang):
    take_in("x", results(paid(three[0])), at=NOON)
    before = balance(wang)
    take_in("y", results(returned(three[0]), name="late.csv"), at=NOON + DAY)
    assert states()[0] == "bounced"
    assert balance(wang) == before + 105


@database
def test_an_import_that_broke_off_goes_on_where_it_stopped(three, wang, monkeypatch):
    content = results(*(returned(order) for order in three))
    bounced = settlement.bounced
    before = balance(wang)

    def breaks(order: SettlementOrder, reason: str, **kwargs: object) -> None:
        bounced(order, reason, **kwargs)  # type: ignore[arg-type]
        if order.amount == 200:
            raise DatabaseError("the disk is full")

    monkeypatch.setattr(settlement, "bounced", breaks)
    file = take_in("x", content, at=NOON)
    assert states() == ["bounced", "sent", "bounced"]
    assert not clearing_batches.is_complete(file)
    assert balance(wang) == before + 400 + 10

    monkeypatch.setattr(settlement, "bounced", bounced)
    take_in("x", content, at=NOON)
    assert states() == ["bounced"] * 3
    assert clearing_batches.is_complete(file)
    assert balance(wang) == before + 600 + 15


@database
def test_returned_to_an_account_that_is_closed_stands_under_suspense(wang):
    leaver = cast.chen(opening=205)
    done(remittance(leaver, cast.payee_elsewhere(leaver, bank_code=IN_BEIJING), 200))
    files_out(at=NOON)
    Account.objects.filter(pk=leaver.account.pk).update(status="closed")
    take_in("x", results(returned(SettlementOrder.objects.get())), at=NOON)
    assert states() == ["suspended"]
    assert ledger.internal_balance(Internal.SUSPENSE) == 205
    assert ledger.internal_balance(Internal.CLEARING) == 0


@database
def test_a_reason_that_we_do_not_know_is_another_reason(three):
    take_in("x", results(returned(three[0], "ZZ77")), at=NOON)
    assert SettlementOrder.objects.get(amount=100).reason == "RJ99"
    assert ClearingItem.objects.get(outcome="returned").reason == "ZZ77"


@database
def test_silence_is_payment_in_the_city_and_nowhere_else(order, three):
    files_out(at=CUT_OFF)
    assert deem_paid(at=CUT_OFF.replace(hour=17) - SECOND) == 0
    assert deem_paid(at=CUT_OFF.replace(hour=17)) == 1
    order.refresh_from_db()
    assert order.state == "succeeded"
    assert states().count("sent") == 3


@database
def test_the_books_balance_whatever_came_back(three, wang):
    take_in("x", results(paid(three[0]), returned(three[1])), at=NOON)
    total = sum(
        (ledger.internal_balance(code) for code in Internal),
        Account.objects.get(pk=wang.account.pk).balance,
    )
    assert total == 0
    under_way = SettlementOrder.objects.filter(state__in=["sent", "succeeded"])
    assert ledger.internal_balance(Internal.CLEARING) == sum(o.amount for o in under_way)
    assert Instruction.objects.filter(state="executed").count() == 3  # what she did stays done


# -- files that aren't whole ---------------------------------------------------------------------

TWO = [
    Result(1, "261124000001", Decimal("100.00"), "PAID"),
    Result(2, "261124000002", Decimal("0.01"), "RETURNED", "RJ01"),
]
WHOLE = results(*TWO)


def without_line(content: bytes, line: int) -> bytes:
    lines = content.splitlines(keepends=True)
    return b"".join(lines[:line] + lines[line + 1 :])


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "header"),
        (b"\xff\xfe", "line"),
        (b'"', "line"),
        (WHOLE.replace(b"H,1", b"H,2"), "header"),
        (WHOLE.replace(b"RESULTS", b"OUT", 1), "header"),
        (WHOLE.replace(b"+08:00", b"", 1), "header"),
        (WHOLE.replace(b"large_value", b"any_value"), "header"),
        (WHOLE[:-1], "trailer"),
        (without_line(WHOLE, 3), "trailer"),
        (WHOLE[: len(WHOLE) // 2], "trailer"),
        (without_line(WHOLE, 2), "count"),
        (WHOLE.replace(b"100.00,", b"900.00,", 1), "digest"),
        (WHOLE.replace(b"T,2,100.01", b"T,2,100.02"), "sum"),
        (results(replace(TWO[0], receipt="26112400000x")), "line"),
        (results(replace(TWO[0], reason="RJ01")), "line"),
        (results(replace(TWO[1], reason="")), "line"),
        (results(replace(TWO[0], outcome="LOST")), "line"),  # type: ignore[arg-type]
        (results(replace(TWO[0], amount=Decimal(0))), "line"),
    ],
)
def test_what_is_no_whole_file(content, fault):
    with pytest.raises(BadFile) as refused:
        clearing_files.read_results(content)
    assert refused.value.fault == fault


@given(st.data())
def test_no_byte_of_a_file_may_change(data):
    place = data.draw(st.integers(0, len(WHOLE) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != WHOLE[place]))
    changed = WHOLE[:place] + bytes([other]) + WHOLE[place + 1 :]
    try:
        header, items = clearing_files.read_results(changed)
    except BadFile:
        return
    raise AssertionError((changed, header, items))


words = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=20)


@given(
    st.lists(
        st.tuples(words, words, st.decimals("0.01", "99999999.99", places=2), words), max_size=5
    )
)
def test_a_file_is_read_as_it_was_written(rows):
    items = [
        Payment(line, "261124000001", "7557", payer, IN_BEIJING, "62", payee, amount, remark)
        for line, (payer, payee, amount, remark) in enumerate(rows, start=1)
    ]
    header = Header("OUT", "x.csv", OUR_BANK, "small_value", "20261124-1", NOON)
    assert clearing_house.payments(clearing_files.write(header, items)) == (header, items)


@database
def test_a_broken_file_is_kept_and_moves_nothing(three):
    broken = results(*(paid(order) for order in three)).replace(b"100.00", b"100.01", 1)
    file = take_in("results-1.csv", broken, at=NOON)
    assert file.fault == "digest"
    assert take_in("results-1.csv", broken, at=NOON) == file
    assert states() == ["sent"] * 3
    good = take_in("results-1.csv", results(*(paid(order) for order in three)), at=NOON)
    assert good.fault == ""  # under the same name, whole this time
    assert states() == ["succeeded"] * 3


@database
def test_a_name_belongs_to_one_content(three):
    take_in("x", results(paid(three[0])), at=NOON)
    other = take_in("x", results(paid(three[1])), at=NOON)
    assert other.fault == "name"
    assert states() == ["succeeded", "sent", "sent"]


@database
def test_a_file_for_another_bank(three):
    file = take_in("x", results(paid(three[0]), bank=IN_BEIJING), at=NOON)
    assert file.fault == "bank"
    assert states() == ["sent"] * 3


# -- the folder ----------------------------------------------------------------------------------


@database
def test_files_are_handed_over_once(order, tmp_path: Path):
    files_out(at=CUT_OFF)
    assert clearing_folder.hand_over(tmp_path, at=CUT_OFF) == 1
    (written,) = (tmp_path / "out").iterdir()
    assert written.name == "city_exchange-20261124-2-01.csv"
    assert written.stat().st_mode & 0o777 == 0o600
    written.unlink()  # the courier has it
    assert clearing_folder.hand_over(tmp_path, at=CUT_OFF) == 0
    assert list((tmp_path / "out").iterdir()) == []


@database
def test_what_came_in_is_put_away(three, tmp_path: Path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "good.csv").write_bytes(results(paid(three[0])))
    (tmp_path / "in" / "bad.csv").write_bytes(b"H")
    clearing_folder.take_in(tmp_path, at=NOON)
    assert [path.name for path in (tmp_path / "in" / "done").iterdir()] == ["good.csv"]
    assert [path.name for path in (tmp_path / "in" / "refused").iterdir()] == ["bad.csv"]
    assert states() == ["succeeded", "sent", "sent"]


@database
def test_a_file_that_was_not_wholly_read_stays(three, tmp_path: Path, monkeypatch):
    def breaks(*args: object, **kwargs: object) -> None:
        raise DatabaseError("gone")

    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "good.csv").write_bytes(results(paid(three[0])))
    monkeypatch.setattr(settlement, "succeeded", breaks)
    clearing_folder.take_in(tmp_path, at=NOON)
    assert (tmp_path / "in" / "good.csv").exists()
    monkeypatch.undo()
    clearing_folder.take_in(tmp_path, at=NOON)
    assert not (tmp_path / "in" / "good.csv").exists()
    assert states()[0] == "succeeded"


@database
def test_the_task_does_it_all(order, settings, tmp_path: Path, monkeypatch):
    from banking import tasks
    from calendars import clock

    settings.CLEARING = tmp_path
    monkeypatch.setattr(clock, "_real", lambda: CUT_OFF)
    assert tasks.exchange_clearing_files() == "1 files out, 0 in, 0 deemed paid"
    monkeypatch.setattr(clock, "_real", lambda: CUT_OFF.replace(hour=17))
    assert tasks.exchange_clearing_files() == "0 files out, 0 in, 1 deemed paid"
    assert tasks.debit_due() == "0 executed, 0 refused"
