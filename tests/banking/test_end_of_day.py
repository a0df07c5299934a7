"""日终: each quarter's interest, maturities, payouts and lapsed notices; once, whatever happens."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from banking import customers, holds, interest, ledger
from banking.deposits import notices
from banking.end_of_day import closing, demand
from banking.end_of_day.demand import DemandInterest
from banking.end_of_day.maturities import Maturities
from banking.errors import DayNotOver, ProductNotOffered
from banking.ledger import Leg
from banking.models import (
    Account,
    Deposit,
    DepositRate,
    InterestSettlement,
    InterestTax,
    Journal,
    Night,
    NightTask,
    Notice,
    Posting,
    Unposted,
)
from banking.models.ledger import Internal
from calendars import clock
from calendars.clock import SHANGHAI, bank_day
from tests import cast
from tests.banking.together import Meeting, together
from tests.cast import NOON, Person
from tests.savers import does, draws, principal, published_rates, puts

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = bank_day(NOON)  # 2026-11-24
QUARTER = date(2026, 12, 20)


@pytest.fixture(autouse=True)
def _rates(transactional_db) -> None:
    published_rates()


@pytest.fixture
def wang() -> Person:
    return cast.wang(opening=300_000)


def night_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), SHANGHAI) + timedelta(
        minutes=30
    )


def closed(day: date, **how: int) -> dict[str, tuple[int, int, int]]:
    """Close it: what each work had due, did and named."""
    night = closing.close(day, at=night_after(day), **how)
    assert night.finished_at
    return {task.task: (task.eligible, task.posted, task.named) for task in night.tasks.all()}


def nights_until(day: date) -> None:
    closing.close_due(at=night_after(day))


def balance(who: Person) -> Decimal:
    return Account.objects.get(pk=who.account.pk).balance


def books_balance() -> bool:
    unbalanced = Journal.objects.annotate(total=Sum("postings__amount")).exclude(total=0)
    return not unbalanced.exists() and Posting.objects.aggregate(all=Sum("amount"))["all"] == 0


# -- demand interest ---------------------------------------------------------------------------


def test_a_quarter_is_credited_on_the_twenty_first(wang):
    """300,000 from 24 November: 27 days × 0.05 % ÷ 360 = 11.25."""
    assert closed(QUARTER)["interest"] == (1, 1, 0)
    assert balance(wang) == wang.opening + Decimal("11.25")
    journal = Journal.objects.get(kind="interest")
    assert (journal.booked_on, journal.at) == (
        date(2026, 12, 21),
        datetime(2026, 12, 21, tzinfo=SHANGHAI),
    )
    settled = InterestSettlement.objects.get()
    assert (settled.products, settled.percent) == (300_000 * 27, Decimal("0.05"))
    assert (settled.since, settled.journal) == (date(2026, 9, 21), journal)
    assert books_balance()


def test_no_other_night_settles(wang):
    assert closed(QUARTER - timedelta(days=1))["interest"] == (0, 0, 0)
    assert not InterestSettlement.objects.exists()


def test_run_again_it_pays_nothing_again(wang):
    first = closed(QUARTER)
    assert closed(QUARTER) == first
    assert balance(wang) == wang.opening + Decimal("11.25")


def test_who_earned_less_than_a_fen_is_settled_without_a_journal():
    poor = cast.person("赵敏", opening=1)
    assert closed(QUARTER)["interest"] == (1, 1, 0)
    settled = InterestSettlement.objects.get(account=poor.account)
    assert (settled.products, settled.interest, settled.journal) == (27, 0, None)


def test_the_tax_of_the_day_is_withheld(wang):
    """20 % of 11.25, as a journal of its own."""
    InterestTax.objects.create(valid_from=date(2026, 9, 21), percent=20)
    closed(QUARTER)
    assert balance(wang) == wang.opening + Decimal("11.25") - Decimal("2.25")
    tax = Journal.objects.get(kind="tax")
    assert tax.part_of == Journal.objects.get(kind="interest")
    assert ledger.internal_balance(Internal.TAX) == Decimal("2.25")
    assert books_balance()


def test_without_a_rate_nothing_is_closed(wang):
    DepositRate.objects.filter(product="demand").delete()
    with pytest.raises(ProductNotOffered):
        closed(QUARTER)
    assert Night.objects.get().finished_at is None


def test_thousands_at_once_earn_what_one_earns_by_the_rule():
    """Random books, before, in and after the quarter, against `interest.products`."""
    dice = Random(20)
    people = [cast.person("客户", opening=0, at=NOON) for _ in range(12)]
    cash = ledger.internal(Internal.CASH)
    history = {one.account.pk: dict[date, Decimal]() for one in people}
    first = date(2026, 9, 1)
    for passed in range(125):  # into January
        day = first + timedelta(days=passed)
        for account, days in history.items():
            if dice.random() < 0.15:
                amount = Decimal(dice.randrange(1, 900_000)) / 100
                _pay(account, cash, amount, day)
                days[day] = days.get(day, Decimal(0)) + amount
            if dice.random() < 0.1 and (has := sum(days.values())) > 1:
                taken = (has / 3).quantize(Decimal("0.01"))
                _pay(account, cash, -taken, day)
                days[day] = days.get(day, Decimal(0)) - taken
    closed(QUARTER, size=5)
    since, until = date(2026, 9, 21), date(2026, 12, 21)
    for account, days in history.items():
        held, running = list[tuple[date, Decimal]](), Decimal(0)
        for day, change in sorted(days.items()):
            running += change
            held.append((day, running))
        total = interest.products(held, since=since, until=until)
        settled = InterestSettlement.objects.get(account_id=account)
        assert (settled.products, settled.interest) == (
            total,
            interest.demand(total, Decimal("0.05")),
        )
    assert books_balance()


def _pay(account: int, cash: int, amount: Decimal, day: date) -> None:
    at = datetime.combine(day, datetime.min.time(), SHANGHAI) + timedelta(hours=10)
    with transaction.atomic():
        ledger.post(Journal.Kind.DEPOSIT, [Leg(account, amount), Leg(cash, -amount)], at=at)


# -- maturities --------------------------------------------------------------------------------


def test_a_deposit_is_paid_before_the_morning_it_matures(wang):
    deposit = puts(wang, 10_000, "time", "3m")  # matures on 2027-02-24
    before = balance(wang)
    assert closed(date(2027, 2, 22))["maturities"] == (0, 0, 0)
    assert closed(date(2027, 2, 23))["maturities"] == (1, 1, 0)
    assert balance(wang) == before + 10_000 + Decimal("16.25")
    deposit.refresh_from_db()
    assert deposit.closed_on == date(2027, 2, 24)
    assert Account.objects.get(pk=deposit.account_id).status == "closed"
    entry = deposit.entries.get(what="matured")
    assert (entry.principal, entry.interest, entry.journal.kind) == (
        10_000,
        Decimal("16.25"),
        "redeemed",
    )
    assert [part.kind for part in entry.journal.parts.all()] == ["interest"]
    assert books_balance()


def test_one_that_renews_begins_again_with_its_interest_at_the_new_rate(wang):
    """16.25 at 0.65 %; then 10,016 × 0.60 % × 3/12 = 15.024."""
    deposit = puts(wang, 10_000, "time", "3m", renews=True)
    DepositRate.objects.create(
        product="time", term="3m", valid_from=date(2027, 2, 24), percent="0.60"
    )
    assert closed(date(2027, 2, 23))["maturities"] == (1, 1, 0)
    deposit.refresh_from_db()
    assert (deposit.began_on, deposit.matures_on, deposit.percent) == (
        date(2027, 2, 24),
        date(2027, 5, 24),
        Decimal("0.60"),
    )
    assert principal(deposit) == Decimal("10016.25")
    closed(date(2027, 5, 23))
    assert principal(deposit) == Decimal("10031.27")
    assert books_balance()


def test_a_plan_and_a_drawing_deposit_are_paid_as_well(wang):
    plan = puts(wang, 500, "instalment", "1y")  # one of twelve: by days: 500 × 0.65 % × 365 ÷ 360
    drawing = puts(wang, 60_000, "drawing", "1y")
    before = balance(wang)
    assert closed(date(2027, 11, 23))["maturities"] == (2, 2, 0)
    assert plan.entries.get(what="matured").interest == Decimal("3.30")
    # One payment came the same night; all others, that were missed, with the principal.
    assert drawing.entries.get(what="matured").interest == 390 - Decimal("32.50")
    assert balance(wang) == before + 60_500 + Decimal("393.30")


@pytest.fixture
def stuck(wang) -> Iterator[Deposit]:
    deposit = puts(wang, 10_000, "time", "3m")
    yield deposit
    assert books_balance()


MATURITY = date(2027, 2, 23)


def test_a_frozen_one_is_named_and_paid_when_it_is_free(wang, stuck):
    """16.25, and 10,000 × 0.05 % × 5 ÷ 360 = 0.0694 of five days more."""
    Account.objects.filter(pk=stuck.account_id).update(status="frozen")
    assert closed(MATURITY)["maturities"] == (1, 0, 1)
    assert Unposted.objects.get().why == "frozen"
    Account.objects.filter(pk=stuck.account_id).update(status="active")
    assert closed(MATURITY + timedelta(days=5))["maturities"] == (1, 1, 0)
    assert stuck.entries.get(what="matured").interest == Decimal("16.32")


def test_one_with_money_held_is_named(wang, stuck):
    holds.place(
        key=uuid4(), account_id=stuck.account_id, amount=Decimal(100), reason="法院", at=NOON
    )
    assert closed(MATURITY)["maturities"] == (1, 0, 1)
    assert Unposted.objects.get().why == "held"


def test_one_whose_demand_account_is_closed_is_named(wang):
    other = customers.open_account(wang.customer, number="755700009901", on=TODAY)
    customers.deposit(other.pk, Decimal(10_000), at=NOON)
    deposit = puts(wang, 10_000, "time", "3m")
    Deposit.objects.filter(pk=deposit.pk).update(pays_to=other)
    draws_all(other)
    Account.objects.filter(pk=other.pk).update(status="closed")
    assert closed(MATURITY)["maturities"] == (1, 0, 1)
    assert Unposted.objects.get().why == "payee_closed"


def draws_all(account: Account) -> None:
    _pay(account.pk, ledger.internal(Internal.CASH), Decimal(-10_000), TODAY)


def test_one_whose_rate_is_gone_is_named(wang):
    puts(wang, 10_000, "time", "3m", renews=True)
    DepositRate.objects.filter(product="time", term="3m").delete()
    assert closed(MATURITY)["maturities"] == (1, 0, 1)
    assert Unposted.objects.get().why == "no_rate"


def test_a_named_one_that_she_draws_herself_is_named_no_more(wang, stuck):
    Account.objects.filter(pk=stuck.account_id).update(status="frozen")
    closed(MATURITY)
    Account.objects.filter(pk=stuck.account_id).update(status="active")
    draws(wang, stuck, night_after(MATURITY) + timedelta(hours=9))
    assert closed(MATURITY)["maturities"] == (0, 0, 0)
    assert not Unposted.objects.exists()


# -- 存本取息 and notices -----------------------------------------------------------------------


def test_interest_is_paid_out_each_month_and_the_rest_at_the_end(wang):
    """60,000 × 0.65 % = 390 a year, 32.50 a month."""
    deposit = puts(wang, 60_000, "drawing", "1y")
    before = balance(wang)
    for month in range(1, 12):
        day = interest.month_after(TODAY, month) - timedelta(days=1)
        assert closed(day)["payouts"] == (1, 1, 0)
        assert closed(day)["payouts"] == (1, 1, 0)  # again, and nothing twice
    assert balance(wang) - before - demand_interest() == 11 * Decimal("32.50")
    last = closed(date(2027, 11, 23))
    assert (last["payouts"], last["maturities"]) == ((0, 0, 0), (1, 1, 0))
    assert deposit.entries.get(what="matured").interest == Decimal("32.50")
    assert balance(wang) - before - demand_interest() == 60_390
    assert books_balance()


def demand_interest() -> Decimal:
    return InterestSettlement.objects.aggregate(all=Sum("interest"))["all"] or Decimal(0)


def test_a_notice_not_used_lapses_when_its_day_is_over(wang):
    deposit = puts(wang, 100_000, "notice", "7d")
    notices.announce(deposit.pk, Decimal(60_000), customer_id=wang.id, call_ref="", at=NOON)
    due = TODAY + timedelta(days=7)
    assert closed(due - timedelta(days=1))["notices"] == (0, 0, 0)
    assert closed(due)["notices"] == (1, 1, 0)
    lapsed = Notice.objects.get()
    assert (lapsed.state, lapsed.forfeit, lapsed.forfeit_since, lapsed.forfeit_until) == (
        "lapsed",
        60_000,
        TODAY,
        due,
    )
    assert closed(due)["notices"] == (1, 1, 0)


# -- whatever happens --------------------------------------------------------------------------


@pytest.fixture
def twelve() -> list[Person]:
    return [cast.person("客户", opening=100_000) for _ in range(12)]


def credited(people: list[Person]) -> set[Decimal]:
    return {balance(one) - one.opening for one in people}


def test_two_at_once_do_nothing_twice(twelve):
    outcomes = together(*[lambda: closed(QUARTER, size=3)] * 2)
    assert [outcome["interest"] for outcome in outcomes] == [(12, 12, 0)] * 2
    assert credited(twelve) == {Decimal("3.75")}
    assert InterestSettlement.objects.count() == 12


def test_two_that_look_at_once_find_out_under_the_lock(twelve, monkeypatch):
    """Both see the same accounts due; who is second finds them settled."""
    both_look(monkeypatch, meeting := Meeting(patience_s=5))
    outcomes = together(*[lambda: closed(QUARTER, size=50)] * 2)
    assert meeting.met
    assert [outcome["interest"] for outcome in outcomes] == [(12, 12, 0)] * 2
    assert credited(twelve) == {Decimal("3.75")}


def test_two_that_look_only_once_meet_what_postgresql_keeps(twelve, monkeypatch):
    """The control: without the second look the later one is refused."""
    both_look(monkeypatch, meeting := Meeting(patience_s=5))
    monkeypatch.setattr(demand, "_STILL", demand._STILL.replace("NOT EXISTS", "true OR EXISTS"))
    outcomes = together(*[lambda: closed(QUARTER, size=50)] * 2)
    assert meeting.met
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert [type(one) for one in refused] == [IntegrityError]
    assert "interest_settled_once" in str(refused[0])
    assert credited(twelve) == {Decimal("3.75")}


def both_look(monkeypatch, meeting: Meeting) -> None:
    """Two nights have looked at what is due before either locks it."""
    batch = DemandInterest.batch

    def together_first(self, tonight, accounts):
        meeting.wait()
        batch(self, tonight, accounts)

    monkeypatch.setattr(DemandInterest, "batch", together_first)


def test_several_hands_do_what_one_does(monkeypatch):
    """Each hand on its own connection; one that fails leaves the rest done, and the night open."""
    people = [cast.person("客户", opening=100_000) for _ in range(40)]
    hands, batch = set[int](), DemandInterest.batch

    def breaking(self, tonight, accounts):
        hands.add(connection.connection.info.backend_pid)
        if people[20].account.pk in accounts:
            raise ConnectionError
        batch(self, tonight, accounts)

    monkeypatch.setattr(closing, "HANDS", 3)
    monkeypatch.setattr(DemandInterest, "batch", breaking)
    with pytest.raises(ConnectionError):
        closed(QUARTER, size=2)
    assert len(hands) == 3
    assert InterestSettlement.objects.count() == 38
    assert Night.objects.get().finished_at is None
    monkeypatch.setattr(DemandInterest, "batch", batch)
    assert closed(QUARTER, size=2)["interest"] == (40, 40, 0)
    assert credited(people) == {Decimal("3.75")}
    assert books_balance()


class Killed(BaseException):
    """As by kill -9 between two batches."""


def test_killed_in_the_middle_it_goes_on_where_it_stopped(twelve, monkeypatch):
    batch, done = DemandInterest.batch, []

    def dying(self, tonight, accounts):
        if len(done) == 2:
            raise Killed
        done.append(accounts)
        batch(self, tonight, accounts)

    monkeypatch.setattr(closing, "HANDS", 1)
    monkeypatch.setattr(DemandInterest, "batch", dying)
    with pytest.raises(Killed):
        closed(QUARTER, size=3)
    assert InterestSettlement.objects.count() == 6
    assert Night.objects.get().finished_at is None
    monkeypatch.setattr(DemandInterest, "batch", batch)
    assert closed(QUARTER, size=3)["interest"] == (12, 12, 0)
    assert credited(twelve) == {Decimal("3.75")}
    assert books_balance()


def test_a_transfer_meanwhile_waits_or_goes_first(twelve):
    """The batch and a payment of the next morning, both whole."""
    request = cast.transfer(twelve[0], twelve[1], 500)
    outcomes = together(
        lambda: closed(QUARTER, size=12), lambda: does(request, night_after(QUARTER))
    )
    assert not [x for x in outcomes if isinstance(x, Exception)]
    assert balance(twelve[0]) == 100_000 - 500 + Decimal("3.75")
    assert balance(twelve[1]) == 100_000 + 500 + Decimal("3.75")


def test_what_is_neither_done_nor_named_is_found_out(wang, monkeypatch):
    puts(wang, 10_000, "time", "3m")
    monkeypatch.setattr(Maturities, "batch", lambda *_: None)
    with pytest.raises(IntegrityError, match="night_task_accounts_for_all"):
        closed(MATURITY)
    assert NightTask.objects.get(task="maturities").finished_at is None


def test_a_day_is_closed_when_it_is_over():
    with pytest.raises(DayNotOver):
        closing.close(TODAY, at=NOON)


def test_days_that_were_missed_are_closed_one_by_one(wang):
    nights_until(TODAY)
    assert list(Night.objects.values_list("day", flat=True)) == [TODAY]
    nights_until(TODAY + timedelta(days=3))
    assert Night.objects.count() == 4
    nights_until(TODAY + timedelta(days=3))
    assert Night.objects.count() == 4


def test_a_late_run_books_on_the_day_it_was_due(wang):
    closing.close(QUARTER, at=night_after(QUARTER + timedelta(days=9)))
    assert Journal.objects.get(kind="interest").booked_on == date(2026, 12, 21)


def test_the_command(wang, monkeypatch, capsys):
    monkeypatch.setattr(clock, "_real", lambda: night_after(QUARTER))
    call_command("end_of_day", "--day", "2026-12-20")
    assert "1 = 1 + 0" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("end_of_day", "--day", "2026-12-21")
    call_command("end_of_day")
    assert Night.objects.count() == 1
