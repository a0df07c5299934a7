"""Two listeners who know nothing of our grammar: words in, the number out."""

import re

_CHINESE = {word: value for value, word in enumerate("零一二三四五六七八九")} | {"两": 2}
_WORDS = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen
"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL = {word: value for value, word in enumerate(_WORDS.split())} | {
    word: 10 * value for value, word in enumerate(_TENS.split(), start=2)
}
_LARGE = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
          "quadrillion": 10**15}  # fmt: skip


def chinese_number(words: str) -> int:
    """Mandarin or Cantonese: split at the largest unit and add the two sides, as at school."""
    if words.startswith("负"):
        return -chinese_number(words[1:])
    for unit, worth in (("亿", 10**8), ("万", 10**4), ("千", 1000), ("百", 100), ("十", 10)):
        head, found, rest = words.rpartition(unit) if worth >= 10**4 else words.partition(unit)
        if found:
            count = chinese_number(head) if head else 1
            return count * worth + (chinese_number(rest) if rest else 0)
    value = 0
    for word in words:
        value = value * 10 + _CHINESE[word]
    return value


def english_number(words: str) -> int:
    """Count up word by word; a large unit closes its group."""
    total = group = 0
    sign = 1
    for word in re.split(r"[ -]+", words.strip()):
        match word:
            case "minus":
                sign = -1
            case "and":
                assert group or total, "a number begins with no 'and'"
            case "hundred":
                group *= 100
            case _ if word in _LARGE:
                total, group = total + group * _LARGE[word], 0
            case _:
                group += _SMALL[word]
    return sign * (total + group)
