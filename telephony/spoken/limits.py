"""What all grammars accept, checked in one place, and how long digit strings are divided."""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, Decimal
from typing import Final

from telephony.spoken.errors import Unspeakable

LARGEST: Final = 10**16 - 1  # numeric(18,2), as the ledger keeps money
_LONGEST: Final = 40  # digits in a string
_TERM: Final = re.compile(r"(?=[1-7]d|[36]m|[1-5]y)([1-7])([dmy])")  # whatever a bank offers
_DIGITS: Final = re.compile(rf"[0-9]{{1,{_LONGEST}}}")


def whole(n: int) -> int:
    """The number, if it can be said. Raises Unspeakable."""
    if isinstance(n, bool) or not isinstance(n, int) or abs(n) > LARGEST:
        raise Unspeakable(f"Not a whole number up to {LARGEST}: {n!r}")
    return n


def between(n: int, low: int, high: int) -> int:
    """The number, if within both ends. Raises Unspeakable."""
    if not low <= whole(n) <= high:
        raise Unspeakable(f"Not between {low} and {high}: {n}")
    return n


def yuan_and_fen(value: Decimal) -> tuple[int, int]:
    """The size of an amount in yuan as whole yuan and fen. Raises Unspeakable."""
    if not isinstance(value, Decimal) or not value.is_finite() or abs(value) > LARGEST + 1:
        raise Unspeakable(f"Not an amount: {value!r}")
    yuan = int(abs(value).to_integral_value(ROUND_DOWN))
    fen = (abs(value) - yuan) * 100
    if fen != int(fen):
        raise Unspeakable(f"An amount has two places: {value}")
    return whole(yuan), int(fen)


def percent(value: Decimal) -> tuple[int, str]:
    """A rate of per cent as its whole part and its digits after the point. Raises Unspeakable."""
    if not isinstance(value, Decimal) or not value.is_finite() or not 0 <= value < 100:
        raise Unspeakable(f"Not a rate of per cent: {value!r}")
    whole_part, _, places = f"{value.normalize():f}".partition(".")
    if len(places) > 4:
        raise Unspeakable(f"A rate has four places: {value}")
    return int(whole_part), places


def term(code: str) -> tuple[int, str]:
    """The count and the unit (d, m, y) of a deposit's term. Raises Unspeakable."""
    found = _TERM.fullmatch(code) if isinstance(code, str) else None
    if not found:
        raise Unspeakable(f"No term of a deposit: {code!r}")
    return int(found[1]), found[2]


def digits(string: str) -> str:
    """The string, if all digits 0–9. Raises Unspeakable, without the string: it may be secret."""
    if not isinstance(string, str) or not _DIGITS.fullmatch(string):
        raise Unspeakable(f"Not a string of 1 to {_LONGEST} digits")
    return string


def tail(string: str) -> str:
    """The last four digits of a card or account. Raises Unspeakable."""
    if len(digits(string)) != 4:
        raise Unspeakable("A tail has four digits")
    return string


def grouped(string: str, *, slow: bool) -> tuple[str, ...]:
    """Digits with a pause between groups of at most four, as even as they come.

    Eleven digits go 3-4-4, as a mobile number is said in China. Slow digits are fragments of
    their own, spoken one by one to be written down.
    """
    left = digits(string)
    groups = list[str]()
    for count in range(-(-len(string) // 4), 0, -1):
        size = len(left) // count
        groups.append(left[:size])
        left = left[size:]
    speed = "r" if slow else "d"
    said: list[str] = []
    for group in groups:
        said += (["pause"] if said else []) + [f"{speed}.{d}" for d in group]
    return tuple(said)
