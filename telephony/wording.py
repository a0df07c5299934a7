"""The prompts of this bank: what ships, and over it what its own studio recorded."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath

from django.conf import settings

from telephony.ivr.checking import Words
from telephony.spoken import catalogue
from telephony.spoken.catalogue import OWN, Catalogue, Prompt, Recording


def prompts() -> Catalogue:
    """The catalogue as it is now; read anew only when the bank's own folder has changed."""
    return _loaded(stamp(), settings.PROMPTS, settings.OWN_PROMPTS)


Stamp = tuple[int, ...]


def stamp() -> Stamp:
    """Changes when the bank's own words or recordings do; empty while there are none."""
    try:
        own = (settings.OWN_PROMPTS / OWN).stat()
    except FileNotFoundError:
        return ()
    return own.st_mtime_ns, own.st_ino, own.st_size


def shipped() -> Catalogue:
    """What ships, without a word of the bank's own."""
    return _shipped(settings.PROMPTS)


@lru_cache(maxsize=1)
def _shipped(audio: Path) -> Catalogue:
    return catalogue.load(audio=audio)


def path_of(file: str) -> Path:
    """Where the audio that callers hear for a file lies on this machine."""
    if place := prompts().places.get(file):
        below = PurePosixPath(place).relative_to(PurePosixPath(settings.SWITCH_OWN_PROMPTS))
        return Path(settings.OWN_PROMPTS) / below
    return Path(settings.PROMPTS) / file


@lru_cache(maxsize=1)
def _loaded(_stamp: Stamp, shipped: Path, own: Path) -> Catalogue:
    return catalogue.load(
        audio=shipped,
        own=own,
        own_seen=PurePosixPath(settings.SWITCH_OWN_PROMPTS),
    )


def words() -> Mapping[str, Mapping[str, Words]]:
    """By language that callers are offered, then by key."""
    book = prompts()
    return {
        language: {
            prompt.key: Words(text(prompt), is_recorded=book.has_audio(prompt))
            for prompt in (*book.prompts(language), *book.own_prompts(language))
        }
        for language in book.offered or book.languages
    }


def text(prompt: Prompt) -> str:
    """Its words, with the names of its slots."""
    return "".join(p.text if isinstance(p, Recording) else f"{{{p.name}}}" for p in prompt.parts)
