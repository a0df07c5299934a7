"""Spoken values against a table written by hand, and against a parser that shares no code."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.spoken import (
    UnknownLanguage,
    Unspeakable,
    fragments,
    say_amount,
    say_card_tail,
    say_date,
    say_datetime,
    say_day,
    say_days,
    say_digits,
    say_number,
    say_percent,
    say_phone,
    say_receipt,
    say_term,
    say_time,
    say_times,
    text,
)
from tests.spoken.listening import chinese_number, english_number

AMOUNTS = """
0                   | 零元                                   | zero yuan
0.00                | 零元                                   | zero yuan
0.01                | 一分                                   | one cent
0.02                | 两分                                   | two cents
0.05                | 五分                                   | five cents
0.10                | 一角                                   | ten cents
0.20                | 两角                                   | twenty cents
0.22                | 两角两分                               | twenty-two cents
0.99                | 九角九分                               | ninety-nine cents
1                   | 一元                                   | one yuan
1.01                | 一元零一分                             | one yuan and one cent
1.10                | 一元一角                               | one yuan and ten cents
1.11                | 一元一角一分                           | one yuan and eleven cents
2                   | 两元                                   | two yuan
2.02                | 两元零两分                             | two yuan and two cents
2.22                | 两元两角两分                           | two yuan and twenty-two cents
3.50                | 三元五角                               | three yuan and fifty cents
10                  | 十元                                   | ten yuan
10.05               | 十元零五分                             | ten yuan and five cents
11                  | 十一元                                 | eleven yuan
12.30               | 十二元三角                             | twelve yuan and thirty cents
19.99               | 十九元九角九分                         | nineteen yuan and ninety-nine cents
20                  | 二十元                                 | twenty yuan
21                  | 二十一元                               | twenty-one yuan
22                  | 二十二元                               | twenty-two yuan
100                 | 一百元                                 | one hundred yuan
101                 | 一百零一元                             | one hundred and one yuan
102                 | 一百零二元                             | one hundred and two yuan
110                 | 一百一十元                             | one hundred and ten yuan
115.08              | 一百一十五元零八分                     | one hundred and fifteen yuan and eight cents
120                 | 一百二十元                             | one hundred and twenty yuan
200                 | 两百元                                 | two hundred yuan
202.20              | 两百零二元两角                         | two hundred and two yuan and twenty cents
212                 | 两百一十二元                           | two hundred and twelve yuan
999.99              | 九百九十九元九角九分                   | nine hundred and ninety-nine yuan and ninety-nine cents
1000                | 一千元                                 | one thousand yuan
1001                | 一千零一元                             | one thousand and one yuan
1010                | 一千零一十元                           | one thousand and ten yuan
1050.30             | 一千零五十元三角                       | one thousand and fifty yuan and thirty cents
1100                | 一千一百元                             | one thousand one hundred yuan
1203.50             | 一千两百零三元五角                     | one thousand two hundred and three yuan and fifty cents
1500                | 一千五百元                             | one thousand five hundred yuan
2000                | 两千元                                 | two thousand yuan
2002                | 两千零二元                             | two thousand and two yuan
2222.22             | 两千两百二十二元两角两分               | two thousand two hundred and twenty-two yuan and twenty-two cents
10000               | 一万元                                 | ten thousand yuan
10001               | 一万零一元                             | ten thousand and one yuan
10010               | 一万零一十元                           | ten thousand and ten yuan
10100               | 一万零一百元                           | ten thousand one hundred yuan
11000               | 一万一千元                             | eleven thousand yuan
20000               | 两万元                                 | twenty thousand yuan
20002               | 两万零二元                             | twenty thousand and two yuan
22000               | 两万两千元                             | twenty-two thousand yuan
50000               | 五万元                                 | fifty thousand yuan
100000              | 十万元                                 | one hundred thousand yuan
100500              | 十万零五百元                           | one hundred thousand five hundred yuan
120000              | 十二万元                               | one hundred and twenty thousand yuan
150000.60           | 十五万元六角                           | one hundred and fifty thousand yuan and sixty cents
205000              | 二十万五千元                           | two hundred and five thousand yuan
1000000             | 一百万元                               | one million yuan
1010000             | 一百零一万元                           | one million ten thousand yuan
1150000             | 一百一十五万元                         | one million one hundred and fifty thousand yuan
2000000             | 两百万元                               | two million yuan
10000000            | 一千万元                               | ten million yuan
10000001            | 一千万零一元                           | ten million and one yuan
12345678.90         | 一千两百三十四万五千六百七十八元九角   | twelve million three hundred and forty-five thousand six hundred and seventy-eight yuan and ninety cents
20000000            | 两千万元                               | twenty million yuan
100000000           | 一亿元                                 | one hundred million yuan
100000002           | 一亿零二元                             | one hundred million and two yuan
100020000           | 一亿零二万元                           | one hundred million twenty thousand yuan
100150000           | 一亿零一十五万元                       | one hundred million one hundred and fifty thousand yuan
110000000           | 一亿一千万元                           | one hundred and ten million yuan
200000000           | 两亿元                                 | two hundred million yuan
1000000000          | 十亿元                                 | one billion yuan
1200000000.01       | 十二亿元零一分                         | one billion two hundred million yuan and one cent
1000000000000       | 一万亿元                               | one trillion yuan
9999999999999999.99 | 九千九百九十九万九千九百九十九亿九千九百九十九万九千九百九十九元九角九分 | nine quadrillion nine hundred and ninety-nine trillion nine hundred and ninety-nine billion nine hundred and ninety-nine million nine hundred and ninety-nine thousand nine hundred and ninety-nine yuan and ninety-nine cents
-0.50               | 负五角                                 | minus fifty cents
-1                  | 负一元                                 | minus one yuan
-2.05               | 负两元零五分                           | minus two yuan and five cents
-1050.30            | 负一千零五十元三角                     | minus one thousand and fifty yuan and thirty cents
"""  # noqa: E501

NUMBERS = """
0          | 零               | zero
1          | 一               | one
2          | 二               | two
9          | 九               | nine
10         | 十               | ten
12         | 十二             | twelve
20         | 二十             | twenty
99         | 九十九           | ninety-nine
200        | 两百             | two hundred
102        | 一百零二         | one hundred and two
2000       | 两千             | two thousand
20000      | 两万             | twenty thousand
1000010    | 一百万零一十     | one million and ten
-3         | 负三             | minus three
"""

DATES = """
2026-03-04 | 二零二六年三月四日     | March the fourth, twenty twenty-six
2026-11-24 | 二零二六年十一月二十四日 | November the twenty-fourth, twenty twenty-six
2026-01-01 | 二零二六年一月一日     | January the first, twenty twenty-six
2024-02-29 | 二零二四年二月二十九日 | February the twenty-ninth, twenty twenty-four
2000-10-10 | 二零零零年十月十日     | October the tenth, two thousand
2009-12-31 | 二零零九年十二月三十一日 | December the thirty-first, two thousand and nine
2010-08-02 | 二零一零年八月二日     | August the second, twenty ten
1999-09-03 | 一九九九年九月三日     | September the third, nineteen ninety-nine
1905-05-12 | 一九零五年五月十二日   | May the twelfth, nineteen oh five
1900-07-20 | 一九零零年七月二十日   | July the twentieth, nineteen hundred
2100-06-21 | 二一零零年六月二十一日 | June the twenty-first, twenty-one hundred
2050-04-30 | 二零五零年四月三十日   | April the thirtieth, twenty fifty
"""

DAYS = """
2026-03-04 | 三月四号       | March the fourth
2026-10-02 | 十月二号       | October the second
2026-12-22 | 十二月二十二号 | December the twenty-second
2026-01-31 | 一月三十一号   | January the thirty-first
"""

TIMES = """
00:00 | 凌晨零点         | midnight
00:30 | 凌晨零点三十分   | twelve thirty a.m.
02:00 | 凌晨两点         | two a.m.
05:59 | 凌晨五点五十九分 | five fifty-nine a.m.
06:00 | 上午六点         | six a.m.
09:15 | 上午九点十五分   | nine fifteen a.m.
11:11 | 上午十一点十一分 | eleven eleven a.m.
12:00 | 中午十二点       | noon
12:05 | 中午十二点零五分 | twelve oh five p.m.
13:00 | 下午一点         | one p.m.
14:02 | 下午两点零二分   | two oh two p.m.
17:30 | 下午五点三十分   | five thirty p.m.
18:00 | 晚上六点         | six p.m.
23:59 | 晚上十一点五十九分 | eleven fifty-nine p.m.
"""

DIGITS = """
1           | 幺               | one
0           | 零               | zero
6789        | 六七八九         | six seven eight nine
1011        | 幺零幺幺         | one zero one one
2222        | 二二二二         | two two two two
961202      | 九六幺二零二     | nine six one two zero two
"""

RECEIPTS = """
123           | 幺二三                         | one two three
1234          | 幺二三四                       | one two three four
12345         | 幺二，三四五                   | one two, three four five
2611240000170 | 二六幺，幺二四，零零零，零幺七零 | two six one, one two four, zero zero zero, zero one seven zero
"""  # noqa: E501

PHONES = """
13812340001 | 幺三八，幺二三四，零零零幺 | one three eight, one two three four, zero zero zero one
25198888    | 二五幺九，八八八八         | two five one nine, eight eight eight eight
075525198888 | 零七五五，二五幺九，八八八八 | zero seven five five, two five one nine, eight eight eight eight
"""  # noqa: E501

COUNTS = """
1 | 一次 | one more try
2 | 两次 | two more tries
9 | 九次 | nine more tries
"""

SPANS = """
1 | 一天 | one day
2 | 两天 | two days
5 | 五天 | five days
31 | 三十一天 | thirty-one days
32 | 三十二天 | thirty-two days
365 | 三百六十五天 | three hundred and sixty-five days
"""

RATES = """
0      | 百分之零             | zero per cent
0.05   | 百分之零点零五       | zero point zero five per cent
0.35   | 百分之零点三五       | zero point three five per cent
0.65   | 百分之零点六五       | zero point six five per cent
1.10   | 百分之一点一         | one point one per cent
1.3000 | 百分之一点三         | one point three per cent
2      | 百分之二             | two per cent
2.25   | 百分之二点二五       | two point two five per cent
3.1875 | 百分之三点一八七五   | three point one eight seven five per cent
12.5   | 百分之十二点五       | twelve point five per cent
20     | 百分之二十           | twenty per cent
"""

TERMS = """
1d | 一天   | one day
7d | 七天   | seven days
3m | 三个月 | three months
6m | 六个月 | six months
1y | 一年   | one year
2y | 两年   | two years
3y | 三年   | three years
5y | 五年   | five years
"""


def cases(table, value):
    for line in table.strip().splitlines():
        written, mandarin, english = (cell.strip() for cell in line.split("|"))
        yield pytest.param("zh", value(written), mandarin, id=f"zh {written}")
        yield pytest.param("en", value(written), english, id=f"en {written}")


SPOKEN = [
    *[(say_amount, case) for case in cases(AMOUNTS, Decimal)],
    *[(say_number, case) for case in cases(NUMBERS, int)],
    *[(say_date, case) for case in cases(DATES, date.fromisoformat)],
    *[(say_day, case) for case in cases(DAYS, date.fromisoformat)],
    *[(say_time, case) for case in cases(TIMES, time.fromisoformat)],
    *[(say_digits, case) for case in cases(DIGITS, str)],
    *[(say_receipt, case) for case in cases(RECEIPTS, str)],
    *[(say_phone, case) for case in cases(PHONES, str)],
    *[(say_times, case) for case in cases(COUNTS, int)],
    *[(say_days, case) for case in cases(SPANS, int)],
    *[(say_percent, case) for case in cases(RATES, Decimal)],
    *[(say_term, case) for case in cases(TERMS, str)],
]


@pytest.mark.parametrize(
    ("say", "lang", "value", "words"),
    [pytest.param(say, *c.values, id=f"{say.__name__[4:]} {c.id}") for say, c in SPOKEN],
)
def test_is_said_as_one_says_it(say, lang, value, words):
    assert text(lang, say(lang, value)) == words


def test_the_table_is_large_enough():
    assert len(SPOKEN) >= 240


def test_a_moment_is_told_by_the_clock_in_china():
    at = datetime(2026, 3, 4, 16, 5, tzinfo=UTC)
    assert text("zh", say_datetime("zh", at)) == "三月五号凌晨零点零五分"
    assert text("en", say_datetime("en", at)) == "March the fifth twelve oh five a.m."
    assert text("zh", say_date("zh", at)) == "二零二六年三月五日"
    assert say_time("zh", at) == say_time("zh", time(0, 5))


def test_slow_digits_are_fragments_of_their_own():
    assert say_receipt("zh", "12") == ("r.1", "r.2")
    assert say_card_tail("zh", "6789") == ("d.6", "d.7", "d.8", "d.9")


def test_long_fragments_are_chosen_over_small_ones():
    assert say_amount("zh", Decimal("1050.30")) == ("n.1000", "zero", "n.50", "u.yuan", "jiao.3")
    assert say_amount("en", Decimal("250")) == ("n.200.and", "n.50", "u.yuan")


@pytest.mark.parametrize(
    ("say", "value"),
    [
        (say_amount, Decimal("0.001")),
        (say_amount, Decimal("NaN")),
        (say_amount, Decimal("Infinity")),
        (say_amount, Decimal("1e16")),
        (say_amount, Decimal("1e999999")),
        (say_amount, 12.5),
        (say_number, 10**16),
        (say_number, True),
        (say_times, 0),
        (say_times, 10),
        (say_percent, Decimal("-0.01")),
        (say_percent, Decimal(100)),
        (say_percent, Decimal("1.00001")),
        (say_percent, Decimal("NaN")),
        (say_percent, 1.1),
        (say_term, "4m"),
        (say_term, "0d"),
        (say_term, ""),
        (say_term, 3),
        (say_digits, ""),
        (say_digits, "12a"),
        (say_digits, "１２"),  # full-width: digits to str.isdigit, not to a keypad
        (say_digits, "1" * 41),
        (say_card_tail, "123"),
        (say_receipt, "12-34"),
        (say_time, datetime(2026, 3, 4, 9)),
        (say_date, datetime(2026, 3, 4, 9)),
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en", "yue"])
def test_what_cannot_be_said_is_refused(lang, say, value):
    with pytest.raises(Unspeakable):
        say(lang, value)


def test_an_error_does_not_repeat_digits_that_may_be_secret():
    with pytest.raises(Unspeakable) as refused:
        say_card_tail("zh", "6222021234")
    assert "6222" not in str(refused.value)


def test_a_language_without_grammar_is_refused():
    with pytest.raises(UnknownLanguage):
        say_number("hak", 1)
    with pytest.raises(UnknownLanguage):
        say_digits("hak", "1")


def test_a_fragment_nobody_has_is_refused():
    with pytest.raises(Unspeakable):
        text("zh", ["n.5", "n.12345"])


numbers = st.one_of(
    st.integers(-(10**16) + 1, 10**16 - 1),
    st.integers(0, 20_000),
    # numbers full of zeros, where 零 and "and" go wrong
    st.lists(st.sampled_from("00012"), min_size=1, max_size=16).map(lambda d: int("".join(d))),
)
langs = st.sampled_from(["zh", "en", "yue"])


@given(langs, numbers)
def test_a_number_is_understood_as_it_was_meant(lang, n):
    said = say_number(lang, n)
    assert set(said) <= fragments(lang).keys()
    understood = english_number if lang == "en" else chinese_number
    assert understood(text(lang, said)) == n


@given(langs, st.decimals(-(10**15), 10**15, places=2))
def test_an_amount_is_understood_as_it_was_meant(lang, value):
    said = say_amount(lang, value)
    assert set(said) <= fragments(lang).keys()
    assert understood_amount(lang, text(lang, said)) == value


@pytest.mark.parametrize("lang", ["zh", "yue"])
@given(st.integers(1, 10**16 - 1))
def test_no_zero_is_said_twice_or_last(lang, n):
    words = text(lang, say_number(lang, n))
    assert "零零" not in words
    assert not words.endswith("零")
    assert not words.startswith("一十")


@given(langs, st.decimals(0, Decimal("99.9999"), places=4))
def test_every_rate_has_its_fragments(lang, percent):
    assert set(say_percent(lang, percent)) <= fragments(lang).keys()


@given(langs, st.dates())
def test_every_date_has_its_fragments(lang, day):
    assert set(say_date(lang, day)) <= fragments(lang).keys()
    assert set(say_day(lang, day)) <= fragments(lang).keys()


@given(langs, st.times())
def test_every_time_has_its_fragments(lang, at):
    assert set(say_time(lang, at)) <= fragments(lang).keys()


@given(langs, st.text("0123456789", min_size=1, max_size=40))
def test_digit_strings_lose_no_digit(lang, string):
    for say in (say_digits, say_receipt, say_phone):
        said = [name for name in say(lang, string) if name != "pause"]
        assert "".join(name[2:] for name in said) == string
        assert set(said) <= fragments(lang).keys()


@given(st.text("0123456789", min_size=1, max_size=40))
def test_groups_have_at_most_four_digits_and_differ_by_one(string):
    groups = " ".join(say_receipt("zh", string)).split("pause")
    sizes = [len(group.split()) for group in groups]
    assert max(sizes) <= 4
    assert max(sizes) - min(sizes) <= 1


def understood_amount(lang, words):
    sign = -1 if words.startswith(("负", "minus")) else 1
    words = words.removeprefix("负").removeprefix("minus ")
    if lang != "en":
        yuan, _, rest = words.rpartition("元")
        jiao, _, fen = rest.rpartition("角")
        parts = (yuan, 100), (jiao, 10), (fen.removeprefix("零").removesuffix("分"), 1)
        sen = sum(chinese_number(part) * worth for part, worth in parts if part)
    else:
        yuan, _, cents = words.rpartition("yuan")
        cents = cents.removeprefix(" and").replace("cents", "").replace("cent", "").strip()
        sen = (english_number(yuan) * 100 if yuan else 0) + (english_number(cents) if cents else 0)
    return Decimal(sign * sen) / 100
