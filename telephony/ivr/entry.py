"""What keys mean (pure): entries of digits, amounts and menu choices.

Entry: ``#`` ends, ``*`` clears, ``*`` on an empty entry goes back, ``0`` alone asks for an agent,
by ``#`` or by silence.
Amounts: the first ``*`` is the point, a second clears, on an empty amount it goes back.
(architecture.md, "Keys")
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

PIN_LENGTH = 6
LONGEST_AMOUNT = 12  # digits before the point: a trillion is nobody's transfer


@dataclass(frozen=True, slots=True)
class Keyed:
    """What one collection brought: the digits and the key that ended it ("" for a time-out)."""

    digits: str = ""
    terminator: str = ""


class Verdict(Enum):
    """What an entry is, so far."""

    DONE = auto()
    POINT = auto()  # an amount whose fraction is still to come
    SILENCE = auto()
    SHORT = auto()
    LONG = auto()
    CLEARED = auto()
    BACK = auto()
    AGENT = auto()
    INVALID = auto()


def judge(keyed: Keyed, *, least: int, most: int) -> Verdict:
    """An entry of `least` to `most` digits."""
    digits = keyed.digits
    if keyed.terminator == "*":
        return Verdict.CLEARED if digits else Verdict.BACK
    if not digits and not keyed.terminator:
        return Verdict.SILENCE
    if digits == "0" and least > 1:
        return Verdict.AGENT
    if len(digits) < least:
        return Verdict.SHORT
    return Verdict.LONG if len(digits) > most else Verdict.DONE


def judge_yuan(keyed: Keyed) -> Verdict:
    """The part of an amount before its point."""
    if keyed.terminator == "*":
        return Verdict.POINT if keyed.digits else Verdict.BACK
    if not keyed.digits:
        return Verdict.SHORT if keyed.terminator else Verdict.SILENCE
    if keyed.digits == "0":
        return Verdict.AGENT
    return Verdict.LONG if len(keyed.digits) > LONGEST_AMOUNT else Verdict.DONE


def judge_fen(keyed: Keyed) -> Verdict:
    """The part after the point: at most two digits."""
    if keyed.terminator == "*":
        return Verdict.CLEARED
    return Verdict.INVALID if len(keyed.digits) > 2 else Verdict.DONE


def amount(yuan: str, fen: str = "") -> Decimal:
    """Yuan of two parts keyed: ("1050", "3") is 1050.30."""
    return Decimal(f"{yuan}.{fen.ljust(2, '0')}")
