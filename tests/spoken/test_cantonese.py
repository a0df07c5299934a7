"""Spoken Cantonese against a table written by hand (properties: test_grammar.py)."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from telephony.spoken import (
    fragments,
    load,
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

AMOUNTS = """
0                   | 零元
0.01                | 一分
0.02                | 两分
0.10                | 一角
0.20                | 两角
0.22                | 两角两分
0.99                | 九角九分
1                   | 一元
1.05                | 一元零五分
2                   | 两元
2.02                | 两元零两分
2.20                | 两元两角
2.22                | 两元两角两分
3.50                | 三元五角
10                  | 十元
12.30               | 十二元三角
20                  | 二十元
22                  | 二十二元
23.08               | 二十三元零八分
32                  | 三十二元
100                 | 一百元
102                 | 一百零二元
110                 | 一百一十元
115.08              | 一百一十五元零八分
200                 | 二百元
202.20              | 二百零二元两角
222                 | 二百二十二元
1000                | 一千元
1001                | 一千零一元
1010                | 一千零一十元
1050.30             | 一千零五十元三角
2000                | 二千元
2002                | 二千零二元
2222.22             | 二千二百二十二元两角两分
10000               | 一万元
10010               | 一万零一十元
20000               | 二万元
22000               | 二万二千元
100000              | 十万元
120000              | 十二万元
150000.60           | 十五万元六角
205000              | 二十万五千元
1010000             | 一百零一万元
1150000             | 一百一十五万元
2000000             | 二百万元
12345678.90         | 一千二百三十四万五千六百七十八元九角
100000000           | 一亿元
100020000           | 一亿零二万元
200000000           | 二亿元
1000000000000       | 一万亿元
-0.50               | 负五角
-2.05               | 负两元零五分
"""
NUMBERS = """
0       | 零
2       | 二
12      | 十二
20      | 二十
25      | 二十五
200     | 二百
20000   | 二万
1000010 | 一百万零一十
-3      | 负三
"""
DATES = """
2026-03-04 | 二零二六年三月四日
2026-11-22 | 二零二六年十一月二十二日
2004-10-29 | 二零零四年十月二十九日
1999-12-31 | 一九九九年十二月三十一日
2010-01-20 | 二零一零年一月二十日
"""
DAYS = """
2026-03-04 | 三月四号
2026-10-02 | 十月二号
2026-01-31 | 一月三十一号
"""
TIMES = """
00:00 | 凌晨十二点
00:05 | 凌晨十二点零五分
02:00 | 凌晨两点
05:59 | 凌晨五点五十九分
09:15 | 上午九点十五分
12:00 | 中午十二点
14:02 | 下午两点零二分
17:30 | 下午五点三十分
18:00 | 晚上六点
22:12 | 晚上十点十二分
"""
DIGITS = """
1      | 一
0      | 零
1011   | 一零一一
2222   | 二二二二
961202 | 九六一二零二
"""
TAILS = """
6781 | 六七八一
0012 | 零零一二
"""
PHONES = """
13812340001  | 一三八，一二三四，零零零一
075525198888 | 零七五五，二五一九，八八八八
"""
RECEIPTS = """
1234          | 一二三四
2611240000170 | 二六一，一二四，零零零，零一七零
"""
COUNTS = """
1 | 一次
2 | 两次
3 | 三次
"""
SPANS = """
1   | 一日
2   | 两日
5   | 五日
12  | 十二日
30  | 三十日
90  | 九十日
365 | 三百六十五日
"""
RATES = """
0      | 百分之零
0.05   | 百分之零点零五
1.10   | 百分之一点一
2.25   | 百分之二点二五
3.1875 | 百分之三点一八七五
12.5   | 百分之十二点五
"""
TERMS = """
1d | 一日
7d | 七日
3m | 三个月
6m | 六个月
1y | 一年
2y | 两年
5y | 五年
"""

TABLES = [
    (say_amount, AMOUNTS, Decimal),
    (say_number, NUMBERS, int),
    (say_date, DATES, date.fromisoformat),
    (say_day, DAYS, date.fromisoformat),
    (say_time, TIMES, time.fromisoformat),
    (say_digits, DIGITS, str),
    (say_card_tail, TAILS, str),
    (say_phone, PHONES, str),
    (say_receipt, RECEIPTS, str),
    (say_times, COUNTS, int),
    (say_days, SPANS, int),
    (say_percent, RATES, Decimal),
    (say_term, TERMS, str),
]


def cases():
    for say, table, value in TABLES:
        for line in table.strip().splitlines():
            written, words = (cell.strip() for cell in line.split("|"))
            yield pytest.param(say, value(written), words, id=f"{say.__name__[4:]} {written}")


@pytest.mark.parametrize(("say", "value", "words"), [*cases()])
def test_is_said_as_a_bank_in_guangdong_reads_it(say, value, words):
    assert text("yue", say("yue", value)) == words


def test_the_table_is_large_enough():
    assert len([*cases()]) >= 100


def test_a_moment_is_told_by_the_clock_in_china():
    at = datetime(2026, 3, 4, 16, 5, tzinfo=UTC)
    assert text("yue", say_datetime("yue", at)) == "三月五号凌晨十二点零五分"


def test_a_bank_records_fewer_fragments_than_mandarin_needs():
    assert len(fragments("yue")) < 300 < len(fragments("zh"))


MANDARIN_ONLY = "的了没这那哪什么幺她"  # signs of what no clerk says in Cantonese


def test_the_words_are_cantonese():
    odd = {}
    for prompt in load().prompts("yue"):
        if prompt.lang == "yue":
            words = "".join(getattr(part, "text", " ") for part in prompt.parts)
            if found := set(words) & set(MANDARIN_ONLY):
                odd[prompt.key] = (found, words)
    assert odd == {}
