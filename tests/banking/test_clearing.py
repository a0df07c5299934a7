"""Which way a payment takes: every edge of the clearing calendar, to the second."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banking.clearing import Batches, Hours, NoRoute, Session, Timetable, route
from banking.numbers import bank_check_digit, is_bank_code
from calendars.clock import SHANGHAI

SECOND = timedelta(seconds=1)
LONG_AGO = date(2004, 11, 1)
MONDAY = date(2026, 11, 23)
# The week of 国庆 2026: 1 to 7 October off, Saturday 10 October made up for.
HOLIDAYS = {date(2026, 10, day) for day in range(1, 8)}
MADE_UP = {date(2026, 10, 10)}


def works(day: date) -> bool:
    return day in MADE_UP or (day.weekday() < 5 and day not in HOLIDAYS)


TABLE = Timetable(
    sessions=(
        Session(LONG_AGO, 1, time(10), time(12)),
        Session(LONG_AGO, 2, time(15), time(9, 30), returns_next_day=True),
    ),
    hours=(
        Hours(LONG_AGO, time(8, 30), time(17), False, timedelta(minutes=30)),
        # domain.md §1: from 23:30 of the evening before, then from 20:30.
        Hours(date(2018, 1, 22), time(23, 30), time(17, 15), True, timedelta(minutes=30)),
        Hours(date(2018, 5, 2), time(20, 30), time(17, 15), True, timedelta(minutes=30)),
    ),
    batches=(
        Batches(LONG_AGO, Decimal(50_000), timedelta(minutes=30), timedelta(hours=1)),
        Batches(date(2024, 1, 1), Decimal(1_000_000), timedelta(minutes=30), timedelta(hours=1)),
    ),
    works=works,
)


def at(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute, second), SHANGHAI)


def city(moment: datetime):
    return route(Decimal(100), moment, speed="ordinary", same_city=True, table=TABLE)


def elsewhere(moment: datetime, amount: int | str = 100, speed="now"):
    return route(Decimal(amount), moment, speed=speed, same_city=False, table=TABLE)


# -- 行号 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",  # head offices, as the clearing banks publish them
    ["102100099996", "103100000026", "104100000004", "105100000017", "308584000013"],
)
def test_codes_of_real_banks_have_their_check_digit(code):
    assert is_bank_code(code)


@pytest.mark.parametrize(
    "code", ["102100099995", "10210009999", "1021000999966", "10210009999x", "", "１02100099996"]
)
def test_what_is_no_bank_code(code):
    assert not is_bank_code(code)


@given(st.text("0123456789", min_size=11, max_size=11), st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(body, place, by):
    code = body + bank_check_digit(body)
    wrong = code[:place] + str((int(code[place]) + by) % 10) + code[place + 1 :]
    assert is_bank_code(code)
    assert not is_bank_code(wrong)


# -- same city -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "session", "paid"),
    [
        (at(MONDAY, 0), "20261123-1", at(MONDAY, 12)),
        (at(MONDAY, 9, 59, 59), "20261123-1", at(MONDAY, 12)),
        (at(MONDAY, 10), "20261123-2", at(MONDAY + timedelta(days=1), 9, 30)),
        (at(MONDAY, 14, 59, 59), "20261123-2", at(MONDAY + timedelta(days=1), 9, 30)),
        (at(MONDAY, 15), "20261124-1", at(MONDAY + timedelta(days=1), 12)),
        # Friday after the cut-off, and all the weekend: Monday's first.
        (at(date(2026, 11, 20), 15), "20261123-1", at(MONDAY, 12)),
        (at(date(2026, 11, 22), 9), "20261123-1", at(MONDAY, 12)),
        # Into the holiday: the first session after it; returns of the last before it, too.
        (at(date(2026, 9, 30), 15), "20261008-1", at(date(2026, 10, 8), 12)),
        (at(date(2026, 9, 30), 14), "20260930-2", at(date(2026, 10, 8), 9, 30)),
        # A Saturday that is made up for is worked; the Sunday after it is not.
        (at(date(2026, 10, 10), 9), "20261010-1", at(date(2026, 10, 10), 12)),
        (at(date(2026, 10, 10), 15), "20261012-1", at(date(2026, 10, 12), 12)),
    ],
)
def test_the_session_of_the_city(moment, session, paid):
    way = city(moment)
    assert (way.system, way.session, way.settles_by) == ("city_exchange", session, paid)
    assert way.sends_at == way.cut_off_at > moment


def test_where_the_city_has_no_exchange_it_goes_as_everywhere():
    table = Timetable((), TABLE.hours, TABLE.batches, works)
    way = route(Decimal(100), at(MONDAY, 9), speed="ordinary", same_city=True, table=table)
    assert way.system == "small_value"


def test_sessions_are_replaced_as_a_whole():
    later = Session(date(2026, 11, 24), 1, time(11), time(13))
    table = Timetable((*TABLE.sessions, later), (), (), works)
    before = route(Decimal(1), at(MONDAY, 14), speed="now", same_city=True, table=table)
    after = route(Decimal(1), at(MONDAY, 15), speed="now", same_city=True, table=table)
    assert (before.session, after.session) == ("20261123-2", "20261124-1")
    assert after.cut_off_at == at(date(2026, 11, 24), 11)


# -- other cities --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "system"),
    [
        (at(MONDAY, 17, 14, 59), "large_value"),
        (at(MONDAY, 17, 15), "small_value"),
        (at(MONDAY, 20, 29, 59), "small_value"),
        (at(MONDAY, 20, 30), "large_value"),  # Tuesday's has begun
        (at(date(2026, 11, 20), 20, 30), "small_value"),  # Friday evening: Saturday's has none
        (at(date(2026, 11, 22), 20, 29, 59), "small_value"),
        (at(date(2026, 11, 22), 20, 30), "large_value"),  # Sunday evening is Monday's
        (at(date(2026, 10, 7), 20, 30), "large_value"),  # the holiday's last evening
        (at(date(2026, 10, 9), 20, 30), "large_value"),  # Friday evening, Saturday made up for
        (at(date(2026, 10, 10), 12), "large_value"),
        (at(date(2026, 10, 10), 20, 30), "small_value"),
    ],
)
def test_real_time_takes_the_large_value_system_while_it_is_open(moment, system):
    assert elsewhere(moment).system == system


@pytest.mark.parametrize("speed", ["ordinary", "next_day"])
def test_what_may_wait_goes_by_the_batch_also_while_the_other_is_open(speed):
    assert elsewhere(at(MONDAY, 12), speed=speed).system == "small_value"


def test_the_hours_of_earlier_years():
    sunday, monday = date(2018, 3, 11), date(2018, 3, 12)
    assert elsewhere(at(sunday, 23, 29, 59)).system == "small_value"
    assert elsewhere(at(sunday, 23, 30)).system == "large_value"
    then = date(2010, 3, 8)  # a Monday
    assert elsewhere(at(then, 8, 29, 59)).system == "small_value"
    assert elsewhere(at(then, 8, 30)).system == "large_value"
    assert elsewhere(at(then, 17)).system == "small_value"
    assert elsewhere(at(monday, 17, 14, 59)).system == "large_value"


def test_the_cap_is_included_and_a_fen_above_it_waits_for_the_other():
    night = at(MONDAY, 18)
    assert elsewhere(night, "1000000.00").system == "small_value"
    way = elsewhere(night, "1000000.01")
    assert (way.system, way.session) == ("large_value", "20261124")
    assert (way.sends_at, way.cut_off_at) == (
        at(MONDAY, 20, 30),
        at(MONDAY, 17, 15).replace(day=24),
    )


def test_the_cap_of_its_day():
    new_year = datetime(2024, 1, 1, tzinfo=SHANGHAI)
    assert elsewhere(new_year - SECOND, 60_000, "ordinary").system == "large_value"
    assert elsewhere(new_year, 60_000, "ordinary").system == "small_value"


def test_the_batches_of_the_night():
    assert elsewhere(at(MONDAY, 18), speed="now").session == "20261123-37"
    last = elsewhere(at(MONDAY, 23, 59, 59), speed="ordinary")
    assert (last.session, last.sends_at) == ("20261123-48", at(MONDAY, 0) + timedelta(days=1))
    first = elsewhere(at(MONDAY, 0), speed="ordinary")
    assert (first.session, first.sends_at) == ("20261123-1", at(MONDAY, 0, 30))
    assert first.settles_by == at(MONDAY, 1, 30)


def test_real_time_is_sent_at_once_and_paid_before_the_close():
    noon, late = at(MONDAY, 12), at(MONDAY, 17, 10)
    assert elsewhere(noon).sends_at == noon
    assert elsewhere(noon).settles_by == at(MONDAY, 12, 30)
    assert elsewhere(late).settles_by == at(MONDAY, 17, 15)


def test_what_neither_system_takes():
    table = Timetable((), (), TABLE.batches, works)
    with pytest.raises(NoRoute):
        route(Decimal(2_000_000), at(MONDAY, 12), speed="now", same_city=False, table=table)
    closed = Timetable((), TABLE.hours, (), lambda day: False)
    with pytest.raises(NoRoute):
        route(Decimal(1), at(MONDAY, 12), speed="now", same_city=False, table=closed)


moments = st.datetimes(datetime(2005, 1, 1), datetime(2027, 12, 31)).map(
    lambda naive: naive.replace(tzinfo=SHANGHAI, microsecond=0)
)
amounts = st.decimals("0.01", "3000000", places=2)


@given(amounts, moments, st.sampled_from(["now", "ordinary", "next_day"]), st.booleans())
def test_a_route_never_lies_in_the_past_and_never_breaks_a_rule(amount, moment, speed, same_city):
    way = route(amount, moment, speed=speed, same_city=same_city, table=TABLE)
    assert moment <= way.sends_at <= way.cut_off_at
    assert way.sends_at < way.settles_by
    day = date.fromisoformat(way.session[:8])
    assert (way.system == "city_exchange") is same_city
    if way.system == "small_value":
        assert amount <= (1_000_000 if moment.year >= 2024 else 50_000)
    else:
        assert works(day)


@given(amounts, moments, st.sampled_from(["now", "ordinary"]), st.booleans())
def test_who_comes_later_is_never_paid_sooner_in_the_same_system(amount, moment, speed, same_city):
    way = route(amount, moment, speed=speed, same_city=same_city, table=TABLE)
    later = route(amount, moment + SECOND, speed=speed, same_city=same_city, table=TABLE)
    if later.system == way.system:
        assert later.settles_by >= way.settles_by
