"""Prompts by key: text with slots in, the words and the audio files that say them out.

A catalogue file (`telephony/prompts/<lang>/<subject>.toml`) maps a key to text. A slot
`{name:kind}` is filled by grammar; the text around it is recorded in pieces of its own:

    "balance.one" = "您尾号{tail:tail}的账户余额{balance:amount}。"

plays `zh/balance.one-1.wav`, four digits, `zh/balance.one-2.wav` and the amount. An entry
`{ from = "en" }` is heard in the other language, as the language menu's own options are: it is
said only where that language is offered.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any, Final

from telephony.spoken import grammar
from telephony.spoken.errors import (
    BadCatalogue,
    MissingAudio,
    UnknownLanguage,
    UnknownPrompt,
    WrongValues,
)

_ROOT: Final = Path(__file__).resolve().parents[2]
SHIPPED_TEXT: Final = _ROOT / "telephony" / "prompts"
SHIPPED_AUDIO: Final = _ROOT / "static" / "prompts"
OWN: Final = "own.json"  # of a bank's own folder: its words, and the recordings that callers hear

_KEY: Final = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
_SLOT: Final = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Kind:
    """How a slot is spoken, and what may be put into it."""

    say: Callable[[str, Any], tuple[str, ...]]
    takes: tuple[type, ...]


KINDS: Final[Mapping[str, Kind]] = {
    "amount": Kind(grammar.say_amount, (Decimal,)),
    "number": Kind(grammar.say_number, (int,)),
    "times": Kind(grammar.say_times, (int,)),
    "days": Kind(grammar.say_days, (int,)),
    "date": Kind(grammar.say_date, (date,)),
    "day": Kind(grammar.say_day, (date,)),
    "time": Kind(grammar.say_time, (time, datetime)),
    "datetime": Kind(grammar.say_datetime, (datetime,)),
    "percent": Kind(grammar.say_percent, (Decimal,)),
    "term": Kind(grammar.say_term, (str,)),
    "digits": Kind(grammar.say_digits, (str,)),
    "tail": Kind(grammar.say_card_tail, (str,)),
    "phone": Kind(grammar.say_phone, (str,)),
    "receipt": Kind(grammar.say_receipt, (str,)),
}


@dataclass(frozen=True, slots=True)
class Recording:
    """One audio file that a language needs."""

    name: str  # below the audio folder: zh/balance.one-1.wav
    lang: str
    text: str
    fragment: str | None = None  # its id, if it is a piece of a value rather than of a prompt


@dataclass(frozen=True, slots=True)
class Slot:
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt's parts in the order they are heard."""

    key: str
    lang: str  # the language it is heard in
    parts: tuple[Recording | Slot, ...]

    @property
    def slots(self) -> frozenset[Slot]:
        return frozenset(part for part in self.parts if isinstance(part, Slot))


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something to say: its words, the files to play one after the other, how long they last."""

    text: str
    files: tuple[str, ...]
    duration_s: float

    def __add__(self, other: Utterance) -> Utterance:
        """One after the other, as in a menu whose entries are prompts of their own."""
        return Utterance(
            f"{self.text} {other.text}".strip(),
            self.files + other.files,
            self.duration_s + other.duration_s,
        )


class Catalogue:
    """The prompts of every language and the audio there is for them. Immutable once loaded."""

    def __init__(
        self,
        prompts: Mapping[str, Mapping[str, Prompt]],
        audio: Mapping[str, float],
        *,
        own: Mapping[str, Mapping[str, Prompt]] | None = None,
        places: Mapping[str, str] | None = None,
        reworded: Mapping[str, frozenset[str]] | None = None,
    ):
        """`audio` gives the seconds of each file whose words are the catalogue's present words.

        `own` are prompts that the bank added: no language waits for them. `places` says where
        the bank's own recording of a file lies, `reworded` which keys say the bank's own words.
        """
        self._prompts = prompts
        self._audio = audio
        self._own = own or {}
        self._places = places or {}
        self._reworded = reworded or {}
        self._lasts = {**audio, **{self._places[name]: audio[name] for name in self._places}}

    @property
    def languages(self) -> tuple[str, ...]:
        """Every language with text."""
        return tuple(self._prompts)

    @cached_property
    def offered(self) -> tuple[str, ...]:
        """Languages that can be offered to a caller: nothing they need lacks audio."""
        return tuple(lang for lang in self._prompts if not self.missing(lang))

    def offers(self, lang: str) -> bool:
        """Whether a caller may be served in this language."""
        return lang in self.offered

    def keys(self, lang: str) -> frozenset[str]:
        return frozenset(self._language(lang)) | frozenset(self._own.get(lang, {}))

    def speaks(self, lang: str, key: str) -> bool:
        """Whether there is such a prompt in this language, and audio for its words."""
        prompt = self._language(lang).get(key) or self._own.get(lang, {}).get(key)
        return prompt is not None and self.has_audio(prompt)

    def slots(self, lang: str, key: str) -> Mapping[str, str]:
        """The values a prompt wants, name to kind."""
        return {slot.name: slot.kind for slot in self._prompt(lang, key).slots}

    def say(self, lang: str, key: str, /, **values: object) -> Utterance:
        """The prompt with its values.

        Raises UnknownLanguage, UnknownPrompt, WrongValues, Unspeakable (a value out of range)
        and MissingAudio.
        """
        prompt = self._prompt(lang, key)
        wanted = {slot.name for slot in prompt.slots}
        if wanted != values.keys():
            raise WrongValues(f"{key!r} takes {sorted(wanted)}, not {sorted(values)}")
        words: list[str] = []
        files: list[str] = []
        for part in prompt.parts:
            if isinstance(part, Recording):
                words.append(part.text)
                files.append(part.name)
            else:
                said = _fill(prompt, part, values[part.name])
                words.append(grammar.text(prompt.lang, said))
                files += [fragment_file(prompt.lang, name) for name in said]
        if lacking := frozenset(files) - self._audio.keys():
            raise MissingAudio(lacking)
        files = [self._places.get(name, name) for name in files]
        return Utterance("".join(words), tuple(files), self.seconds(files))

    def seconds(self, files: Iterable[str]) -> float:
        """How long these files last, one after the other."""
        return sum(self._lasts[name] for name in files)

    def prompts(self, lang: str) -> tuple[Prompt, ...]:
        """The prompts that ship in a language with their parts, in the order of its file."""
        return tuple(self._language(lang).values())

    def own_prompts(self, lang: str) -> tuple[Prompt, ...]:
        """Those that the bank added."""
        return tuple(self._own.get(lang, {}).values())

    def has_audio(self, prompt: Prompt) -> bool:
        """Whether it can be heard, apart from the values in it."""
        return all(part.name in self._audio for part in _recorded(prompt))

    def is_heard(self, file: str) -> bool:
        """Whether there is audio of its present words."""
        return file in self._audio

    def reworded(self, lang: str) -> frozenset[str]:
        """The keys whose own words the bank has put in place of others."""
        return self._reworded.get(lang, frozenset())

    @property
    def places(self) -> Mapping[str, str]:
        """Where the bank's own recordings lie, by the file that each stands for."""
        return self._places

    def all_recordings(self, lang: str) -> Iterator[Recording]:
        """As `recordings`, and then what the bank's own prompts are made of."""
        yield from self.recordings(lang)
        for prompt in self.own_prompts(lang):
            yield from _recorded(prompt)

    def recordings(self, lang: str) -> Iterator[Recording]:
        """Every file that this language needs, fragments first, each once.

        What it borrows is the other language's to have.
        """
        for fragment, words in grammar.fragments(lang).items():
            yield Recording(fragment_file(lang, fragment), lang, words, fragment)
        for prompt in self.prompts(lang):
            if prompt.lang == lang:
                yield from (part for part in _recorded(prompt) if part.fragment is None)

    def missing(self, lang: str) -> set[str]:
        """Files that this language needs and has not, or has with other words."""
        return {needed.name for needed in self.recordings(lang)} - self._audio.keys()

    def _language(self, lang: str) -> Mapping[str, Prompt]:
        try:
            return self._prompts[lang]
        except KeyError:
            raise UnknownLanguage(lang) from None

    def _prompt(self, lang: str, key: str) -> Prompt:
        found = self._language(lang).get(key) or self._own.get(lang, {}).get(key)
        if found is None:
            raise UnknownPrompt(lang, key)
        return found


def load(
    text: Path = SHIPPED_TEXT,
    audio: Path = SHIPPED_AUDIO,
    *,
    own: Path | None = None,
    own_seen: PurePath | None = None,
) -> Catalogue:
    """Read catalogues and the audio's manifest. Raises BadCatalogue for what can't be used.

    `own` is the bank's own folder, `own_seen` the same as the switch sees it.
    """
    entries = {lang: _read_all(text / lang) for lang in grammar.LANGUAGES}
    added = _read_own(own)
    recorded = read_manifest(audio)
    shipped = {
        (name, entry.text): entry.duration_s
        for name, entry in recorded.items()
        if (audio / name).is_file()
    }
    takes = {
        (take.name, take.text): take for take in added.takes if own and (own / take.file).is_file()
    }
    written = {lang: {**entries[lang], **added.words.get(lang, {})} for lang in entries}
    reworded = _in_force(written, added.changed, {*shipped, *takes})
    _agree(_prompts(entries, entries))
    prompts = _prompts(_reworded(entries, reworded), entries)
    extra = _prompts(_reworded(written, reworded), added.words)
    words = {
        needed.name: needed.text
        for lang in prompts
        for needed in Catalogue(prompts, {}, own=extra).all_recordings(lang)
    }
    there = {name: shipped[name, said] for name, said in words.items() if (name, said) in shipped}
    places: dict[str, str] = {}
    for name, said in words.items():
        if own and (take := takes.get((name, said))):
            there[name] = take.duration_s
            places[name] = str((own_seen or own) / take.file)
    keys = {lang: frozenset(changes) for lang, changes in reworded.items()}
    return Catalogue(prompts, there, own=extra, places=places, reworded=keys)


def written(prompt: Prompt) -> str:
    """The text that a prompt was made of, as catalogues have it."""
    return "".join(
        part.text if isinstance(part, Recording) else f"{{{part.name}:{part.kind}}}"
        for part in prompt.parts
    )


_Texts = Mapping[str, Mapping[str, object]]  # by language and key, as catalogues have them


def _prompts(entries: _Texts, wanted: _Texts) -> dict[str, dict[str, Prompt]]:
    return {lang: {key: _prompt(entries, lang, key) for key in wanted[lang]} for lang in wanted}


def _reworded(entries: _Texts, changes: Mapping[str, Mapping[str, str]]) -> _Texts:
    return {
        lang: {key: changes.get(lang, {}).get(key, entry) for key, entry in texts.items()}
        for lang, texts in entries.items()
    }


def _in_force(
    entries: _Texts, changed: Mapping[str, Mapping[str, str]], audio: Collection[tuple[str, str]]
) -> dict[str, dict[str, str]]:
    """The bank's own words that can be said in place of others, by language and key.

    What takes other values, or lacks a piece of audio, is left out: callers hear what ships, so
    that a language which is offered stays so whatever a bank writes or a release changes.
    """
    held: dict[str, dict[str, str]] = {}
    for lang, texts in changed.items():
        for key, template in texts.items():
            before = entries.get(lang, {}).get(key)
            if not isinstance(before, str):
                continue  # gone, or heard in another language
            try:
                prompt = parse(lang, key, template)
            except BadCatalogue:
                continue
            heard = all((part.name, part.text) in audio for part in _recorded(prompt))
            if heard and prompt.slots == parse(lang, key, before).slots:
                held.setdefault(lang, {})[key] = template
    return held


@dataclass(frozen=True, slots=True)
class Take:
    """A recording of the bank's own: what it stands for, its file below the bank's folder."""

    name: str
    text: str
    file: str
    duration_s: float


@dataclass(frozen=True, slots=True)
class Added:
    """What a bank's own folder holds: words by language and key, and recordings.

    `words` are of keys that it added, `changed` of keys that had others before.
    """

    words: Mapping[str, Mapping[str, str]]
    changed: Mapping[str, Mapping[str, str]]
    takes: tuple[Take, ...]


def _read_own(folder: Path | None) -> Added:
    if folder is None or not (folder / OWN).exists():
        return Added({}, {}, ())
    try:
        raw = json.loads((folder / OWN).read_text(encoding="utf-8"))
        # A release without `changed` had its recordings elsewhere; the worker lays them out anew.
        takes = tuple(Take(**take) for take in raw.get("takes", ()))
        return Added(raw["words"], raw.get("changed", {}), takes)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadCatalogue(f"{folder / OWN}: {error}") from error


@dataclass(frozen=True, slots=True)
class Entry:
    """What the manifest says about one file."""

    text: str
    sha256: str
    duration_s: float


def read_manifest(audio: Path = SHIPPED_AUDIO) -> dict[str, Entry]:
    """File name to entry; empty before the first rendering. Raises BadCatalogue."""
    path = audio / "manifest.json"
    if not path.exists():
        return {}
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return {name: Entry(**entry) for name, entry in raw.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise BadCatalogue(f"{path}: {error}") from error


def fragment_file(lang: str, fragment: str) -> str:
    """The file of a fragment, below the audio folder."""
    return f"{lang}/say/{fragment}.wav"


def _fill(prompt: Prompt, slot: Slot, value: object) -> tuple[str, ...]:
    kind = KINDS[slot.kind]
    if not isinstance(value, kind.takes):
        wanted = " or ".join(type_.__name__ for type_ in kind.takes)
        raise WrongValues(f"{prompt.key!r}: {slot.name} is {wanted}, not {type(value).__name__}")
    return kind.say(prompt.lang, value)


def _recorded(prompt: Prompt) -> Iterator[Recording]:
    return (part for part in prompt.parts if isinstance(part, Recording))


def _read_all(folder: Path) -> dict[str, object]:
    """Every subject of a language, by the name of its file; a key belongs to one of them."""
    entries: dict[str, object] = {}
    subjects = sorted(folder.glob("*.toml"))
    if not subjects:
        raise BadCatalogue(f"{folder}: there is no catalogue")
    for path in subjects:
        for key, entry in _read(path).items():
            if key in entries:
                raise BadCatalogue(f"{path}: {key!r} is in another file as well")
            entries[key] = entry
    return entries


def _read(path: Path) -> dict[str, object]:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadCatalogue(f"{path}: {error}") from error
    for key in raw:
        if not _KEY.fullmatch(key):
            raise BadCatalogue(f"{path}: {key!r} is no prompt key; is it quoted?")
    return raw


def _prompt(entries: Mapping[str, Mapping[str, object]], lang: str, key: str) -> Prompt:
    match entries[lang][key]:
        case str(template):
            return parse(lang, key, template)
        case {"from": str(other)} if other != lang:
            theirs = entries.get(other, {}).get(key)
            if isinstance(theirs, str):
                return parse(other, key, theirs)
    raise BadCatalogue(f"{lang}: {key!r} is neither text nor a reference to another language")


def parse(lang: str, key: str, template: str) -> Prompt:
    """A prompt of its text, as catalogues have it. Raises BadCatalogue for what can't be said."""
    pieces = _SLOT.split(template)
    if any(brace in piece for piece in pieces for brace in "{}"):
        raise BadCatalogue(f"{lang}: {key!r} has a brace that closes no slot")
    alone = len(pieces) == 1
    parts: list[Recording | Slot] = []
    for place, piece in enumerate(pieces):
        if place % 2:
            name, _, kind = piece.partition(":")
            if not name.isidentifier() or kind not in KINDS:
                raise BadCatalogue(f"{lang}: {key!r} has a slot {piece!r} of no known kind")
            parts.append(Slot(name, kind))
        elif any(letter.isalnum() for letter in piece):
            file = key if alone else f"{key}-{place // 2 + 1}"
            parts.append(Recording(f"{lang}/{file}.wav", lang, piece))
        elif piece.strip():  # punctuation alone is heard as a pause
            parts.append(Recording(fragment_file(lang, "pause"), lang, piece, fragment="pause"))
        elif piece:
            raise BadCatalogue(f"{lang}: {key!r} has two slots with nothing to hear between")
    if not parts:
        raise BadCatalogue(f"{lang}: {key!r} is empty")
    return Prompt(key, lang, tuple(parts))


def _agree(prompts: Mapping[str, Mapping[str, Prompt]]) -> None:
    """Every language has the same keys, and each key takes the same values in all of them."""
    first, *others = prompts
    for lang in others:
        if odd := prompts[first].keys() ^ prompts[lang].keys():
            raise BadCatalogue(f"Only in one of {first} and {lang}: {sorted(odd)}")
        for key, prompt in prompts[lang].items():
            if prompt.slots != prompts[first][key].slots:
                raise BadCatalogue(f"{key!r} takes other values in {lang} than in {first}")
