"""Check digits, ages, masks, fees: pure."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banking import numbers
from banking.fees import Tier, fee, to_fen

digits = st.text("0123456789", min_size=15, max_size=18)


@pytest.mark.parametrize(
    ("number", "is_one"),
    [
        ("4111111111111111", True),  # the networks' published test numbers
        ("5555555555554444", True),
        ("6200000000000005", True),
        ("4111111111111112", False),
        ("411111111111111", False),  # too short, though Luhn has nothing against it
        ("4111 1111 1111 1111", False),
        ("４１１１１１１１１１１１１１１１", False),
        ("", False),
    ],
)
def test_card_numbers(number, is_one):
    assert numbers.is_card_number(number) is is_one


@given(digits)
def test_luhn_finds_each_single_wrong_digit_and_most_swaps(body):
    number = body + numbers.luhn_digit(body)
    assert numbers.is_card_number(number)
    for place, digit in enumerate(number):
        wrong = number[:place] + str((int(digit) + 1) % 10) + number[place + 1 :]
        assert not numbers.is_card_number(wrong)


@pytest.mark.parametrize(
    ("number", "is_one"),
    [
        ("11010519491231002X", True),  # GB 11643-1999, annex A
        ("440524188001010014", True),
        ("11010519491231002x", False),
        ("110105194912310021", False),
        ("11010519491331002X", False),
        ("1101051949123100", False),
    ],
)
def test_id_numbers(number, is_one):
    assert numbers.is_id_number(number) is is_one


def test_an_id_number_with_a_right_check_digit_needs_a_real_date():
    body = "11010519490230002"
    assert not numbers.is_id_number(body + numbers.id_check_digit(body))


def test_age_is_in_completed_years():
    born = date(1964, 11, 24)
    assert numbers.age_on(date(2024, 11, 23), born) == 59
    assert numbers.age_on(date(2024, 11, 24), born) == 60
    leap = date(2004, 2, 29)
    assert numbers.age_on(date(2025, 2, 28), leap) == 20
    assert numbers.age_on(date(2025, 3, 1), leap) == 21


def test_masks():
    assert numbers.masked_card("6222", "1234") == "6222 **** **** 1234"
    assert numbers.masked_mobile("13800001234") == "138****1234"
    assert numbers.masked_mobile("12345") == "****"
    assert numbers.masked_name("王小梅") == "*小梅"
    assert numbers.masked_name("王") == "王"


# One bank's published counter schedule (domain.md [12]).
COUNTER = [
    Tier(Decimal(above), Decimal(flat), Decimal(rate), Decimal(cap) if cap else None)
    for above, flat, rate, cap in [
        (0, 2, 0, None),
        (2000, 5, 0, None),
        (5000, 10, 0, None),
        (10_000, 15, 0, None),
        (50_000, 0, "0.0003", 50),
    ]
]


@pytest.mark.parametrize(
    ("amount", "cost"),
    [
        ("0.01", 2),
        ("2000", 2),
        ("2000.01", 5),
        ("5000", 5),
        ("10000", 10),
        ("50000", 15),
        ("50000.01", "15.00"),
        ("123456.78", "37.04"),
        ("166666.67", 50),
        ("9999999", 50),
    ],
)
def test_a_fee_is_that_of_the_highest_tier_below(amount, cost):
    assert fee(Decimal(amount), COUNTER) == Decimal(cost)
    assert fee(Decimal(amount), COUNTER[::-1]) == Decimal(cost)


def test_without_a_schedule_it_is_free():
    assert fee(Decimal(100), []) == 0


@pytest.mark.parametrize(
    ("exact", "fen"), [("0.005", "0.01"), ("0.0049", "0.00"), ("2.675", "2.68"), ("1", "1.00")]
)
def test_half_a_fen_is_rounded_up(exact, fen):
    assert str(to_fen(Decimal(exact))) == fen
