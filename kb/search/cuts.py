"""Words of Chinese, English and mixed text, and how they are typed in pinyin. No I/O."""

import re
from collections.abc import Iterable

import rjieba
from pypinyin import lazy_pinyin

_WORD = re.compile(r"[0-9a-z\u4e00-\u9fff]+")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def words(text: str) -> list[str]:
    """As dictionaries cut it, long words in their parts too; small letters, no punctuation."""
    return [cut for cut in rjieba.cut_for_search(text.lower()) if _WORD.fullmatch(cut)]


def characters(text: str) -> list[str]:
    """Of Chinese alone: what is left to meet by when a character of a word is wrong."""
    return _CHINESE.findall(text)


def pinyin(cut: Iterable[str]) -> list[str]:
    """Syllables, and each word's run together: 账户 is zhang, hu and zhanghu."""
    found: list[str] = []
    for word in cut:
        if _CHINESE.search(word):
            syllables = lazy_pinyin(word)
            found += syllables
            if len(syllables) > 1:
                found.append("".join(syllables))
    return found
