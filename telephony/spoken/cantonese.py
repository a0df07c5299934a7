"""Spoken Cantonese from fragments, as a bank in Guangdong reads money and dates on the telephone.

Choices, where the language leaves one:

* Money is read formally, in 元, 角 and 分; 蚊, 毫 and 个几 are for the market.
* 二 stands in every number (二百, 二千, 二万, 一百零二元); 两 counts things: 两元, 两角, 两分,
  两次, 两日, 两点, 两年. 二十 and 三十 are said whole: 廿 and 卅 are for the market, too.
* 零 stands for any run of empty places inside a number, and between 元 and 分 when there is
  no 角. It does not follow a group that merely ends in zeros: 205,000 is 二十万五千.
* 10–19 are 十…十九 at the head of a number or of its 万, and 一十…一十九 below a hundred or
  after 零.
* 1 is 一 in digit strings: 幺 is Mandarin's.
* A date with its year ends in 日, a day without one in 号; a span of days is 日: 五日, 三十日.
* Times run on twelve hours: 凌晨 until six, 上午, 中午 from twelve to one, 下午, 晚上 from six. The
  hour after midnight is 凌晨十二点.

No word here changes its tone before the next, as many do in Mandarin, so a fragment is no longer
than sounds natural: a bank records each of them (`fragments` counts them).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from telephony.spoken import limits

DIGITS: Final = "零一二三四五六七八九"
_WAN: Final = 10_000
_YI: Final = 100_000_000


def _below_hundred(n: int) -> str:
    tens, ones = divmod(n, 10)
    head = "" if tens == 0 else "十" if tens == 1 else DIGITS[tens] + "十"
    return head + (DIGITS[ones] if ones or not tens else "")


def _counted(n: int) -> str:
    """Before what is counted: 两."""
    return "两" if n == 2 else _below_hundred(n)


def _inventory() -> dict[str, str]:
    words = {f"n.{n}": _below_hundred(n) for n in range(100)}
    words |= {f"n.0{n}": "一" + _below_hundred(n) for n in range(10, 20)}  # within a number
    for unit, word in ((100, "百"), (1000, "千")):
        words |= {f"n.{i * unit}": DIGITS[i] + word for i in range(1, 10)}
    words |= {"u.wan": "万", "u.yi": "亿", "u.yuan": "元", "two.yuan": "两元"}
    for name, word in (("jiao", "角"), ("fen", "分"), ("times", "次")):
        words |= {f"{name}.{i}": _counted(i) + word for i in range(1, 10)}
    words |= {"zero": "零", "minus": "负"}
    words |= {f"d.{i}": DIGITS[i] for i in range(10)}
    words |= {f"r.{i}": DIGITS[i] for i in range(10)}  # the same, slowly
    words |= {"u.year": "年"}
    words |= {f"month.{m}": _below_hundred(m) + "月" for m in range(1, 13)}
    words |= {f"day.{d}": _below_hundred(d) + "日" for d in range(1, 32)}
    words |= {f"hao.{d}": _below_hundred(d) + "号" for d in range(1, 32)}
    words |= {"two.days": "两日", "u.days": "日"}
    words |= {f"hour.{h}": _counted(h) + "点" for h in range(1, 13)} | {"u.minute": "分"}
    words |= {"dawn": "凌晨", "morning": "上午", "noon": "中午", "afternoon": "下午",
              "evening": "晚上"}  # fmt: skip
    words |= {"percent": "百分之", "point": "点"}
    words |= {f"months.{n}": DIGITS[n] + "个月" for n in (3, 6)}
    words |= {f"years.{n}": _counted(n) + "年" for n in range(1, 6)}
    words |= {"pause": "，"}
    return words


FRAGMENTS: Final[Mapping[str, str]] = MappingProxyType(_inventory())
JOINT: Final = ""  # between two fragments in writing


def _group(n: int, *, inside: bool) -> list[str]:
    """1–9999; `inside` when larger places stand before it."""
    said: list[str] = []
    for unit in (1000, 100):
        count, rest = divmod(n, unit)
        if count:
            said.append(f"n.{count * unit}")
            inside = True
            if 0 < rest < unit // 10:
                said.append("zero")
        n = rest
    if n:
        said.append(f"n.0{n}" if inside and 10 <= n < 20 else f"n.{n}")
    return said


def _cardinal(n: int, *, inside: bool = False) -> list[str]:
    if n < _WAN:
        return _group(n, inside=inside)
    unit, word = (_YI, "yi") if n >= _YI else (_WAN, "wan")
    count, rest = divmod(n, unit)
    said = [*_cardinal(count, inside=inside), f"u.{word}"]
    if 0 < rest < unit // 10:
        said.append("zero")
    return said + (_cardinal(rest, inside=True) if rest else [])


def number(n: int) -> tuple[str, ...]:
    """A bare cardinal: 2 is 二, 20,050 is 二万零五十."""
    size = abs(limits.whole(n))
    said = _cardinal(size) if size else ["n.0"]
    return ("minus", *said) if n < 0 else tuple(said)


def amount(value: Decimal) -> tuple[str, ...]:
    """Yuan: 1050.30 is 一千零五十元三角, 1.05 is 一元零五分, 2.20 is 两元两角."""
    yuan, fen = limits.yuan_and_fen(value)
    jiao, fen = divmod(fen, 10)
    said: list[str] = []
    if yuan == 2:
        said = ["two.yuan"]
    elif yuan or not (jiao or fen):
        said = [*number(yuan), "u.yuan"]
    if jiao:
        said.append(f"jiao.{jiao}")
    if fen:
        said += (["zero"] if yuan and not jiao else []) + [f"fen.{fen}"]
    return ("minus", *said) if value < 0 else tuple(said)


def times(n: int) -> tuple[str, ...]:
    """How often, 1–9: 两次."""
    return (f"times.{limits.between(n, 1, 9)}",)


def days(n: int) -> tuple[str, ...]:
    """A span: 两日, 三十日, 九十日."""
    if n == 2:
        return ("two.days",)
    return (f"day.{n}",) if 1 <= limits.whole(n) <= 31 else (*number(n), "u.days")


def date_(day: date) -> tuple[str, ...]:
    """二零二六年三月四日."""
    return (*(f"d.{d}" for d in str(day.year)), "u.year", f"month.{day.month}", f"day.{day.day}")


def day(day: date) -> tuple[str, ...]:
    """A day of about now, without its year: 三月四号."""
    return (f"month.{day.month}", f"hao.{day.day}")


def time_(at: time) -> tuple[str, ...]:
    """下午三点零五分; a full hour is 下午三点. Seconds are dropped."""
    part = ("dawn" if at.hour < 6 else "morning" if at.hour < 12 else "noon" if at.hour == 12
            else "afternoon" if at.hour < 18 else "evening")  # fmt: skip
    empty = ("zero",) if at.minute < 10 else ()
    minute = (*empty, f"n.{at.minute}", "u.minute") if at.minute else ()
    return (part, f"hour.{at.hour % 12 or 12}", *minute)


def percent(value: Decimal) -> tuple[str, ...]:
    """百分之一点一."""
    whole, places = limits.percent(value)
    fraction = ("point", *(f"d.{d}" for d in places)) if places else ()
    return ("percent", *number(whole), *fraction)


def term(count: int, unit: str) -> tuple[str, ...]:
    """三个月, 两年, 七日."""
    return days(count) if unit == "d" else (f"{'months' if unit == 'm' else 'years'}.{count}",)
