"""The bank's pronunciation dictionary: its rows over what ships, and what they make outdated."""

from collections.abc import Iterator
from dataclasses import dataclass

from telephony import wording
from telephony.models import Reading, Recording
from telephony.prompts import dictionary
from telephony.prompts.dictionary import Readings
from telephony.spoken import catalogue


def in_force(lang: str) -> Readings:
    """How words of a language are read now."""
    own = Reading.objects.filter(lang=lang).values_list("word", "said")
    return {**dictionary.shipped(lang), **dict(own)}


@dataclass(frozen=True, slots=True)
class Outdated:
    """A piece that callers hear as the voice read it before."""

    key: str  # of its prompt; empty: a piece of a value
    piece: catalogue.Recording
    read: Readings  # the part of the dictionary that it was read by
    now: Readings  # the part that would be asked today


def outdated(word: str = "") -> list[Outdated]:
    """What was rendered by other readings than today's; with a word, what of it holds that word."""
    return [found for lang in wording.prompts().languages for found in _of(lang, word)]


def _of(lang: str, word: str) -> Iterator[Outdated]:
    book, readings = wording.prompts(), in_force(lang)
    used = Recording.objects.filter(state=Recording.State.USED, file__startswith=f"{lang}/")
    takes = {(take.file, take.text): take for take in used.defer("audio").order_by("pk")}
    shipped = dictionary.shipped(lang)
    for key, piece in pieces(lang):
        if word not in piece.text or not book.is_heard(piece.name):
            continue
        take = takes.get((piece.name, piece.text)) if piece.name in book.places else None
        if take and take.origin == Recording.Origin.UPLOADED:
            continue  # a person read it
        read = take.readings if take else dictionary.applying(lang, piece.text, shipped)
        now = dictionary.applying(lang, piece.text, readings)
        if read != now:
            yield Outdated(key, piece, read, now)


def pieces(lang: str) -> Iterator[tuple[str, catalogue.Recording]]:
    """Every file that is spoken in a language, once, with the key of its prompt."""
    book = wording.prompts()
    seen: set[str] = set()
    for prompt in (*book.prompts(lang), *book.own_prompts(lang)):
        for part in prompt.parts:
            if isinstance(part, catalogue.Recording) and not part.fragment and part.lang == lang:
                if part.name not in seen:
                    yield prompt.key, part
                seen.add(part.name)
    for part in book.recordings(lang):
        if part.fragment and part.lang == lang:
            yield "", part
