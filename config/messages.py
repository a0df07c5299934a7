"""`make messages`: the Chinese catalogue, compiled from one `.po` file an area.

An area keeps its sentences in `locale/parts/<area>.po`; together they are what Django loads.
Needs neither gettext nor Django, so that a bare clone speaks Chinese.
"""

import os
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parent.parent / "locale"


class Conflict(Exception):
    """Two areas say the same English sentence in different Chinese."""


def parts(locale: Path = LOCALE) -> list[Path]:
    """The catalogue's sources."""
    return sorted((locale / "parts").glob("*.po"))


def merge(sources: list[Path]) -> Catalog:
    """All sentences, in order. Raises Conflict; an empty translation counts as none."""
    whole = Catalog(locale="zh_Hans", fuzzy=False, project="Bankline", version="1")
    found: dict[tuple[str | None, str | tuple[str, ...]], Path] = {}  # who said it first
    for part in sources:
        with part.open("rb") as file:
            catalogue = read_po(file, locale="zh_Hans", abort_invalid=True)
        for message in catalogue:
            if not message.id or not message.string:
                continue
            sentence = message.id if isinstance(message.id, str) else tuple(message.id)
            known = whole.get(sentence, message.context)
            if known is None:
                whole.add(sentence, message.string, context=message.context)
                found[message.context, sentence] = part
            elif known.string != message.string:
                first = found[message.context, sentence].name
                raise Conflict(
                    f"{sentence!r} is {known.string!r} in {first}, but "
                    f"{message.string!r} in {part.name}."
                )
    return whole


def compile_if_stale(locale: Path = LOCALE) -> None:
    """Write `django.mo` unless it is as new as its sources. Raises Conflict."""
    sources = parts(locale)
    mo = locale / "zh_Hans" / "LC_MESSAGES" / "django.mo"
    newest = max((source.stat().st_mtime_ns for source in sources), default=0)
    if mo.exists() and mo.stat().st_mtime_ns >= newest:
        return
    whole = merge(sources)
    mo.parent.mkdir(parents=True, exist_ok=True)
    draft = mo.with_suffix(f".{os.getpid()}.mo")
    with draft.open("wb") as file:
        write_mo(file, whole)
    os.utime(draft, ns=(newest, newest))  # a source that changed meanwhile is newer
    draft.replace(mo)  # whoever reads it meanwhile has the old one


def main() -> None:
    (LOCALE / "zh_Hans" / "LC_MESSAGES" / "django.mo").unlink(missing_ok=True)  # a part may be gone
    compile_if_stale()


if __name__ == "__main__":
    try:
        main()
    except Conflict as conflict:
        sys.exit(str(conflict))
