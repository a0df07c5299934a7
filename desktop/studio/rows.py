"""The list of every prompt: what it says, what callers hear of it, and how it is found."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils.translation import gettext_lazy as _

from banking.models.customers import Language
from telephony import readings, wording
from telephony.models import Recording, Rewording
from telephony.prompts import carriers
from telephony.spoken import SpeechError, catalogue
from telephony.spoken.catalogue import Catalogue, Prompt
from telephony.spoken.grammar import VOICED

VALUES = "say/"  # how the key of a piece of a value begins


class Sound(Enum):
    """What callers hear of a piece; the worst first, as a prompt shows the worst of its pieces."""

    MISSING = "missing"
    RECORDED = "recorded"
    RENDERED = "rendered"
    SHIPS = "ships"

    @property
    def shape(self) -> str:
        return "st-breach" if self is Sound.MISSING else "st-met"

    @property
    def word(self) -> Any:
        return _WORDS[self]


_WORDS = {
    Sound.MISSING: _("no audio"),
    Sound.RECORDED: _("recorded"),
    Sound.RENDERED: _("rendered"),
    Sound.SHIPS: _("ships"),
}

WAITS, OUTDATED = "waits", "outdated"
AUDIO = {  # what the list can be narrowed to
    "": _("any audio"),
    **{sound.value: sound.word for sound in Sound},
    WAITS: _("waits for approval"),
    OUTDATED: _("read otherwise"),
}
KINDS = {"": _("all prompts"), "own": _("the bank's own"), "values": _("pieces of values")}


@dataclass(frozen=True, slots=True)
class Row:
    """A prompt in one language, or a piece of values."""

    lang: str
    key: str
    words: str
    prompt: Prompt | None  # None: a piece of a value
    sounds: Mapping[str, Sound]  # by file
    is_own: bool = False
    reworded: bool = False
    waits: bool = False
    outdated: bool = False

    @property
    def language(self) -> str:
        """As the reader calls it."""
        return str(Language(self.lang).label)

    @property
    def is_borrowed(self) -> bool:
        """Whether it is heard in another language."""
        return self.prompt is not None and self.prompt.lang != self.lang

    @property
    def is_voiced(self) -> bool:
        """Whether there is a voice that could read it."""
        return (self.prompt.lang if self.prompt else self.lang) in VOICED

    @property
    def sound(self) -> Sound:
        found = set(self.sounds.values())
        return next((sound for sound in Sound if sound in found), Sound.SHIPS)

    @property
    def files(self) -> tuple[str, ...]:
        """What is played for it, its values filled with examples; empty if it can't be heard."""
        return heard(self.lang, self.prompt) if self.prompt else self._alone()

    def _alone(self) -> tuple[str, ...]:
        return () if self.sound is Sound.MISSING else tuple(self.sounds)


def heard(lang: str, prompt: Prompt) -> tuple[str, ...]:
    """The files of a prompt with examples for its values, by the names that catalogues have."""
    book = wording.prompts()
    values = {slot.name: carriers.EXAMPLES[slot.kind] for slot in prompt.slots}
    try:
        said = book.say(lang, prompt.key, **values)
    except SpeechError:
        return ()
    names = {place: name for name, place in book.places.items()}
    return tuple(names.get(file, file) for file in said.files)


@dataclass(frozen=True, slots=True)
class Filter:
    """What is looked for."""

    words: str = ""
    lang: str = ""
    audio: str = ""
    kind: str = ""

    def keeps(self, row: Row) -> bool:
        return (
            (not self.lang or row.lang == self.lang)
            and self._kind(row)
            and self._audio(row)
            and all(word in f"{row.key} {row.words}".casefold() for word in self._wanted())
        )

    def _wanted(self) -> list[str]:
        return self.words.casefold().split()

    def _kind(self, row: Row) -> bool:
        if self.kind == "values":
            return row.prompt is None
        return row.prompt is not None and (self.kind != "own" or row.is_own)

    def _audio(self, row: Row) -> bool:
        match self.audio:
            case "":
                return True
            case "waits":
                return row.waits
            case "outdated":
                return row.outdated
            case "missing" if row.is_borrowed:
                return False  # the other language's to have
        return Sound(self.audio) in row.sounds.values()


def rows() -> list[Row]:
    """All of them, in the order of the catalogue."""
    book = wording.prompts()
    look = _Look(book)
    return [row for lang in book.languages for row in look.of(lang)]


class _Look:
    """What the rows of one page have in common, read once."""

    def __init__(self, book: Catalogue) -> None:
        self.book = book
        used = Recording.objects.filter(state=Recording.State.USED)
        self.origins = {
            (file, text): origin
            for file, text, origin in used.values_list("file", "text", "origin")
        }
        waiting = Recording.objects.filter(state=Recording.State.WAITING)
        self.waiting = set(waiting.values_list("file", flat=True))
        open_ = Rewording.objects.filter(
            state__in=[Rewording.State.WAITING, Rewording.State.APPROVED]
        )
        self.asked = set(open_.values_list("lang", "key"))
        self.outdated = {found.piece.name for found in readings.outdated()}

    def of(self, lang: str) -> Iterator[Row]:
        for prompt in self.book.prompts(lang):
            yield self._row(lang, prompt, is_own=False)
        for prompt in self.book.own_prompts(lang):
            yield self._row(lang, prompt, is_own=True)
        for piece in self.book.recordings(lang):
            if piece.fragment and piece.lang == lang:
                yield self._value(piece)

    def _row(self, lang: str, prompt: Prompt, *, is_own: bool) -> Row:
        sounds = {
            part.name: self.sound(part)
            for part in prompt.parts
            if isinstance(part, catalogue.Recording) and not part.fragment
        }
        return Row(
            lang,
            prompt.key,
            wording.text(prompt),
            prompt,
            sounds,
            is_own=is_own,
            reworded=prompt.key in self.book.reworded(lang),
            waits=(lang, prompt.key) in self.asked or not self.waiting.isdisjoint(sounds),
            outdated=not self.outdated.isdisjoint(sounds),
        )

    def _value(self, piece: catalogue.Recording) -> Row:
        return Row(
            piece.lang,
            f"{VALUES}{piece.fragment}",
            piece.text,
            None,
            {piece.name: self.sound(piece)},
            waits=piece.name in self.waiting,
            outdated=piece.name in self.outdated,
        )

    def sound(self, piece: catalogue.Recording) -> Sound:
        if not self.book.is_heard(piece.name):
            return Sound.MISSING
        if piece.name not in self.book.places:
            return Sound.SHIPS
        rendered = self.origins.get((piece.name, piece.text)) == Recording.Origin.RENDERED
        return Sound.RENDERED if rendered else Sound.RECORDED
