"""Interest against examples worked by hand: the sum stands beside each, the rule above each table.

Rates: People's Bank of China 2004-10-29; a bank's posted rates of 2015-06-28 and 2025-05-20
(domain.md §1). 条例: 储蓄管理条例 (State Council Order 107); 规定: 银发〔1993〕7号.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banking import interest
from banking.interest import Announced, Basis, Forfeit, Paid, TaxPeriod, month_after

D = Decimal
PERIODS, ACTUAL = Basis.PERIODS, Basis.ACTUAL


def rows(table):
    """Each under its own words, so that a failure names the example."""
    return [pytest.param(*row, id=" ".join(map(str, row))) for row in table]


def day(written: str) -> date:
    return date.fromisoformat(written)


# -- 活期 ------------------------------------------------------------------------------------
# 条例 Art. 27, 银发〔2005〕129号: Σ daily balances in whole yuan × rate ÷ 360, half up to the fen.

DEMAND = [
    # balance, days, %, yuan
    ("10000", 92, "0.72", "18.40"),  # 920,000 × 0.72 % ÷ 360
    ("999.99", 92, "0.72", "1.84"),  # 999 × 92 = 91,908 → 1.83816: 99 fen earn nothing
    ("0.99", 92, "0.72", "0.00"),
    ("1", 92, "0.72", "0.00"),  # 0.00184
    ("250", 1, "0.72", "0.01"),  # 0.005 exactly: up
    ("249", 1, "0.72", "0.00"),  # 0.00498
    ("1250", 1, "0.72", "0.03"),  # 0.025 exactly: up, where a banker's rounding gives 0.02
    ("10000", 90, "0.35", "8.75"),  # 900,000 × 0.35 % ÷ 360
    ("10000", 91, "0.35", "8.85"),  # 8.8472
    ("100000", 91, "0.05", "12.64"),  # 12.6389
    ("0", 92, "0.72", "0.00"),
]


@pytest.mark.parametrize(("balance", "days", "percent", "yuan"), rows(DEMAND))
def test_demand(balance, days, percent, yuan):
    since = day("2026-03-21")
    total = interest.products(
        [(since, D(balance))], since=since, until=since + timedelta(days=days)
    )
    assert interest.demand(total, D(percent)) == D(yuan)


def test_a_balance_counts_from_the_day_it_is_there():
    """5,000 for 30 days and 8,000 for 62: 150,000 + 496,000 = 646,000 → 12.92 at 0.72 %."""
    balances = [(day("2025-03-01"), D(5000)), (day("2026-04-20"), D(8000))]
    total = interest.products(balances, since=day("2026-03-21"), until=day("2026-06-21"))
    assert total == 646_000
    assert interest.demand(total, D("0.72")) == D("12.92")


def test_what_comes_after_the_quarter_does_not_count():
    balances = [(day("2026-03-21"), D(100)), (day("2026-06-21"), D(9999))]
    assert interest.products(balances, since=day("2026-03-21"), until=day("2026-06-21")) == 9200


@pytest.mark.parametrize(
    ("closes", "since"),
    [
        ("2026-03-20", "2025-12-21"),
        ("2026-06-20", "2026-03-21"),
        ("2026-09-20", "2026-06-21"),
        ("2026-12-20", "2026-09-21"),
        ("2026-03-19", None),
        ("2026-03-21", None),
        ("2026-04-20", None),
    ],
)
def test_a_quarter_is_settled_on_the_twentieth_of_its_last_month(closes, since):
    expected = day(since) if since else None
    assert interest.quarter_settled_on(day(closes)) == expected


# -- 整存整取 --------------------------------------------------------------------------------
# 条例 Art. 26: the rate of the opening day for the whole term. By periods: principal × years ×
# rate; by days: × days ÷ 360 (both 银发〔2005〕129号).

FULL_TERMS = [
    # principal, months, %, basis, began, yuan
    ("10000", 3, "1.71", PERIODS, "2004-11-01", "42.75"),  # 10,000 × 1.71 % × 3/12
    ("10000", 6, "2.07", PERIODS, "2004-11-01", "103.50"),  # × 2.07 % × 6/12
    ("10000", 12, "2.25", PERIODS, "2004-11-01", "225.00"),
    ("10000", 24, "2.70", PERIODS, "2004-11-01", "540.00"),  # × 2.70 % × 2
    ("10000", 36, "3.24", PERIODS, "2004-11-01", "972.00"),
    ("10000", 60, "3.60", PERIODS, "2004-11-01", "1800.00"),
    ("10000", 3, "1.85", PERIODS, "2015-07-01", "46.25"),
    ("10000", 6, "2.05", PERIODS, "2015-07-01", "102.50"),
    ("10000", 12, "2.25", PERIODS, "2015-07-01", "225.00"),
    ("10000", 24, "2.75", PERIODS, "2015-07-01", "550.00"),
    ("10000", 36, "3.25", PERIODS, "2015-07-01", "975.00"),
    ("10000", 60, "3.35", PERIODS, "2015-07-01", "1675.00"),
    ("10000", 3, "0.65", PERIODS, "2025-06-01", "16.25"),
    ("10000", 6, "0.85", PERIODS, "2025-06-01", "42.50"),
    ("10000", 12, "0.95", PERIODS, "2025-06-01", "95.00"),
    ("10000", 24, "1.05", PERIODS, "2025-06-01", "210.00"),
    ("10000", 36, "1.25", PERIODS, "2025-06-01", "375.00"),
    ("10000", 60, "1.30", PERIODS, "2025-06-01", "650.00"),
    ("10000.99", 12, "2.25", PERIODS, "2015-07-01", "225.00"),  # 99 fen earn nothing
    ("50", 3, "0.65", PERIODS, "2025-06-01", "0.08"),  # the minimum: 0.08125
    ("10000", 12, "2.25", ACTUAL, "2015-07-01", "228.75"),  # 366 days ÷ 360: 29 February 2016
    ("10000", 12, "2.25", ACTUAL, "2016-07-01", "228.13"),  # 365 days: 228.125
    ("10000", 3, "0.65", ACTUAL, "2026-01-31", "16.07"),  # to 30 April: 89 days: 16.0694
    ("10000", 3, "0.65", PERIODS, "2026-01-31", "16.25"),  # to 30 April: three months all the same
]


@pytest.mark.parametrize(
    ("principal", "months", "percent", "basis", "began", "yuan"), rows(FULL_TERMS)
)
def test_a_full_term(principal, months, percent, basis, began, yuan):
    matures = month_after(day(began), months)
    earned = interest.lump_sum(
        D(principal),
        began=day(began),
        matures=matures,
        drawn=matures,
        percent=D(percent),
        demand_percent=D("0.05"),
        basis=basis,
    )
    assert earned == D(yuan)


# 条例 Art. 24: what is drawn early, and that alone, earns the demand rate of the day. Art. 25:
# after the term the demand rate of the day, unless rolled over.
EARLY_AND_LATE = [
    # principal, began, matures, drawn, %, demand %, yuan
    ("10000", "2015-07-01", "2018-07-01", "2016-03-10", "3.25", "0.35", "24.60"),  # 253 d: 24.597
    ("4000", "2015-07-01", "2018-07-01", "2016-03-10", "3.25", "0.35", "9.84"),  # a part: 9.8389
    ("10000", "2025-06-01", "2026-06-01", "2026-05-31", "0.95", "0.05", "5.06"),  # 364 d: 5.0556
    ("10000", "2025-06-01", "2026-06-01", "2026-06-01", "0.95", "0.05", "95.00"),  # on the day
    ("10000", "2025-06-01", "2026-06-01", "2026-06-02", "0.95", "0.05", "95.01"),  # + 0.0139
    ("10000", "2025-06-01", "2026-06-01", "2025-06-01", "0.95", "0.05", "0.00"),  # the same day
    ("10000", "2025-06-01", "2026-06-01", "2025-06-02", "0.95", "0.05", "0.01"),  # one day: 0.0139
    ("10000", "2015-07-01", "2016-07-01", "2016-07-31", "2.25", "0.35", "227.92"),  # + 2.9167
    (
        "10000",
        "2015-07-01",
        "2016-07-01",
        "2017-07-01",
        "2.25",
        "0.35",
        "260.49",
    ),  # + 35.4861
    (
        "13",
        "2015-07-01",
        "2016-07-01",
        "2016-07-31",
        "2.25",
        "0.35",
        "0.30",
    ),  # 0.2925 + 0.0038
]


@pytest.mark.parametrize(
    ("principal", "began", "matures", "drawn", "percent", "demand", "yuan"), rows(EARLY_AND_LATE)
)
def test_early_and_late(principal, began, matures, drawn, percent, demand, yuan):
    earned = interest.lump_sum(
        D(principal),
        began=day(began),
        matures=day(matures),
        drawn=day(drawn),
        percent=D(percent),
        demand_percent=D(demand),
        basis=PERIODS,
    )
    assert earned == D(yuan)


def test_what_is_rolled_over_earns_on_its_interest():
    """10,000 at 2.25 % is 10,225; that at 0.95 % for a year: 97.1375."""
    terms = {"began": day("2025-06-01"), "matures": day("2026-06-01"), "drawn": day("2026-06-01")}
    rates = {"demand_percent": D("0.05"), "basis": PERIODS}
    first = interest.lump_sum(D(10000), percent=D("2.25"), **terms, **rates)
    assert interest.lump_sum(10000 + first, percent=D("0.95"), **terms, **rates) == D("97.14")


# -- 零存整取 --------------------------------------------------------------------------------
# 规定: Σ monthly balances × monthly rate. So much a month, n months: the amount × n(n+1)/2.

PLANS = [
    # monthly, months, %, yuan
    ("1000", 12, "1.71", "111.15"),  # 78,000 × 1.71 % ÷ 12
    ("1000", 36, "2.07", "1148.85"),  # 666,000 × 2.07 % ÷ 12
    ("1000", 60, "2.25", "3431.25"),  # 1,830,000 × 2.25 % ÷ 12
    ("500", 12, "0.65", "21.13"),  # 39,000: 21.125
    ("500", 36, "0.85", "235.88"),  # 333,000: 235.875
    ("5", 12, "1.71", "0.56"),  # the minimum: 390: 0.55575
]
BEGAN = day("2025-01-05")


def plan(monthly: str, months: int, *, without: Sequence[int] = ()) -> list[Paid]:
    """An instalment each month, but for some."""
    return [Paid(month_after(BEGAN, m), D(monthly)) for m in range(months) if m not in without]


def collected(paid, months=12, percent="1.71", drawn=None, demand="0.72") -> Decimal:
    matures = month_after(BEGAN, months)
    return interest.instalments(
        paid,
        began=BEGAN,
        matures=matures,
        drawn=drawn or matures,
        percent=D(percent),
        demand_percent=D(demand),
    )


@pytest.mark.parametrize(("monthly", "months", "percent", "yuan"), rows(PLANS))
def test_a_plan_that_was_kept(monthly, months, percent, yuan):
    assert collected(plan(monthly, months), months, percent) == D(yuan)


def test_any_day_of_the_month_will_do():
    late = [Paid(p.on + timedelta(days=20), p.amount) for p in plan("1000", 12)]
    assert collected([plan("1000", 1)[0], *late[1:]]) == D("111.15")


def test_a_missed_month_is_made_up_in_the_next():
    """June's balance lacks 1,000: 77,000 × 1.71 % ÷ 12 = 109.725."""
    paid = sorted(
        [*plan("1000", 12, without=[5]), Paid(day("2025-07-20"), D(1000))], key=lambda p: p.on
    )
    assert collected(paid) == D("109.73")


def test_a_month_that_was_missed_for_good_has_all_by_days():
    """365 + 334 + 306 + 245 + 214 + 184 + 153 + 122 + 92 + 61 + 31 = 2,107 days × 1,000 ×
    1.71 % ÷ 360 = 100.0825."""
    assert collected(plan("1000", 12, without=[3])) == D("100.08")


def test_the_last_month_can_only_be_paid_within_it():
    """2,351 days: 111.6725. By days, though less was paid."""
    assert collected(plan("1000", 12, without=[11])) == D("111.67")


def test_made_up_two_months_later_is_too_late():
    """June and July missed: in August July's may still be paid, June's not."""
    made_up = [Paid(day("2025-08-20"), D(1000)), Paid(day("2025-08-21"), D(1000))]
    days = [p.on for p in (*plan("1000", 12, without=[5, 6]), *made_up)]
    assert set(range(12)) - interest.months_paid(days, began=BEGAN) == {5}
    assert not interest.is_kept(days, began=BEGAN, months=12)


def test_a_plan_that_is_closed_early_earns_the_demand_rate():
    """74 + 43 + 15 days = 132,000 × 0.72 % ÷ 360."""
    assert collected(plan("1000", 3), drawn=day("2025-03-20")) == D("2.64")


def test_a_plan_that_is_overdue_earns_demand_on_all_of_it():
    """111.15 + 12,000 × 0.72 % × 10 ÷ 360 = 2.40."""
    assert collected(plan("1000", 12), drawn=day("2026-01-15")) == D("113.55")


@pytest.mark.parametrize(
    ("paid_in", "on", "due"),
    [
        ([0], "2025-01-05", 0),  # with the first it was opened
        ([0], "2025-02-04", 0),
        ([0], "2025-02-05", 1),
        ([0], "2025-03-04", 1),
        ([0], "2025-03-05", 2),  # February's was missed, and may still be paid
        ([0], "2025-04-05", 2),  # February's is lost; March's and April's may be paid
        ([0, 1, 2], "2025-03-30", 0),
        (range(12), "2025-12-20", 0),
        (range(11), "2026-01-04", 1),
        (range(12), "2026-01-05", 0),
    ],
)
def test_how_many_may_be_paid(paid_in, on, due):
    days = [month_after(BEGAN, m) for m in paid_in]
    assert interest.payable(days, began=BEGAN, months=12, on=day(on)) == due


# -- 存本取息 --------------------------------------------------------------------------------
# 规定: principal × years × rate ÷ payments; closed early, what was paid too much is taken back.

DRAWINGS = [
    # principal, months, %, payments, nth, yuan
    ("60000", 36, "0.85", 36, 1, "42.50"),  # 1,530 ÷ 36
    ("10000", 12, "1.71", 12, 12, "14.25"),  # 171 ÷ 12
    ("100000", 36, "2.05", 12, 5, "512.50"),  # 6,150 ÷ 12
    ("5000", 12, "0.65", 12, 1, "2.71"),  # 32.50 ÷ 12 = 2.7083
    ("5000", 12, "0.65", 12, 12, "2.69"),  # 32.50 − 11 × 2.71
    ("7000", 60, "2.25", 60, 59, "13.13"),  # 787.50 ÷ 60 = 13.125
    ("7000", 60, "2.25", 60, 60, "12.83"),  # 787.50 − 59 × 13.13
]


@pytest.mark.parametrize(
    ("principal", "months", "percent", "payments", "nth", "yuan"), rows(DRAWINGS)
)
def test_a_payment_of_interest(principal, months, percent, payments, nth, yuan):
    paid = interest.drawing_payment(
        D(principal), months=months, percent=D(percent), payments=payments, nth=nth
    )
    assert paid == D(yuan)


DRAWN = [
    # drawn, had, yuan: 60,000 from 2025-06-10 for three years at 0.85 %, demand 0.05 %
    ("2025-12-01", "212.50", "-198.00"),  # 174 days: 14.50, less 5 payments of 42.50
    ("2025-06-30", "0", "1.67"),  # 20 days: 1.6667
    ("2025-06-10", "0", "0.00"),
    ("2028-06-09", "1487.50", "-1396.25"),  # 1,095 days: 91.25, less 35 payments
    ("2028-06-10", "1487.50", "42.50"),  # the last one
    ("2028-06-25", "1487.50", "43.75"),  # and 15 days at the demand rate: 1.25
]


@pytest.mark.parametrize(("drawn", "had", "yuan"), rows(DRAWN))
def test_an_interest_drawing_deposit_is_closed(drawn, had, yuan):
    due = interest.drawing_closed(
        D(60000),
        began=day("2025-06-10"),
        matures=day("2028-06-10"),
        drawn=day(drawn),
        percent=D("0.85"),
        demand_percent=D("0.05"),
        paid=D(had),
    )
    assert due == D(yuan)


# -- 通知存款 --------------------------------------------------------------------------------
# 银发〔1999〕3号. 7 days' notice unless said otherwise, 1.35 %, demand 0.35 %; began 2026-03-01.

OPENED = day("2026-03-01")


def after(days: int) -> date:
    return OPENED + timedelta(days=days)


def drawn(asked, balance, held, announced=None, *, forfeits=(), notice_days=7, percent="1.35"):
    """`announced`: yuan and in how many days after the opening."""
    return interest.notice_drawn(
        D(asked),
        balance=D(balance),
        began=OPENED,
        drawn=after(held),
        notice_days=notice_days,
        minimum=D(50000),
        announced=Announced(D(announced[0]), after(announced[1])) if announced else None,
        forfeits=forfeits,
        percent=D(percent),
        demand_percent=D("0.35"),
    )


NOTICES = [
    # asked, balance, days held, announced, yuan
    ("100000", "100000", 40, ("100000", 40), "150.00"),  # × 1.35 % × 40 ÷ 360
    ("100000", "100000", 7, ("100000", 7), "26.25"),  # as long as the notice: long enough
    ("100000", "100000", 6, ("100000", 6), "5.83"),  # shorter: × 0.35 % × 6 ÷ 360
    ("100000", "100000", 0, None, "0.00"),
    ("100000", "100000", 40, None, "38.89"),  # unannounced: 38.8889
    ("100000", "100000", 39, ("100000", 40), "37.92"),  # a day before: 37.9167
    ("100000", "100000", 41, ("100000", 40), "39.86"),  # a day after: 39.8611
    ("49999.99", "100000", 40, ("49999.99", 40), "19.44"),  # below the minimum: 49,999 → 19.4441
    ("50000", "100000", 40, ("50000", 40), "75.00"),  # the minimum, and leaves it
    ("80000", "200000", 40, ("60000", 40), "97.78"),  # 90.00, and 20,000 more: 7.7778
    ("60000", "200000", 40, ("80000", 40), "90.00"),  # less: what is drawn was announced
    ("60000", "100000", 40, ("60000", 40), "105.56"),  # the rest of 40,000 goes: 15.5556
    ("100000.75", "100000.75", 40, ("100000.75", 40), "150.00"),  # 75 fen earn nothing
]


@pytest.mark.parametrize(("asked", "balance", "held", "announced", "yuan"), rows(NOTICES))
def test_a_notice_deposit_is_drawn(asked, balance, held, announced, yuan):
    assert drawn(asked, balance, held, announced).interest == D(yuan)


def test_one_days_notice():
    """100,000 × 0.80 % × 30 ÷ 360 = 66.6667; on the first day it is too early."""
    whole = ("100000", "100000")
    after_a_month = drawn(*whole, 30, ("100000", 30), notice_days=1, percent="0.80")
    assert after_a_month.interest == D("66.67")
    at_once = drawn(*whole, 0, ("100000", 0), notice_days=1, percent="0.80")
    assert (at_once.interest, at_once.agreed) == (0, 0)


def test_a_rest_below_the_minimum_is_paid_out_with_it():
    found = drawn("60000", "100000", 40, ("60000", 40))
    assert (found.principal, found.agreed, found.closes) == (100_000, 60_000, True)
    kept = drawn("50000", "100000", 40, ("50000", 40))
    assert (kept.principal, kept.closes) == (50_000, False)


def test_what_was_announced_and_not_drawn_earns_demand_until_then():
    """20,000 short. Later 140,000 × 1.35 % × 60 ÷ 360 = 315.00, less 20,000 × 1 % × 40 ÷ 360 =
    22.2222."""
    assert drawn("60000", "200000", 40, ("80000", 40)).short == 20_000
    short = Forfeit(D(20000), OPENED, after(40), "demand")
    later = drawn("140000", "140000", 60, ("140000", 60), forfeits=[short])
    assert later.interest == D("292.78")


FORFEITS = [
    # forfeited yuan, announced, days held, yuan
    ("100000", ("100000", 40), 40, "123.75"),  # 150.00, less 7 days: 26.25
    ("50000", ("100000", 40), 40, "136.88"),  # 150.00, less 13.125
    ("100000", None, 40, "32.08"),  # 38.8889, less 7 days of demand: 6.8056
    ("150000", ("100000", 40), 40, "123.75"),  # only what is drawn can pay for it
]


@pytest.mark.parametrize(("forfeited", "announced", "held", "yuan"), rows(FORFEITS))
def test_a_notice_cancelled_or_unused_costs_its_days(forfeited, announced, held, yuan):
    cost = Forfeit(D(forfeited), after(10), after(17), "nothing")
    assert drawn("100000", "100000", held, announced, forfeits=[cost]).interest == D(yuan)


def test_it_never_costs_more_than_was_earned():
    cost = Forfeit(D(100000), OPENED, after(14), "nothing")
    assert drawn("100000", "100000", 7, None, forfeits=[cost]).interest == 0


# -- 利息税 ----------------------------------------------------------------------------------
# By the days on which it accrued: Order 272 (1999-11-01), 502 (2007-08-15), 财税〔2008〕132号.

TAXES = [
    TaxPeriod(day("1999-11-01"), D(20)),
    TaxPeriod(day("2007-08-15"), D(5)),
    TaxPeriod(day("2008-10-09"), D(0)),
]
TAXED = [
    # interest, since, until, yuan
    ("1000", "2005-01-01", "2006-01-01", "200.00"),
    ("1000", "2007-08-15", "2008-08-15", "50.00"),
    ("1000", "2008-10-09", "2009-10-09", "0.00"),
    ("1000", "1998-01-01", "1999-11-01", "0.00"),  # before the tax
    ("1000", "1999-10-31", "1999-11-02", "100.00"),  # one of two days
    ("225", "2007-01-01", "2008-01-01", "32.15"),  # (226 × 20 + 139 × 5) ÷ 365: 14.2877 %
    ("225", "2008-01-09", "2009-01-09", "8.42"),  # 274 × 5 ÷ 366: 3.7432 %
    ("1800", "2004-10-29", "2009-10-29", "221.85"),  # (1,020 × 20 + 421 × 5) ÷ 1,826
    ("0.10", "2007-09-01", "2007-10-01", "0.01"),  # 0.005: up
    ("0.09", "2007-09-01", "2007-10-01", "0.00"),
    ("100", "2007-09-01", "2007-09-01", "0.00"),  # no day, no tax
]


@pytest.mark.parametrize(("earned", "since", "until", "yuan"), rows(TAXED))
def test_tax(earned, since, until, yuan):
    withheld = interest.tax(D(earned), since=day(since), until=day(until), periods=TAXES)
    assert withheld == D(yuan)


def test_eighty_examples_are_worked():
    tables = (DEMAND, FULL_TERMS, EARLY_AND_LATE, PLANS, DRAWINGS, DRAWN)
    more = (NOTICES, FORFEITS, TAXED)
    assert sum(map(len, (*tables, *more))) >= 80


# -- what holds for every sum and every day ---------------------------------------------------

yuan = st.decimals(1, 10**9, places=2)
percents = st.decimals(0, 20, places=2)
dates = st.dates(day("1994-01-01"), day("2040-12-31"))
spans = st.integers(0, 4000).map(timedelta)


@given(dates, st.integers(0, 120))
def test_months_are_counted_as_they_are_added(since, months):
    assert interest.whole_months(since, month_after(since, months)) == months


@given(dates, spans)
def test_odd_days_are_fewer_than_a_month(since, span):
    until = since + span
    months = interest.whole_months(since, until)
    assert month_after(since, months) <= until < month_after(since, months + 1)


@given(yuan, dates, st.sampled_from([3, 6, 12, 24, 36, 60]), percents, percents, spans)
def test_drawn_in_parts_early_is_drawn_whole_but_for_the_fen(sum_, began, months, rate, low, span):
    matures = month_after(began, months)
    terms = {
        "began": began,
        "matures": matures,
        "drawn": min(began + span, matures - timedelta(days=1)),
        "percent": rate,
        "demand_percent": low,
        "basis": PERIODS,
    }
    half = interest.whole_yuan(sum_ / 2)
    parts = interest.lump_sum(half, **terms) + interest.lump_sum(sum_ - half, **terms)
    assert abs(parts - interest.lump_sum(sum_, **terms)) <= D("0.01")


@given(yuan, st.sampled_from([12, 36, 60]), percents, st.sampled_from([1, 3, 6, 12]))
def test_the_payments_are_the_interest_of_the_term(sum_, months, percent, every):
    payments = months // every
    terms = {"months": months, "percent": percent, "payments": payments}
    paid = [interest.drawing_payment(sum_, nth=n, **terms) for n in range(1, payments + 1)]
    began = day("2025-01-05")
    matures = month_after(began, months)
    full = interest.drawing_closed(
        sum_,
        began=began,
        matures=matures,
        drawn=matures,
        percent=percent,
        demand_percent=D(0),
        paid=D(0),
    )
    assert sum(paid) == full


@given(yuan, dates, spans, percents)
def test_a_longer_wait_never_earns_less(sum_, began, span, percent):
    def earned(days: timedelta) -> Decimal:
        total = interest.products([(began, sum_)], since=began, until=began + days)
        return interest.demand(total, percent)

    assert 0 <= earned(span) <= earned(span + timedelta(days=1))


@given(
    st.decimals(1, 10**6, places=2),
    st.decimals(0, 10**6, places=2),
    st.integers(0, 400),
    st.one_of(
        st.none(),
        st.tuples(st.decimals(50_000, 10**6, places=2), st.integers(0, 400)),
    ),
    st.integers(0, 300),
)
def test_a_withdrawal_earns_between_nothing_and_the_notice_rate(asked, rest, held, told, lost):
    cost = Forfeit(asked, after(lost), after(lost + 7), "nothing")
    free, charged = (drawn(asked, asked + rest, held, told, forfeits=f) for f in ((), [cost]))
    most = interest.demand(interest.whole_yuan(free.principal) * held, D("1.35"))
    assert 0 <= charged.interest <= free.interest <= most + D("0.01")
    assert free.principal in (asked, asked + rest)
    assert free.agreed <= free.principal and free.short <= asked + rest - free.principal


@given(yuan, dates, spans)
def test_tax_is_never_more_than_the_highest_rate(earned, since, span):
    withheld = interest.tax(earned, since=since, until=since + span, periods=TAXES)
    assert 0 <= withheld <= (earned / 5).quantize(D("0.01")) + D("0.01")
