"""The sentence in which each piece is spoken before it is cut out.

A word spoken alone sounds like an answer to a question: slow, falling, and nothing that follows
seems to belong to it. So each piece is spoken in the midst of a sentence, beside consonants that
begin with a silence (块, 的, "to", "could"), where a cut is not heard.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Final

from telephony.spoken.catalogue import KINDS, Prompt, Recording

_Around = tuple[str, str]  # the words before and after the piece

# By the first part of a fragment's id, or the whole id where that matters.
_FRAGMENTS: Final[Mapping[str, Mapping[str, _Around]]] = {
    "zh": {
        "n": ("余额。", "块三角。"),
        # Before an l only this vowel leaves no trace: after others 两千 was heard as 四两千.
        "n.200": ("总额共计", "块三角。"),
        "n.2000": ("总额共计", "块三角。"),
        "u": ("余额是五十", "，可用一百。"),
        "u.wan": ("余额是五十", "八千块。"),
        "u.yi": ("余额是五十", "八千万块。"),
        "u.year": ("日期是二零六四", "三月。"),
        "one": ("余额。", "三角，可用一百。"),
        "two": ("总额共计", "三角，可用一百。"),
        "jiao": ("余额是五十块", "，可用一百块。"),
        "fen": ("余额是五十块三角", "，可用一百块。"),
        "times": ("您还可以输入", "，请按键。"),
        "zero": ("总额四百", "八块三角。"),
        "minus": ("", "八块三角。"),  # first: f is too soft to be cut
        "d": ("尾号四七。", "。八四。"),
        "r": ("尾号四七。", "。八四。"),
        "y": ("余额。", "七四年三月。"),
        "year": ("余额。", "三月四号。"),
        "month": ("余额。", "四号下午。"),
        "day": ("日期是二零二四年八月", "，请按键。"),
        "days": ("余额。", "，请按键。"),
        "u.days": ("请您在四十", "，请按键。"),
        "hao": ("日期是八月", "，存入三百块。"),
        "hour": ("余额。", "四十分。"),
        "minute": ("时间是下午四点", "，请按键。"),
        "dawn": ("余额。", "四点四十分。"),
        "morning": ("余额。", "四点四十分。"),
        "noon": ("余额。", "十二点四十分。"),
        "afternoon": ("余额。", "四点四十分。"),
        "evening": ("余额。", "十点四十分。"),
        "percent": ("余额。", "四点三。"),
        "point": ("余额是百分之四十", "三，请按键。"),
        "months": ("余额。", "，请按键。"),
        "years": ("余额。", "，请按键。"),
    },
    "en": {
        "n": ("The balance is, ", " to date."),
        "u": ("The balance is fifty ", ", today."),
        "hundred": ("In the year nineteen ", ", today."),
        "minus": ("The balance is, ", " ten dollars."),
        "times": ("You have ", ", today."),
        "days": ("Please come within ", ", today."),
        "days.29": ("Please come within ", " to date."),  # before a pause its s dies away
        "u.days": ("Please come within forty ", ", today."),
        "d": ("The number is four, ", ", eight, two."),
        "r": ("The number is four, ", ", eight, two."),
        "oh": ("The time is ten ", " today."),
        "month": ("The date is, ", " tenth, today."),
        "day": ("The date is October the ", ", today."),
        "am": ("The time is ten ", ", today."),
        "pm": ("The time is ten ", ", today."),
        "noon": ("The time is, ", ", today."),
        "midnight": ("The time is, ", ", today."),
        "percent": ("The rate is ten ", ", today."),
        "point": ("The rate is ten ", " two to date."),
        "months": ("The term is, ", ", today."),
        "years": ("The term is, ", ", today."),
    },
}

# What stands in a prompt's slots while its own words are spoken.
EXAMPLES: Final[Mapping[str, object]] = {
    "amount": Decimal(350),
    "number": 4,
    "times": 2,
    "days": 8,
    "date": date(2024, 3, 4),
    "day": date(2024, 3, 4),
    "time": time(16, 40),
    "datetime": datetime(2024, 3, 4, 8, 40, tzinfo=UTC),
    "digits": "4837",
    "tail": "4837",
    "phone": "4837",
    "percent": Decimal("4.2"),
    "term": "3y",
    "receipt": "4837",
}


def around_fragment(lang: str, fragment: str) -> _Around:
    """The words before and after a fragment."""
    carriers = _FRAGMENTS[lang]
    return carriers.get(fragment) or carriers[fragment.partition(".")[0]]


def whole_prompt(prompt: Prompt) -> list[str]:
    """A prompt's parts as words, its slots filled with examples that are easily cut off."""
    from telephony.spoken import grammar

    words = []
    for part in prompt.parts:
        if isinstance(part, Recording):
            words.append(part.text)
        else:
            said = KINDS[part.kind].say(prompt.lang, EXAMPLES[part.kind])
            words.append(grammar.text(prompt.lang, said))
    return words
