"""From the files that a switch plays back to the words they say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from telephony.spoken import catalogue, grammar
from telephony.spoken.catalogue import Catalogue, Recording

TONE = "♪"  # what has no words: a beep, music
SENTENCE_ENDS = (".", "?", "!", "。", "？", "！")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of what is said: its words, its files below the audio folder, its seconds."""

    text: str
    files: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class _Known:
    """A file of the catalogue. `key` is the prompt's that it belongs to, "" for a fragment."""

    lang: str
    text: str
    fragment: str
    key: str
    begins: bool = False  # its prompt


class Speech:
    """The catalogue read backwards. Immutable; one serves every phone of a process."""

    def __init__(self, prompts: Catalogue, seconds: dict[str, float]) -> None:
        self._seconds = seconds
        self._files: dict[str, _Known] = {}
        for lang in prompts.languages:
            for needed in prompts.recordings(lang):
                self._files[needed.name] = _Known(
                    needed.lang, needed.text, needed.fragment or "", ""
                )
            for prompt in prompts.prompts(lang):
                for place, part in enumerate(prompt.parts):
                    if isinstance(part, Recording) and not part.fragment:
                        self._files[part.name] = _Known(
                            part.lang, part.text, "", prompt.key, begins=place == 0
                        )
            for prompt in prompts.own_prompts(lang):
                for place, part in enumerate(prompt.parts):
                    if isinstance(part, Recording):
                        self._files[part.name] = _Known(
                            part.lang, part.text, "", prompt.key, begins=place == 0
                        )
        for name, path in prompts.places.items():  # the bank's own recordings, by their files
            own = "/".join(path.split("/")[-name.count("/") - 1 :])
            if known := self._files.get(name):
                self._files[own] = known
                self._seconds[own] = prompts.seconds([path])

    @classmethod
    def load(cls, audio: Path, prompts: Catalogue | None = None) -> Speech:
        """Of the shipped texts, or of `prompts`, and the audio here. Raises BadCatalogue."""
        recorded = catalogue.read_manifest(audio)
        seconds = {name: entry.duration_s for name, entry in recorded.items()}
        return cls(prompts or catalogue.load(audio=audio), seconds)

    def greetings(self) -> dict[str, str]:
        """The prompts that may greet a caller, key to Mandarin words."""
        return {
            known.key: known.text
            for known in self._files.values()
            if known.key.startswith("welcome.") and known.lang == "zh"
        }

    def known(self) -> set[str]:
        """The keys of all prompts."""
        return {known.key for known in self._files.values() if known.key}

    def parts(self, paths: Sequence[str]) -> tuple[Part, ...]:
        """What these files say; fragments that make one value are one part."""
        return tuple(self._spaced(list(self._read(paths))))

    def last_prompt(self, paths: Sequence[str]) -> str:
        """The key of the prompt that the caller heard last: what she answers to."""
        return next(reversed(self.prompts(paths)), "")

    def prompts(self, paths: Sequence[str]) -> list[str]:
        """The keys of the prompts that these files begin, in order."""
        keys = (self._find(path)[1].key for path in paths)
        return [key for key in keys if key]

    def _read(self, paths: Sequence[str]) -> Iterator[tuple[str, Part]]:
        found = [self._find(path) for path in paths]

        def run(one: tuple[str, _Known]) -> tuple[bool, str]:
            return bool(one[1].fragment), one[1].lang

        read = 0
        for (fragments, lang), group in groupby(found, run):
            files = list(group)
            read += len(files)
            if fragments:
                names = tuple(name for name, _known in files)
                words = grammar.text(lang, [known.fragment for _name, known in files])
                if read == len(found) or found[read][1].begins:
                    words = _ended(lang, words)
                yield lang, Part(words, names, self._length(names))
                continue
            for name, known in files:
                yield lang, Part(known.text, (name,) if known.lang else (), self._length((name,)))

    def _length(self, names: Sequence[str]) -> float:
        return sum(self._seconds.get(name, 0.0) for name in names)

    def _find(self, path: str) -> tuple[str, _Known]:
        """By the end of its path: the switch may see the folder somewhere else."""
        pieces = path.split("/")
        for places in (3, 2):
            name = "/".join(pieces[-places:])
            if known := self._files.get(name):
                return name, known
        return path, _Known("", TONE, "", "")

    def _spaced(self, parts: list[tuple[str, Part]]) -> Iterator[Part]:
        """English sentences stand apart; Chinese ones need nothing between them."""
        before = ""
        for lang, part in parts:
            apart = before.endswith(SENTENCE_ENDS) and not part.text.startswith(" ")
            words = f" {part.text}" if apart and lang == "en" else part.text
            yield Part(words, part.files, part.seconds)
            before = part.text


def _ended(lang: str, words: str) -> str:
    """A pause sounds alike in a sentence and after it; written down, it ends one."""
    comma, stop = (",", ".") if lang == "en" else ("，", "。")
    return words.removesuffix(comma) + stop if words.endswith(comma) else words
