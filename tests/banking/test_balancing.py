"""A day's orders, journals and clearing files: what agrees, and each thing that does not."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from banking import ledger
from banking.admin.parts import page_of
from banking.clearing_batches import deem_paid, files_out, take_in
from banking.end_of_day import closing
from banking.ledger import Leg
from banking.models import (
    ClearingFile,
    Journal,
    SettlementDay,
    SettlementDifference,
    SettlementOrder,
)
from banking.models.ledger import Internal
from banking.settlement_desk import balancing, queue, suspending, suspense, tying
from banking.settlement_desk.tying import Books, Entry, File, Open
from calendars.clock import bank_day
from people import staff
from people.roles import Role
from tests import cast, clerks
from tests.banking.test_clearing_batches import paid, results, returned
from tests.banking.test_interbank import done, interbank, remittance
from tests.banking.test_settlement_desk import close, given_back
from tests.banking.together import together
from tests.cast import IN_BEIJING, NOON, Person
from tests.clerks import check, checker, make, maker, order_for_hands
from tests.savers import published_rates

Kind = SettlementDifference.Kind
database = pytest.mark.django_db(transaction=True)
TODAY, DAY = bank_day(NOON), timedelta(days=1)
NIGHT = NOON.replace(hour=23, minute=59)

# -- pure ------------------------------------------------------------------------------------------

A, B = Entry("261124000001", Decimal(100), 1), Entry("261124000002", Decimal(200), 2)
FILE = File("f.csv", False, False, 2, Decimal(300), 2, Decimal(300))
EVEN = Books((A, B), (A, B), (B,), (B,), (A, B), (A, B), (FILE,))


def kinds(books: Books) -> list[str]:
    return [difference.kind.value for difference in tying.differences(books)]


def test_a_day_in_balance_has_no_difference():
    assert kinds(EVEN) == []


@pytest.mark.parametrize(
    ("planted", "kind"),
    [
        ({"outward": (A,)}, Kind.NO_JOURNAL),
        ({"debited": (A,)}, Kind.NO_ORDER),
        ({"outward": (A, replace(B, amount=Decimal("200.01")))}, Kind.AMOUNT),
        ({"outward": (A, B, B)}, Kind.AMOUNT),  # booked twice under one number
        ({"returned": ()}, Kind.NO_RETURN),
        ({"given_back": ()}, Kind.STRAY_RETURN),
        ({"filed": (A,)}, Kind.NOT_FILED),
        ({"sent": (A,)}, Kind.NOT_SENT),
        ({"filed": (A, replace(B, amount=Decimal(20)))}, Kind.FILED_AMOUNT),
        ({"files": (replace(FILE, items=1),)}, Kind.FILE_TOTAL),
        ({"files": (replace(FILE, items_total=Decimal(299)),)}, Kind.FILE_TOTAL),
        ({"files": (replace(FILE, is_results=True, items=1),)}, Kind.FILE_UNREAD),
        ({"files": (replace(FILE, is_refused=True, items=0),)}, Kind.FILE_REFUSED),
        ({"odd": (A,)}, Kind.ODD_ITEM),
        ({"open": (Open(Kind.SUSPENDED, "1", Decimal(5), NOON),)}, Kind.SUSPENDED),
        ({"open": (Open(Kind.ON_DESK, "1", Decimal(5), NOON),)}, Kind.ON_DESK),
        ({"open": (Open(Kind.SUSPENSE, "1", Decimal(5), NOON),)}, Kind.SUSPENSE),
        ({"suspense": Decimal(7)}, Kind.UNEXPLAINED),
        ({"explained": Decimal(7)}, Kind.UNEXPLAINED),
        ({"open": (Open(Kind.UNANSWERED, "1", Decimal(5), NOON),)}, Kind.UNANSWERED),
        ({"clearing": Decimal(7)}, Kind.CLEARING),
        ({"under_way": Decimal(7)}, Kind.CLEARING),
    ],
)
def test_each_sort_of_difference_is_named(planted, kind):
    (found,) = tying.differences(replace(EVEN, **planted))
    assert found.kind == kind


def test_every_sort_is_planted_somewhere():
    marks = test_each_sort_of_difference_is_named.pytestmark
    planted = {kind for _what, kind in marks[0].args[1]}
    assert planted == set(Kind)


def test_what_differs_says_both_sides_and_leads_to_its_order():
    wrong = replace(B, amount=Decimal(20))
    (found,) = tying.differences(replace(EVEN, filed=(A, wrong)))
    assert (found.name, found.ours, found.theirs, found.order_id) == (B.name, 200, 20, 2)


entries = st.lists(
    st.builds(
        Entry,
        st.sampled_from("abcdef"),
        st.decimals(Decimal("0.01"), Decimal(9999), places=2),
    ),
    unique_by=lambda entry: entry.name,
    max_size=6,
)


@given(entries, entries)
def test_what_is_named_is_exactly_what_differs(ours, theirs):
    found = tying.differences(replace(EVEN, debited=tuple(ours), outward=tuple(theirs)))
    here, there = ({e.name: e.amount for e in side} for side in (ours, theirs))
    assert {d.name for d in found} == {
        name for name in here.keys() | there.keys() if here.get(name) != there.get(name)
    }
    gap = sum((d.ours or 0) - (d.theirs or 0) for d in found)
    assert gap == sum(here.values()) - sum(there.values())


# -- the real books --------------------------------------------------------------------------------


@pytest.fixture
def wang(transactional_db) -> Person:
    clerks.desk_rule()
    return cast.wang(opening=100_000)


def drawn(day=TODAY, *, at=NIGHT) -> dict[str, list[str]]:
    """By kind: the names of what does not tie."""
    row = balancing.draw_up(day, at=at)
    found: dict[str, list[str]] = {}
    for difference in row.differences.all():
        found.setdefault(difference.kind, []).append(difference.name)
    return found


def sums(day=TODAY) -> dict[tuple[str, str], tuple[int, Decimal]]:
    lines = SettlementDay.objects.get(day=day).sums.all()
    return {(line.book, line.part): (line.count, line.total) for line in lines}


@database
def test_a_whole_day_ties(wang):
    beijing = cast.payee_elsewhere(wang, bank_code=IN_BEIJING)
    for amount in (100, 200, 300):
        done(remittance(wang, beijing, amount))
    done(interbank(wang, cast.payee_elsewhere(wang), 1500))
    by_hand, refused = order_for_hands(wang, 700), order_for_hands(wang, 800)
    make(by_hand, maker())
    check(by_hand, checker())
    given_back(refused)
    files_out(at=NOON)
    first, second, third = SettlementOrder.objects.filter(amount__lt=400).order_by("amount")
    take_in("r.csv", results(paid(first), returned(second), paid(third), paid(by_hand)), at=NOON)
    files_out(at=NOON.replace(hour=15))
    deem_paid(at=NOON.replace(hour=17))

    assert drawn() == {}
    found = sums()
    assert found["orders", "large_value"] == (4 + 1, Decimal(100 + 200 + 300 + 700 + 800))
    assert found["orders", "city_exchange"] == (1, Decimal(1500))
    assert found["outward", ""] == (6, Decimal(3600))
    assert found["sent", "large_value"] == found["files", "large_value"] == (4, Decimal(1300))
    assert found["returned", ""] == (2, Decimal(1000))
    assert found["states", "succeeded"] == (4, Decimal(2600))
    assert found["states", "bounced"] == (1, Decimal(200))
    assert drawn(TODAY + DAY, at=NIGHT + DAY) == {}


@database
def test_a_journal_to_another_bank_without_an_order(wang):
    with transaction.atomic():
        legs = [
            Leg(wang.account.pk, Decimal(-9)),
            Leg(ledger.internal(Internal.CLEARING), Decimal(9)),
        ]
        stray = ledger.post(Journal.Kind.OUTWARD, legs, at=NOON)
    assert drawn() == {"no_order": [stray.number], "clearing": [""]}


@database
def test_a_file_that_is_refused_and_results_that_do_not_fit(wang):
    done(remittance(wang, cast.payee_elsewhere(wang, bank_code=IN_BEIJING), 100))
    files_out(at=NOON)
    order = SettlementOrder.objects.get()
    whole = results(paid(order, Decimal("100.01")), name="odd.csv")
    take_in("odd.csv", whole, at=NOON)
    take_in("cut.csv", whole[:-20], at=NOON)
    receipt = order.instruction.receipt
    assert drawn() == {
        "file_refused": ["cut.csv"],
        "odd_item": [receipt],
        "unanswered": [receipt],
    }


@database
def test_a_file_of_which_a_part_was_left(wang, monkeypatch):
    from django.db import DatabaseError

    from banking import settlement

    beijing = cast.payee_elsewhere(wang, bank_code=IN_BEIJING)
    for amount in (100, 200):
        done(remittance(wang, beijing, amount))
    files_out(at=NOON)
    first, second = SettlementOrder.objects.order_by("amount")
    content, real = results(paid(first), paid(second)), settlement.succeeded

    def once(order, *, at):
        if order.pk == second.pk:
            raise DatabaseError("not now")
        real(order, at=at)

    monkeypatch.setattr(settlement, "succeeded", once)
    take_in("r.csv", content, at=NOON)
    assert drawn() == {"file_unread": ["results-1.csv"], "unanswered": [str(second)]}
    monkeypatch.setattr(settlement, "succeeded", real)
    take_in("r.csv", content, at=NOON)  # the same file again: what is left is done
    assert drawn() == {}


@database
def test_what_the_database_forbids_is_still_named(wang, owner):
    """The guards off: an order sent without a file, and one whose return was never booked."""
    done(remittance(wang, cast.payee_elsewhere(wang, bank_code=IN_BEIJING), 100))
    order = SettlementOrder.objects.get()
    owner.execute("ALTER TABLE banking_settlementorder DISABLE TRIGGER USER")
    try:
        owner.execute("UPDATE banking_settlementorder SET state = 'sent', sent_at = %s", [NOON])
        open_ = {"not_filed": [str(order)], "unanswered": [str(order)]}
        assert drawn() == open_
        owner.execute("UPDATE banking_settlementorder SET amount = 99")
        assert drawn() == {**open_, "amount": [str(order)], "clearing": [""]}
        owner.execute(
            "UPDATE banking_settlementorder SET amount = 100, state = 'debited', sent_at = NULL, "
            "returned_at = %s",
            [NOON],
        )
        assert drawn() == {"no_return": [""]}
    finally:
        owner.execute("ALTER TABLE banking_settlementorder ENABLE TRIGGER USER")


@database
@pytest.mark.parametrize("hour", [12, 20])  # large value by day, a small-value batch at night
def test_what_was_sent_and_never_answered_is_named_until_it_is(wang, hour):
    at = NOON.replace(hour=hour)
    done(remittance(wang, cast.payee_elsewhere(wang, bank_code=IN_BEIJING), 100), at)
    order = SettlementOrder.objects.get()
    assert order.system == ("large_value" if hour == 12 else "small_value")
    files_out(at=order.sends_at)
    due = order.settles_by
    assert drawn(at=due - timedelta(seconds=1)) == {}
    assert drawn(at=due) == drawn(TODAY + DAY, at=NIGHT + DAY) == {"unanswered": [str(order)]}
    named = SettlementDifference.objects.get(settlement_day__day=TODAY)
    assert (named.ours, named.since, named.order) == (100, due, order)
    take_in("r.csv", results(paid(order)), at=NIGHT + DAY)
    assert drawn(TODAY + DAY, at=NIGHT + DAY) == {}


@database
def test_in_the_citys_exchange_silence_is_an_answer(wang):
    done(interbank(wang, cast.payee_elsewhere(wang), 1500))
    files_out(at=NOON.replace(hour=15))
    assert drawn() == {}


def debited_meanwhile(wang, monkeypatch) -> dict[str, list[str]]:
    """While the books are read, between the clearing account and its orders, one is debited."""
    payee, real = cast.payee_elsewhere(wang, bank_code=IN_BEIJING), balancing._under_way

    def read():
        (order,) = together(lambda: done(remittance(wang, payee, 100)))
        assert order.executed_at
        return real()

    monkeypatch.setattr(balancing, "_under_way", read)
    return drawn(at=NOON)


@database
def test_the_books_are_read_as_of_one_moment(wang, monkeypatch):
    assert debited_meanwhile(wang, monkeypatch) == {}
    assert SettlementOrder.objects.count() == 1


@database
def test_control_read_one_after_the_other_they_differ(wang, monkeypatch):
    monkeypatch.setattr(balancing, "_one_moment", transaction.atomic)
    assert debited_meanwhile(wang, monkeypatch) == {"clearing": [""]}


@database
def test_what_is_open_at_the_end_of_the_day_is_named_there(wang):
    published_rates()
    suspended, forgotten = order_for_hands(wang, 40), order_for_hands(wang, 50)
    xu = maker()
    queue.claim(suspended.pk, xu, at=NOON)
    suspending.suspend(suspended.pk, xu, words="查户名", at=NOON)
    SettlementOrder.objects.filter(pk=forgotten.pk).update(cut_off_at=NOON.replace(hour=17))
    night = closing.close(TODAY, at=NIGHT + timedelta(minutes=31))
    assert night.finished_at
    left = SettlementDifference.objects.filter(settlement_day__day=TODAY).order_by("kind")
    assert [(row.kind, row.name, row.since) for row in left] == [
        ("on_desk", forgotten.instruction.receipt, NOON.replace(hour=17)),
        ("suspended", suspended.instruction.receipt, NOON),
    ]
    clerk = staff.hire(number="1002", name="何静", branch=None, roles=[Role.BACK_OFFICE])
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    for page in (night, SettlementDay.objects.get(day=TODAY)):
        shown = browser.get(page_of(page)).content.decode()
        assert "2 differences" in shown
    assert suspended.instruction.receipt in shown  # by its name, with what is open on it
    closing.close(TODAY, at=NIGHT + timedelta(hours=1))  # run again, it is drawn up again
    assert left.count() == 2


@database
def test_suspense_is_named_by_its_journals_until_it_is_paid_out(wang):
    order = order_for_hands(wang, 1500)
    close(wang)
    given_back(order)
    numbers = list(
        Journal.objects.filter(kind__in=["returned", "reversal"])
        .order_by("id")
        .values_list("number", flat=True)
    )
    assert drawn() == {"suspense": numbers}
    assert {row.order for row in SettlementDifference.objects.all()} == {order}


@database
def test_suspense_is_named_each_day_with_its_age_until_it_is_zero(wang):
    from banking import customers
    from people import approvals

    order = order_for_hands(wang, 1500)
    close(wang)
    given_back(order)
    ages = []
    for days in (0, 1, 2, 3, 4):
        at = NIGHT + days * DAY
        assert len(drawn(bank_day(at), at=at)["suspense"]) == 2
        ages += [key[1] for key in sums(bank_day(at)) if key[0] == "suspense"]
        assert sums(bank_day(at))["suspense", ages[-1]] == (2, Decimal(1505))
        assert {row.since for row in SettlementDifference.objects.all()} == {NOON}
    assert ages == ["today", "one", "few", "few", "more"]
    other = customers.open_account(wang.customer, number="7557000000000199", on=cast.LONG_AGO)
    xu, hu = maker("马超"), checker("高洁")
    for item in suspense.items():
        asked = suspense.ask_payout(item.journal_id, other.number, by=xu, reason="转出", at=at)
        approvals.approve(asked.pk, by=hu, at=at)
    assert drawn(TODAY + 4 * DAY, at=at) == {}
    assert not suspense.unsettled()


@database
def test_suspense_that_nothing_explains(wang):
    with transaction.atomic():
        legs = [
            Leg(ledger.internal(Internal.SUSPENSE), Decimal(-3)),
            Leg(ledger.internal(Internal.CASH), Decimal(3)),
        ]
        ledger.post(Journal.Kind.WITHDRAWAL, legs, at=NOON)
    row = balancing.draw_up(TODAY, at=NIGHT)
    (found,) = row.differences.all()
    assert (found.kind, found.ours, found.theirs) == ("unexplained", 0, -3)


@database
def test_no_file_of_another_day_is_in_it(wang):
    done(remittance(wang, cast.payee_elsewhere(wang, bank_code=IN_BEIJING), 100))
    files_out(at=NOON)
    assert ClearingFile.objects.count() == 1
    assert drawn(TODAY - DAY, at=NOON) == {}
    assert sums(TODAY - DAY)["outward", ""] == (0, Decimal(0))
