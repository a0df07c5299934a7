"""What a loan costs, by worked examples, and by what must hold of every schedule.

The monthly sums of one million are those of the banks' public calculators at the rate that the
note names, as 人民银行 or 住建部 published it; the others were worked out by hand, as their notes
show.
"""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banking import schedules
from banking.fees import to_fen
from banking.schedules import Line, Owed

LENT = date(2026, 1, 20)  # and due on the 20th: no odd days


def D(number: str | int) -> Decimal:
    return Decimal(number)


def the_plan(
    method: schedules.Method,
    principal: str | Decimal,
    percent: str | Decimal,
    months: int,
    *,
    lent_on: date = LENT,
    repay_day: int = 20,
) -> tuple[Line, ...]:
    principal, percent = D(principal), D(percent)
    return schedules.plan(
        method,
        principal,
        percent,
        since=lent_on,
        dates=schedules.due_dates(lent_on, repay_day, months),
        same=schedules.regular(method, principal, percent, months),
    )


@pytest.mark.parametrize(
    ("principal", "percent", "months", "each"),
    [
        (1_000_000, "4.9", 360, "5307.27"),  # base rate over 5 years of 2015-10-24
        (1_000_000, "4.9", 240, "6544.44"),  # the same, over 20 years
        (1_000_000, "4.2", 360, "4890.17"),  # LPR over 5 years of 2023-06-20
        (1_000_000, "3.95", 360, "4745.37"),  # LPR over 5 years of 2024-02-20
        (1_000_000, "3.5", 360, "4490.45"),  # LPR over 5 years of 2025-05-20
        (1_000_000, "3.25", 360, "4352.06"),  # housing fund of 2015-08-26
        (1_000_000, "3.1", 360, "4270.16"),  # housing fund of 2022-10-01
        (1_000_000, "2.85", 360, "4135.57"),  # housing fund of 2024-05-18
        (1_000_000, "2.6", 360, "4003.40"),  # housing fund of 2025-05-08
        (300_000, "4.9", 120, "3167.32"),
        (200_000, "18", 24, "9984.82"),
        (120_000, "4.35", 12, "10237.19"),
        (100_000, "6", 12, "8606.64"),  # 500 × 1.005¹² ÷ (1.005¹² − 1), 1.005¹² = 1.06167781
        (50_000, "3.45", 36, "1464.00"),
        (5_000, "6", 1, "5025.00"),  # one month: all of it and 0.5 %
        (12_000, "0", 12, "1000.00"),  # without interest: an even share
        (10_000, "0", 3, "3333.33"),
    ],
)
def test_equal_instalments(principal, percent, months, each):
    assert schedules.regular("annuity", D(principal), D(percent), months) == D(each)


@pytest.mark.parametrize(
    ("principal", "percent", "months", "share", "first", "second", "last"),
    [
        # 1,000,000 ÷ 360; 4,083.33 of interest at first, 11.34 less each month.
        (1_000_000, "4.9", 360, "2777.78", "6861.11", "6849.77", "2788.32"),
        (1_000_000, "3.5", 360, "2777.78", "5694.45", "5686.34", "2785.08"),
        (120_000, "4.35", 12, "10000.00", "10435.00", "10398.75", "10036.25"),
        # 8,333.33 twelve times lack 4 fen, which the last one pays.
        (100_000, "6", 12, "8333.33", "8833.33", "8791.66", "8375.04"),
        (10_000, "0", 3, "3333.33", "3333.33", "3333.33", "3333.34"),
    ],
)
def test_equal_principal(principal, percent, months, share, first, second, last):
    assert schedules.regular("linear", D(principal), D(percent), months) == D(share)
    lines = the_plan("linear", principal, percent, months)
    assert [lines[0].total, lines[1].total, lines[-1].total] == [D(first), D(second), D(last)]


def test_a_year_of_equal_instalments_line_by_line():
    """100,000 at 6 %: interest is 0.5 % of what is left, and the rest of 8,606.64 repays."""
    lines = the_plan("annuity", 100_000, "6", 12)
    assert [(line.principal, line.interest) for line in lines] == [
        (D("8106.64"), D("500.00")),
        (D("8147.17"), D("459.47")),  # 91,893.36 × 0.5 % = 459.4668
        (D("8187.91"), D("418.73")),
        (D("8228.85"), D("377.79")),
        (D("8269.99"), D("336.65")),
        (D("8311.34"), D("295.30")),
        (D("8352.90"), D("253.74")),
        (D("8394.66"), D("211.98")),
        (D("8436.64"), D("170.00")),
        (D("8478.82"), D("127.82")),
        (D("8521.21"), D("85.43")),
        (D("8563.87"), D("42.82")),  # the last absorbs: 8,606.69, five fen more
    ]
    assert [line.due_on for line in lines][:2] == [date(2026, 2, 20), date(2026, 3, 20)]
    assert lines[-1].due_on == date(2027, 1, 20)


@pytest.mark.parametrize(
    ("lent_on", "repay_day", "due_on", "interest"),
    [
        (date(2026, 1, 20), 20, date(2026, 2, 20), "500.00"),  # a month is a month: 0.5 %
        (date(2026, 2, 20), 20, date(2026, 3, 20), "500.00"),  # of 28 days as well
        (date(2026, 1, 10), 20, date(2026, 2, 20), "683.33"),  # 41 days: 41 × 16.6667
        (date(2026, 1, 31), 1, date(2026, 2, 1), "16.67"),  # one day
        (date(2028, 2, 29), 28, date(2028, 3, 28), "466.67"),  # 28 days out of a leap day
        (date(2026, 12, 21), 20, date(2027, 1, 20), "500.00"),  # 30 days, over the year
        (date(2026, 1, 21), 20, date(2026, 2, 20), "500.00"),  # 30 days
        (date(2026, 1, 19), 20, date(2026, 2, 20), "533.33"),  # 32 days
    ],
)
def test_an_odd_first_period_goes_by_days(lent_on, repay_day, due_on, interest):
    """100,000 at 6 %: 16.67 a day of a year of 360. Its principal is a regular month's."""
    first, *_ = the_plan("annuity", 100_000, "6", 12, lent_on=lent_on, repay_day=repay_day)
    assert first == Line(1, due_on, D("8106.64"), D(interest))


@pytest.mark.parametrize(
    ("balance", "percent", "begins", "ends", "interest"),
    [
        (100_000, "6", date(2026, 3, 1), date(2026, 3, 1), "0.00"),  # no night
        (100_000, "6", date(2026, 3, 1), date(2026, 3, 2), "16.67"),
        (100_000, "3.6", date(2028, 2, 1), date(2028, 3, 1), "290.00"),  # 29 days: a leap year
        (100_000, "3.6", date(2026, 2, 1), date(2026, 3, 1), "280.00"),
        (1, "3.6", date(2026, 1, 1), date(2026, 2, 20), "0.01"),  # 50 days: half a fen, up
        (1, "3.6", date(2026, 1, 1), date(2026, 2, 19), "0.00"),  # 49 days: 0.0049
    ],
)
def test_interest_by_the_day(balance, percent, begins, ends, interest):
    assert schedules.daily(D(balance), D(percent), begins, ends) == D(interest)


@pytest.mark.parametrize(
    ("overdue", "extra", "days", "grace", "penalty"),
    [
        (1_000, 50, 30, 0, "5.25"),  # 4.2 % × 1.5 = 6.3 %: 1,000 × 6.3 % × 30 ÷ 360
        (1_000, 30, 30, 0, "4.55"),  # 5.46 %, the least that 银发〔2003〕251号 allows
        (1_000, 50, 1, 0, "0.18"),  # 0.175, half up
        (1_000, 50, 0, 0, "0.00"),
        (1_000, 50, 3, 3, "0.00"),  # within the days of grace
        (1_000, 50, 4, 3, "0.70"),  # after them all four count
    ],
)
def test_the_penalty_on_what_is_overdue(overdue, extra, days, grace, penalty):
    since = date(2026, 3, 1)
    until = date.fromordinal(since.toordinal() + days)
    assert schedules.penalty(
        D(overdue), D("4.2"), extra=D(extra), since=since, until=until, grace=grace
    ) == D(penalty)


OWED = Owed(costs=D(10), penalty=D(20), interest=D(30), principal=D(40))


@pytest.mark.parametrize(
    ("paid", "where"),
    [
        (0, Owed()),
        (4, Owed(costs=D(4))),
        (25, Owed(costs=D(10), penalty=D(15))),
        (60, Owed(costs=D(10), penalty=D(20), interest=D(30))),
        (61, Owed(costs=D(10), penalty=D(20), interest=D(30), principal=D(1))),
        (100, OWED),
        (1_000, OWED),
    ],
)
def test_costs_before_interest_before_principal(paid, where):
    """民法典 第561条; the penalty is interest, and the older."""
    assert schedules.spread(D(paid), OWED) == where


AFTER_THREE = D("75558.28") - 30_000  # 100,000 at 6 % over a year, 30,000 more paid with the third


def rest(same: Decimal) -> tuple[Line, ...]:
    dates = schedules.due_dates(LENT, 20, 12)
    return schedules.plan(
        "annuity", AFTER_THREE, D(6), since=dates[2], dates=dates[3:], same=same, first=4
    )


def test_an_early_part_that_keeps_the_instalment_ends_the_loan_sooner():
    lines = rest(D("8606.64"))
    assert [line.number for line in lines] == [4, 5, 6, 7, 8, 9]  # not twelve
    assert lines[0] == Line(4, date(2026, 5, 20), D("8378.85"), D("227.79"))  # 45,558.28 × 0.5 %
    assert lines[-1] == Line(9, date(2026, 10, 20), D("3242.99"), D("16.21"))
    assert {line.total for line in lines[:-1]} == {D("8606.64")}


def test_an_early_part_that_keeps_the_term_makes_the_instalment_less():
    same = schedules.regular("annuity", AFTER_THREE, D(6), 9)
    assert same == D("5189.42")
    lines = rest(same)
    assert len(lines) == 9
    assert {line.total for line in lines[:-1]} == {same}
    assert lines[-1].total == D("5189.44")  # 5,163.62 and 25.82


def test_every_month_has_the_day_of_repayment():
    dates = schedules.due_dates(date(2027, 11, 30), 28, 4)
    assert dates == [
        date(2027, 12, 28),
        date(2028, 1, 28),
        date(2028, 2, 28),
        date(2028, 3, 28),
    ]


# -- of every loan -----------------------------------------------------------------------------

methods = st.sampled_from(["annuity", "linear"])
principals = st.decimals(min_value=1_000, max_value=50_000_000, places=2)
percents = st.decimals(min_value=0, max_value=24, places=4)
terms = st.integers(1, 360)
days = st.dates(date(2004, 1, 1), date(2040, 12, 31))
repay_days = st.integers(1, 28)


@given(methods, principals, percents, terms, days, repay_days)
def test_a_schedule_repays_the_loan_and_nothing_else(
    method, principal, percent, months, lent_on, repay_day
):
    lines = the_plan(method, principal, percent, months, lent_on=lent_on, repay_day=repay_day)
    assert sum(line.principal for line in lines) == principal
    assert all(line.principal >= 0 and line.interest >= 0 for line in lines)
    assert all(line.total == to_fen(line.total) for line in lines)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert [line.due_on for line in lines] == sorted({line.due_on for line in lines})
    assert lines[0].due_on > lent_on
    assert len(lines) <= months


@given(principals, percents, st.integers(2, 360))
def test_equal_instalments_are_equal(principal, percent, months):
    lines = the_plan("annuity", principal, percent, months)
    same = schedules.regular("annuity", principal, percent, months)
    each = [line.total for line in lines[:-1]]
    # Where a month's interest is nearly all of it, rounding can't be made up for.
    assert all(
        total == same or line.principal == 0 for total, line in zip(each, lines, strict=False)
    )


@given(methods, principals, percents, terms)
def test_interest_falls_as_the_balance_does(method, principal, percent, months):
    lines = the_plan(method, principal, percent, months)
    interest = [line.interest for line in lines]
    assert interest == sorted(interest, reverse=True)


@given(
    methods,
    principals,
    percents,
    terms.filter(lambda months: months > 1),
    st.decimals(min_value="0.01", max_value="0.99", places=2),
)
def test_less_to_repay_by_the_same_instalment_never_takes_longer(
    method, principal, percent, months, share
):
    left = to_fen(principal * share)
    same = schedules.regular(method, principal, percent, months)
    dates = schedules.due_dates(LENT, 20, months)
    lines = schedules.plan(method, left, percent, since=LENT, dates=dates, same=same)
    assert sum(line.principal for line in lines) == left
    assert len(lines) <= months
    assert all(line.total <= same or method == "linear" for line in lines[:-1])


owed = st.builds(Owed, *[st.decimals(min_value=0, max_value=10_000, places=2)] * 4)


@given(owed, st.decimals(min_value=0, max_value=50_000, places=2))
def test_a_payment_is_spread_whole_and_in_order(owed, paid):
    share = schedules.spread(paid, owed)
    assert share.total == min(paid, owed.total)
    order = [(getattr(share, name), getattr(owed, name)) for name in Owed.__slots__]
    for (before, due), (after, _) in pairwise(order):
        assert before == due or not after
