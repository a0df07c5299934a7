"""The prompts as pages read them: what each says in which language, and whether it is recorded."""

from collections.abc import Mapping
from functools import cache

from django.conf import settings

from telephony.ivr.checking import Words
from telephony.spoken import catalogue
from telephony.spoken.catalogue import Catalogue, Prompt, Recording


@cache
def prompts() -> Catalogue:
    """The catalogue, once a process."""
    return catalogue.load(audio=settings.PROMPTS)


def words() -> Mapping[str, Mapping[str, Words]]:
    """By language that callers are offered, then by key."""
    book = prompts()
    return {language: _of(book, language) for language in book.offered or book.languages}


def text(prompt: Prompt) -> str:
    """Its words, with the names of its slots."""
    return "".join(p.text if isinstance(p, Recording) else f"{{{p.name}}}" for p in prompt.parts)


def _of(book: Catalogue, language: str) -> dict[str, Words]:
    missing = book.missing(language)
    return {
        prompt.key: Words(text(prompt), is_recorded=not _files(prompt) & missing)
        for prompt in book.prompts(language)
    }


def _files(prompt: Prompt) -> set[str]:
    return {part.name for part in prompt.parts if isinstance(part, Recording)}
