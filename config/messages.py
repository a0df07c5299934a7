"""`make messages`: the Chinese catalogue, from one `.po` file and what each area adds to it.

An area writes its sentences to `locale/parts/<area>.po`; they are folded into `django.po`, and
that is compiled. Needs neither gettext nor Django, so that a bare clone speaks Chinese.
"""

import os
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

LOCALE = Path(__file__).resolve().parent.parent / "locale"


class Conflict(Exception):
    """Two areas say the same English sentence in different Chinese."""


def merge(parts: list[Path], into: Path) -> Catalog:
    """All sentences of `parts` and `into`; a part's newer words replace those of `into`.

    Raises Conflict if two parts disagree; an empty translation counts as none.
    """
    whole = Catalog(locale="zh_Hans", fuzzy=False, project="Bankline", version="1")
    found: dict[tuple[str | None, str | tuple[str, ...]], Path] = {}  # who said it first
    for part in [*parts, into]:
        if not part.exists():
            continue
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
            elif known.string != message.string and part != into:
                first = found[message.context, sentence].name
                raise Conflict(
                    f"{sentence!r} is {known.string!r} in {first}, but "
                    f"{message.string!r} in {part.name}."
                )
    return whole


def compile_if_stale(locale: Path = LOCALE) -> None:
    """What pytest does first, so that it may be called without make: only the `.mo` is written."""
    po, parts = _files(locale)
    mo = po.with_suffix(".mo")
    newest = max((file.stat().st_mtime for file in [po, *parts] if file.exists()), default=0)
    if not mo.exists() or mo.stat().st_mtime < newest:
        draft = mo.with_suffix(f".{os.getpid()}")
        with draft.open("wb") as file:
            write_mo(file, merge(parts, po))
        os.utime(draft, (newest, newest))  # a source that changed meanwhile is newer
        draft.replace(mo)  # whoever reads it meanwhile has the old one


def _files(locale: Path) -> tuple[Path, list[Path]]:
    home = locale / "zh_Hans" / "LC_MESSAGES"
    home.mkdir(parents=True, exist_ok=True)
    return home / "django.po", sorted((locale / "parts").glob("*.po"))


def main(locale: Path = LOCALE) -> None:
    po, parts = _files(locale)
    catalogue = merge(parts, po)
    if parts:
        with po.open("wb") as file:
            write_po(file, catalogue, width=100, sort_output=True, omit_header=False)
    with po.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)


if __name__ == "__main__":
    try:
        main()
    except Conflict as conflict:
        sys.exit(str(conflict))
