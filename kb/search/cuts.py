"""Pieces of Chinese, English and mixed text, and how they are typed in pinyin. No I/O."""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

WORD = re.compile(r"[0-9a-z\u4e00-\u9fff]+")
_RUN = re.compile(r"[\u4e00-\u9fff]+|[0-9a-z]+")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def characters(text: str) -> list[str]:
    """Of Chinese each, of others whole words: what is left where words are cut otherwise."""
    return [one for run in _RUN.findall(text.lower()) for one in ([run] if run.isascii() else run)]


def pairs(text: str) -> list[str]:
    """Of Chinese each two neighbours: words that no dictionary has."""
    runs = (run for run in _RUN.findall(text.lower()) if not run.isascii())
    return [a + b for run in runs for a, b in pairwise(run)]


def pinyin(cut: Iterable[str]) -> list[str]:
    """Syllables, and each word's run together: 账户 is zhang, hu and zhanghu."""
    return [sound for word in cut if _CHINESE.search(word) for sound in _sounds(word)]


def sounded(text: str) -> str:
    """The whole of it as one run: 账户冻结 is zhanghudongjie."""
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(text))


@lru_cache(maxsize=50_000)  # words come again and again, and reading one is slow
def _sounds(word: str) -> list[str]:
    from pypinyin import lazy_pinyin  # half a second: for who searches, not for each process

    syllables: list[str] = lazy_pinyin(word)
    return [*syllables, "".join(syllables)] if len(syllables) > 1 else syllables
