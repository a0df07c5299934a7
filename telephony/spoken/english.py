"""Spoken English from fragments: plain British number grammar, understood everywhere.

Choices: "and" after the hundreds and before a last part below a hundred (one thousand and
fifty); yuan has no plural, cents do, and fen are called cents; dates are "March the fourth,
twenty twenty-six"; years 2000–2009 are "two thousand and nine", others go in pairs; times run on
twelve hours with a.m. and p.m., and noon and midnight are named; 0 in a digit string is "zero".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from telephony.spoken import limits


def _words(line: str) -> tuple[str, ...]:
    return tuple(line.split())


_SMALL: Final = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS: Final = _words("ten ten twenty thirty forty fifty sixty seventy eighty ninety")
_SCALES: Final = (
    (10**15, "quadrillion"),
    (10**12, "trillion"),
    (10**9, "billion"),
    (10**6, "million"),
    (10**3, "thousand"),
)
_MONTHS: Final = _words(
    "January February March April May June July August September October November December"
)
_ORDINALS: Final = _words(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
    "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth "
    "twenty-first twenty-second twenty-third twenty-fourth twenty-fifth twenty-sixth "
    "twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first"
)


def _below_hundred(n: int) -> str:
    if n < 20:
        return _SMALL[n]
    tens, ones = divmod(n, 10)
    return _TENS[tens] + (f"-{_SMALL[ones]}" if ones else "")


def _inventory() -> dict[str, str]:
    words = {f"n.{n}": _below_hundred(n) for n in range(100)}
    for i in range(1, 10):
        words |= {f"n.{i}00": f"{_SMALL[i]} hundred", f"n.{i}00.and": f"{_SMALL[i]} hundred and"}
    for _, word in _SCALES:
        words |= {f"u.{word}": word, f"u.{word}.and": f"{word} and"}
    words |= {"minus": "minus", "u.yuan": "yuan", "u.yuan.and": "yuan and"}
    words |= {"u.cent": "cent", "u.cents": "cents"}
    words |= {
        f"times.{i}": f"{_SMALL[i]} more {'try' if i == 1 else 'tries'}" for i in range(1, 10)
    }
    words |= {f"days.{n}": "one day" if n == 1 else f"{_below_hundred(n)} days"
              for n in range(1, 32)} | {"u.days": "days"}  # fmt: skip
    words |= {f"d.{i}": _SMALL[i] for i in range(10)}
    words |= {f"r.{i}": _SMALL[i] for i in range(10)}  # the same, slowly
    words |= {f"oh.{i}": f"oh {_SMALL[i]}" for i in range(1, 10)} | {"hundred": "hundred"}
    words |= {f"month.{m}": f"{_MONTHS[m - 1]} the" for m in range(1, 13)}
    words |= {f"day.{d}": _ORDINALS[d - 1] for d in range(1, 32)}
    words |= {"am": "a.m.", "pm": "p.m.", "noon": "noon", "midnight": "midnight"}
    words |= {"percent": "per cent", "point": "point"}
    words |= {f"months.{n}": f"{_SMALL[n]} months" for n in (3, 6)}
    words |= {f"years.{n}": "one year" if n == 1 else f"{_SMALL[n]} years" for n in range(1, 6)}
    words |= {"pause": ","}
    return words


FRAGMENTS: Final[Mapping[str, str]] = MappingProxyType(_inventory())
JOINT: Final = " "  # between two fragments in writing


def _group(n: int) -> list[str]:
    """1–999."""
    hundreds, rest = divmod(n, 100)
    if not hundreds:
        return [f"n.{rest}"]
    return [f"n.{hundreds}00.and", f"n.{rest}"] if rest else [f"n.{hundreds}00"]


def number(n: int) -> tuple[str, ...]:
    """A cardinal: 1050 is "one thousand and fifty"."""
    rest = abs(limits.whole(n))
    said = [] if rest else ["n.0"]
    for unit, word in _SCALES:
        count, rest = divmod(rest, unit)
        if count:
            said += [*_group(count), f"u.{word}.and" if 0 < rest < 100 else f"u.{word}"]
    if rest:
        said += _group(rest)
    return ("minus", *said) if n < 0 else tuple(said)


def amount(value: Decimal) -> tuple[str, ...]:
    """Yuan: 1050.30 is "one thousand and fifty yuan and thirty cents"."""
    yuan, fen = limits.yuan_and_fen(value)
    said: list[str] = []
    if yuan or not fen:
        said = [*number(yuan), "u.yuan.and" if fen else "u.yuan"]
    if fen:
        said += [f"n.{fen}", "u.cent" if fen == 1 else "u.cents"]
    return ("minus", *said) if value < 0 else tuple(said)


def times(n: int) -> tuple[str, ...]:
    """Tries left, 1–9: "one more try", "two more tries"."""
    return (f"times.{limits.between(n, 1, 9)}",)


def days(n: int) -> tuple[str, ...]:
    """A span: "one day", "thirty days"."""
    return (f"days.{n}",) if 1 <= limits.whole(n) <= 31 else (*number(n), "u.days")


def _year(year: int) -> tuple[str, ...]:
    century, rest = divmod(year, 100)
    if year < 1000 or (century % 10 == 0 and rest < 10):
        return number(year)  # nine hundred; two thousand and nine
    if rest == 0:
        return (f"n.{century}", "hundred")
    return (f"n.{century}", f"oh.{rest}" if rest < 10 else f"n.{rest}")


def date_(day: date) -> tuple[str, ...]:
    """March the fourth, twenty twenty-six."""
    return (f"month.{day.month}", f"day.{day.day}", "pause", *_year(day.year))


def day(day: date) -> tuple[str, ...]:
    """A day of about now, without its year: March the fourth."""
    return (f"month.{day.month}", f"day.{day.day}")


def time_(at: time) -> tuple[str, ...]:
    """three oh five p.m.; full hours are "three p.m.", noon, midnight. Seconds are dropped."""
    if at.minute == 0 and at.hour in (0, 12):
        return ("midnight" if at.hour == 0 else "noon",)
    minute = [] if not at.minute else [f"oh.{at.minute}" if at.minute < 10 else f"n.{at.minute}"]
    return (f"n.{at.hour % 12 or 12}", *minute, "am" if at.hour < 12 else "pm")


def percent(value: Decimal) -> tuple[str, ...]:
    """One point one per cent."""
    whole, places = limits.percent(value)
    fraction = ("point", *(f"d.{d}" for d in places)) if places else ()
    return (*number(whole), *fraction, "percent")


def term(count: int, unit: str) -> tuple[str, ...]:
    """three months, two years, seven days."""
    return days(count) if unit == "d" else (f"{'months' if unit == 'm' else 'years'}.{count}",)
