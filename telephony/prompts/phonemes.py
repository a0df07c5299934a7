"""Text to phonemes, as the voice was taught: Mandarin through pinyin, English through espeak-ng.

`readings` say how words are read that a dictionary gets wrong (`dictionary.py`).
"""

from __future__ import annotations

import ctypes
import re
from functools import cache, lru_cache
from typing import Any, Final

from telephony.prompts import dictionary
from telephony.prompts.dictionary import Readings
from telephony.prompts.voice import Unreadable
from telephony.spoken import grammar

_NUMERALS: Final = frozenset("零一二三四五六七八九十百千万亿两幺")
# After 一 these are counted, so that its tone changes; elsewhere (二十一, 一月) it does not.
_COUNTED: Final = frozenset("百千万亿元角分次遍笔位致个下")
_MANDARIN: Final = re.compile("[\u4e00-\u9fff]+")
_PAUSES: Final = str.maketrans({"，": ", ", "、": ", ", "。": ". ", "；": "; ", "：": ": "})


def phonemes(lang: str, text: str, readings: Readings | None = None) -> str:
    """The phonemes of one piece of a sentence; punctuation stays, digits are read out.

    `readings` are what ships unless said otherwise. Raises Unreadable.
    """
    if readings is None:
        readings = dictionary.shipped(lang)
    said = _digits(lang, text)
    return _mandarin(said, readings) if lang == "zh" else _english(said, readings)


def pinyin(text: str, readings: Readings | None = None) -> list[tuple[str, list[str]]]:
    """The words of a Mandarin text with their syllables as they are spoken, tone by number."""
    from pypinyin import Style, lazy_pinyin

    if readings is None:
        readings = dictionary.shipped("zh")
    fixed = _fixed(text, readings)
    words: list[tuple[str, list[str]]] = []
    place = 0
    for word in _cutter(frozenset(readings)).lcut(text):
        here, place = place, place + len(word)
        if not word.isalpha():  # punctuation
            words += [(word, [])] if word.strip() else []
            continue
        syllables = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True)
        if not _MANDARIN.fullmatch(word) or len(syllables) != len(word):
            raise Unreadable(
                f"No Mandarin, and not in the pronunciation dictionary: {word!r}", word
            )
        words.append((word, [fixed.get(here + i, said) for i, said in enumerate(syllables)]))
    said = []
    for n, (word, syllables) in enumerate(words):
        before = words[n - 1][0][-1] if n else ""
        after, follows = words[n + 1] if n + 1 < len(words) else ("", [])
        said.append((word, _sandhi(word, syllables, before, after, follows) if syllables else []))
    return said


def _fixed(text: str, readings: Readings) -> dict[int, str]:
    """The syllable of each character that the dictionary speaks for."""
    return {
        place + i: syllable
        for place, word in dictionary.places("zh", text, readings)
        for i, syllable in enumerate(readings[word].split())
    }


def _sandhi(
    word: str, syllables: list[str], before: str, after: str, following: list[str]
) -> list[str]:
    """Tones as they change before one another: 一, 不, and two third tones in a word."""
    changed = list(syllables)
    chars = before[-1:] + word + after[:1]
    shift = len(before[-1:])
    follows = [*syllables[1:], *following[:1], ""]
    for i, char in enumerate(word):
        next_char = chars[i + shift + 1 : i + shift + 2]
        falls = follows[i].endswith("4")
        counted = next_char in _COUNTED and chars[max(0, i + shift - 1)] not in _NUMERALS - {"一"}
        if char == "一" and next_char and counted:
            changed[i] = "yi2" if falls else "yi4"
        elif char == "不" and falls:
            changed[i] = "bu2"
    for i in range(len(changed) - 1):
        if changed[i].endswith("3") and syllables[i + 1].endswith("3"):
            changed[i] = changed[i][:-1] + "2"
    return changed


def _mandarin(text: str, readings: Readings) -> str:
    from misaki.zh import ZHG2P

    said = ""
    for word, syllables in pinyin(text, readings):
        if syllables:
            said += "".join(ZHG2P.py2ipa(syllable) for syllable in syllables) + " "
        else:
            said = said.rstrip() + word.translate(_PAUSES)
    return said.replace(chr(0x32F), "")  # the mark of a glide, which the voice was not taught


@lru_cache(maxsize=4)
def _cutter(words: frozenset[str]) -> Any:
    """Cuts a text into words and keeps these whole."""
    import jieba

    jieba.setLogLevel("WARNING")
    cutter = jieba.Tokenizer()
    for word in words:
        cutter.add_word(word, freq=10_000_000)
    return cutter


def _digits(lang: str, text: str) -> str:
    """A key's digit as a number; three and more together digit by digit."""

    def read(found: re.Match[str]) -> str:
        run = found.group()
        if len(run) > 2:
            return grammar.text(lang, grammar.say_digits(lang, run))
        return grammar.text(lang, grammar.say_number(lang, int(run)))

    return re.sub(r"[0-9]+", read, text)


# -- English --------------------------------------------------------------------------------

# What espeak-ng writes and what the voice was taught; longer ones first.
_ENGLISH: Final = (
    ("a^ɪ", "I"), ("a^ʊ", "W"), ("d^ʒ", "ʤ"), ("e^ɪ", "A"), ("t^ʃ", "ʧ"), ("ɔ^ɪ", "Y"),
    ("o^ʊ", "O"), ("ə^l", "ᵊl"), ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɚ", "əɹ"), ("ɪə", "iə"),
    ("ɐ", "ə"), ("ɾ", "T"), ("r", "ɹ"), ("x", "k"), ("e", "A"), ("o", "ɔ"), ("ː", ""),
    ("^", ""), ("\u0329", ""), ("ʔ", "t"), ("-", ""), ("ɹɹ", "ɹ"),
)  # fmt: skip


def _english(text: str, readings: Readings) -> str:
    for place, word in reversed(list(dictionary.places("en", text, readings))):
        text = text[:place] + readings[word] + text[place + len(word) :]
    said = ""
    for piece in re.split(r"([,.;:]\s*)", text.strip()):
        if re.fullmatch(r"[,.;:]\s*", piece):
            said = said.rstrip() + piece.strip() + " "
        elif piece.strip():
            said += _espeak(piece.strip()) + " "
    for old, new in _ENGLISH:
        said = said.replace(old, new)
    return said


def _espeak(text: str) -> str:
    library = _library()
    pointer = ctypes.c_char_p(text.encode())
    said = []
    while pointer.value:
        spoken = library.espeak_TextToPhonemes(
            ctypes.byref(pointer), _UTF8, _IPA | ord("^") << 8 | _TIE
        )
        said.append(spoken.decode().strip())
    return " ".join(said)


_UTF8: Final = 1
_IPA: Final = 0x02
_TIE: Final = 0x80
_RETRIEVAL: Final = 1  # no sound device


@cache
def _library() -> Any:
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    library.espeak_TextToPhonemes.argtypes = [
        ctypes.POINTER(ctypes.c_char_p),
        ctypes.c_int,
        ctypes.c_int,
    ]
    started = library.espeak_Initialize(_RETRIEVAL, 0, espeakng_loader.get_data_path().encode(), 0)
    if started < 0 or library.espeak_SetVoiceByName(b"en-us") != 0:
        raise RuntimeError("espeak-ng did not start with its American English")
    return library
