"""Keys by architecture.md: ``#`` ends, ``*`` clears or goes back, ``0#`` asks for an agent."""

from decimal import Decimal

import pytest

from telephony.ivr.entry import Keyed, Verdict, amount, judge, judge_fen, judge_yuan


@pytest.mark.parametrize(
    ("digits", "terminator", "verdict"),
    [
        ("123456", "#", Verdict.DONE),
        ("123456", "", Verdict.DONE),  # six digits and three seconds of silence
        ("12345", "#", Verdict.SHORT),
        ("12345", "", Verdict.SHORT),
        ("1234567", "#", Verdict.LONG),
        ("", "", Verdict.SILENCE),
        ("", "#", Verdict.SHORT),
        ("", "*", Verdict.BACK),
        ("1234", "*", Verdict.CLEARED),
        ("0", "#", Verdict.AGENT),
        ("0", "", Verdict.AGENT),  # one key, and then nothing
        ("00", "", Verdict.SHORT),
    ],
)
def test_a_password_is_six_digits(digits, terminator, verdict):
    assert judge(Keyed(digits, terminator), least=6, most=6) is verdict


def test_a_zero_may_be_an_answer_where_one_digit_is():
    assert judge(Keyed("0", "#"), least=1, most=3) is Verdict.DONE


@pytest.mark.parametrize(
    ("digits", "terminator", "verdict"),
    [
        ("1500", "#", Verdict.DONE),
        ("1500", "", Verdict.DONE),
        ("1050", "*", Verdict.POINT),
        ("", "*", Verdict.BACK),
        ("", "#", Verdict.SHORT),
        ("", "", Verdict.SILENCE),
        ("0", "#", Verdict.AGENT),
        ("0", "", Verdict.AGENT),
        ("0", "*", Verdict.POINT),  # 0.50
        ("1234567890123", "#", Verdict.LONG),
    ],
)
def test_yuan(digits, terminator, verdict):
    assert judge_yuan(Keyed(digits, terminator)) is verdict


@pytest.mark.parametrize(
    ("digits", "terminator", "verdict"),
    [
        ("3", "#", Verdict.DONE),
        ("30", "", Verdict.DONE),
        ("", "#", Verdict.DONE),
        ("305", "#", Verdict.INVALID),
        ("3", "*", Verdict.CLEARED),
        ("", "*", Verdict.CLEARED),
    ],
)
def test_fen(digits, terminator, verdict):
    assert judge_fen(Keyed(digits, terminator)) is verdict


@pytest.mark.parametrize(
    ("yuan", "fen", "expected"),
    [
        ("1050", "3", "1050.30"),
        ("1050", "30", "1050.30"),
        ("1050", "", "1050.00"),
        ("0", "05", "0.05"),
        ("007", "", "7.00"),
    ],
)
def test_an_amount_of_two_parts(yuan, fen, expected):
    assert amount(yuan, fen) == Decimal(expected)
