"""The pronunciation dictionary (pure): how words are read, and which reading holds where.

Mandarin words have a syllable of pinyin for each character, its tone as a number; English words
another spelling that is read right. `pronunciation.toml` beside this file is what ships.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Readings = Mapping[str, str]  # a word to how it is said

_FILE: Final = Path(__file__).with_name("pronunciation.toml")
_HAN: Final = re.compile("[\u4e00-\u9fff]+")
_ENGLISH_WORD: Final = re.compile(r"[A-Za-z][A-Za-z'-]*( [A-Za-z'-]+)*")
_SYLLABLE: Final = re.compile(r"([a-z]+)([1-5])")

_J: Final = "i ia ian iang iao ie in ing iong iu u uan ue un"
_G: Final = "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo"
_FINALS: Final = {  # of each initial, as 汉语拼音方案 combines them; ü is written v
    "": "a ai an ang ao e ei en eng er o ou",
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng o ou u",
    "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan uo v ve",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu ong ou u uan un uo v ve",
    "g": _G,
    "k": _G,
    "h": _G,
    "j": _J,
    "q": _J,
    "x": _J,
    "zh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "r": "an ang ao e en eng i ong ou u ua uan ui un uo",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "y": "a an ang ao e i in ing o ong ou u uan ue un",
    "w": "a ai an ang ei en eng o u",
}
SYLLABLES: Final = frozenset(
    initial + final for initial, finals in _FINALS.items() for final in finals.split()
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row can't be used, and which of its two fields is to be mended."""

    about: str  # word | said
    text: Promise
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return str(self.text) % self.values


def tidy(lang: str, said: str) -> str:
    """A reading as it is kept: single spaces; pinyin small, its ü as v."""
    words = " ".join(said.split())
    return words.lower().replace("u:", "v").replace("ü", "v") if lang == "zh" else words


def fault(lang: str, word: str, said: str) -> Fault | None:
    """What is wrong with a tidy row; None if the voice can read it."""
    if lang != "zh":
        if not _ENGLISH_WORD.fullmatch(word):
            return Fault("word", _("An English word is written in letters."))
        if not _ENGLISH_WORD.fullmatch(said):
            return Fault("said", _("An English reading is another spelling, in letters."))
        return None
    if not _HAN.fullmatch(word):
        return Fault("word", _("A Mandarin word is written in Chinese characters."))
    syllables = said.split()
    for syllable in syllables:
        parts = _SYLLABLE.fullmatch(syllable)
        if parts is None:
            return Fault(
                "said",
                _("“%(syllable)s” is no syllable with its tone, such as hang2."),
                {"syllable": syllable},
            )
        if parts[1] not in SYLLABLES:
            return Fault(
                "said", _("“%(syllable)s” is no syllable of Mandarin."), {"syllable": syllable}
            )
    if len(syllables) != len(word):
        return Fault(
            "said",
            _("“%(word)s” has %(characters)s characters, its reading %(syllables)s syllables."),
            {"word": word, "characters": len(word), "syllables": len(syllables)},
        )
    return None


@cache
def shipped(lang: str) -> Readings:
    """What ships for a language."""
    words: dict[str, str] = tomllib.loads(_FILE.read_text("utf-8")).get(lang, {})
    return words


def places(lang: str, text: str, readings: Readings) -> Iterator[tuple[int, str]]:
    """Where which word of the dictionary stands: at each place the longest, none within another."""
    if not readings:
        return
    longest_first = "|".join(map(re.escape, sorted(readings, key=len, reverse=True)))
    pattern = longest_first if lang == "zh" else rf"\b(?:{longest_first})(?!\w)"
    for found in re.finditer(pattern, text):
        yield found.start(), found.group()


def applying(lang: str, text: str, readings: Readings) -> dict[str, str]:
    """The part of a dictionary that says how this text is read."""
    return {word: readings[word] for _place, word in places(lang, text, readings)}
