"""Every recording that a catalogue needs, spoken, cut, levelled and written down.

Each file is A-law at 8 kHz; `manifest.json` beside them holds words, digest and seconds of each.
Pieces end where speech ends; the pause that punctuation makes is silence of a fixed length, so
that joined pieces breathe like one sentence.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from telephony.prompts import alaw, carriers, dictionary, sound
from telephony.prompts.dictionary import Readings
from telephony.prompts.kokoro import Kokoro
from telephony.prompts.phonemes import phonemes
from telephony.prompts.sound import Samples
from telephony.prompts.speaker import SPEEDS, VOICES
from telephony.prompts.voice import Piece
from telephony.spoken.catalogue import Catalogue, Entry, Prompt, Recording, read_manifest

# Digits are heard worst of all on a telephone: slower, apart, and slowest where one writes along.
_DIGITS: Final = {"d": (0.7, 0.03), "r": (0.64, 0.15)}  # speed, silence after each in seconds
_PAUSES_S: Final = {"，": 0.16, ",": 0.16, "、": 0.12, "；": 0.24, "。": 0.3, ".": 0.3, ":": 0.16}
_BREATH_S: Final = 0.22  # the fragment "pause"

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Rendered:
    """One finished recording, not yet written."""

    needed: Recording
    codes: bytes


def render(
    catalogue: Catalogue,
    langs: Iterable[str],
    *,
    voice: Kokoro,
    audio: Path,
    changed: bool,
    progress: Progress,
) -> int:
    """Render what these languages need into `audio`, and say how many files were written.

    With `changed`, only what is missing or says something else; without, everything. Files that
    no prompt needs any more are removed. Raises NoVoice.
    """
    needed = {r.name: r for lang in langs for r in catalogue.recordings(lang)}
    wanted = {name for lang in langs for name in catalogue.missing(lang)} if changed else {*needed}
    entries = read_manifest(audio)
    try:
        for done, made in enumerate(_speak(catalogue, needed, wanted, voice), start=1):
            name = made.needed.name
            alaw.write(audio / name, made.codes)
            digest = hashlib.sha256((audio / name).read_bytes()).hexdigest()
            seconds = round(len(made.codes) / alaw.RATE, 3)
            entries[name] = Entry(made.needed.text, digest, seconds)
            progress(done, len(wanted), name)
        _forget(entries, catalogue, audio)
    finally:  # what was made before a fault is not made again
        _write_manifest(entries, audio)
    return len(wanted)


def piece(wanted: Piece, voice: Kokoro, readings: Readings) -> bytes:
    """The A-law codes of one file, spoken in its sentence. Raises NoVoice, Unreadable, TooLong."""
    if wanted.prompt is None:
        return _fragment(wanted.recording, voice, readings)
    made = {m.needed: m.codes for m in _prompt(wanted.prompt, voice, readings)}
    return made[wanted.recording]


def _speak(
    catalogue: Catalogue, needed: dict[str, Recording], wanted: set[str], voice: Kokoro
) -> Iterator[Rendered]:
    for recording in needed.values():
        if recording.fragment and recording.name in wanted:
            readings = dictionary.shipped(recording.lang)
            yield Rendered(recording, _fragment(recording, voice, readings))
    seen: set[str] = set()
    for lang in catalogue.languages:
        for prompt in catalogue.prompts(lang):
            if any(name in wanted - seen for name in _names(prompt)):
                for made in _prompt(prompt, voice, dictionary.shipped(prompt.lang)):
                    if made.needed.name in wanted - seen:
                        yield made
            seen |= _names(prompt)


def _names(prompt: Prompt) -> set[str]:
    return {p.name for p in prompt.parts if isinstance(p, Recording) and not p.fragment}


def _fragment(recording: Recording, voice: Kokoro, readings: Readings) -> bytes:
    assert recording.fragment
    if recording.fragment == "pause":
        return sound.silence(_BREATH_S)
    before, after = carriers.around_fragment(recording.lang, recording.fragment)
    speed, gap = _DIGITS.get(recording.fragment.partition(".")[0], (1.0, 0.0))
    words = [before, recording.text, after]
    spoken = _spoken(recording.lang, words, voice, readings, speed=speed)[1]
    return sound.encode(_finished(spoken), after_s=gap)


def _prompt(prompt: Prompt, voice: Kokoro, readings: Readings) -> Iterator[Rendered]:
    pieces = _spoken(prompt.lang, carriers.whole_prompt(prompt), voice, readings)
    for part, spoken in zip(prompt.parts, pieces, strict=True):
        if isinstance(part, Recording) and not part.fragment:
            before, after = _pauses(part.text)
            yield Rendered(part, sound.encode(_finished(spoken), before_s=before, after_s=after))


def _spoken(
    lang: str, pieces: list[str], voice: Kokoro, readings: Readings, *, speed: float = 1.0
) -> list[Samples]:
    """The pieces as they sound in one sentence."""
    said = [phonemes(lang, piece, readings) for piece in pieces]
    speech = voice.speak(said, voice=VOICES[lang], speed=SPEEDS[lang] * speed)
    if len(pieces) == 1:
        return [speech.samples]
    return [sound.cut(speech.samples, start, end) for start, end in speech.spans]


def _finished(spoken: Samples) -> Samples:
    return sound.telephone(sound.level(sound.trim(spoken)))


def _pauses(text: str) -> tuple[float, float]:
    """The silence that the punctuation at both ends of a piece stands for."""
    words = text.strip()
    return _PAUSES_S.get(words[0], 0), _PAUSES_S.get(words[-1], 0)


def _write_manifest(entries: dict[str, Entry], audio: Path) -> None:
    written = {name: asdict(entries[name]) for name in sorted(entries)}
    audio.mkdir(parents=True, exist_ok=True)
    text = json.dumps(written, ensure_ascii=False, indent=1)
    (audio / "manifest.json").write_text(text + "\n", encoding="utf-8")


def _forget(entries: dict[str, Entry], catalogue: Catalogue, audio: Path) -> None:
    known = {r.name for lang in catalogue.languages for r in catalogue.recordings(lang)}
    for name in entries.keys() - known:
        del entries[name]
        (audio / name).unlink(missing_ok=True)
