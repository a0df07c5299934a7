"""Spoken Mandarin from fragments: amounts, dates, times, digit strings.

Choices, where the language leaves one:

* 两 stands for a count of 2: 两元, 两角, 两分, 两次, 两天, 两百, 两千, and 两万 or 两亿 at the
  head of a number. 二 stands in 十二, 二十, at the end (一百零二元) and after 零 (一亿零二万).
* 零 stands for any run of empty places inside a number, and between 元 and 分 when there is
  no 角. It does not follow a group that merely ends in zeros: 205,000 is 二十万五千.
* 10–19 are 十…十九 at the head of a number or of its 万 (十五万), and 一十…一十九 below a
  hundred or after 零 (一百一十五, 一千零一十).
* No 整 after a round amount: 一千元.
* In digit strings (card tails, receipts, telephone numbers) 1 is 幺 yāo, as on any Chinese
  telephone line; in years it is 一.
* A date with its year ends in 日, as in writing; a day without one ends in 号, as in speech.
* Times run on twelve hours: 凌晨 until six, 上午, 中午 from twelve to one, 下午, 晚上 from six.

Fragments are as long as the grammar allows, and where a word changes its tone before the next
(一万 yí wàn, 两百 liáng bǎi, 九角 jiú jiǎo) both are one fragment.
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
WHOLE_YEARS: Final = range(2000, 2050)  # any other year is said digit by digit


def _below_hundred(n: int) -> str:
    tens, ones = divmod(n, 10)
    head = "" if tens == 0 else "十" if tens == 1 else DIGITS[tens] + "十"
    return head + (DIGITS[ones] if ones or not tens else "")


def _inventory() -> dict[str, str]:
    words = {f"n.{n}": _below_hundred(n) for n in range(100)}
    words |= {f"n.0{n}": "一" + _below_hundred(n) for n in range(10, 20)}  # within a number
    for unit, word in ((100, "百"), (1000, "千")):
        counts = {i: "两" if i == 2 else DIGITS[i] for i in range(1, 10)}
        words |= {f"n.{i * unit}": count + word for i, count in counts.items()}
    for name, word in (("wan", "万"), ("yi", "亿"), ("yuan", "元")):
        words |= {f"u.{name}": word, f"one.{name}": "一" + word, f"two.{name}": "两" + word}
    for name, word in (("jiao", "角"), ("fen", "分"), ("times", "次")):
        words |= {f"{name}.{i}": ("两" if i == 2 else DIGITS[i]) + word for i in range(1, 10)}
    words |= {"zero": "零", "minus": "负"}
    words |= {f"d.{i}": DIGITS[i] if i != 1 else "幺" for i in range(10)}
    words |= {f"r.{i}": DIGITS[i] if i != 1 else "幺" for i in range(10)}  # the same, slowly
    words |= {f"y.{i}": DIGITS[i] for i in range(10)} | {"u.year": "年"}
    words |= {f"year.{y}": "".join(DIGITS[int(d)] for d in str(y)) + "年" for y in WHOLE_YEARS}
    words |= {f"month.{m}": _below_hundred(m) + "月" for m in range(1, 13)}
    words |= {f"day.{d}": _below_hundred(d) + "日" for d in range(1, 32)}
    words |= {f"hao.{d}": _below_hundred(d) + "号" for d in range(1, 32)}
    words |= {f"days.{n}": ("两" if n == 2 else _below_hundred(n)) + "天"
              for n in range(1, 32)} | {"u.days": "天"}  # fmt: skip
    words |= {f"hour.{h}": ("两" if h == 2 else _below_hundred(h)) + "点" for h in range(13)}
    words |= {f"minute.{m}": ("零" if m < 10 else "") + _below_hundred(m) + "分"
              for m in range(1, 60)}  # fmt: skip
    words |= {"dawn": "凌晨", "morning": "上午", "noon": "中午", "afternoon": "下午",
              "evening": "晚上"}  # fmt: skip
    words |= {"percent": "百分之", "point": "点"}
    words |= {f"months.{n}": DIGITS[n] + "个月" for n in (3, 6)}
    words |= {f"years.{n}": ("两" if n == 2 else DIGITS[n]) + "年" for n in range(1, 6)}
    words |= {"pause": "，"}
    return words


FRAGMENTS: Final[Mapping[str, str]] = MappingProxyType(_inventory())
JOINT: Final = ""  # between two fragments in writing


def _hundred(n: int, *, inside: bool) -> list[str]:
    """1–99; `inside` when larger places stand before it."""
    return [f"n.0{n}" if inside and 10 <= n < 20 else f"n.{n}"]


def _group(n: int, *, inside: bool) -> list[str]:
    """1–9999."""
    said: list[str] = []
    for unit in (1000, 100):
        count, rest = divmod(n, unit)
        if count:
            said.append(f"n.{count * unit}")
            inside = True
            if 0 < rest < unit // 10:
                said.append("zero")
        n = rest
    return said + (_hundred(n, inside=inside) if n else [])


def _cardinal(n: int, *, inside: bool = False) -> list[str]:
    if n < _WAN:
        return _group(n, inside=inside)
    unit, word = (_YI, "yi") if n >= _YI else (_WAN, "wan")
    count, rest = divmod(n, unit)
    if count == 1 or (count == 2 and not inside):
        said = [f"{'one' if count == 1 else 'two'}.{word}"]
    else:
        said = [*_cardinal(count, inside=inside), f"u.{word}"]
    if 0 < rest < unit // 10:
        said.append("zero")
    return said + (_cardinal(rest, inside=True) if rest else [])


def number(n: int) -> tuple[str, ...]:
    """A bare cardinal: 2 is 二, 1050 is 一千零五十."""
    size = abs(limits.whole(n))
    said = _cardinal(size) if size else ["n.0"]
    return ("minus", *said) if n < 0 else tuple(said)


def amount(value: Decimal) -> tuple[str, ...]:
    """Yuan: 1050.30 is 一千零五十元三角, 1.05 is 一元零五分, 0.50 is 五角."""
    yuan, fen = limits.yuan_and_fen(value)
    jiao, fen = divmod(fen, 10)
    said: list[str] = []
    if yuan in (1, 2):
        said = ["one.yuan" if yuan == 1 else "two.yuan"]
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
    """A span: 两天, 三十天."""
    return (f"days.{n}",) if 1 <= limits.whole(n) <= 31 else (*number(n), "u.days")


def date_(day: date) -> tuple[str, ...]:
    """二零二六年三月四日."""
    if day.year in WHOLE_YEARS:
        year: tuple[str, ...] = (f"year.{day.year}",)
    else:
        year = (*(f"y.{d}" for d in str(day.year)), "u.year")
    return (*year, f"month.{day.month}", f"day.{day.day}")


def day(day: date) -> tuple[str, ...]:
    """A day of about now, without its year: 三月四号."""
    return (f"month.{day.month}", f"hao.{day.day}")


def time_(at: time) -> tuple[str, ...]:
    """下午三点零五分; a full hour is 下午三点. Seconds are dropped."""
    part = ("dawn" if at.hour < 6 else "morning" if at.hour < 12 else "noon" if at.hour == 12
            else "afternoon" if at.hour < 18 else "evening")  # fmt: skip
    hour = at.hour - 12 if at.hour > 12 else at.hour
    return (part, f"hour.{hour}", *([f"minute.{at.minute}"] if at.minute else []))


def percent(value: Decimal) -> tuple[str, ...]:
    """百分之一点一; after the point 1 is 一, as in years."""
    whole, places = limits.percent(value)
    fraction = ("point", *(f"y.{d}" for d in places)) if places else ()
    return ("percent", *number(whole), *fraction)


def term(count: int, unit: str) -> tuple[str, ...]:
    """三个月, 两年, 七天."""
    return days(count) if unit == "d" else (f"{'months' if unit == 'm' else 'years'}.{count}",)
