"""The languages of the telephone: what each needs, what it lacks, since when it is offered.

A language is offered by itself as soon as all that it needs is recorded, and withdrawn for new
calls once a word has changed and its recording is missing. Every such span is a row.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Value
from django.db.models.functions import Greatest

from banking.models.customers import Language
from telephony import wording
from telephony.ivr.menus import OWN
from telephony.models import MenuEntry, MenuVersion, OfferedLanguage
from telephony.spoken.catalogue import Catalogue, Recording


@dataclass(frozen=True, slots=True)
class Needed:
    """A recording that a language needs. No `words`: a prompt that still has to be written."""

    file: str
    words: str
    is_recorded: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a language has come."""

    lang: str
    needed: tuple[Needed, ...]
    since: datetime | None = None  # while it is offered
    withdrawn_at: datetime | None = None  # since it was, until it is offered again

    @property
    def name(self) -> str:
        """Mandarin, as the reader calls it."""
        return str(Language(self.lang).label)

    @property
    def lacking(self) -> tuple[Needed, ...]:
        return tuple(each for each in self.needed if not each.is_recorded)

    @property
    def recorded(self) -> int:
        return len(self.needed) - len(self.lacking)

    @property
    def is_complete(self) -> bool:
        return not self.lacking


def standings() -> list[Standing]:
    """Every language that there are words for."""
    spans: dict[str, OfferedLanguage] = {}
    for span in OfferedLanguage.objects.order_by("since"):
        spans[span.lang] = span  # the last one
    book, named = wording.prompts(), _named()
    return [_standing(book, lang, named, spans.get(lang)) for lang in book.languages]


def standing(lang: str) -> Standing | None:
    """Of one language; None if there are no words for it."""
    return next((each for each in standings() if each.lang == lang), None)


def note(*, at: datetime) -> None:
    """Write down which languages are offered from now on, and which are no more."""
    offered = set(OfferedLanguage.objects.filter(until=None).values_list("lang", flat=True))
    for each in standings():
        if each.is_complete and each.lang not in offered:
            span = OfferedLanguage(lang=each.lang, since=at)
            OfferedLanguage.objects.bulk_create([span], ignore_conflicts=True)
        elif each.lang in offered and not each.is_complete:
            OfferedLanguage.objects.filter(lang=each.lang, until=None).update(
                until=Greatest(F("since"), Value(at)), lacked=len(each.lacking)
            )


def _standing(
    book: Catalogue, lang: str, named: frozenset[str], span: OfferedLanguage | None
) -> Standing:
    missing = book.missing(lang)
    needed = [Needed(r.name, r.text, r.name not in missing) for r in book.recordings(lang)]
    own = {prompt.key: prompt for prompt in book.own_prompts(lang)}
    for key in sorted(named):
        if key not in own:
            needed.append(Needed(f"{lang}/{key}.wav", "", is_recorded=False))
            continue
        is_recorded = book.has_audio(own[key])
        needed += [
            Needed(part.name, part.text, is_recorded)
            for part in own[key].parts
            if isinstance(part, Recording) and part.fragment is None
        ]
    if span is None:
        return Standing(lang, tuple(needed))
    if span.until is None:
        return Standing(lang, tuple(needed), since=span.since)
    return Standing(lang, tuple(needed), withdrawn_at=span.until)


def _named() -> frozenset[str]:
    """The bank's own entries of the menus that callers hear."""
    published = MenuVersion.objects.filter(state=MenuVersion.State.PUBLISHED)
    entries = MenuEntry.objects.filter(node__version__in=published, prompt__startswith=OWN)
    return frozenset(entries.values_list("prompt", flat=True))
