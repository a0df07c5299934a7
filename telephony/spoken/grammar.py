"""The same verbs in every language: a value in, fragment ids out, in the order they are played."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from telephony.spoken import cantonese, english, limits, mandarin
from telephony.spoken.errors import UnknownLanguage, Unspeakable

_BANK_TIME: Final = ZoneInfo("Asia/Shanghai")
Fragments = tuple[str, ...]


class Grammar(Protocol):
    """What the module of a language offers."""

    @property
    def FRAGMENTS(self) -> Mapping[str, str]: ...
    @property
    def JOINT(self) -> str: ...
    def number(self, n: int) -> Fragments: ...
    def amount(self, value: Decimal) -> Fragments: ...
    def times(self, n: int) -> Fragments: ...
    def days(self, n: int) -> Fragments: ...
    def date_(self, day: date) -> Fragments: ...
    def day(self, day: date) -> Fragments: ...
    def time_(self, at: time) -> Fragments: ...
    def percent(self, value: Decimal) -> Fragments: ...
    def term(self, count: int, unit: str) -> Fragments: ...


_GRAMMARS: Final[Mapping[str, Grammar]] = MappingProxyType(
    {"zh": mandarin, "en": english, "yue": cantonese}
)
LANGUAGES: Final = tuple(_GRAMMARS)
VOICED: Final = ("zh", "en")  # their audio ships; what else is spoken, the bank records


def _grammar(lang: str) -> Grammar:
    try:
        return _GRAMMARS[lang]
    except KeyError:
        raise UnknownLanguage(lang) from None


def fragments(lang: str) -> Mapping[str, str]:
    """Every fragment that shipped audio holds, with the words it says."""
    return _grammar(lang).FRAGMENTS


def text(lang: str, said: Iterable[str]) -> str:
    """The words of these fragments as one would write them. Raises Unspeakable for a stranger."""
    grammar = _grammar(lang)
    try:
        joined = grammar.JOINT.join(grammar.FRAGMENTS[name] for name in said)
    except KeyError as unknown:
        raise Unspeakable(f"No fragment {unknown} in {lang!r}") from None
    return joined.replace(" ,", ",")


def say_number(lang: str, n: int) -> Fragments:
    """A bare cardinal, up to 16 digits either side of zero."""
    return _grammar(lang).number(n)


def say_amount(lang: str, value: Decimal) -> Fragments:
    """Yuan with at most two places; a debt with 负 or "minus" before it."""
    return _grammar(lang).amount(value)


def say_times(lang: str, n: int) -> Fragments:
    """How many tries are left, 1–9: 两次; "two more tries"."""
    return _grammar(lang).times(n)


def say_days(lang: str, n: int) -> Fragments:
    """A span of days: 五天; 五日; "five days"."""
    return _grammar(lang).days(n)


def say_date(lang: str, day: date) -> Fragments:
    """A day with its year."""
    return _grammar(lang).date_(_on(day))


def say_day(lang: str, day: date) -> Fragments:
    """A day of about now, without its year."""
    return _grammar(lang).day(_on(day))


def say_time(lang: str, at: time | datetime) -> Fragments:
    """Time of day, to the minute; of an aware datetime, as the clock shows it in China."""
    return _grammar(lang).time_(_local(at).time() if isinstance(at, datetime) else at)


def say_datetime(lang: str, at: datetime) -> Fragments:
    """Day and time of an aware datetime, in China's time, without the year."""
    local = _local(at)
    return (*say_day(lang, local.date()), *say_time(lang, local.time()))


def say_percent(lang: str, value: Decimal) -> Fragments:
    """A rate in per cent, up to four places: 百分之一点一; "one point one per cent"."""
    return _grammar(lang).percent(value)


def say_term(lang: str, term: str) -> Fragments:
    """How long a deposit lies, as its code says: 3m is 三个月, 1y 一年, 7d 七天."""
    return _grammar(lang).term(*limits.term(term))


def say_digits(lang: str, string: str) -> Fragments:
    """Digit by digit at the speed of speech; in Mandarin 1 is 幺, in Cantonese 一."""
    _grammar(lang)
    return tuple(f"d.{d}" for d in limits.digits(string))


def say_card_tail(lang: str, tail: str) -> Fragments:
    """The last four digits of a card or account."""
    return say_digits(lang, limits.tail(tail))


def say_phone(lang: str, string: str) -> Fragments:
    """A telephone number as people say it: a mobile 3-4-4, any other in even groups."""
    _grammar(lang)
    return limits.grouped(string, slow=False)


def say_receipt(lang: str, string: str) -> Fragments:
    """A number to write down: slow digits, a breath after each three or four."""
    _grammar(lang)
    return limits.grouped(string, slow=True)


def _on(day: date) -> date:
    """A datetime is a date to Python, but in which zone? Never guess."""
    if isinstance(day, datetime):
        return _local(day).date()
    return day


def _local(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise Unspeakable("A naive datetime has no time of day that could be spoken")
    return at.astimezone(_BANK_TIME)
